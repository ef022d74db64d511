#include "central/accept/rows.h"

#include <algorithm>
#include <mutex>
#include <pqxx/pqxx>
#include <set>

#include "sync/base/uuid.h"
#include "sync/model/tables.h"

namespace vetchart::central {
namespace {

using sync::Decision;
using sync::Json;
using sync::RowWrite;

constexpr const char* kColumns = R"(
SELECT table_name::text, column_name::text FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = ANY($1::text[]) ORDER BY table_name, ordinal_position)";

constexpr const char* kTombstones = R"(
SELECT s.table_name, s.row_id, s.clinic_id::text FROM sync_tombstone s
JOIN jsonb_to_recordset($1::jsonb) AS w(table_name text, row_id text)
  ON w.table_name = s.table_name AND w.row_id = s.row_id)";

bool is_join(std::string_view table) { return table == "bill_medical_record"; }

/// An update never writes these: the key, what only central gives out, and what never changes.
bool is_fixed(std::string_view table, const std::string& column) {
    return column == "id" || column == "clinic_id" || column == "bill_id" || column == "medical_record_id" ||
           column == "provisional_number" || sync::is_central_column(table, column);
}

std::string quoted(const std::string& name) { return '"' + name + '"'; }

std::vector<std::string> columns_of(pqxx::dbtransaction& db, const std::string& table) {
    const auto& catalog = column_catalog(db);
    const auto found = catalog.find(table);
    VC_ASSERT(found != catalog.end());
    return found->second;
}

std::string insert_sql(pqxx::dbtransaction& db, const std::string& table) {
    std::string names;
    for (const std::string& column : columns_of(db, table)) {
        if (sync::is_central_column(table, column)) continue;
        names += (names.empty() ? "" : ", ") + quoted(column);
    }
    return "INSERT INTO " + table + " (" + names + ") SELECT " + names +
           " FROM jsonb_populate_recordset(NULL::" + table + ", $1::jsonb)";
}

std::string update_sql(pqxx::dbtransaction& db, const std::string& table) {
    std::string sets;
    for (const std::string& column : columns_of(db, table)) {
        const bool skip = column == "bill_id" && table == "bill_item" ? false : is_fixed(table, column);
        if (skip) continue;
        sets += (sets.empty() ? "" : ", ") + quoted(column) + " = s." + quoted(column);
    }
    const std::string key =
        is_join(table) ? "t.bill_id = s.bill_id AND t.medical_record_id = s.medical_record_id" : "t.id = s.id";
    const std::string clinic = table == "clinic" ? "" : " AND t.clinic_id = s.clinic_id";
    return "UPDATE " + table + " t SET " + sets + " FROM jsonb_populate_recordset(NULL::" + table +
           ", $1::jsonb) s WHERE " + key + clinic;
}

/// Rows on their way to the database: the text of a JSON list, for want of its last bracket. Never a tree, which would
/// be several times as large.
void append_row(std::string& rows, const Json& image) { rows.append(rows.empty() ? "[" : ",").append(image.dump()); }

void run_with_rows(pqxx::dbtransaction& db, const std::string& sql, std::string& rows) {
    if (rows.empty()) return;
    rows += ']';
    db.exec_params(sql, rows);
    rows = {};
}

/// Adds the tombstones of those `keys` that are no rows.
void read_tombstones(pqxx::dbtransaction& db, const std::set<sync::RowKey>& keys, sync::Picture& picture) {
    Json wanted = Json::array();
    for (const sync::RowKey& key : keys) {
        if (!picture.at(key).is_live()) wanted.push_back({{"table_name", key.table}, {"row_id", key.id}});
    }
    if (wanted.empty()) return;
    for (const auto& row : db.exec_params(kTombstones, wanted.dump())) {
        picture.set({row[0].as<std::string>(), row[1].as<std::string>()},
                    sync::RowState::deleted(row[2].as<std::string>()));
    }
}

void read_table(pqxx::dbtransaction& db, const std::string& table, const std::vector<std::string>& ids,
                sync::Picture& picture) {
    std::string row_id = "t.id::text";
    std::string condition = "t.id = ANY($1::uuid[])";
    if (is_join(table)) {
        row_id = "t.bill_id::text || '/' || t.medical_record_id::text";
        condition =
            "(t.bill_id, t.medical_record_id) IN (SELECT split_part(k, '/', 1)::uuid, split_part(k, '/', 2)::uuid "
            "FROM unnest($1::text[]) k)";
    }
    const std::string clinic = table == "clinic" ? "t.id::text" : "t.clinic_id::text";
    const pqxx::result rows = db.exec_params(
        "SELECT " + row_id + ", " + clinic + ", feed_image(t)::text FROM " + table + " t WHERE " + condition,
        id_array(ids));
    for (const auto& row : rows) {
        picture.set({table, row[0].as<std::string>()},
                    sync::RowState::live(row[1].as<std::string>(), Json::parse(row[2].as<std::string>())));
    }
}

/// The bills that the items of `batch` belong to, or come to belong to, and that it does not write itself.
std::set<sync::RowKey> bills_of_items(const Batch& batch, const sync::Picture& picture) {
    std::set<sync::RowKey> bills;
    const auto note = [&](const Json& values) {
        const auto bill = values.is_object() ? values.find("bill_id") : values.end();
        if (!values.is_object() || bill == values.end() || !bill->is_string()) return;
        sync::RowKey key{"bill", bill->get<std::string>()};
        if (parse_uuid(key.id) && !batch.rows_written().contains(key)) bills.insert(std::move(key));
    };
    for (const BatchChange& item : batch.changes_of("bill_item")) {
        note(item.change->new_values);
        note(picture.at({item.change->table, item.change->row_id}).image);
    }
    return bills;
}

/// Splits a decision into the sets that write_rows runs, in their order.
class Plan {
public:
    explicit Plan(const Decision& decision) : decision_(decision) {
        for (const RowWrite& write : decision.writes) {
            if (write.key.table == "bill_item") bills_with_items_.insert(bill_of(write));
            if (write.key.table == "bill_medical_record") bills_with_items_.insert(write.key.id.substr(0, 36));
        }
        for (const RowWrite& write : decision.writes) sort_in(write);
    }

    /// Bills that the transaction itself opens before it changes their items.
    [[nodiscard]] std::vector<std::string> reopened() const {
        std::vector<std::string> bills;
        for (const std::string& bill : decision_.reopened_bills) {
            if (bills_with_items_.contains(bill)) bills.push_back(bill);
        }
        return bills;
    }

    std::map<std::string, std::string> inserts, updates;  ///< append_row
    std::map<std::string, std::vector<std::string>> removes;
    std::string closing;  ///< Bills to be closed once their items are written.

private:
    static std::string bill_of(const RowWrite& write) {
        const auto bill = write.image.is_object() ? write.image.find("bill_id") : write.image.end();
        return write.image.is_object() && bill != write.image.end() && bill->is_string() ? bill->get<std::string>()
                                                                                         : "";
    }

    /// Its items or links are written while it is an open draft, and it gets its status afterwards.
    static bool ends_locked(const Json& image) {
        return sync::is_closed_status(image.value("status", Json())) || !image.value("issued_at", Json()).is_null();
    }

    void sort_in(const RowWrite& write) {
        const auto& [table, id] = write.key;
        if (write.kind == RowWrite::Kind::remove) {
            removes[table].push_back(id);
            return;
        }
        std::string& rows = write.kind == RowWrite::Kind::insert ? inserts[table] : updates[table];
        if (table == "bill" && bills_with_items_.contains(id) && ends_locked(write.image)) {
            const bool is_new = write.kind == RowWrite::Kind::insert;
            if (is_new || write.columns.contains("status") || write.columns.contains("issued_at") ||
                decision_.reopened_bills.contains(id)) {
                append_row(closing, write.image);
                Json image = write.image;
                image["status"] = "draft";
                // Only a stamp that central does not have yet is among the columns of an update.
                if (is_new || write.columns.contains("issued_at")) image["issued_at"] = nullptr;
                return append_row(rows, image);
            }
        }
        append_row(rows, write.image);
    }

    const Decision& decision_;
    std::set<std::string> bills_with_items_;
};

void remove_rows(pqxx::dbtransaction& db, const std::string& table, const std::vector<std::string>& ids) {
    if (ids.empty()) return;
    const std::string condition =
        is_join(table)
            ? "(bill_id, medical_record_id) IN (SELECT split_part(k, '/', 1)::uuid, split_part(k, '/', 2)::uuid "
              "FROM unnest($1::text[]) k)"
            : "id = ANY($1::uuid[])";
    db.exec_params("DELETE FROM " + table + " WHERE " + condition, id_array(ids));
}

template <class Ids>
std::string array_literal(const Ids& ids) {
    std::string text = "{";
    for (const std::string& id : ids) text += (text.size() == 1 ? "\"" : ",\"") + id + '"';
    return text + "}";
}

bool hangs_on_bill(std::string_view table) { return table == "bill_item" || is_join(table); }

}  // namespace

std::string id_array(const std::vector<std::string>& ids) { return array_literal(ids); }

std::string id_array(const std::set<std::string>& ids) { return array_literal(ids); }

const ColumnCatalog& column_catalog(pqxx::dbtransaction& db) {
    static std::mutex lock;
    static ColumnCatalog catalog;
    const std::lock_guard guard(lock);
    if (catalog.empty()) {
        const std::vector<std::string> tables(sync::kTables.begin(), sync::kTables.end());
        for (const auto& row : db.exec_params(kColumns, id_array(tables))) {
            catalog[row[0].as<std::string>()].push_back(row[1].as<std::string>());
        }
    }
    return catalog;
}

void read_rows(pqxx::dbtransaction& db, const std::set<sync::RowKey>& keys, sync::Picture& picture) {
    std::map<std::string, std::vector<std::string>> ids;
    for (const sync::RowKey& key : keys) ids[key.table].push_back(key.id);
    for (const auto& [table, wanted] : ids) read_table(db, table, wanted, picture);
    read_tombstones(db, keys, picture);
}

sync::Picture read_picture(pqxx::dbtransaction& db, const Batch& batch) {
    sync::Picture picture;
    read_rows(db, batch.rows_written(), picture);
    read_rows(db, bills_of_items(batch, picture), picture);
    return picture;
}

void write_rows(pqxx::dbtransaction& db, const sync::Decision& decision) {
    Plan plan(decision);
    if (const auto bills = plan.reopened(); !bills.empty()) {
        db.exec_params(
            "UPDATE bill SET status = 'draft' WHERE id = ANY($1::uuid[]) AND status IN ('paid', 'cancelled')",
            id_array(bills));
    }
    for (const std::string_view name : sync::kTables) {
        const std::string table(name);
        if (hangs_on_bill(table)) remove_rows(db, table, plan.removes[table]);
        run_with_rows(db, insert_sql(db, table), plan.inserts[table]);
        run_with_rows(db, update_sql(db, table), plan.updates[table]);
    }
    run_with_rows(db, update_sql(db, "bill"), plan.closing);
    for (auto table = sync::kTables.rbegin(); table != sync::kTables.rend(); ++table) {
        if (!hangs_on_bill(*table)) remove_rows(db, std::string(*table), plan.removes[std::string(*table)]);
    }
}

}  // namespace vetchart::central
