#include "central/store/migrate_refusals.h"

#include <pqxx/pqxx>
#include <regex>
#include <set>

namespace vetchart::central {
namespace {

constexpr const char* kMakePublic =
    "DO $$ BEGIN IF to_regnamespace('public') IS NULL THEN CREATE SCHEMA public; END IF; END $$";
constexpr const char* kMayCreateInDatabase = R"(
SELECT format('GRANT CREATE, TEMPORARY ON DATABASE %I TO %I', current_database(), current_user)
 WHERE NOT (has_database_privilege(current_database(), 'CREATE') AND has_database_privilege(current_database(), 'TEMP'))
)";
constexpr const char* kMayCreateInPublic = R"(
SELECT format('GRANT CREATE, USAGE ON SCHEMA public TO %I', current_user)
 WHERE NOT (has_schema_privilege('public', 'CREATE') AND has_schema_privilege('public', 'USAGE')))";
/// $1: names of tables, indexes, types, functions; $2: of schemas. Each row: what it is, the command that gives it
/// another name. A sequence that counted the old server's bills is put aside by phase 1, if it may be renamed.
constexpr const char* kTaken = R"(
WITH thing AS (
    SELECT c.tableoid AS class, c.oid, CASE c.relkind WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'v' THEN 'view'
               WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type'
               WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind, c.relname AS name, c.oid::regclass::text AS said
      FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1::text[])
       AND coalesce(t.relname, '') NOT IN ('User', 'Owner', 'Patient', 'MedicalRecord', 'Appointment', 'Bill')
       AND NOT (c.relkind = 'S' AND c.relname = 'bill_number_seq' AND pg_has_role(c.relowner, 'USAGE'))
    UNION ALL
    SELECT tableoid, oid, CASE typtype WHEN 'd' THEN 'domain' ELSE 'type' END, typname, oid::regtype::text FROM pg_type
     WHERE typnamespace = 'public'::regnamespace AND typname = ANY ($1::text[]) AND typrelid = 0
    UNION ALL
    SELECT tableoid, oid, CASE prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, proname,
           oid::regprocedure::text FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace AND proname = ANY ($1::text[])
    UNION ALL
    SELECT tableoid, oid, 'schema', nspname, quote_ident(nspname) FROM pg_namespace WHERE nspname = ANY ($2::text[]))
SELECT format('%s %s', t.kind, t.name) || coalesce(' of the extension ' || e.extname, ''),
       CASE WHEN e.oid IS NOT NULL THEN format('ALTER EXTENSION %I SET SCHEMA legacy', e.extname)
            WHEN t.name = 'bill_number_seq' AND t.kind = 'sequence' THEN format('ALTER SEQUENCE %s OWNER TO %I', t.said,
                current_user)
            ELSE format('ALTER %s %s RENAME TO %I', upper(t.kind), t.said, left('legacy_' || t.name, 63)) END
  FROM thing t
  LEFT JOIN pg_depend d ON (d.classid, d.objid, d.deptype) = (t.class, t.oid, 'e')
  LEFT JOIN pg_extension e ON e.oid = d.refobjid
 ORDER BY 1, 2)";
/// What the legacy tables are called from phase 1 on.
constexpr const char* kRenamed[] = {"staff", "owner", "patient", "medical_record", "appointment", "bill"};

/// $1: the legacy tables. Each gives a sentence, or no row.
constexpr const char* kLegacyRefusals[] = {
    R"(
WITH RECURSIVE six AS (
    SELECT oid, relname FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname = ANY ($1::text[])),
reader AS (
    SELECT oid AS what, relname FROM six
    UNION
    SELECT w.ev_class, r.relname FROM reader r
      JOIN pg_depend d ON (d.refclassid, d.refobjid, d.classid) = ('pg_class'::regclass, r.what, 'pg_rewrite'::regclass)
      JOIN pg_rewrite w ON w.oid = d.objid)
SELECT format('%s hangs on "%s" and belongs to the role %s: migrate as a superuser, or as a member of both roles',
              pg_describe_object(x.class, x.oid, 0), x.relname, pg_get_userbyid(x.owner))
  FROM (SELECT c.tableoid AS class, c.oid, c.relowner AS owner, r.relname FROM reader r JOIN pg_class c ON c.oid = what
        UNION ALL
        SELECT c.tableoid, c.oid, c.relowner, six.relname FROM six JOIN pg_constraint k ON k.confrelid = six.oid
          JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'f'
        UNION ALL
        SELECT s.tableoid, s.oid, s.stxowner, six.relname FROM six JOIN pg_statistic_ext s ON s.stxrelid = six.oid) x
 WHERE NOT pg_has_role(x.owner, 'USAGE') ORDER BY 1 LIMIT 1)",
    R"(
SELECT format('the column %s.%I has the row type of "%s": drop it first', a.attrelid::regclass, a.attname, t.relname)
  FROM pg_class t JOIN pg_type y ON y.oid = t.reltype JOIN pg_attribute a ON a.atttypid IN (y.oid, y.typarray)
  JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f', 'c')
 WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND t.relname = ANY ($1::text[])
   AND NOT a.attisdropped ORDER BY 1 LIMIT 1)",
    R"(
SELECT format('%s hangs on columns of "%s": drop it, and create it anew afterwards',
              pg_describe_object(d.classid, d.objid, d.objsubid), t.relname)
  FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid
 WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND t.relname = ANY ($1::text[])
   AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype = 'n'
   AND d.classid IN ('pg_proc'::regclass, 'pg_publication_rel'::regclass) ORDER BY 1 LIMIT 1)",
    R"(
SELECT 'the table db_probes has not the columns id, payload and created_at: rename it'
 WHERE $1::text[] IS NOT NULL AND to_regclass('public.db_probes') IS NOT NULL AND 3 <> (
       SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('public.db_probes')
          AND attname IN ('id', 'payload', 'created_at')))",
    R"(
SELECT 'the extension pgcrypto is not there: install PostgreSQL''s contrib package on the database server'
 WHERE $1::text[] IS NOT NULL AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pgcrypto')
   AND NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgcrypto'))"};
/// $1: the legacy tables. Those without a column id; and those where nothing keeps the ids unique.
constexpr const char* kWithoutId = R"(
SELECT t.relname FROM pg_class t
 WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND t.relname = ANY ($1::text[])
   AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'id' AND NOT a.attisdropped)
 ORDER BY 1)";
constexpr const char* kWithoutKey = R"(
SELECT t.relname FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'id'
 WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND t.relname = ANY ($1::text[])
   AND NOT (a.attnotnull AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisunique
        AND i.indisvalid AND i.indimmediate AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum AND i.indpred IS NULL))
 ORDER BY 1)";

std::string ill_ids(pqxx::dbtransaction& transaction, const std::string& table) {
    return transaction
        .exec1("SELECT count(*) FROM (SELECT FROM public." + transaction.quote_name(table) +
               " GROUP BY id::text HAVING count(*) > 1 OR id::text IS NULL) x")[0]
        .as<std::string>();
}

}  // namespace

Error legacy_refused(const std::string& sentence) { return Error{Errc::conflict, sentence, "legacy_refused"}; }

std::string array_literal(const std::vector<std::string>& names) {
    std::string text = "{";
    for (const auto& name : names) text += (text.size() > 1 ? ",\"" : "\"") + name + "\"";
    return text + "}";
}

Status check_privileges(pqxx::dbtransaction& transaction) {
    constexpr const char* kSentence = "this role lacks a right: ";
    const auto in_database = transaction.exec(kMayCreateInDatabase);
    if (!in_database.empty()) return legacy_refused(kSentence + in_database[0][0].as<std::string>());
    transaction.exec(kMakePublic);
    const auto in_public = transaction.exec(kMayCreateInPublic);
    if (!in_public.empty()) return legacy_refused(kSentence + in_public[0][0].as<std::string>());
    return Done{};
}

Status check_free_names(pqxx::dbtransaction& transaction, const std::vector<std::string_view>& files) {
    // A name with a schema in front (archive.entry) is in nobody's way.
    static const std::regex made(
        R"((?:^|\n)CREATE (?:UNIQUE |OR REPLACE )?(?:TABLE|INDEX|VIEW|SEQUENCE|TYPE|FUNCTION) )"
        R"((?!IF )([a-z_0-9]+)(?![a-z_0-9.]))");
    static const std::regex made_schema(R"((?:^|\n)CREATE SCHEMA ([a-z_0-9]+))");
    std::vector<std::string> names(std::begin(kRenamed), std::end(kRenamed)), schemas;
    for (const auto& file : files) {
        const std::string text(file);
        for (std::sregex_iterator at(text.begin(), text.end(), made), end; at != end; ++at) names.push_back((*at)[1]);
        for (std::sregex_iterator at(text.begin(), text.end(), made_schema), end; at != end; ++at) {
            schemas.push_back((*at)[1]);
        }
    }
    const auto taken = transaction.exec_params(kTaken, array_literal(names), array_literal(schemas));
    if (taken.empty()) return Done{};
    std::string things, commands;
    for (const auto& row : taken) {
        things += (things.empty() ? "a " : ", a ") + row[0].as<std::string>();
        commands += (commands.empty() ? "" : "; ") + row[1].as<std::string>();
    }
    const bool is_single = taken.size() == 1;
    return legacy_refused("the database has " + things + " of its own, " + (is_single ? "a name" : "names") +
                          " this program needs: rename " + (is_single ? "it" : "them") + " first (" + commands + ")");
}

Status check_legacy_tables(pqxx::dbtransaction& transaction, const std::vector<std::string>& tables) {
    if (tables.empty()) return Done{};
    const auto names = array_literal(tables);
    const auto without_id = transaction.exec_params(kWithoutId, names);
    if (!without_id.empty()) {
        return legacy_refused("the table \"" + without_id[0][0].as<std::string>() + "\" has no column \"id\"");
    }
    for (const auto* const query : kLegacyRefusals) {
        const auto sentence = transaction.exec_params(query, names);
        if (!sentence.empty()) return legacy_refused(sentence[0][0].as<std::string>());
    }
    for (const auto& row : transaction.exec_params(kWithoutKey, names)) {
        const auto table = row[0].as<std::string>();
        const auto count = ill_ids(transaction, table);
        if (count != "0") {
            return legacy_refused("the table \"" + table + "\" has no primary key, and " + count +
                                  " of its ids are empty or there twice: give those rows ids of their own");
        }
    }
    return Done{};
}

}  // namespace vetchart::central
