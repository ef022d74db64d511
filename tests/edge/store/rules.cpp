// The triggers and views of the file: what they are, and that none is missing or another's for long.
#include "edge/store/file/rules.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "edge/store/check/check.h"
#include "edge/store/log/sync_store.h"
#include "sync/base/digest.h"
#include "sync/catalogue/catalogue.h"
#include "tests/edge/store/chart_fixture.h"
#include "tests/support/chance.h"

using namespace vetchart;
using namespace vetchart::edge;
using vetchart::test::ChartFile;
using vetchart::test::row_uuid;

namespace {

/// A chart whose node has begun the life of its log, so that `check` finds nothing.
class RuleFile : public ChartFile {
public:
    RuleFile() { REQUIRE(SyncStore(database()).lives.new_incarnation("VWXYZ").ok()); }
};

std::vector<Rule> wanted(ChartFile& file) {
    auto lease = file.database().read();
    return wanted_rules(*lease);
}

std::vector<std::string> differences(ChartFile& file) {
    const auto beside = Database::open_read_only(file.file());
    REQUIRE(beside.ok());
    const auto report = check_database(**beside);
    REQUIRE(report.ok());
    REQUIRE(report->damage.empty());
    return report->differences;
}

const std::vector<std::string> kNone;

std::string rebuilt(ChartFile& file) {
    return file.value("SELECT group_concat(what || ' ' || times) FROM derived_rebuild");
}

}  // namespace

TEST_CASE("rules: the triggers of the synced tables are those of the golden file", "[store][rules]") {
    RuleFile file;
    std::string text =
        "-- The triggers of the synced tables as they stand in a node's file: those of schema/sqlite/rules with what "
        "is\n"
        "-- generated from the tables, and those that are generated whole. VETCHART_WRITE_GOLDEN=1 writes this file "
        "anew.\n";
    for (const Rule& rule : wanted(file)) {
        if (rule.type == "trigger" && sync::table_index(rule.table) && !is_of_search(rule.name)) {
            text += "\n" + rule.sql + ";\n";
        }
    }
    const std::string path = std::string(VETCHART_GOLDEN) + "/triggers.sql";
    if (std::getenv("VETCHART_WRITE_GOLDEN") != nullptr) std::ofstream(path) << text;
    std::stringstream golden;
    golden << std::ifstream(path).rdbuf();
    CHECK(golden.str() == text);
}

TEST_CASE("rules: a second open finds every rule as it was put", "[store][rules]") {
    RuleFile file;
    CHECK(file.value("SELECT count(*) FROM schema_rule") == std::to_string(wanted(file).size()));
    CHECK(file.value("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')") ==
          file.value("SELECT count(*) FROM schema_rule"));
    CHECK(differences(file) == kNone);
}

TEST_CASE("rules: check names each trigger and view that was dropped, and the next open puts it back",
          "[store][rules]") {
    RuleFile file;
    for (const Rule& rule : wanted(file)) {
        INFO(rule.name);
        file.shell("DROP " + rule.type + " " + rule.name + ";");
        const auto said = differences(file);
        REQUIRE(said.size() == 1);
        CHECK(said.front() == std::string(is_of_search(rule.name) ? "search: " : "rules: ") + rule.type + " " +
                                  rule.name + " is missing (the daemon makes it anew by itself)");
        REQUIRE(Database::open(file.file(), vetchart::test::chance()).ok());
        CHECK(differences(file) == kNone);
    }
    CHECK(rebuilt(file).find("rules ") != std::string::npos);
    CHECK(rebuilt(file).find("search ") != std::string::npos);
}

TEST_CASE("rules: a trigger that somebody changed is named and put right", "[store][rules]") {
    RuleFile file;
    file.shell(
        "DROP TRIGGER bill_before_delete; CREATE TRIGGER bill_before_delete BEFORE DELETE ON bill BEGIN SELECT 1; "
        "END;");
    CHECK(differences(file) ==
          std::vector<std::string>{"rules: trigger bill_before_delete is not as the program makes it (the daemon makes "
                                   "it anew by itself)"});
    REQUIRE(Database::open(file.file(), vetchart::test::chance()).ok());
    CHECK(differences(file) == kNone);
    CHECK(rebuilt(file) == "rules 1");
    CHECK_THAT(file.shell_refusal("DELETE FROM bill WHERE status = 'sent';"), Catch::Contains("bill_issued"));
}

TEST_CASE("rules: another program's rules are replaced without a word, and what it alone had goes", "[store][rules]") {
    RuleFile file;
    const auto put_by_another = [&](const std::string& name, const std::string& sql) {
        const Status done = file.database().maintain([&](Connection& connection) -> Status {
            connection.exec(("DROP TRIGGER IF EXISTS " + name + "; " + sql).c_str());
            SQLite::Statement keep(connection.raw(),
                                   "INSERT INTO schema_rule VALUES (?1, ?2) ON CONFLICT (name) DO "
                                   "UPDATE SET checksum = excluded.checksum");
            keep.bind(1, name);
            keep.bind(2, to_hex(sha256(sql)));
            keep.exec();
            return Done{};
        });
        REQUIRE(done.ok());
    };
    put_by_another("owner_before_delete",
                   "CREATE TRIGGER owner_before_delete BEFORE DELETE ON owner BEGIN SELECT 1; END");
    put_by_another("owner_outlived", "CREATE TRIGGER owner_outlived AFTER DELETE ON owner BEGIN SELECT 1; END");
    CHECK(differences(file).front() ==
          "rules: trigger owner_before_delete is of another program (the daemon makes it anew by itself)");
    REQUIRE(Database::open(file.file(), vetchart::test::chance()).ok());
    CHECK(differences(file) == kNone);
    CHECK(rebuilt(file) == "NULL");
    CHECK(file.value("SELECT count(*) FROM sqlite_schema WHERE name = 'owner_outlived'") == "0");
}

TEST_CASE("rules: somebody else's trigger is named, and stays", "[store][rules]") {
    RuleFile file;
    file.shell("CREATE TRIGGER watch AFTER UPDATE ON owner BEGIN SELECT 1; END;");
    const std::vector<std::string> said = {"rules: trigger watch on owner is not VetChart's"};
    CHECK(differences(file) == said);
    REQUIRE(Database::open(file.file(), vetchart::test::chance()).ok());
    CHECK(differences(file) == said);
}

TEST_CASE("rules: the instant that a row sets counts as now for defaults, stamps and the log", "[store][rules]") {
    RuleFile file;
    file.shell("UPDATE sync_control SET clock_set_to = '2031-02-03T04:05:06.789Z';");
    REQUIRE(file.write("INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES ('" + row_uuid(2, 9) + "', '" +
                       row_uuid(1, 1) + "', 'A', 'B'); UPDATE bill SET status = 'sent' WHERE id = '" + row_uuid(6, 1) +
                       "'")
                .ok());
    const std::string now = "2031-02-03T04:05:06.789Z";
    CHECK(file.value("SELECT created_at FROM owner WHERE id = '" + row_uuid(2, 9) + "'") == now);
    CHECK(file.value("SELECT updated_at FROM owner WHERE id = '" + row_uuid(2, 9) + "'") == now);
    CHECK(file.value("SELECT new ->> '$.created_at' FROM change_log WHERE row_id = '" + row_uuid(2, 9) + "'") == now);
    CHECK(file.value("SELECT issued_at FROM bill WHERE id = '" + row_uuid(6, 1) + "'") == now);
    CHECK(file.value("SELECT at FROM change_log ORDER BY seq DESC LIMIT 1") == now);
}

TEST_CASE("rules: a clock that a row stopped is named by the check, and goes on at the next open", "[store][rules]") {
    RuleFile file;
    file.shell("UPDATE sync_control SET clock_set_to = '2031-02-03T04:05:06.789Z';");
    CHECK(differences(file) ==
          std::vector<std::string>{
              "rules: sync_control.clock_set_to stops the clock at 2031-02-03T04:05:06.789Z (the daemon makes it anew "
              "by itself)"});
    REQUIRE(Database::open(file.file(), vetchart::test::chance()).ok());
    CHECK(differences(file) == kNone);
    CHECK(file.value("SELECT count(clock_set_to) FROM sync_control") == "0");
    CHECK(rebuilt(file) == "rules 1");
}

TEST_CASE("rules: a file that lost the table of its rules is mended, and keeps its work", "[store][rules]") {
    RuleFile file;
    const std::string unsent = file.value("SELECT count(*) FROM change_log");
    file.shell("DROP TABLE schema_rule; DROP TRIGGER owner_before_insert;");
    REQUIRE(Database::open(file.file(), vetchart::test::chance()).ok());
    CHECK(differences(file) == kNone);
    CHECK(file.value("SELECT count(*) FROM change_log") == unsent);
    file.shell("DROP TRIGGER owner_before_insert;");
    CHECK(differences(file) ==
          std::vector<std::string>{"rules: trigger owner_before_insert is missing (the daemon makes it anew by "
                                   "itself)"});
}
