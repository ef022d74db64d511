#include "edge/store/rows/charts_bills.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <string_view>

#include "edge/store/file/bind.h"
#include "sync/base/uuid.h"

namespace vetchart::edge {
namespace {

constexpr std::string_view kItems =
    "SELECT id,position,description,quantity_milli,unit_price_cents,total_price_cents FROM bill_item"
    " WHERE clinic_id=?2 AND bill_id=?1 ORDER BY position,id";
constexpr std::string_view kInsertItem =
    "INSERT INTO bill_item(id,clinic_id,bill_id,position,description,quantity_milli,unit_price_cents,"
    "total_price_cents,created_at,updated_at) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?9)";
constexpr std::string_view kUpdateItem =
    "UPDATE bill_item SET description=?2,quantity_milli=?3,unit_price_cents=?4,total_price_cents=?5,updated_at=?6"
    " WHERE id=?1";
constexpr std::string_view kDeleteItem = "DELETE FROM bill_item WHERE id=?1";
constexpr std::string_view kIssued = "SELECT issued_at IS NOT NULL FROM bill WHERE id=?1";
constexpr std::string_view kLinks =
    "SELECT medical_record_id FROM bill_medical_record WHERE bill_id=?1 ORDER BY created_at,medical_record_id";
constexpr std::string_view kInsertLink =
    "INSERT INTO bill_medical_record(bill_id,medical_record_id,clinic_id,created_at,updated_at) VALUES(?1,?2,?3,?4,?4)";
constexpr std::string_view kDeleteLink = "DELETE FROM bill_medical_record WHERE bill_id=?1 AND medical_record_id=?2";

struct StoredItem {
    std::string id;
    std::int64_t position = 0;
    BillItem item;
};

std::vector<StoredItem> stored_items(Connection& connection, const std::string& bill_id, const std::string& clinic_id) {
    std::vector<StoredItem> items;
    SQLite::Statement& rows = connection.statement(kItems);
    const ResetGuard guard(rows);
    Bind bind(rows);
    bind.at(1, bill_id);
    bind.at(2, clinic_id);
    while (rows.executeStep()) {
        items.push_back({rows.getColumn(0).getString(), rows.getColumn(1).getInt64(),
                         BillItem{rows.getColumn(2).getString(), rows.getColumn(3).getInt64(),
                                  rows.getColumn(4).getInt64(), rows.getColumn(5).getInt64()}});
    }
    return items;
}

void insert_item(Connection& connection, const std::string& bill_id, const std::string& clinic_id,
                 std::int64_t position, const BillItem& item, UtcMillis now) {
    SQLite::Statement& statement = connection.statement(kInsertItem);
    Bind bind(statement);
    bind.at(1, new_row_id(connection.rng(), now));
    bind.at(2, clinic_id);
    bind.at(3, bill_id);
    bind.at(4, position);
    bind.at(5, item.description);
    bind.at(6, item.quantity_milli);
    bind.at(7, item.unit_price_cents);
    bind.at(8, item.total_price_cents);
    bind.at(9, format_utc(now));
    statement.exec();
}

void update_item(Connection& connection, const std::string& id, const BillItem& item, UtcMillis now) {
    SQLite::Statement& statement = connection.statement(kUpdateItem);
    Bind bind(statement);
    bind.at(1, id);
    bind.at(2, item.description);
    bind.at(3, item.quantity_milli);
    bind.at(4, item.unit_price_cents);
    bind.at(5, item.total_price_cents);
    bind.at(6, format_utc(now));
    statement.exec();
}

}  // namespace

std::vector<BillItem> load_items(Connection& connection, const std::string& bill_id, const std::string& clinic_id) {
    std::vector<BillItem> items;
    for (StoredItem& stored : stored_items(connection, bill_id, clinic_id)) items.push_back(std::move(stored.item));
    return items;
}

void replace_items(Connection& connection, const std::string& bill_id, const std::string& clinic_id,
                   const std::vector<BillItem>& items, UtcMillis now) {
    const std::vector<StoredItem> stored = stored_items(connection, bill_id, clinic_id);
    for (std::size_t i = items.size(); i < stored.size(); ++i) {
        SQLite::Statement& statement = connection.statement(kDeleteItem);
        Bind(statement).at(1, stored[i].id);
        statement.exec();
    }
    // Stored positions stay as they are (an imported bill may count from 1); only new items get one.
    std::int64_t position = stored.empty() ? 0 : stored.back().position + 1;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i >= stored.size()) {
            insert_item(connection, bill_id, clinic_id, position++, items[i], now);
        } else if (stored[i].item != items[i]) {
            update_item(connection, stored[i].id, items[i], now);
        }
    }
}

bool was_issued(Connection& connection, const std::string& bill_id) {
    SQLite::Statement& row = connection.statement(kIssued);
    const ResetGuard guard(row);
    Bind(row).at(1, bill_id);
    return row.executeStep() && row.getColumn(0).getInt() != 0;
}

std::vector<std::string> load_record_links(Connection& connection, const std::string& bill_id) {
    std::vector<std::string> ids;
    SQLite::Statement& rows = connection.statement(kLinks);
    const ResetGuard guard(rows);
    Bind(rows).at(1, bill_id);
    while (rows.executeStep()) ids.push_back(rows.getColumn(0).getString());
    return ids;
}

void replace_record_links(Connection& connection, const std::string& bill_id, const std::string& clinic_id,
                          const std::vector<std::string>& record_ids, UtcMillis now) {
    const std::vector<std::string> stored = load_record_links(connection, bill_id);
    const auto contains = [](const std::vector<std::string>& ids, const std::string& id) {
        return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    for (const std::string& id : stored) {
        if (contains(record_ids, id)) continue;
        SQLite::Statement& statement = connection.statement(kDeleteLink);
        Bind bind(statement);
        bind.at(1, bill_id);
        bind.at(2, id);
        statement.exec();
    }
    for (const std::string& id : record_ids) {
        if (contains(stored, id)) continue;
        SQLite::Statement& statement = connection.statement(kInsertLink);
        Bind bind(statement);
        bind.at(1, bill_id);
        bind.at(2, id);
        bind.at(3, clinic_id);
        bind.at(4, format_utc(now));
        statement.exec();
    }
}

}  // namespace vetchart::edge
