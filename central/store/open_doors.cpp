#include "central/store/open_doors.h"

#include "central/store/report_logins.h"

namespace vetchart::central {
namespace {

constexpr const char* kHasSchema = "SELECT to_regclass('public.audit_log') IS NOT NULL";
/// What central needs and may have had through PUBLIC alone: its erasures use temporary tables.
constexpr const char* kKeepOwn[] = {
    "SELECT format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), current_user)",
    "SELECT format('GRANT CREATE, USAGE ON SCHEMA public TO %I', current_user)"};

/// Each gives rows of (what, statement, harmless).
constexpr const char* kQueries[] = {
    R"(
SELECT CASE a.privilege_type WHEN 'CREATE' THEN 'any login may make schemas in this database'
            ELSE 'any login may make temporary tables, and so fill the disk and run functions of its own' END,
       format('REVOKE %s ON DATABASE %I FROM PUBLIC', a.privilege_type, d.datname), true
  FROM pg_database d CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
 WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type IN ('TEMPORARY', 'CREATE') ORDER BY 1)",
    R"(
SELECT format('any login may make tables and functions in schema %I, where central looks for its own', n.nspname),
       format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', n.nspname), true
  FROM pg_namespace n CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
 WHERE a.grantee = 0 AND a.privilege_type = 'CREATE' ORDER BY 1)",
    R"(
SELECT 'any login may write large objects, in a read-only transaction too',
       format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC',
              string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid::regprocedure::text)),
       NOT EXISTS (SELECT FROM pg_largeobject_metadata)
  FROM pg_proc p
 WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put',
           'lowrite', 'lo_truncate', 'lo_truncate64', 'lo_unlink')
   AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
HAVING count(*) > 0)",
    R"(
SELECT 'any login may fill the write-ahead log, in a read-only transaction too',
       format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC',
              string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid::regprocedure::text)),
       true
  FROM pg_proc p
 WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = 'pg_logical_emit_message'
   AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
HAVING count(*) > 0)",
    R"(
SELECT 'lo_compat_privileges is on: any login may write every large object',
       'ALTER SYSTEM SET lo_compat_privileges = off', false
 WHERE current_setting('lo_compat_privileges')::boolean)",
    R"(
SELECT format('%s may %s %s', CASE a.grantee WHEN 0 THEN 'any login' ELSE 'a reader of the reports' END,
              lower(string_agg(DISTINCT a.privilege_type, ', ')), c.oid::regclass),
       format('REVOKE ALL ON %s FROM %s', c.oid::regclass,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE 'vetchart_report' END), false
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (SELECT x.grantee, x.privilege_type FROM aclexplode(c.relacl) x
                     UNION SELECT x.grantee, x.privilege_type FROM pg_attribute t, aclexplode(t.attacl) x
                      WHERE t.attrelid = c.oid) a
 WHERE n.nspname !~ '^(pg_|information_schema$)'
   AND (a.grantee = 0 OR a.grantee = (SELECT oid FROM pg_roles WHERE rolname = 'vetchart_report'))
   AND NOT (n.nspname = 'report' AND c.relkind = 'v' AND a.grantee <> 0 AND a.privilege_type = 'SELECT')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE (d.classid, d.objid, d.deptype) = ('pg_class'::regclass, c.oid, 'e'))
 GROUP BY c.oid, a.grantee ORDER BY 1)",
    R"(
SELECT format('any login may call %s, which does its work with the rights of %I', p.oid::regprocedure,
              pg_get_userbyid(p.proowner)),
       format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', p.oid::regprocedure), false
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE p.prosecdef AND n.nspname !~ '^(pg_|information_schema$)'
   AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE (d.classid, d.objid, d.deptype) = ('pg_proc'::regclass, p.oid, 'e'))
 ORDER BY 1)",
    R"(
SELECT 'nobody can be given the reports alone: the role vetchart_report is not there',
       'CREATE ROLE vetchart_report NOLOGIN; SELECT grant_report_reading()', false
 WHERE to_regrole('vetchart_report') IS NULL
UNION ALL
SELECT 'the role vetchart_report cannot read the reports', 'SELECT grant_report_reading()', false
  FROM pg_roles r WHERE r.rolname = 'vetchart_report' AND NOT has_schema_privilege(r.oid, 'report', 'USAGE'))"};

/// True when it worked; else the transaction is as it was.
bool try_statement(pqxx::work& transaction, const std::string& statement) {
    try {
        pqxx::subtransaction savepoint(transaction);
        savepoint.exec(statement);
        savepoint.commit();
        return true;
    } catch (const pqxx::sql_error&) {
        return false;
    }
}

}  // namespace

std::vector<OpenDoor> open_doors(pqxx::dbtransaction& transaction) {
    std::vector<OpenDoor> doors;
    if (!transaction.exec1(kHasSchema)[0].as<bool>()) return doors;
    for (const char* const query : kQueries) {
        for (const auto& row : transaction.exec(query)) {
            doors.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<bool>()});
        }
    }
    for (const auto& login : read_report_logins(transaction)) {
        for (const auto& fault : login.faults) doors.push_back({fault.what, fault.statement});
    }
    return doors;
}

std::vector<OpenDoor> close_doors(pqxx::work& transaction) {
    transaction.exec("SET LOCAL client_min_messages = error");  // A right that is not one's own to take is a warning.
    bool kept_own = false;
    for (const auto& door : open_doors(transaction)) {
        if (!door.harmless) continue;
        for (const char* const query : kKeepOwn) {
            if (!kept_own) try_statement(transaction, transaction.exec1(query)[0].as<std::string>());
        }
        kept_own = true;
        try_statement(transaction, door.statement);
    }
    return open_doors(transaction);
}

}  // namespace vetchart::central
