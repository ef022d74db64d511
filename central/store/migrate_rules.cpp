#include "central/store/migrate_rules.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <set>
#include <span>
#include <utility>

#include "central/store/migrate_refusals.h"
#include "schema/embedded.h"
#include "sync/base/digest.h"

namespace vetchart::central {
namespace {

using Folders = std::set<std::string>;

constexpr const char* kHolding = "SELECT name, checksum FROM schema_rule";
constexpr const char* kHasObjects = "SELECT EXISTS (SELECT FROM schema_object)";
/// Whoever pushes has the counter before any table that has rules: so neither waits for the other.
constexpr const char* kWaitForPushes = "LOCK TABLE sync_counter IN SHARE ROW EXCLUSIVE MODE";

/// What was there before a folder ran, and where its row lay: what the folder made has moved, or was not there. Then
/// what the folders made, what has to go, and the rights to give back.
constexpr const char* kNotes = R"(
CREATE TEMPORARY VIEW rule_thing AS
SELECT 'function' AS kind, format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS name,
       p.oid, p.ctid AS place, p.proowner AS owner, p.proacl AS rights
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('public', 'archive', 'report') AND p.prokind = 'f'
UNION ALL
SELECT 'view', format('%I.%I', n.nspname, c.relname), c.oid, w.ctid, c.relowner, c.relacl
  FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname IN ('public', 'archive', 'report') AND c.relkind = 'v' AND w.rulename = '_RETURN'
UNION ALL
SELECT 'trigger', format('%I ON %I.%I', t.tgname, n.nspname, c.relname), t.oid, t.ctid, c.relowner, NULL
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname IN ('public', 'archive', 'report') AND NOT t.tgisinternal;
CREATE TEMPORARY TABLE rule_before (kind text, name text, place tid) ON COMMIT DROP;
CREATE TEMPORARY TABLE rule_made (kind text, name text, folder text) ON COMMIT DROP;
CREATE TEMPORARY TABLE rule_gone (kind text, name text) ON COMMIT DROP;
CREATE TEMPORARY TABLE rule_right (statement text) ON COMMIT DROP)";
constexpr const char* kForgetNotes = "DROP VIEW rule_thing; DROP TABLE rule_before, rule_made, rule_gone, rule_right";
constexpr const char* kLook =
    "TRUNCATE pg_temp.rule_before; INSERT INTO pg_temp.rule_before SELECT kind, name, place FROM pg_temp.rule_thing";
/// A name that somebody else gave to a thing of his own would be taken from him.
constexpr const char* kRefuseTaken = R"(
DO $$
DECLARE taken text;
BEGIN
    SELECT string_agg(format('%s %s', t.kind, t.name), ', ' ORDER BY t.name) INTO taken
      FROM pg_temp.rule_thing t JOIN pg_temp.rule_before b ON (b.kind, b.name) = (t.kind, t.name)
     WHERE b.place <> t.place
       AND NOT EXISTS (SELECT FROM public.schema_object o WHERE (o.kind, o.name) = (t.kind, t.name));
    IF taken IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'VC014', MESSAGE = format('schema_name_taken: the database has %s of its own, '
            'a name that this version needs: rename it first', taken);
    END IF;
END $$)";
constexpr const char* kMade = R"(
INSERT INTO pg_temp.rule_made
SELECT t.kind, t.name, $1 FROM pg_temp.rule_thing t
 WHERE NOT EXISTS (SELECT FROM pg_temp.rule_before b
                    WHERE (b.kind, b.name, b.place) IS NOT DISTINCT FROM (t.kind, t.name, t.place)))";
constexpr const char* kGone = R"(
INSERT INTO pg_temp.rule_gone
SELECT o.kind, o.name FROM schema_object o
 WHERE o.folder = ANY ($1::text[])
   AND NOT EXISTS (SELECT FROM pg_temp.rule_made m WHERE (m.kind, m.name) = (o.kind, o.name)))";
constexpr const char* kAllGone = "INSERT INTO pg_temp.rule_gone SELECT kind, name FROM schema_object";
/// What depends on another goes first: tried in rounds, until none is left or a round got nowhere.
constexpr const char* kDrop = R"(
DO $$
DECLARE
    r record;
    is_stuck boolean := false;
    hanging text;
BEGIN
    WHILE NOT is_stuck AND EXISTS (SELECT FROM pg_temp.rule_gone) LOOP
        is_stuck := true;
        FOR r IN SELECT kind, name FROM pg_temp.rule_gone ORDER BY kind = 'trigger' DESC, kind DESC, name LOOP
            BEGIN
                EXECUTE format('DROP %s IF EXISTS %s', r.kind, r.name);
                DELETE FROM pg_temp.rule_gone g WHERE (g.kind, g.name) = (r.kind, r.name);
                is_stuck := false;
            EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
            END;
        END LOOP;
    END LOOP;
    IF is_stuck THEN
        SELECT string_agg(DISTINCT coalesce(pg_describe_object('pg_class'::regclass, w.ev_class, 0),
                                            pg_describe_object(d.classid, d.objid, d.objsubid)), ', ') INTO hanging
          FROM pg_temp.rule_gone g JOIN pg_temp.rule_thing t ON (t.kind, t.name) = (g.kind, g.name)
          JOIN pg_depend d ON d.refobjid = t.oid AND d.deptype = 'n' AND d.refclassid = CASE t.kind
               WHEN 'view' THEN 'pg_class'::regclass WHEN 'function' THEN 'pg_proc'::regclass END
          LEFT JOIN pg_rewrite w ON (d.classid, d.objid) = ('pg_rewrite'::regclass, w.oid)
         WHERE coalesce(w.ev_class, d.objid) NOT IN (
               SELECT x.oid FROM pg_temp.rule_gone y JOIN pg_temp.rule_thing x ON (x.kind, x.name) = (y.kind, y.name));
        RAISE EXCEPTION USING ERRCODE = 'VC014', MESSAGE = format('schema_depended_on: %s hangs on what this version '
            'makes anew: drop it, migrate, and create it again', hanging);
    END IF;
END $$)";
constexpr const char* kRights = R"(
INSERT INTO pg_temp.rule_right
SELECT format('ALTER %s %s OWNER TO %I', t.kind, t.name, pg_get_userbyid(t.owner))
  FROM schema_object o JOIN pg_temp.rule_thing t ON (t.kind, t.name) = (o.kind, o.name)
 WHERE t.kind <> 'trigger' AND t.owner <> current_user::regrole
UNION ALL
SELECT format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', t.name)
  FROM schema_object o JOIN pg_temp.rule_thing t ON (t.kind, t.name) = (o.kind, o.name)
 WHERE t.kind = 'function' AND NOT EXISTS (
       SELECT FROM aclexplode(coalesce(t.rights, acldefault('f', t.owner))) a WHERE a.grantee = 0)
UNION ALL
SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, CASE t.kind WHEN 'view' THEN t.name ELSE 'FUNCTION ' || t.name
              END, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
              CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM schema_object o JOIN pg_temp.rule_thing t ON (t.kind, t.name) = (o.kind, o.name)
 CROSS JOIN LATERAL aclexplode(t.rights) a WHERE t.kind <> 'trigger' AND a.grantee <> t.owner)";
/// Of what is not there any more there is nothing to give.
constexpr const char* kGiveBack = R"(
DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT statement FROM pg_temp.rule_right LOOP
        BEGIN
            EXECUTE r.statement;
        EXCEPTION WHEN undefined_table OR undefined_function THEN NULL;
        END;
    END LOOP;
END $$)";
/// An object that two folders make is refused by the key.
constexpr const char* kKeepObjects = R"(
DELETE FROM schema_object o
 WHERE o.folder = ANY ($1::text[])
    OR EXISTS (SELECT FROM pg_temp.rule_made m WHERE (m.kind, m.name) = (o.kind, o.name)))";
constexpr const char* kNoteObjects =
    "INSERT INTO schema_object (kind, name, folder) SELECT kind, name, folder FROM pg_temp.rule_made";
constexpr const char* kForget = "DELETE FROM schema_rule WHERE split_part(name, '/', 1) = ANY ($1::text[])";
constexpr const char* kRecord = "INSERT INTO schema_rule (name, checksum) VALUES ($1, $2)";

std::string literal_of(const Folders& folders) { return array_literal({folders.begin(), folders.end()}); }

void append(std::vector<RuleFile>& files, const std::string& folder, std::span<const schema::SqlFile> of_folder) {
    for (const auto& file : of_folder) {
        files.push_back({folder, folder + "/" + std::string(file.name), file.text, to_hex(sha256(file.text))});
    }
}

/// Runs the files of `folders` and notes what each folder made. Returns how many ran.
int run(pqxx::dbtransaction& db, const Folders& folders, std::string& at) {
    int count = 0;
    for (const auto& file : rule_files()) {
        if (!folders.contains(file.folder)) continue;
        at = "migrate " + file.name;
        const bool is_first = &file == &rule_files().front() || (&file)[-1].folder != file.folder;
        const bool is_last = &file == &rule_files().back() || (&file)[1].folder != file.folder;
        if (is_first) db.exec(kLook);
        db.exec(std::string(file.text));
        if (is_last) {
            db.exec(kRefuseTaken);
            db.exec_params(kMade, file.folder);
        }
        ++count;
    }
    return count;
}

/// Drops what the folders made before and make no more.
void drop_gone(pqxx::dbtransaction& db, const Folders& folders) {
    db.exec_params(kGone, literal_of(folders));
    db.exec(kDrop);
}

/// False when something could not be replaced in place; then all is as it was.
bool replace_in_place(pqxx::work& db, const Folders& folders, std::string& at, int& count) {
    try {
        pqxx::subtransaction savepoint(db, "rules");
        count = run(savepoint, folders, at);
        drop_gone(savepoint, folders);
        savepoint.commit();
        return true;
    } catch (const pqxx::sql_error& e) {
        if (!e.sqlstate().starts_with("42") && e.sqlstate() != "VC014") throw;
        return false;
    }
}

}  // namespace

const std::vector<RuleFile>& rule_files() {
    static const std::vector<RuleFile> files = [] {
        std::vector<RuleFile> made;
        append(made, "rules", schema::postgres_rules());
        append(made, "views", schema::postgres_views());
        append(made, "reports", schema::postgres_reports());
        return made;
    }();
    return files;
}

std::vector<std::string> differing_rules(pqxx::dbtransaction& db) {
    std::set<std::pair<std::string, std::string>> holding;
    for (const auto& row : db.exec(kHolding)) holding.emplace(row[0].c_str(), row[1].c_str());
    std::vector<std::string> names;
    for (const auto& file : rule_files()) {
        if (holding.erase({file.name, file.checksum}) == 0) names.push_back(file.name);
    }
    for (const auto& [name, checksum] : holding) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
}

int replace_rules(pqxx::work& db, bool everything, std::string& at) {
    Folders folders, all;
    for (const auto& name : differing_rules(db)) folders.insert(name.substr(0, name.find('/')));
    for (const auto& file : rule_files()) all.insert(file.folder);
    if (everything) folders.insert(all.begin(), all.end());
    if (folders.empty()) return 0;
    const bool has_rules = db.exec1(kHasObjects)[0].as<bool>();
    if (has_rules && folders.contains("rules")) db.exec(kWaitForPushes);
    db.exec(kNotes);
    int count = 0;
    if (!has_rules || !replace_in_place(db, folders, at, count)) {
        folders.insert(all.begin(), all.end());
        at = "migrate: what the rules made before";
        db.exec(kWaitForPushes);
        db.exec(kRights);
        db.exec(kAllGone);
        db.exec(kDrop);
        count = run(db, folders, at);
        db.exec(kGiveBack);
    }
    at = "migrate";
    db.exec_params(kKeepObjects, literal_of(folders));
    db.exec(kNoteObjects);
    db.exec_params(kForget, literal_of(folders));
    for (const auto& file : rule_files()) {
        if (folders.contains(file.folder)) db.exec_params(kRecord, file.name, file.checksum);
    }
    db.exec(kForgetNotes);
    return count;
}

}  // namespace vetchart::central
