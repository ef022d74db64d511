#include "central/accept/rows.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <set>

#include "central/accept/key_sql.h"
#include "sync/base/uuid.h"
#include "sync/catalogue/catalogue.h"
#include "sync/catalogue/row_key.h"

namespace vetchart::central {
namespace {

using sync::Decision;
using sync::Json;
using sync::RowWrite;

constexpr const char* kLockCounters =
    "SELECT clinic_id FROM sync_counter WHERE clinic_id = ANY($1::uuid[]) ORDER BY clinic_id FOR UPDATE";
constexpr const char* kTombstones = R"(
SELECT s.table_name, s.row_id, s.clinic_id::text FROM sync_tombstone s
JOIN jsonb_to_recordset($1::jsonb) AS w(table_name text, row_id text)
  ON w.table_name = s.table_name AND w.row_id = s.row_id)";

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

/// What an update never writes: the key, a bill's first number, and what only central gives out.
bool is_fixed(const sync::Column& column) {
    return column.writer == sync::Writer::key || column.writer == sync::Writer::number ||
           column.writer == sync::Writer::central;
}

std::string insert_sql(const sync::Table& table) {
    const std::string name(table.name);
    std::string columns;
    for (const sync::Column& column : table.columns) {
        if (column.writer == sync::Writer::central) continue;
        columns += (columns.empty() ? "" : ", ") + quoted(column.name);
    }
    return "INSERT INTO " + name + " (" + columns + ") SELECT " + columns +
           " FROM jsonb_populate_recordset(NULL::" + name + ", $1::jsonb)";
}

std::string update_sql(const sync::Table& table) {
    const std::string name(table.name), clinic(table.clinic_column());
    std::string sets;
    for (const sync::Column& column : table.columns) {
        if (is_fixed(column)) continue;
        sets += (sets.empty() ? "" : ", ") + quoted(column.name) + " = s." + quoted(column.name);
    }
    return "UPDATE " + name + " t SET " + sets + " FROM jsonb_populate_recordset(NULL::" + name +
           ", $1::jsonb) s WHERE " + same_key_sql(table, "t", "s") + " AND t." + clinic + " = s." + clinic;
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
    const sync::Table& known = sync::table_of(table);
    const pqxx::result rows =
        db.exec_params("SELECT " + row_id_sql(known, "t") + ", t." + std::string(known.clinic_column()) +
                           "::text, feed_image(t)::text FROM " + table + " t WHERE " + key_among_sql(known, "t"),
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

/// The rows that references beside a printed text come to name (sync::Column::printed): whether they are there decides
/// what becomes of the reference.
std::set<sync::RowKey> rows_beside_texts(const Batch& batch) {
    std::set<sync::RowKey> rows;
    for (const auto& [transaction, change] : batch.changes()) {
        if (!change->new_values.is_object()) continue;
        for (const sync::Column& column : sync::table_of(change->table).columns) {
            if (column.printed.empty()) continue;
            const auto value = change->new_values.find(column.name);
            if (value == change->new_values.end() || !value->is_string()) continue;
            sync::RowKey key{std::string(column.parent), value->get<std::string>()};
            if (parse_uuid(key.id) && !batch.rows_written().contains(key)) rows.insert(std::move(key));
        }
    }
    return rows;
}

/// Splits a decision into the sets that write_rows runs, in their order.
class Plan {
public:
    explicit Plan(const Decision& decision) : decision_(decision) {
        for (const RowWrite& write : decision.writes) {
            if (write.key.table == "bill_item") bills_with_items_.insert(bill_of(write));
            if (write.key.table == "bill_medical_record")
                bills_with_items_.insert(std::string(sync::key_part(write.key.id, 0)));
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

void remove_rows(pqxx::dbtransaction& db, const sync::Table& table, const std::vector<std::string>& ids) {
    if (ids.empty()) return;
    db.exec_params("DELETE FROM " + std::string(table.name) + " t WHERE " + key_among_sql(table, "t"), id_array(ids));
}

template <class Ids>
std::string array_literal(const Ids& ids) {
    std::string text = "{";
    for (const std::string& id : ids) text += (text.size() == 1 ? "\"" : ",\"") + id + '"';
    return text + "}";
}

/// Their deletes come before the bill is closed, with the writes of their table.
bool hangs_on_bill(std::string_view table) { return table == "bill_item" || table == "bill_medical_record"; }

}  // namespace

std::string id_array(const std::vector<std::string>& ids) { return array_literal(ids); }

std::string id_array(const std::set<std::string>& ids) { return array_literal(ids); }

void lock_counters(pqxx::dbtransaction& db, const std::set<std::string>& clinics) {
    db.exec_params(kLockCounters, id_array(clinics));
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
    read_rows(db, rows_beside_texts(batch), picture);
    return picture;
}

void write_rows(pqxx::dbtransaction& db, const sync::Decision& decision) {
    Plan plan(decision);
    if (const auto bills = plan.reopened(); !bills.empty()) {
        db.exec_params(
            "UPDATE bill SET status = 'draft' WHERE id = ANY($1::uuid[]) AND status IN ('paid', 'cancelled')",
            id_array(bills));
    }
    for (const sync::Table& table : sync::tables()) {
        const std::string name(table.name);
        if (hangs_on_bill(name)) remove_rows(db, table, plan.removes[name]);
        run_with_rows(db, insert_sql(table), plan.inserts[name]);
        run_with_rows(db, update_sql(table), plan.updates[name]);
    }
    run_with_rows(db, update_sql(sync::table_of("bill")), plan.closing);
    for (auto table = sync::tables().rbegin(); table != sync::tables().rend(); ++table) {
        if (!hangs_on_bill(table->name)) remove_rows(db, *table, plan.removes[std::string(table->name)]);
    }
}

}  // namespace vetchart::central
