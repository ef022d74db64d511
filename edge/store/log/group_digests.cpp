#include "edge/store/log/group_digests.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "edge/store/file/bind.h"
#include "edge/store/file/row_sql.h"
#include "sync/engine/bill_group.h"

namespace vetchart::edge {
namespace {

using sync::Change;
using sync::Json;
using sync::Op;

bool has_group(const sync::Table& table) { return table.name == "bill" || sync::bill_reference(table) != nullptr; }

/// What was never sealed, from the end. Rows of other tables are read for the bounds of transactions alone.
std::string unsealed_text() {
    std::string tables;
    for (const sync::Table& table : sync::tables()) {
        if (has_group(table)) tables += (tables.empty() ? "'" : ", '") + std::string(table.name) + "'";
    }
    const std::string is_ours = "iif(table_name IN (" + tables + "), ";
    return "SELECT seq, txn, actor, " + is_ours + "table_name, NULL), row_id, clinic_id, op, " + is_ours +
           "old, NULL), " + is_ours +
           "new, NULL) FROM change_log WHERE seq > (SELECT max(sealed_seq, grouped_seq) FROM node_state) "
           "ORDER BY seq DESC";
}

/// The row's id and its columns of the group.
std::string select_text(const sync::Table& table) {
    std::string columns = row_id_expression(table.name, "t");
    for (const sync::Column& column : table.columns) {
        if (column.group == sync::Group::bill) columns += ", t." + std::string(column.name);
    }
    return "SELECT " + columns + " FROM " + std::string(table.name) + " t WHERE ";
}

std::string row_text(const sync::Table& table) { return select_text(table) + row_condition(table.name, "t", "?1"); }

std::string parts_text(const sync::Table& table) {
    const sync::Column* reference = sync::bill_reference(table);
    if (reference == nullptr) return {};
    // A key that begins with the bill finds a handful of rows, an index by clinic all of them: the plus leaves it out.
    const std::string clinic = table.key.front() == reference->name ? "+t.clinic_id" : "t.clinic_id";
    return select_text(table) + clinic + " = ?1 AND t." + std::string(reference->name) + " = ?2";
}

Json json_of(const SQLite::Column& column) {
    if (column.isNull()) return nullptr;
    if (column.isInteger()) return column.getInt64();
    return column.getString();
}

/// The row that a statement of select_text stands on.
Json read_image(const sync::Table& table, SQLite::Statement& query) {
    Json image = Json::object();
    int index = 1;
    for (const sync::Column& column : table.columns) {
        if (column.group == sync::Group::bill) image[std::string(column.name)] = json_of(query.getColumn(index++));
    }
    return image;
}

/// Bills and their parts as they were at a place of the log. Rows are read when they are first asked for: as long as no
/// change of them was undone, they are what they are now.
class Past {
public:
    explicit Past(Connection& connection) : connection_(connection) {}

    /// The bill that a part names at this place; empty: none, or the row is not there.
    std::string bill_of(const sync::Table& table, const std::string& row_id) {
        return sync::bill_named_by(table, row_id, at(table, row_id));
    }

    /// Reads the bill's parts, if they were not yet: to be called before a change of one of them is undone.
    void read_parts(const std::string& bill_id, const std::string& clinic_id) {
        if (!whole_.insert(bill_id).second) return;
        static const TableTexts texts(&parts_text);
        for (const sync::Table& table : sync::tables()) {
            if (sync::bill_reference(table) == nullptr) continue;
            SQLite::Statement& query = connection_.statement(texts.of(table.name));
            const ResetGuard guard(query);
            query.bind(1, clinic_id);
            query.bind(2, bill_id);
            while (query.executeStep()) {
                const std::string row_id = query.getColumn(0).getString();
                // A row that the walk has met already is at its place of then.
                if (!rows_.contains({table.name, row_id})) set(table, row_id, read_image(table, query));
            }
        }
    }

    /// Undoes `change`, of a table of the group. `is_new`: its bill is inserted by its own transaction, so nobody will
    /// ask what that was before; the row is passed over, unless a later change has made it known.
    void undo(const Change& change, bool is_new) {
        const sync::Table& table = sync::table_of(change.table);
        const bool is_known = rows_.contains({table.name, change.row_id});
        switch (change.op) {
            case Op::insert:
                if (is_known) forget(table, change.row_id);
                if (table.name == "bill") forget_parts(change.row_id);
                return;
            case Op::update: {
                if (is_new && !is_known) return;
                Json image = at(table, change.row_id);
                if (!image.is_object()) return;
                for (const auto& [column, value] : change.old_values.items()) {
                    if (image.contains(column)) image[column] = value;
                }
                set(table, change.row_id, std::move(image));
                return;
            }
            case Op::remove:
                set(table, change.row_id, change.old_values);
                if (table.name == "bill") whole_.insert(change.row_id);
                return;
        }
    }

    /// Precondition: read_parts was called for the bill, or its delete was undone.
    Digest digest(const std::string& bill_id) {
        sync::BillGroup group;
        group.bill = at(sync::table_of("bill"), bill_id);
        for (const Key& key : parts_[bill_id]) group.parts[std::string(key.first)][key.second] = rows_.at(key);
        return sync::digest_of(group);
    }

private:
    using Key = std::pair<std::string_view, std::string>;  ///< The catalogue's name of a table, a row id.

    const Json& at(const sync::Table& table, const std::string& row_id) {
        const auto known = rows_.find({table.name, row_id});
        if (known != rows_.end()) return known->second;
        static const TableTexts texts(&row_text);
        SQLite::Statement& query = connection_.statement(texts.of(table.name));
        const ResetGuard guard(query);
        query.bind(1, row_id);
        return set(table, row_id, query.executeStep() ? read_image(table, query) : Json());
    }

    const Json& set(const sync::Table& table, const std::string& row_id, Json image) {
        const Key key{table.name, row_id};
        Json& row = rows_[key];
        if (table.name != "bill") {
            if (!row.is_null()) parts_[sync::bill_named_by(table, row_id, row)].erase(key);
            if (!image.is_null()) parts_[sync::bill_named_by(table, row_id, image)].insert(key);
        }
        return row = std::move(image);
    }

    void forget(const sync::Table& table, const std::string& row_id) {
        set(table, row_id, nullptr);
        rows_.erase({table.name, row_id});
    }

    void forget_parts(const std::string& bill_id) {
        whole_.erase(bill_id);
        parts_.erase(bill_id);
    }

    Connection& connection_;
    std::map<Key, Json> rows_;  ///< Null: it is not there.
    std::map<std::string, std::set<Key>> parts_;
    std::set<std::string> whole_;  ///< Bills whose parts are all in parts_.
};

/// Goes through the log from its end, a transaction at a time.
class Walk {
public:
    explicit Walk(Connection& connection) : connection_(connection), past_(connection) {}

    void run() {
        static const std::string_view kText = intern(unsealed_text());
        SQLite::Statement& query = connection_.statement(kText);
        const ResetGuard guard(query);
        while (query.executeStep()) {
            const auto marker = optional_text(query.getColumn(1));
            const auto actor = optional_text(query.getColumn(2));
            if (marker != marker_ || actor != actor_) close();  // as Sealer::add tells transactions apart
            marker_ = marker;
            actor_ = actor;
            if (!query.getColumn(3).isNull()) changes_.push_back(read(query));
        }
        close();
    }

private:
    static Change read(SQLite::Statement& query) {
        const auto values = [&query](int column) {
            return query.isColumnNull(column) ? Json() : Json::parse(query.getColumn(column).getString());
        };
        Change change;
        change.seq = query.getColumn(0).getInt64();
        change.table = query.getColumn(3).getString();
        change.row_id = query.getColumn(4).getString();
        change.clinic_id = query.getColumn(5).getString();
        const auto op = sync::parse_op(query.getColumn(6).getString());
        VC_ASSERT(op.has_value());
        change.op = *op;
        change.old_values = values(7);
        change.new_values = values(8);
        return change;
    }

    /// Undoes the transaction whose changes were gathered, the last one first, and notes the digests before it.
    void close() {
        if (changes_.empty()) return;
        const std::set<std::string> fresh = inserted_bills();
        for (const Change& change : changes_) {
            const sync::Table& table = sync::table_of(change.table);
            const bool is_update = change.op == Op::update && table.name != "bill";
            const std::string bill = is_update ? past_.bill_of(table, change.row_id) : std::string();
            bool is_new = table.name == "bill" && fresh.contains(change.row_id);
            for (const std::string& touched : sync::bills_touched(change, bill)) {
                if (fresh.contains(touched)) {
                    is_new = true;
                    continue;
                }
                // A bill that goes has no parts: those of its id in the table now came with a later insert.
                if (table.name != "bill" || change.op != Op::remove) past_.read_parts(touched, change.clinic_id);
                carriers_[touched] = change.seq;
            }
            past_.undo(change, is_new);
        }
        write();
        changes_.clear();
        carriers_.clear();
    }

    /// Bills that the transaction inserts before anything else: there is no group that its writer saw. One that it
    /// deletes and inserts again was seen.
    std::set<std::string> inserted_bills() const {
        std::map<std::string, bool> starts_new;
        for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
            if (change->table == "bill") starts_new.emplace(change->row_id, change->op == Op::insert);
        }
        std::set<std::string> fresh;
        for (const auto& [bill_id, is_new] : starts_new) {
            if (is_new) fresh.insert(bill_id);
        }
        return fresh;
    }

    void write() {
        std::map<std::int64_t, Json> groups;
        for (const auto& [bill_id, seq] : carriers_) groups[seq][bill_id] = to_hex(past_.digest(bill_id));
        for (const auto& [seq, digests] : groups) {
            SQLite::Statement& statement = connection_.statement("UPDATE change_log SET groups = ?2 WHERE seq = ?1");
            statement.bind(1, seq);
            statement.bind(2, digests.dump());
            statement.exec();
        }
    }

    Connection& connection_;
    Past past_;
    std::optional<std::string> marker_, actor_;
    std::vector<Change> changes_;                   ///< Of the open transaction, the last one first.
    std::map<std::string, std::int64_t> carriers_;  ///< Bills that it touches, each with the first change that does.
};

}  // namespace

void note_group_digests(Connection& connection) { Walk(connection).run(); }

}  // namespace vetchart::edge
