#include "tests/central/store/migrate_fixture.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

namespace vetchart::test {
namespace {

const std::string kLegacyFolder = std::string(VETCHART_TEST_DATA) + "/legacy/";

}  // namespace

central::MigrateOptions quiet_options(const std::string& url) {
    central::MigrateOptions options;
    options.url = url;
    options.say = [](const std::string&) {};
    return options;
}

void must_migrate(const std::string& url) {
    const auto result = central::migrate(quiet_options(url));
    REQUIRE((result ? "" : result.error().context) == "");
}

std::string dump_of(const std::string& url) {
    return run("pg_dump --no-owner '" + url + "' | grep -v -E '^.(un)?restrict '");
}

std::string rows_of(const std::string& url, const std::string& sql) {
    std::string text = PrivatePostgres::instance().psql(url, sql);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string empty_legacy_database() {
    auto& server = PrivatePostgres::instance();
    const std::string url = server.new_database();
    server.psql(url, "\\i " + kLegacyFolder + "legacy_tables.sql\n");
    return url;
}

void keep_raw(const std::string& url) {
    std::string script = "CREATE SCHEMA raw;\n";
    for (const std::string table : {"User", "Owner", "Patient", "MedicalRecord", "Appointment", "Bill"}) {
        script += "CREATE TABLE raw.\"" + table + "\" AS TABLE public.\"" + table + "\";\n";
        script += "CREATE INDEX ON raw.\"" + table + "\" (id);\n";
    }
    PrivatePostgres::instance().psql(url, script);
}

std::string problems_of(const std::string& url) {
    return rows_of(url, "SET search_path = public;\n\\i " + kLegacyFolder +
                            "oracle.sql\nSELECT * FROM oracle.problem ORDER BY 1, 2, 3, 4 LIMIT 40;\n");
}

}  // namespace vetchart::test
