#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "sync/catalogue/catalogue.h"
#include "sync/catalogue/row_key.h"

namespace {

using vetchart::sync::Column;
using vetchart::sync::ColumnKind;
using vetchart::sync::Table;
using vetchart::sync::tables;
using vetchart::sync::Writer;

const std::string kBill = "018f0000-0000-7000-8000-000000000001";
const std::string kRecord = "018f0000-0000-7000-8000-000000000002";

/// The rule of the API's names: camelCase of the column without its unit.
std::string json_name(std::string_view column) {
    if (column == "total_cents") return "totalAmount";
    std::string name;
    for (const char c : column.substr(0, std::min(column.find("_cents"), column.find("_milli")))) {
        if (!name.empty() && name.back() == '_') {
            name.back() = static_cast<char>(c - 'a' + 'A');
        } else {
            name.push_back(c);
        }
    }
    return name;
}

}  // namespace

TEST_CASE("catalogue: parents come before children, and a reference names a table of one key column", "[catalogue]") {
    std::set<std::string_view> before;
    for (const Table& table : tables()) {
        CAPTURE(table.name);
        CHECK(before.count(table.name) == 0);
        before.insert(table.name);
        for (const Column& column : table.columns) {
            CAPTURE(column.name);
            CHECK((column.kind == ColumnKind::reference) == !column.parent.empty());
            if (column.parent.empty()) continue;
            CHECK(before.count(column.parent) == 1);
            CHECK(vetchart::sync::table_of(column.parent).key.size() == 1);
            CHECK((column.nullable || column.on_delete == vetchart::sync::OnDelete::refuse));
        }
    }
}

TEST_CASE("catalogue: keys and uniques are columns, and no column stands twice", "[catalogue]") {
    for (const Table& table : tables()) {
        CAPTURE(table.name);
        std::set<std::string_view> names;
        for (const Column& column : table.columns) CHECK(names.insert(column.name).second);
        for (const std::string_view column : table.key) {
            REQUIRE(table.find(column) != nullptr);
            CHECK(table.find(column)->writer == Writer::key);
        }
        CHECK(table.find(table.clinic_column()) != nullptr);
        CHECK(table.find("version") != nullptr);
        for (const auto& unique : table.uniques) {
            CHECK(table.find(unique.first) != nullptr);
            CHECK((unique.second.empty() || table.find(unique.second) != nullptr));
            CHECK((!unique.among_live || table.find("deleted_at") != nullptr));
        }
    }
}

TEST_CASE("catalogue: what a person writes has a name in JSON and in sentences, and bounds", "[catalogue]") {
    for (const Table& table : tables()) {
        for (const Column& column : table.columns) {
            CAPTURE(table.name, column.name);
            if (!column.json.empty()) CHECK(column.json == json_name(column.name));
            if (column.writer != Writer::person) continue;
            CHECK_FALSE(column.json.empty());
            CHECK_FALSE(column.label.empty());
            const bool is_choice = column.kind == ColumnKind::choice || column.kind == ColumnKind::any_case;
            CHECK((is_choice || column.kind == ColumnKind::roles) == !column.choices.empty());
            if (column.kind == ColumnKind::text || column.kind == ColumnKind::name) CHECK(column.most > 0);
            if (column.nullable) CHECK(column.fallback == nullptr);
        }
    }
}

TEST_CASE("catalogue: a column nobody said counts as a person's, so that it is compared", "[catalogue]") {
    CHECK(vetchart::sync::writer_of("patient", "nickname") == Writer::person);
    CHECK(vetchart::sync::writer_of("nothing", "name") == Writer::person);
    CHECK(vetchart::sync::writer_of("bill", "bill_number") == Writer::central);
    CHECK(vetchart::sync::find_table("sync_item") == nullptr);
    CHECK(vetchart::sync::find_column("patient", "nickname") == nullptr);
}

TEST_CASE("row key: a row id is the table's key, part by part", "[catalogue]") {
    CHECK(vetchart::sync::is_row_id("bill", kBill));
    CHECK(vetchart::sync::key_part(kBill, 0) == kBill);
    CHECK(vetchart::sync::key_part(kBill, 1).empty());
    const std::string joined = kBill + "/" + kRecord;
    CHECK(vetchart::sync::is_row_id("bill_medical_record", joined));
    CHECK(vetchart::sync::key_part(joined, 0) == kBill);
    CHECK(vetchart::sync::key_part(joined, 1) == kRecord);
}

TEST_CASE("row key: what is no row id of its table is refused", "[catalogue]") {
    for (const auto& [table, text] : {std::pair<std::string, std::string>{"bill", ""},
                                      {"bill", kBill + "/" + kRecord},
                                      {"bill", kBill + "/"},
                                      {"bill", kBill.substr(1)},
                                      {"bill", "018F0000-0000-7000-8000-000000000001"},
                                      {"bill_medical_record", kBill},
                                      {"bill_medical_record", kBill + "-" + kRecord},
                                      {"bill_medical_record", kBill + "/" + kRecord + "/"},
                                      {"bill_medical_record", kBill + "/" + kRecord + "/" + kRecord},
                                      {"bill_medical_record", kBill + "/018f0000-0000-7000-8000-00000000000g"},
                                      {"sync_item", kBill}}) {
        CAPTURE(table, text);
        CHECK_FALSE(vetchart::sync::is_row_id(table, text));
    }
}
