// Where SQLite keeps what it needs for a moment: in memory for a person's write, in files for what has no bound.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "edge/store/log/sync_store.h"
#include "edge/store/rows/charts.h"
#include "edge/store/rows/charts_bills.h"
#include "tests/edge/store/chart_fixture.h"

namespace {

using vetchart::Done;
using vetchart::Status;
using vetchart::UtcMillis;
using vetchart::edge::BillItem;
using vetchart::edge::Connection;
using vetchart::edge::Database;
using vetchart::test::ChartFile;
using vetchart::test::row_uuid;

/// Counts SQLite's temporary files, which have no name, among the open ones.
int temporary_files() {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code closed;
        const auto target = std::filesystem::read_symlink(entry.path(), closed);
        if (!closed && target.string().find("etilqs_") != std::string::npos) ++count;
    }
    return count;
}

/// What SQLite had allocated at most since reset_peak(), statement journals, caches and sorts: in MiB.
void reset_peak() { sqlite3_memory_highwater(1); }
std::int64_t peak_mib() { return sqlite3_memory_highwater(0) >> 20; }

std::string many(int count) {
    return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + std::to_string(count) + ") ";
}

/// 1,000 owners with their patients, one statement each: far over the 64 KiB that SQLite keeps in memory by itself.
Status write_thousand(Connection& connection, int& files) {
    connection.exec((many(1000) +
                     "INSERT INTO owner (id, clinic_id, first_name, last_name) SELECT printf('%08x-1111-7000-8000-"
                     "000000000001', i * 7919), '" +
                     row_uuid(1, 1) + "', 'Ann', 'Lee' || i FROM n")
                        .c_str());
    connection.exec("UPDATE owner SET notes = 'seen'");
    files = temporary_files();
    return Done{};
}

}  // namespace

TEST_CASE("edge scratch: a captured write makes no temporary file, a bulk one does", "[store][scratch]") {
    int files = -1;
    ChartFile usual;
    REQUIRE(usual.database().write({}, [&](Connection& connection) { return write_thousand(connection, files); }));
    CHECK(files == 0);
    ChartFile bulk;
    REQUIRE(bulk.database().maintain([&](Connection& connection) { return write_thousand(connection, files); },
                                     Database::Size::bulk));
    CHECK(files > 0);
    // Nor is a connection left as the bulk one was.
    REQUIRE(bulk.database().write({}, [&](Connection& connection) -> Status {
        connection.exec("UPDATE owner SET notes = 'seen again'");
        files = temporary_files();
        return Done{};
    }));
    CHECK(files == 0);
}

TEST_CASE("edge scratch: readers keep large sorts in files", "[store][scratch]") {
    ChartFile chart;
    auto lease = chart.database().read();
    CHECK(lease->raw().execAndGet("PRAGMA temp_store").getInt() == 1);
}

TEST_CASE("edge scratch: the largest bill that is taken needs a bounded amount of memory", "[store][scratch]") {
    ChartFile chart;
    // As many items as their positions allow; the API's bodies end before.
    std::vector<BillItem> items(10000, BillItem{std::string(60, 'x'), 1000, 1, 1});
    reset_peak();
    const Status written = chart.database().write({}, [&](Connection& connection) -> Status {
        vetchart::edge::replace_items(connection, row_uuid(6, 5), row_uuid(1, 1), items, UtcMillis{});
        return Done{};
    });
    INFO((written ? std::string() : written.error().context));
    REQUIRE(written);
    INFO(peak_mib() << " MiB");
    CHECK(peak_mib() < 16);
}

TEST_CASE("edge scratch: an owner of many bills is merged in a bounded amount of memory", "[store][scratch]") {
    ChartFile chart;
    REQUIRE(chart.write(many(5000) +
                        "INSERT INTO bill (id, clinic_id, owner_id, patient_id, provisional_number, subtotal_cents, "
                        "tax_cents, total_cents, bill_date, due_date) SELECT printf('%08x-1111-7000-8000-000000000006',"
                        " i * 7919), '" +
                        row_uuid(1, 1) + "', '" + row_uuid(2, 1) + "', '" + row_uuid(3, 1) +
                        "', 'MANY1-' || i, 1000, 0, 1000, '2026-11-01', '2026-12-01' FROM n"));
    reset_peak();
    REQUIRE(chart.database().write({}, [&](Connection& connection) -> Status {
        vetchart::edge::merge_owners(connection, row_uuid(2, 1), row_uuid(2, 2), UtcMillis{});
        return Done{};
    }));
    INFO(peak_mib() << " MiB");
    CHECK(peak_mib() < 48);
}

TEST_CASE("edge scratch: a pull of many rows needs a bounded amount of memory", "[store][scratch]") {
    constexpr int kRows = 30000;
    ChartFile chart;
    REQUIRE(vetchart::edge::SyncStore(chart.database()).lives.new_incarnation("TEST1"));
    int files = 0;
    REQUIRE(chart.database().maintain([&](Connection& connection) { return write_thousand(connection, files); },
                                      Database::Size::bulk));
    const std::string owners =
        many(kRows) + "INSERT INTO sync_inbox (clinic_id, table_name, row_id, version, image) SELECT '" +
        row_uuid(1, 1) + "', 'owner', id, v, json_object('id', id, 'clinic_id', '" + row_uuid(1, 1) +
        "', 'first_name', 'Ann', 'last_name', 'Lee' || v, 'address', '', 'notes', printf('%.200c', 'x'), 'created_at', "
        "'2026-01-01T00:00:00.000Z', 'updated_at', '2026-01-01T00:00:00.000Z', 'version', v) FROM (SELECT i AS v, "
        "printf('%08x-1111-7000-8000-000000000001', i * 7919) AS id FROM n)";
    const auto pull = [&](std::int64_t version) {
        REQUIRE(chart.database().maintain([&](Connection& connection) -> Status {
            connection.exec("UPDATE sync_txn SET state = 'settled'; DELETE FROM sync_base; DELETE FROM change_log");
            const std::string cursor = "INSERT INTO sync_cursor (clinic_id, version, schema_version) VALUES ('" +
                                       row_uuid(1, 1) + "', 0, 1) ON CONFLICT DO NOTHING";
            connection.exec(cursor.c_str());
            connection.exec(owners.c_str());
            return Done{};
        }));
        vetchart::sync::PullReply page;
        page.clinic = row_uuid(1, 1);
        page.position = vetchart::sync::Position{version, "token"};
        reset_peak();
        const Status taken = vetchart::edge::SyncStore(chart.database()).inbox.store_page(page, UtcMillis{});
        INFO((taken ? std::string() : taken.error().context));
        REQUIRE(taken);
        INFO(peak_mib() << " MiB");
        CHECK(peak_mib() < 16);
    };
    pull(kRows);      // Most are new.
    pull(kRows + 1);  // All are there: every page they touch has an image to be kept.
    CHECK(chart.value("SELECT count(*) FROM owner WHERE version > 0") == std::to_string(kRows));
}

TEST_CASE("edge scratch: an index that is made anew is sorted in files, whatever was written before",
          "[store][scratch]") {
    ChartFile chart;
    REQUIRE(chart.database().maintain([](Connection& connection) -> Status {
        connection.exec((many(60000) +
                         "INSERT INTO owner (id, clinic_id, first_name, last_name) SELECT printf('%08x-1111-7000-8000-"
                         "000000000001', i * 7919), '" +
                         row_uuid(1, 1) + "', 'Ann', 'Lee' FROM n")
                            .c_str());
        return Done{};
    }));
    chart.shell("DROP INDEX owner_clinic_id_created_at_id_idx");
    reset_peak();
    REQUIRE(chart.database().mend({}));
    INFO(peak_mib() << " MiB");
    CHECK(peak_mib() < 8);
}
