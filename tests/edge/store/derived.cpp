// What can be made anew never stops what cannot: each kind of damage, then a write, a pull and a search.
#include "edge/store/file/derived.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <functional>

#include "edge/store/check/check.h"
#include "edge/store/file/derived_keeper.h"
#include "edge/store/log/sync_store.h"
#include "edge/store/rows/charts_find.h"
#include "tests/edge/store/chart_fixture.h"
#include "tests/support/chance.h"

using namespace vetchart;
using namespace vetchart::edge;
using vetchart::test::ChartFile;
using vetchart::test::row_uuid;

namespace {

struct Damage {
    const char* name;
    const char* sql;
    const char* what;
    bool silent = false;  ///< Nothing fails for it: only the audit and `check` see it.
};

const Damage kDamages[] = {
    {"a block of the index", "UPDATE search_index_data SET block=x'00ff00ff' WHERE id>10", "search"},
    {"the index's structure", "UPDATE search_index_data SET block=x'ff' WHERE id=10", "search"},
    {"the index's data gone", "DROP TABLE search_index_data", "search"},
    {"the index's configuration gone", "DROP TABLE search_index_config", "search"},
    {"the index's sizes gone", "DROP TABLE search_index_docsize", "search"},
    {"the index gone", "DROP TABLE search_index", "search"},
    {"the vocabulary gone", "DROP TABLE search_vocabulary", "search"},
    {"the documents gone", "DROP TABLE search_doc", "search"},
    {"the documents emptied", "DELETE FROM search_doc", "search", true},
    {"the index emptied", "DELETE FROM search_index_data WHERE id>10", "search"},
    {"a document's words", "UPDATE search_doc SET words='nobody'", "search", true},
    {"the key of the documents", "DROP INDEX search_doc_kind_row_id_key", "search"},
    {"a trigger gone", "DROP TRIGGER owner_search_update", "search", true},
    {"the view gone", "DROP VIEW search_source", "search"},
    {"the marks gone", "DROP TABLE search_mark", "search"},
    {"the state gone", "DELETE FROM search_state", "search", true},
    {"the totals", "UPDATE search_count SET rows_here=77", "totals", true},
    {"the totals emptied", "DELETE FROM search_count", "totals", true},
    {"the totals gone", "DROP TABLE search_count", "search"},
    {"an index of a list", "DROP INDEX owner_clinic_id_created_at_id_idx", "indexes", true},
    {"the next number", "UPDATE node_state SET next_provisional=1", "numbers", true},
    {"a guard gone", "DROP TRIGGER owner_before_update", "rules", true},
    {"the capture gone", "DROP TRIGGER appointment_after_update", "rules", true},
    {"the clock gone", "DROP VIEW clock", "rules"},
    {"the base images emptied", "DELETE FROM sync_base", "bases", true},
    {"the base images gone", "DROP TABLE sync_base", "bases"},
    {"the base images garbled", "UPDATE sync_base SET image='garbage'", "bases", true},
    {"the base images of no row", "UPDATE sync_base SET image=json_remove(image,'$.id')", "bases", true},
    {"the erasure's state", "DELETE FROM erasure_state", "erasure", true},
    {"the erasure's state gone", "DROP TABLE erasure_state", "erasure"},
};

const Reach kReach{{row_uuid(1, 1)}, "{}", false};

std::string found(ChartFile& file, const std::string& text) {
    const auto answer = search_charts(file.database(), text, kReach, 50);
    return answer ? answer->results : "error: " + answer.error().context;
}

Status write_rows(ChartFile& file) {
    return file.write("UPDATE owner SET last_name='Written' WHERE id='" + row_uuid(2, 1) + "'");
}

Status pull(ChartFile& file) {
    sync::PullReply page;
    page.clinic = row_uuid(1, 1);
    page.more = false;
    page.position = sync::Position{7, "token"};
    page.rows.push_back({"owner", row_uuid(2, 2), 5,
                         sync::Json::parse(R"({"id":")" + row_uuid(2, 2) + R"(","clinic_id":")" + row_uuid(1, 1) +
                                           R"(","first_name":"Kim","last_name":"Pulled","email":null,"phone":null,)"
                                           R"("address":"","notes":null,"merged_into":null,"deleted_at":null,)"
                                           R"("created_at":"2026-01-01T00:00:00.000Z",)"
                                           R"("updated_at":"2026-01-02T00:00:00.000Z"})")});
    return SyncStore(file.database()).inbox.store_page(page, UtcMillis{});
}

/// A chart all of whose work is settled but that on owner 1 (so that there are base images), with this node's numbers.
void prepare(ChartFile& file) {
    SyncStore store(file.database());
    REQUIRE(store.lives.new_incarnation("ABCDE").ok());
    REQUIRE(file.database().maintain([](Connection& connection) -> Status {
        connection.exec(
            ("UPDATE node_state SET next_provisional=6; INSERT INTO sync_cursor(clinic_id,schema_version) VALUES('" +
             row_uuid(1, 1) + "',1)")
                .c_str());
        return Done{};
    }));
    REQUIRE(store.log.seal().ok());
    REQUIRE(file.database().maintain([](Connection& connection) -> Status {
        connection.exec("UPDATE sync_txn SET state='settled'; DELETE FROM sync_base");
        return Done{};
    }));
    REQUIRE(file.write("UPDATE owner SET notes='unsettled' WHERE id='" + row_uuid(2, 1) + "'").ok());
}

std::vector<std::string> differences(ChartFile& file) {
    const auto beside = Database::open_read_only(file.file());
    REQUIRE(beside.ok());
    const auto report = check_database(**beside);
    REQUIRE(report.ok());
    REQUIRE(report->damage.empty());
    return report->differences;
}

std::string rebuilt(ChartFile& file) {
    const auto status = SyncStore(file.database()).status();
    REQUIRE(status.ok());
    std::string all;
    for (const Rebuild& one : status->rebuilds) all += one.what + " " + std::to_string(one.times) + ";";
    return all;
}

}  // namespace

TEST_CASE("derived data: a healthy file has nothing to make anew", "[store][derived]") {
    ChartFile file;
    prepare(file);
    CHECK(differences(file) == std::vector<std::string>{});
    REQUIRE(pull(file).ok());
    CHECK(differences(file) == std::vector<std::string>{});
    CHECK(rebuilt(file).empty());
}

TEST_CASE("derived data: whatever is damaged, a write, a pull and a search work, and it is whole again",
          "[store][derived]") {
    using Act = std::function<Status(ChartFile&)>;
    const Act search = [](ChartFile& file) -> Status {
        const auto answer = search_charts(file.database(), "kim", kReach, 50);
        return answer ? Status(Done{}) : Status(answer.error());
    };
    for (const Damage& damage : kDamages) {
        for (const auto& [act, first] :
             std::vector<std::pair<const char*, Act>>{{"write", write_rows}, {"pull", pull}, {"search", search}}) {
            INFO(damage.name << ", first a " << act);
            ChartFile file;
            prepare(file);
            file.shell(damage.sql);
            const auto said = differences(file);
            REQUIRE_FALSE(said.empty());
            CHECK(said.front().starts_with(damage.what));

            const Status done = first(file);
            if (!done) FAIL_CHECK(done.error().context);
            CHECK(write_rows(file).ok());
            CHECK(pull(file).ok());
            // The daemon's audit finds what nothing failed for.
            REQUIRE(audit_derived(file.database()).ok());
            CHECK(differences(file) == std::vector<std::string>{});
            CHECK(found(file, "written").find(row_uuid(2, 1)) != std::string::npos);
            CHECK(found(file, "pulled").find(row_uuid(2, 2)) != std::string::npos);
            CHECK(found(file, "kim day") == "[]");
            CHECK(file.value("SELECT group_concat(kind||rows_here) FROM search_count") == "bill5,owner2,patient2");
            // Once for each occurrence.
            const std::string times = rebuilt(file);
            CHECK(times.find(damage.what) != std::string::npos);
            CHECK(write_rows(file).ok());
            REQUIRE(audit_derived(file.database()).ok());
            CHECK(rebuilt(file) == times);
        }
    }
}

TEST_CASE("derived data: a missing base image is the row without its unsettled work", "[store][derived]") {
    ChartFile file;
    prepare(file);
    const std::string before = file.value("SELECT group_concat(table_name||row_id||image) FROM sync_base");
    REQUIRE(before.find("owner") == 0);
    file.shell("DELETE FROM sync_base");
    REQUIRE(audit_derived(file.database()).ok());
    const auto parsed = [](const std::string& text) { return sync::Json::parse(text.substr(text.find('{'))); };
    CHECK(parsed(file.value("SELECT group_concat(table_name||row_id||image) FROM sync_base")) == parsed(before));
}

TEST_CASE("derived data: a base image that differs is named, and never made up", "[store][derived]") {
    ChartFile file;
    prepare(file);
    file.shell("UPDATE sync_base SET image=json_set(image,'$.first_name','Eve')");
    const auto said = differences(file);
    REQUIRE(said.size() == 1);
    CHECK(said.front() == "bases: the base image of owner " + row_uuid(2, 1) + " differs in first_name");
    REQUIRE(audit_derived(file.database()).ok());
    CHECK(differences(file) == said);
}

TEST_CASE("derived data: base images that their table refuses stop no pull", "[store][derived]") {
    for (const char* damage : {"json_set(image,'$.email','A@B.EXAMPLE')", "json_remove(image,'$.first_name')",
                               "json_set(image,'$.version','x')", "json_set(image,'$.clinic_id',NULL)"}) {
        INFO(damage);
        ChartFile file;
        prepare(file);
        file.shell(std::string("UPDATE sync_base SET image=") + damage);
        const Status done = pull(file);
        if (!done) FAIL_CHECK(done.error().context);
        CHECK(file.value("SELECT notes FROM owner WHERE id='" + row_uuid(2, 1) + "'") == "unsettled");
        CHECK(rebuilt(file).find("bases") != std::string::npos);
    }
}

TEST_CASE("derived data: a new bill gets a free number when the counter fell behind", "[store][derived]") {
    ChartFile file;
    prepare(file);
    file.shell("UPDATE node_state SET next_provisional=3");
    const Status written = file.write(
        "INSERT INTO bill (id, clinic_id, owner_id, patient_id, provisional_number, subtotal_cents, tax_cents, "
        "total_cents, bill_date, due_date, status) SELECT '" +
        row_uuid(6, 9) +
        "', clinic_id, owner_id, patient_id, (SELECT node_code||'-'||printf('%06d',next_provisional) FROM "
        "node_state), 1000, 0, 1000, bill_date, due_date, 'draft' FROM bill WHERE id='" +
        row_uuid(6, 1) + "'");
    CHECK(written.ok());
    CHECK(file.value("SELECT provisional_number FROM bill WHERE id='" + row_uuid(6, 9) + "'") == "ABCDE-000006");
}

TEST_CASE("derived data: what is damaged while the file is closed is mended at the opening", "[store][derived]") {
    ChartFile file;
    prepare(file);
    file.shell(
        "DROP TABLE search_index_data; DROP TRIGGER patient_search_insert; DROP INDEX "
        "owner_clinic_id_created_at_id_idx");
    const auto opened = Database::open(file.file(), test::chance());
    REQUIRE(opened.ok());
    CHECK(differences(file) == std::vector<std::string>{});
    CHECK(rebuilt(file) == "indexes 1;search 1;");
}

TEST_CASE("derived data: the daemon folds what a shell wrote, and audits, by itself", "[store][derived]") {
    ChartFile file;
    prepare(file);
    DerivedKeeper::Options often;
    often.look_every = std::chrono::milliseconds(20);
    often.audit_after = std::chrono::milliseconds(0);
    often.audit_share = 0;
    often.audit_every_min = std::chrono::milliseconds(0);
    const DerivedKeeper keeper(file.database(), often);
    file.shell("PRAGMA busy_timeout=5000; UPDATE owner SET last_name='Łach'; UPDATE search_count SET rows_here=0;");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    const auto holds = [&] {
        return file.value("SELECT count(*) FROM search_mark") == "0" &&
               file.value("SELECT count(*) FROM search_doc WHERE words LIKE '%lach%'") == "4" &&
               file.value("SELECT sum(rows_here) FROM search_count") == "9";
    };
    while (!holds() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(holds());
}

TEST_CASE("derived data: a search being made anew answers with what there is, and says so", "[store][derived]") {
    ChartFile file;
    prepare(file);
    REQUIRE(
        file.write("INSERT INTO owner(id,clinic_id,first_name,last_name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                   "SELECT i+1 FROM n WHERE i<6000) SELECT printf('%08x-0000-4000-8000-%012x',i,i),'" +
                   row_uuid(1, 1) + "','Eve','Last'||i FROM n")
            .ok());
    file.shell("DROP TABLE search_index_data");
    CHECK(write_rows(file).ok());
    const auto answer = search_charts(file.database(), "last5999", kReach, 5);
    REQUIRE(answer.ok());
    CHECK_FALSE(answer->complete);
    CHECK(SyncStore(file.database()).status()->search_complete == false);
    int steps = 0;
    while (!search_charts(file.database(), "last5999", kReach, 5)->complete) REQUIRE(++steps < 100);
    CHECK(found(file, "last5999") != "[]");
    CHECK(differences(file) == std::vector<std::string>{});
}
