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
constexpr const char* kDeletions = R"(
UPDATE sync_tombstone s SET delete_group = nullif(x.delete_group, '')::uuid, deleted_at = x.at,
       image = coalesce(x.image, s.image)
FROM jsonb_to_recordset($1::jsonb) AS x(table_name text, row_id text, delete_group text, at timestamptz, image jsonb)
WHERE s.table_name = x.table_name AND s.row_id = x.row_id)";
constexpr const char* kKeepNumbers = R"(
SELECT set_config('vetchart.keep_number', 'on', true),
       set_config('vetchart.pushing', current_setting('vetchart.node', true), true),
       set_config('vetchart.node', '', true))";
constexpr const char* kGiveNumbers = R"(
SELECT set_config('vetchart.keep_number', 'off', true),
       set_config('vetchart.node', current_setting('vetchart.pushing', true), true))";

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

/// What an update never writes: the key, a bill's first number, and what only central gives out.
bool is_fixed(const sync::Column& column) {
    return column.writer == sync::Writer::key || column.writer == sync::Writer::number ||
           column.writer == sync::Writer::central;
}

/// `is_back`: with the number that central gave it once.
std::string insert_sql(const sync::Table& table, bool is_back) {
    const std::string name(table.name);
    std::string columns;
    for (const sync::Column& column : table.columns) {
        const bool is_given = is_back && column.name == "bill_number";
        if (column.writer == sync::Writer::central && !is_given) continue;
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

/// How the rows of a table give up the values that only one row may have; nullptr: it has none that change hands.
const char* give_up(std::string_view table) {
    if (table == "owner") return "UPDATE owner SET email = NULL WHERE id = ANY($1::uuid[])";
    if (table == "staff") {
        return "UPDATE staff SET email = 'parked-' || id || '@parked', username = 'parked-' || id "
               "WHERE id = ANY($1::uuid[])";
    }
    if (table == "clinic") {
        return "UPDATE clinic SET code = substr(upper(replace(id::text, '-', '')), 17, 16) WHERE id = ANY($1::uuid[])";
    }
    return nullptr;
}

/// True for a write after which another row may have a value that this one had.
bool lets_go(const RowWrite& write) {
    if (write.kind == RowWrite::Kind::insert) return false;
    if (write.kind == RowWrite::Kind::remove) return true;
    const sync::Table& table = sync::table_of(write.key.table);
    return std::any_of(table.uniques.begin(), table.uniques.end(), [&](const sync::Unique& unique) {
        return write.columns.contains(std::string(unique.first)) ||
               write.columns.contains(std::string(unique.second)) ||
               (unique.among_live && write.columns.contains("deleted_at"));
    });
}

/// Its deletes come before the bill is closed, with the writes of its table.
bool hangs_on_bill(std::string_view table) { return table == "bill_item" || table == "bill_medical_record"; }

/// Splits a decision into the sets that write_rows runs, in their order.
class Plan {
public:
    explicit Plan(const Decision& decision) : decision_(decision) {
        for (const RowWrite& write : decision.writes) {
            if (write.key.table == "bill_item") bills_with_items_.insert(bill_of(write));
            moves_item_ = moves_item_ || (write.key.table == "bill_item" && write.columns.contains("bill_id"));
            if (write.key.table == "bill_medical_record")
                bills_with_items_.insert(std::string(sync::key_part(write.key.id, 0)));
            if (give_up(write.key.table) == nullptr) continue;
            takers_[write.key.table] += write.kind == RowWrite::Kind::remove ? 0 : 1;
            if (lets_go(write)) parked[write.key.table].push_back(write.key.id);
        }
        // Where nobody else could take a value there is no need to let go of it first.
        std::erase_if(parked, [&](const auto& entry) {
            const bool is_alone = entry.second.size() == 1 && takers_[entry.first] == 1;
            return takers_[entry.first] == 0 || (is_alone && !removes_in(entry.first));
        });
        for (const RowWrite& write : decision.writes) sort_in(write);
    }

    /// Bills that the transaction itself opens before it changes their items.
    [[nodiscard]] std::vector<std::string> reopened() const {
        std::vector<std::string> bills;
        for (const std::string& bill : decision_.reopened_bills) {
            if (moves_item_ || bills_with_items_.contains(bill)) bills.push_back(bill);
        }
        return bills;
    }

    std::map<std::string, std::vector<std::string>> parked;        ///< Rows that let go of their unique values first.
    std::map<std::string, std::string> inserts, returns, updates;  ///< append_row
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

    [[nodiscard]] bool removes_in(const std::string& table) const {
        return std::any_of(decision_.writes.begin(), decision_.writes.end(), [&](const RowWrite& write) {
            return write.key.table == table && write.kind == RowWrite::Kind::remove;
        });
    }

    void sort_in(const RowWrite& write) {
        const auto& [table, id] = write.key;
        if (write.kind == RowWrite::Kind::remove) {
            removes[table].push_back(id);
            return;
        }
        const bool is_new = write.kind == RowWrite::Kind::insert;
        std::string& rows = write.is_back ? returns[table] : is_new ? inserts[table] : updates[table];
        const bool has_parts = bills_with_items_.contains(id) || (moves_item_ && !is_new);
        if (table == "bill" && has_parts && ends_locked(write.image)) {
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
    std::map<std::string, int> takers_;
    bool moves_item_ = false;  ///< An item goes from one bill to another, which both have to be open for it.
};

/// Gives the tombstones their group and their time, and the values that a row had let go of.
void name_deletions(pqxx::dbtransaction& db, const sync::NetEffect& effect, const Plan& plan) {
    if (effect.deletions().empty()) return;
    std::set<sync::RowKey> parked;
    for (const auto& [table, ids] : plan.parked) {
        for (const std::string& id : ids) parked.insert({table, id});
    }
    std::map<sync::RowKey, const Json*> images;
    for (const RowWrite& write : effect.decision().writes) {
        if (parked.contains(write.key)) images[write.key] = &write.image;
    }
    std::string rows;
    for (const auto& [key, group, at] : effect.deletions()) {
        Json row{{"table_name", key.table}, {"row_id", key.id}, {"delete_group", group}, {"at", at}};
        if (const auto image = images.find(key); image != images.end()) row["image"] = *image->second;
        append_row(rows, row);
    }
    run_with_rows(db, kDeletions, rows);
}

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

}  // namespace

std::string id_array(const std::vector<std::string>& ids) { return array_literal(ids); }

std::string id_array(const std::set<std::string>& ids) { return array_literal(ids); }

void lock_counters(pqxx::dbtransaction& db, const std::set<std::string>& clinics) {
    db.exec_params(kLockCounters, id_array(clinics));
}

void write_rows(pqxx::dbtransaction& db, const sync::NetEffect& effect) {
    Plan plan(effect.decision());
    if (const auto bills = plan.reopened(); !bills.empty()) {
        db.exec_params(
            "UPDATE bill SET status = 'draft' WHERE id = ANY($1::uuid[]) AND status IN ('paid', 'cancelled')",
            id_array(bills));
    }
    for (const auto& [table, ids] : plan.parked) db.exec_params(give_up(table), id_array(ids));
    for (const sync::Table& table : sync::tables()) {
        const std::string name(table.name);
        if (hangs_on_bill(name)) remove_rows(db, table, plan.removes[name]);
        if (!plan.returns[name].empty()) {
            db.exec(kKeepNumbers);
            run_with_rows(db, insert_sql(table, true), plan.returns[name]);
            db.exec(kGiveNumbers);
        }
        run_with_rows(db, insert_sql(table, false), plan.inserts[name]);
        run_with_rows(db, update_sql(table), plan.updates[name]);
    }
    run_with_rows(db, update_sql(sync::table_of("bill")), plan.closing);
    for (auto table = sync::tables().rbegin(); table != sync::tables().rend(); ++table) {
        if (!hangs_on_bill(table->name)) remove_rows(db, *table, plan.removes[std::string(table->name)]);
    }
    name_deletions(db, effect, plan);
}

}  // namespace vetchart::central
