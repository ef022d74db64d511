#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <set>
#include <string>

#include "tests/parity/catalog.h"
#include "tests/parity/engines.h"
#include "tests/support/private_postgres.h"

namespace {

using vetchart::test::Catalog;

std::string lines_missing(const Catalog& from, const Catalog& in) {
    std::set<std::string> missing;
    std::set_difference(in.begin(), in.end(), from.begin(), from.end(), std::inserter(missing, missing.end()));
    std::string text;
    for (const std::string& line : missing) text += line + "\n";
    return text;
}

}  // namespace

TEST_CASE("parity: both catalogs say the same of the synced tables", "[parity]") {
    const vetchart::test::Engines engines;
    const Catalog sqlite = vetchart::test::sqlite_catalog(engines.sqlite_file());
    const Catalog postgres = vetchart::test::postgres_catalog(engines.postgres_url());
    CHECK(sqlite.size() > 300);
    CHECK(lines_missing(sqlite, postgres) == "");  // PostgreSQL has, SQLite has not
    CHECK(lines_missing(postgres, sqlite) == "");  // SQLite has, PostgreSQL has not
}

TEST_CASE("parity: the catalogue says of the tables what the engines say", "[parity]") {
    const vetchart::test::Engines engines;
    Catalog sqlite = vetchart::test::sqlite_catalog(engines.sqlite_file());
    const Catalog said = vetchart::test::said_catalog();
    CHECK(said.size() > 200);
    std::erase_if(sqlite, [](const std::string& line) { return line.find(" index ") != std::string::npos; });
    CHECK(lines_missing(sqlite, said) == "");  // said, and not so
    // Not said: the one check that is no bound of a column.
    CHECK(lines_missing(said, sqlite) == "owner check owner_merged_into_check\n");
}

TEST_CASE("parity: the comparison sees what only one engine has", "[parity]") {
    const vetchart::test::Engines engines;
    const Catalog sqlite = vetchart::test::sqlite_catalog(engines.sqlite_file());
    Catalog before = vetchart::test::postgres_catalog(engines.postgres_url());
    for (const char* change : {
             "ALTER TABLE owner ADD COLUMN nickname text",
             "ALTER TABLE patient ALTER COLUMN breed DROP NOT NULL",
             "ALTER TABLE patient DROP CONSTRAINT patient_age_check",
             "ALTER TABLE owner ADD COLUMN title varchar(50)",
             "ALTER TYPE gender ADD VALUE 'other'",
             "DROP INDEX bill_clinic_id_owner_id_idx",
             "DROP INDEX owner_clinic_id_email_key; CREATE UNIQUE INDEX owner_clinic_id_email_key ON owner (clinic_id, "
             "email)",
             "ALTER TABLE bill DROP CONSTRAINT bill_owner_id_fkey, ADD CONSTRAINT bill_owner_id_fkey "
             "FOREIGN KEY (clinic_id, owner_id) REFERENCES owner (clinic_id, id) ON DELETE CASCADE",
         }) {
        CAPTURE(change);
        vetchart::test::PrivatePostgres::instance().psql(engines.postgres_url(), change);
        const Catalog after = vetchart::test::postgres_catalog(engines.postgres_url());
        CHECK(after != before);
        CHECK(lines_missing(sqlite, after) + lines_missing(after, sqlite) !=
              lines_missing(sqlite, before) + lines_missing(before, sqlite));
        before = after;
    }
}
