#pragma once

#include <compare>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sync/base/time.h"
#include "sync/catalogue/catalogue.h"
#include "sync/model/change.h"

/// What decide() decides on: a small database in memory, which knows for everything whether it was read. What is asked
/// and was not read is noted (Reads), so that whoever fills the picture need not know what a decision looks at.
namespace vetchart::sync {

/// Which row: its table, and its id as the wire has it.
struct RowKey {
    std::string table, id;
    auto operator<=>(const RowKey&) const = default;
};

struct RowKeyHash {
    std::size_t operator()(const RowKey& key) const noexcept {
        return std::hash<std::string>{}(key.id) * 31 + std::hash<std::string>{}(key.table);
    }
};

/// One row as central has it now.
struct RowState {
    enum class Presence {
        unknown,  ///< Central never heard of it.
        live,
        deleted,  ///< Deleted for good: its tombstone is there.
    };
    Presence presence = Presence::unknown;
    std::string clinic_id;     ///< Empty when unknown.
    Json image;                ///< Object of all columns but version; of a deleted one as it was, null when not kept.
    std::string delete_group;  ///< Of a deleted one: what went in the same deletion; empty: nobody said.
    std::string deleted_at;    ///< Of a deleted one.

    [[nodiscard]] static RowState live(std::string clinic_id, Json image) {
        return {Presence::live, std::move(clinic_id), std::move(image), {}, {}};
    }
    [[nodiscard]] static RowState deleted(std::string clinic_id, Json image = nullptr, std::string group = {},
                                          std::string at = {}) {
        return {Presence::deleted, std::move(clinic_id), std::move(image), std::move(group), std::move(at)};
    }
    [[nodiscard]] bool is_live() const { return presence == Presence::live; }
    [[nodiscard]] bool is_deleted() const { return presence == Presence::deleted; }
};

/// Why a transaction is kept whole instead of being applied.
struct Hold {
    std::string code;
    std::string reason;  ///< A sentence for a person.
};

/// What central knows of a staff row beside the row itself: who moved it, and when.
struct StaffTrace {
    std::int64_t active_version = 0;  ///< The clinic's version at which `active` was changed last; 0: never.
    bool active_here = false;         ///< That change came from the node whose transactions are decided.
    bool roles_here = false;          ///< The roles were changed last there too, or its enrolment brought the row.
    std::string password_at;          ///< When the password was changed last; empty: never.
};

/// Who wrote a column last (row_meta).
struct ColumnTrace {
    std::string at;                      ///< format_utc; empty: nobody wrote it since the row was inserted.
    std::optional<std::string> actor;    ///< A staff id, or a name.
    std::optional<std::string> node_id;  ///< nullopt: at central.
};

/// The values of a unique key of the catalogue: of `table` the `index`-th, as a JSON list.
struct UniqueValues {
    std::string table;
    std::size_t index = 0;
    std::string values;
    auto operator<=>(const UniqueValues&) const = default;
};

/// A column of a row.
struct Cell {
    RowKey key;
    std::string column;
    auto operator<=>(const Cell&) const = default;
};

/// What has to be read before a transaction can be decided.
struct Reads {
    std::set<RowKey> rows;           ///< Each as a row, or as its tombstone.
    std::set<RowKey> children;       ///< Rows that name this one: by SET NULL all, by RESTRICT enough to know of one.
    std::set<RowKey> families;       ///< All rows that name this one, by whatever reference that a person writes.
    std::set<UniqueValues> holders;  ///< The row that has these values, if there is one.
    std::set<std::string> groups;    ///< All tombstones of a delete group.
    std::set<Cell> traces;           ///< Who wrote it last.
    std::set<std::string> time_zones;

    [[nodiscard]] bool empty() const {
        return rows.empty() && children.empty() && families.empty() && holders.empty() && groups.empty() &&
               traces.empty() && time_zones.empty();
    }
};

/// The `index`-th unique key's values in `image`, or nullopt where they do not count: one is NULL, or the row is
/// soft-deleted and the key is among living rows alone.
[[nodiscard]] std::optional<UniqueValues> unique_values(const Table& table, std::size_t index, const Json& image);

/// A column of a live row that names another one.
struct Naming {
    RowKey row;
    const Column* column = nullptr;
    bool operator<(const Naming& other) const {
        return std::tie(row, column->name) < std::tie(other.row, other.column->name);
    }
};

/// The rows that one node's transactions touch, as central has them, and what else their decision needs. It moves on
/// with each transaction that is applied, and can be taken back. Not thread-safe.
class Picture {
public:
    // What is read. A row that is not there is set as unknown.

    void set(const RowKey& key, RowState state);
    void set_children_read(const RowKey& key, bool all) { (all ? families_read_ : children_read_).insert(key); }
    void set_holder_read(const UniqueValues& values) { holders_read_.insert(values); }
    void set_group_read(const std::string& group) { groups_read_.insert(group); }
    void set_column(const Cell& cell, ColumnTrace trace) { columns_.emplace(cell, std::move(trace)); }
    void set_time_zone(const std::string& name, bool is_known) { time_zones_[name] = is_known; }
    /// Something in the archive names `key`: it cannot be deleted.
    void set_named_in_archive(const RowKey& key) { named_in_archive_.insert(key); }

    /// When the transactions are decided, whether their node, which worked alone, is still bringing its rows, and
    /// which node it is.
    void set_moment(UtcMillis now, bool joining) { now_ = now, joining_ = joining; }
    void set_node(std::string node_id) { node_id_ = std::move(node_id); }
    [[nodiscard]] UtcMillis now() const { return now_; }
    [[nodiscard]] bool joining() const { return joining_; }
    [[nodiscard]] const std::string& node_id() const { return node_id_; }

    /// Nothing may write `key` now, nor reference it when `references` says so: it is archived, or a held transaction
    /// of this node wrote (inserted) it. The first reason stays.
    void block(const RowKey& key, const Hold& why, bool references = true);
    /// nullptr: nothing stands in the way of a write of `key`.
    [[nodiscard]] const Hold* blocked(const RowKey& key) const;
    /// The same for a row that names `key` as its parent, and for a transaction whose actor it is.
    [[nodiscard]] const Hold* blocked_as_parent(const RowKey& key) const;

    void set_trace(const std::string& staff_id, StaffTrace trace) { staff_traces_[staff_id] = std::move(trace); }
    [[nodiscard]] const StaffTrace& trace(const std::string& staff_id) const;
    /// The staff of `clinic_id`, as far as this picture has them, whose image satisfies `wanted`.
    [[nodiscard]] std::set<std::string> staff(const std::string& clinic_id,
                                              const std::function<bool(const Json&)>& wanted) const;

    // What is asked. Where `missing` is given, what was not read is noted there, and answered as if it were not there.

    /// The state of `key`; a row never heard of does not exist.
    [[nodiscard]] const RowState& at(const RowKey& key, Reads* missing = nullptr) const;
    [[nodiscard]] bool is_read(const RowKey& key) const { return rows_.contains(key); }
    /// The rows that have these values.
    [[nodiscard]] std::set<RowKey> holders(const UniqueValues& values, Reads* missing = nullptr) const;
    /// The live rows that name `key`: by SET NULL all of them, by RESTRICT enough to know whether there is one; all
    /// with `all`.
    [[nodiscard]] std::set<Naming> children(const RowKey& key, bool all, Reads* missing = nullptr) const;
    [[nodiscard]] bool named_in_archive(const RowKey& key) const { return named_in_archive_.contains(key); }
    /// The deleted rows of a group.
    [[nodiscard]] std::set<RowKey> group(const std::string& group, Reads* missing = nullptr) const;
    [[nodiscard]] const ColumnTrace& column(const Cell& cell, Reads* missing = nullptr) const;
    [[nodiscard]] bool is_time_zone(const std::string& name, Reads* missing = nullptr) const;

    // To go on, and back.

    /// What a decision changes, where `set` says what was read.
    void move(const RowKey& key, RowState state);
    void move_column(const Cell& cell, ColumnTrace trace);
    void move_staff(const std::string& staff_id, StaffTrace trace);
    /// From here on what moves, and what is blocked, is remembered, so that rewind() can take it back.
    void begin_journal();
    /// As it was at begin_journal(), but for what was read since. The journal goes on.
    void rewind();

private:
    struct Block {
        Hold why;
        bool references = false;
    };

    void index(const RowKey& key, const RowState& state, bool add);

    std::unordered_map<RowKey, RowState, RowKeyHash> rows_;
    std::set<std::string> staff_ids_;
    std::map<UniqueValues, std::set<RowKey>> holders_;
    std::unordered_map<RowKey, std::set<Naming>, RowKeyHash> children_;
    std::map<std::string, std::set<RowKey>> groups_;
    std::set<UniqueValues> holders_read_;
    std::set<RowKey> children_read_, families_read_, named_in_archive_;
    std::set<std::string> groups_read_;
    std::map<Cell, ColumnTrace> columns_;
    std::map<std::string, bool> time_zones_;
    std::map<RowKey, Block> blocked_;
    std::map<std::string, StaffTrace> staff_traces_;
    UtcMillis now_{};
    bool joining_ = false;
    std::string node_id_;

    struct Before {
        std::map<RowKey, RowState> rows;
        std::map<Cell, ColumnTrace> columns;
        std::map<std::string, StaffTrace> staff_traces;
        std::map<RowKey, Block> blocked;
    };
    std::optional<Before> before_;
};

}  // namespace vetchart::sync
