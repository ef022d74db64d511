#include "edge/store/rows/chart_rows.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <vector>

#include "edge/store/file/bind.h"
#include "edge/store/rows/charts_sql.h"

namespace vetchart::edge {
namespace {

constexpr int kKeyColumns = 3;

// ?1: ids of bills, a JSON array. Column 0 is a bill's place in it.
const std::string& items_of_bills_sql() {
    static const std::string text =
        joined("SELECT j.key,", item_members("i"),
               " FROM json_each(?1) j CROSS JOIN bill b ON b.id=j.value CROSS JOIN bill_item i ON "
               "i.clinic_id=b.clinic_id AND i.bill_id=b.id ORDER BY j.key,i.position,i.id");
    return text;
}
const std::string& records_of_bills_sql() {
    static const std::string text =
        joined("SELECT j.key,m.medical_record_id,", members_of("medical_record", "r"),
               " FROM json_each(?1) j CROSS JOIN bill b ON b.id=j.value CROSS JOIN bill_medical_record m ON "
               "m.clinic_id=b.clinic_id AND m.bill_id=b.id CROSS JOIN medical_record r ON r.id=m.medical_record_id "
               "ORDER BY j.key,m.created_at,m.medical_record_id");
    return text;
}

struct BillParts {
    std::string items, record_ids, records;
};

void append_element(std::string& list, JsonRow& row) {
    if (!list.empty()) list.push_back(',');
    row.append(list);
    list.push_back('}');
}

void read_items(Connection& connection, const std::string& ids, std::vector<BillParts>& parts) {
    JsonRow row(connection, items_of_bills_sql(), 1);
    const ResetGuard guard(row.statement());
    Bind(row.statement()).at(1, ids);
    while (row.statement().executeStep()) {
        append_element(parts[row.statement().getColumn(0).getUInt()].items, row);
    }
}

void read_records(Connection& connection, const std::string& ids, std::vector<BillParts>& parts) {
    JsonRow row(connection, records_of_bills_sql(), 2);
    const ResetGuard guard(row.statement());
    Bind(row.statement()).at(1, ids);
    while (row.statement().executeStep()) {
        BillParts& of_bill = parts[row.statement().getColumn(0).getUInt()];
        if (!of_bill.record_ids.empty()) of_bill.record_ids.push_back(',');
        append_json_string(of_bill.record_ids, row.statement().getColumn(1).getText());
        append_element(of_bill.records, row);
    }
}

}  // namespace

ChartRows::ChartRows(Connection& connection, ChartTable table, std::string_view sql)
    : connection_(connection), row_(connection, sql, kKeyColumns), bills_(table == ChartTable::bill) {}

bool ChartRows::read_one() {
    SQLite::Statement& row = row_.statement();
    if (!row.executeStep()) {
        ended_ = true;
        return false;
    }
    Ready& ready = ready_.emplace_back();
    ready.key = {row.getColumn(0).getString(), row.getColumn(1).getString(), row.getColumn(2).getString()};
    row_.append(ready.json);
    return true;
}

void ChartRows::add_bill_parts() {
    std::string ids = "[";
    for (const Ready& bill : ready_) ids += (ids.size() > 1 ? ",\"" : "\"") + bill.key.id + '"';
    ids += ']';
    std::vector<BillParts> parts(ready_.size());
    read_items(connection_, ids, parts);
    read_records(connection_, ids, parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        ready_[i].json += ",\"items\":[" + parts[i].items + "],\"medicalRecordIds\":[" + parts[i].record_ids +
                          "],\"medicalRecords\":[" + parts[i].records + ']';
    }
}

bool ChartRows::next() {
    if (!ready_.empty()) ready_.pop_front();
    if (!ready_.empty()) return true;
    const std::size_t at_once = bills_ ? kBillsAtOnce : 1;
    while (!ended_ && ready_.size() < at_once && read_one()) {
    }
    if (ready_.empty()) return false;
    if (bills_) add_bill_parts();
    for (Ready& ready : ready_) ready.json.push_back('}');
    return true;
}

}  // namespace vetchart::edge
