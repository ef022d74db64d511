// docs/retention.md, its table line by line, in both engines: the same SQL on a node's file and at central.
#include <catch2/catch.hpp>
#include <fstream>

#include "central/archive/archive.h"
#include "central/store/erasure.h"
#include "tests/exchange/world.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

/// A line of what docs/retention.md says of a hard delete.
struct Line {
    std::string row, effect, refused;
};

const std::vector<Line> kLines = {
    {"clinic", "goes", "anything names it: rows, nodes, attention items, the archive, an erasure"},
    {"staff", "goes", ""},
    {"owner", "goes; `patient.owner_id` and `owner.merged_into` become NULL", "a bill names it, live or archived"},
    {"patient", "goes", "a record, appointment or bill names it"},
    {"medical_record", "goes", "a bill is joined to it"},
    {"appointment", "goes; `bill.appointment_id` becomes NULL", ""},
    {"bill", "goes", "it has items or joins; for good once it was issued"},
    {"bill_item", "goes", "the bill was issued, or is cancelled"},
    {"join", "goes", "the bill is paid or cancelled"},
    {"service_item", "goes", ""},
};

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(' ');
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Reads the table of docs/retention.md: row, effect of a hard delete, what refuses it.
std::vector<Line> lines_of_page() {
    std::ifstream page(std::string(VETCHART_TEST_DATA) + "/../../docs/retention.md");
    REQUIRE(page.good());
    std::vector<Line> lines;
    bool inside = false;
    for (std::string text; std::getline(page, text);) {
        if (text.rfind("| row |", 0) == 0) inside = true;
        if (inside && text.empty()) break;
        if (!inside || text.rfind("|--", 0) == 0 || text.rfind("| row |", 0) == 0) continue;
        std::vector<std::string> cells;
        for (std::size_t at = 1; at < text.size();) {
            const std::size_t end = text.find('|', at);
            cells.push_back(trimmed(text.substr(at, end - at)));
            at = end + 1;
        }
        REQUIRE(cells.size() == 4);
        lines.push_back({cells[0], cells[2], cells[3]});
    }
    return lines;
}

/// A node and central that never speak to each other, with the same rows.
struct TwoEngines {
    CentralWorld central;
    std::string clinic = central.clinic("NORTH");
    NodeWorld node{central, "NORTH", "desk"};
    std::string owner = new_id(), patient = new_id(), record = new_id(), visit = new_id(), bill = new_id(),
                item = new_id();

    TwoEngines() {
        run(owner_sql(clinic, owner, "Ada") + patient_sql(clinic, patient, owner) +
            record_sql(clinic, record, patient) + visit_sql(visit) +
            bill_sql(clinic, bill, owner, patient, "AAAAA-000001") + item_sql(clinic, item, bill, 0) +
            link_sql(clinic, bill, record) + "UPDATE bill SET appointment_id = '" + visit + "';");
    }

    [[nodiscard]] std::string visit_sql(const std::string& id) const {
        return "INSERT INTO appointment (id, clinic_id, patient_id, date, reason) VALUES ('" + id + "', '" + clinic +
               "', '" + patient + "', '2026-12-01', 'Check');";
    }
    bool central_takes(const std::string& sql) {
        try {
            central.psql(sql);
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }
    void run(const std::string& sql) {
        INFO(sql);
        const Status written = node.write(sql);
        INFO((written ? "" : written.error().context));
        REQUIRE(written.ok());
        REQUIRE(central_takes(sql));
    }
    void refused(const std::string& sql) {
        INFO(sql);
        REQUIRE_FALSE(node.write(sql).ok());
        REQUIRE_FALSE(central_takes(sql));
    }
    void says(const std::string& sql, const std::string& value) {
        INFO(sql);
        REQUIRE(node.read(sql) == value);
        REQUIRE(central.psql(sql) == value);
    }
    void remove(const std::string& table, const std::string& id) {
        run("DELETE FROM " + table + " WHERE id = '" + id + "'");
        REQUIRE(central.psql("SELECT image ->> 'id' FROM sync_tombstone WHERE table_name = '" + table +
                             "' AND row_id = '" + id + "'") == id);
    }
    void keeps(const std::string& table, const std::string& id) {
        refused("DELETE FROM " + table + " WHERE id = '" + id + "'");
    }
    /// Puts a row back from its tombstone, as docs/retention.md tells it.
    void put_back(const std::string& table, const std::string& id) {
        central.psql("BEGIN; SET LOCAL vetchart.keep_number = 'on'; SET LOCAL vetchart.intake = 'on'; INSERT INTO " +
                     table + " SELECT (jsonb_populate_record(NULL::" + table +
                     ", image)).* FROM sync_tombstone WHERE table_name = '" + table + "' AND row_id = '" + id +
                     "'; COMMIT");
    }
};

}  // namespace

TEST_CASE("retention: the page has the lines that the tests here walk", "[exchange][retention]") {
    const auto page = lines_of_page();
    REQUIRE(page.size() == kLines.size());
    for (std::size_t i = 0; i < page.size(); ++i) {
        CHECK(page[i].row == kLines[i].row);
        CHECK(page[i].effect == kLines[i].effect);
        CHECK(page[i].refused == kLines[i].refused);
    }
}

TEST_CASE("retention: clinic, staff and service item, in both engines", "[exchange][retention]") {
    TwoEngines both;
    const std::string bare = new_id(), staff = new_id(), price = new_id();
    both.run("INSERT INTO clinic (id, code, name, timezone, currency) VALUES ('" + bare +
             "', 'BARE', 'Bare', 'UTC', 'USD')");
    both.keeps("clinic", both.clinic);
    both.run(
        "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) VALUES ('" +
        staff + "', '" + bare + "', 'x@y.example', 'x', 'X', 'Y', 'none', '[\"staff\"]');" +
        "INSERT INTO service_item (id, clinic_id, description, unit_price_cents) VALUES ('" + price + "', '" + bare +
        "', 'Exam', 100)");
    both.keeps("clinic", bare);
    both.remove("staff", staff);
    both.keeps("clinic", bare);
    both.remove("service_item", price);
    // Central's own books name a clinic, too.
    both.central.psql(
        "INSERT INTO sync_item (id, clinic_id, kind, table_name, row_id, code, title, reason, actor, at) "
        "VALUES (gen_random_uuid(), '" +
        bare + "', 'notice', 'clinic', 'x', 'x', 'x', 'x', 'x', now())");
    REQUIRE_FALSE(both.central_takes("DELETE FROM clinic WHERE id = '" + bare + "'"));
    both.central.psql("DELETE FROM sync_item WHERE clinic_id = '" + bare + "'");
    both.central.psql("INSERT INTO owner_erasure (owner_id, clinic_id, actor, reason) VALUES (gen_random_uuid(), '" +
                      bare + "', 'x', 'x')");
    REQUIRE_FALSE(both.central_takes("DELETE FROM clinic WHERE id = '" + bare + "'"));
    both.central.psql("DELETE FROM owner_erasure");
    both.remove("clinic", bare);
}

TEST_CASE("retention: owner and patient, in both engines", "[exchange][retention]") {
    TwoEngines both;
    const std::string other = new_id(), double_of = new_id(), animal = new_id();
    both.keeps("owner", both.owner);
    both.run(owner_sql(both.clinic, other, "Eva") + owner_sql(both.clinic, double_of, "Evi") +
             patient_sql(both.clinic, animal, other) + "UPDATE owner SET merged_into = '" + other + "' WHERE id = '" +
             double_of + "'");
    both.remove("owner", other);
    both.says("SELECT count(*) FROM patient WHERE id = '" + animal + "' AND owner_id IS NULL", "1");
    both.says("SELECT count(*) FROM owner WHERE id = '" + double_of + "' AND merged_into IS NULL", "1");
    both.put_back("owner", other);
    REQUIRE(both.central.psql("SELECT first_name FROM owner WHERE id = '" + other + "'") == "Eva");
    both.remove("patient", animal);
    both.put_back("patient", animal);

    // One after the other: what names the patient.
    both.run("DELETE FROM bill_medical_record; DELETE FROM bill_item");
    both.keeps("patient", both.patient);
    both.remove("bill", both.bill);
    both.keeps("patient", both.patient);
    both.remove("medical_record", both.record);
    both.keeps("patient", both.patient);
    both.remove("appointment", both.visit);
    both.remove("patient", both.patient);
    both.remove("owner", both.owner);
    // All the way back, parents first.
    for (const auto& [table, id] : {std::pair{"owner", both.owner},
                                    {"patient", both.patient},
                                    {"medical_record", both.record},
                                    {"appointment", both.visit},
                                    {"bill", both.bill}}) {
        both.put_back(table, id);
    }
    REQUIRE(both.central.psql("SELECT bill_number || ' ' || provisional_number FROM bill") ==
            "BILL-000001 AAAAA-000001");
    REQUIRE(both.central.psql("SELECT owner_name_snapshot FROM medical_record") == "Ada Test");
    // An archived bill holds its owner as a live one does.
    REQUIRE(central::archive_patient(both.central.pool(), "os:test", both.patient, "x").ok());
    REQUIRE_FALSE(both.central_takes("DELETE FROM owner WHERE id = '" + both.owner + "'"));
    REQUIRE_FALSE(both.central_takes("DELETE FROM clinic WHERE id = '" + both.clinic + "'"));
}

TEST_CASE("retention: records, appointments, bills and their lines, in both engines", "[exchange][retention]") {
    TwoEngines both;
    both.keeps("medical_record", both.record);
    both.keeps("bill", both.bill);
    both.remove("appointment", both.visit);
    both.says("SELECT count(*) FROM bill WHERE appointment_id IS NULL", "1");
    for (const std::string closed : {"paid", "cancelled"}) {
        TwoEngines other;
        other.run("UPDATE bill SET status = '" + closed + "', cancel_reason = 'r'");
        other.keeps("bill_item", other.item);
        other.refused("DELETE FROM bill_medical_record");
    }
    {
        TwoEngines sent;
        sent.run("UPDATE bill SET status = 'sent'");
        sent.keeps("bill_item", sent.item);
        sent.run("UPDATE bill SET status = 'draft'");
        sent.keeps("bill_item", sent.item);
        sent.run("DELETE FROM bill_medical_record");
    }
    both.remove("bill_item", both.item);
    both.keeps("bill", both.bill);  // the join is there still
    both.run("DELETE FROM bill_medical_record");
    both.remove("medical_record", both.record);
    both.run("UPDATE bill SET status = 'sent'");
    both.run("UPDATE bill SET status = 'draft'");
    both.keeps("bill", both.bill);
}
