#include "central/store/migrate_legacy.h"

#include <pqxx/pqxx>

#include "central/store/migrate_refusals.h"

namespace vetchart::central {
namespace {

constexpr const char* kFind = R"(
WITH named AS (
    SELECT n.nspname, c.relname, c.relkind, pg_has_role(c.relowner, 'USAGE') AS mine,
        pg_get_userbyid(c.relowner) AS owner,
           EXISTS (SELECT FROM pg_inherits WHERE c.oid IN (inhrelid, inhparent)) AS inherits, v.nth
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN (VALUES (1, 'User'), (2, 'Owner'), (3, 'Patient'), (4, 'MedicalRecord'), (5, 'Appointment'), (6, 'Bill'))
           v (nth, name) ON v.name = c.relname
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND n.nspname NOT LIKE 'pg\_%'),
complete AS (
    SELECT nspname FROM named GROUP BY nspname HAVING count(*) FILTER (WHERE relname IN ('Owner', 'Patient')) = 2),
home AS (
    SELECT nspname FROM complete
     WHERE nspname = 'public' OR NOT EXISTS (SELECT FROM complete WHERE nspname = 'public')
    UNION SELECT nspname FROM named WHERE nspname = 'public' AND NOT EXISTS (SELECT FROM complete))
SELECT nspname, relname, relkind = 'r' AND NOT inherits, mine, owner FROM named JOIN home USING (nspname)
ORDER BY nspname, nth)";
constexpr const char* kHolders = R"(
SELECT DISTINCT c.relname, l.pid, coalesce(nullif(a.application_name, ''), 'unnamed program')
  FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE l.granted AND l.pid <> pg_backend_pid() AND n.nspname = $1 AND c.relname = ANY ($2::text[])
 ORDER BY 1, 2 LIMIT 5)";
constexpr const char* kInPublic = R"(
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1::text[]) LIMIT 1)";
/// What ALTER TABLE or a look at the rows would stumble over: row policies (told in phase 1), a table of a type.
constexpr const char* kObstacles = R"(
SELECT format('ALTER TABLE public.%I DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', relname) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1::text[]) AND (relrowsecurity OR relforcerowsecurity)
UNION ALL SELECT format('ALTER TABLE public.%I NOT OF', relname) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1::text[]) AND reloftype <> 0)";

/// `"Owner" (pid 12, psql), "Bill" (pid 12, psql)`
std::string holders(pqxx::dbtransaction& transaction, const LegacyTables& found) {
    std::string text;
    for (const auto& row : transaction.exec_params(kHolders, found.schema, array_literal(found.tables))) {
        text += (text.empty() ? "" : ", ") + ("\"" + row[0].as<std::string>() + "\" (pid " + row[1].as<std::string>());
        text += ", " + row[2].as<std::string>() + ")";
    }
    return text.empty() ? "the legacy tables" : text;
}

/// False when someone else had one of them for as long as lock_timeout says, or at all where `how` is NOWAIT.
bool lock_all(pqxx::dbtransaction& transaction, const std::string& tables, const std::string& how) {
    pqxx::subtransaction attempt(transaction, "legacy_lock");
    try {
        attempt.exec("LOCK TABLE " + tables + " IN ACCESS EXCLUSIVE MODE" + how);
        attempt.commit();
        return true;
    } catch (const pqxx::sql_error& e) {
        if (e.sqlstate() != "55P03") throw;
        attempt.abort();
        return false;
    }
}

}  // namespace

Result<LegacyTables> find_legacy_tables(pqxx::dbtransaction& transaction) {
    LegacyTables found;
    for (const auto& row : transaction.exec(kFind)) {
        const auto schema = row[0].as<std::string>(), table = row[1].as<std::string>();
        if (!found.schema.empty() && found.schema != schema) {
            return legacy_refused("two schemas have tables of the old server: " + found.schema + " and " + schema +
                                  "; rename one of them");
        }
        found.schema = schema;
        if (!row[2].as<bool>()) {
            return legacy_refused("\"" + table +
                                  "\" is a view, or partitioned, or inherits: make it one plain table first");
        }
        if (!row[3].as<bool>()) {
            return legacy_refused("the table \"" + table + "\" belongs to the role " + row[4].as<std::string>() +
                                  ": migrate as that role, or as a superuser");
        }
        found.tables.push_back(table);
    }
    return found;
}

Status lock_legacy_tables(pqxx::dbtransaction& transaction, const LegacyTables& found, int seconds,
                          const std::function<void(const std::string&)>& say) {
    if (found.tables.empty()) return Done{};
    std::string tables;
    for (const auto& table : found.tables) {
        tables +=
            (tables.empty() ? "" : ", ") + transaction.quote_name(found.schema) + "." + transaction.quote_name(table);
    }
    if (!lock_all(transaction, tables, " NOWAIT")) {
        say("waiting up to " + std::to_string(seconds) + " s for whoever uses " + holders(transaction, found));
        transaction.exec("SET LOCAL lock_timeout = '" + std::to_string(seconds) + "s'");
        if (!lock_all(transaction, tables, "")) {
            return Error{
                Errc::busy,
                "someone is still using " + holders(transaction, found) +
                    ": stop the old server and whatever else is connected, then run again; nothing was changed",
                "busy"};
        }
    }
    say("the legacy tables are locked: the old server waits from here on");
    if (found.schema != "public") {
        const auto taken = transaction.exec_params(kInPublic, array_literal(found.tables));
        if (!taken.empty()) {
            return legacy_refused("the schema public has a table \"" + taken[0][0].as<std::string>() +
                                  "\" too, beside that of the old server in " + found.schema + ": rename one of them");
        }
        for (const auto& table : found.tables) {
            transaction.exec("ALTER TABLE " + transaction.quote_name(found.schema) + "." +
                             transaction.quote_name(table) + " SET SCHEMA public");
        }
    }
    for (const auto& row : transaction.exec_params(kObstacles, array_literal(found.tables))) {
        transaction.exec(row[0].as<std::string>());
    }
    return Done{};
}

}  // namespace vetchart::central
