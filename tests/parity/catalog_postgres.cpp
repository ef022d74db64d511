#include <sstream>
#include <string>

#include "sync/catalogue/catalogue.h"
#include "tests/parity/catalog.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {
namespace {

// Each gives lines of catalog.h. `synced` is the ten tables.
constexpr const char* kColumns = R"(
SELECT t.name || '.' || a.attname || ' ' ||
       CASE WHEN y.typcategory = 'N' OR y.typname = 'bool' THEN 'integer' ELSE 'text' END ||
       CASE WHEN a.attnotnull THEN ' not null' ELSE ' null' END
FROM synced t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid
WHERE NOT (t.name = 'bill' AND a.attname = 'received_at');
)";

// A type whose values SQLite would not store as they are would be a difference too, as would varchar(n).
constexpr const char* kForeignTypes = R"(
SELECT t.name || '.' || a.attname || ' has the type ' || format_type(a.atttypid, a.atttypmod)
FROM synced t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid
WHERE y.typtype <> 'e' AND format_type(a.atttypid, a.atttypmod) NOT IN
      ('uuid', 'text', 'date', 'timestamp(3) with time zone', 'bigint', 'integer', 'boolean');
)";

constexpr const char* kEnums = R"(
SELECT t.name || ' enum ' || a.attname || ' ' || (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumlabel COLLATE "C")
                                                   FROM pg_enum e WHERE e.enumtypid = a.atttypid)
FROM synced t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid AND y.typtype = 'e';
)";

constexpr const char* kConstraints = R"(
SELECT t.name || CASE c.contype WHEN 'c' THEN ' check ' || c.conname
       WHEN 'p' THEN ' primary key ' || substr(pg_get_constraintdef(c.oid), 13)
       WHEN 'u' THEN ' unique constraint ' || c.conname
       ELSE ' key ' || c.conname || ' (' || (SELECT string_agg(attname, ', ' ORDER BY k.n) FROM unnest(c.conkey)
                WITH ORDINALITY k (num, n) JOIN pg_attribute ON attrelid = c.conrelid AND attnum = k.num) || ') to ' ||
            c.confrelid::regclass || ' (' || (SELECT string_agg(attname, ', ' ORDER BY k.n) FROM unnest(c.confkey)
                WITH ORDINALITY k (num, n) JOIN pg_attribute ON attrelid = c.confrelid AND attnum = k.num) || ')' ||
            CASE WHEN c.confdeltype IN ('a', 'r') THEN ' on delete refused'
                 WHEN c.confdeltype = 'n' AND cardinality(c.confdelsetcols) = 1 THEN ' on delete null'
                 ELSE ' on delete ' || c.confdeltype::text END END
FROM synced t JOIN pg_constraint c ON c.conrelid = t.oid
WHERE c.contype IN ('c', 'p', 'u', 'f', 'x') AND c.conname <> 'bill_received_at_check';
)";

// Those named *_report_idx are for HQ's reports, which a node has not.
constexpr const char* kIndexes = R"(
SELECT t.name || CASE WHEN i.indisunique THEN ' unique ' ELSE ' index ' END || c.relname || ' (' ||
       (SELECT string_agg(a.attname || CASE WHEN (i.indoption[k.n - 1] & 1) = 1 THEN ' DESC' ELSE '' END, ', '
                          ORDER BY k.n)
        FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k (num, n)
        LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num) || ')' ||
       coalesce(' where ' || trim(pg_get_expr(i.indpred, i.indrelid), '()'), '')
FROM synced t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisprimary AND c.relname NOT LIKE '%\_report\_idx';
)";

}  // namespace

Catalog postgres_catalog(const std::string& url) {
    std::string names;
    for (const sync::Table& table : sync::tables())
        names += (names.empty() ? "'" : ", '") + std::string(table.name) + "'";
    std::string sql =
        "CREATE TEMPORARY VIEW synced AS SELECT oid, relname AS name FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relname IN (" +
        names + ");";
    sql = sql + kColumns + kForeignTypes + kEnums + kConstraints + kIndexes;
    std::istringstream output(PrivatePostgres::instance().psql(url, sql));
    Catalog catalog;
    for (std::string line; std::getline(output, line);) {
        if (!line.empty()) catalog.insert(line);
    }
    return catalog;
}

}  // namespace vetchart::test
