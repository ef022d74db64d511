#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// The synced tables, each said once: what needs a list of tables or columns reads it here. The SQL files of schema/
/// hold the rules; tests/parity holds this page against the catalogs of both engines. Data alone: constant,
/// thread-safe.
namespace vetchart::sync {

enum class ColumnKind {
    id,         ///< UUID.
    reference,  ///< Id of a row of `parent`, in the same clinic unless the parent is the clinic.
    name,       ///< Text of least..most code points after trimming.
    text,       ///< Text of at most `most`, may be empty.
    email,      ///< As name; stored trimmed, in ASCII lower case.
    secret,     ///< Text that nobody is shown.
    roles,      ///< Array of role names; stored as the canonical JSON array.
    choice,     ///< One of `choices`, exactly.
    any_case,   ///< One of `choices`; the API takes it in any ASCII case and stores it in lower case.
    day,        ///< YYYY-MM-DD; of an ISO timestamp the API takes the day as it is written.
    instant,    ///< ISO timestamp.
    time,       ///< HH:MM
    integer,    ///< least..most
    milli,      ///< Decimal number, stored times 1000, rounded half up.
    cents,      ///< Decimal number, stored times 100, rounded half up.
    flag,       ///< true or false, stored 1 or 0.
};

/// Who gives a column its values.
enum class Writer {
    key,          ///< Whoever inserts the row, for ever: no update writes it.
    person,       ///< A person, by a form: a field of the REST body.
    action,       ///< A person, by an action of its own (delete, merge, password) or at headquarters.
    number,       ///< The node that inserts the row, for ever: what was printed.
    snapshot,     ///< A trigger when the row is inserted, for ever (an erasure excepted).
    stamp,        ///< A trigger, once: the first one stays, and two of them are no conflict.
    bookkeeping,  ///< Triggers, at every write: never compared, never a conflict.
    central,      ///< Central alone; dropped from what a node sends.
};

/// What a conflict in one column takes along.
enum class Group {
    none,
    bill,  ///< What a bill says: amounts, owner, patient, status, items and records, decided as one.
};

/// What a hard delete of the row that a reference names does.
enum class OnDelete { refuse, set_null };

struct Column {
    std::string_view name = {};
    std::string_view json = {};   ///< Member of the JSON of nodes; empty: in none.
    std::string_view label = {};  ///< For sentences: "First name". Of what a person writes.
    ColumnKind kind = ColumnKind::text;
    bool nullable = false;
    Writer writer = Writer::person;
    Group group = Group::none;
    /// What a new row gets when a body leaves the field out: nullptr means that it must be given. Nullable: NULL.
    const char* fallback = nullptr;
    std::int64_t least = 0;
    std::int64_t most = 0;          ///< Code points of a text, or the largest stored number.
    std::string_view choices = {};  ///< a|b|c
    std::string_view parent = {};   ///< The table that a reference names.
    OnDelete on_delete = OnDelete::refuse;
    /// The text column beside a nullable reference that prints whom it names. The text is what counts: where no such
    /// row is there, the reference is NULL and the text stands.
    std::string_view printed = {};
    bool null_is_empty = false;  ///< NULL is "" in the JSON, as the old server had it.
    bool only_central = false;   ///< No node has this column.
};

/// Columns of which no two rows have the same values; NULL equals nothing.
struct Unique {
    std::string_view first;
    std::string_view second = {};  ///< Empty: one column.
    bool among_live = false;       ///< Only rows whose deleted_at is NULL count.
};

struct Table {
    std::string_view name;                  ///< medical_record
    std::string_view json;                  ///< medicalRecord
    std::string_view label;                 ///< For sentences: "medical record".
    std::span<const std::string_view> key;  ///< The columns that a row id is made of (RowKey), in its order.
    std::span<const Column> columns;        ///< In the order of a row's JSON.
    std::span<const Unique> uniques = {};

    [[nodiscard]] const Column* find(std::string_view column) const;
    /// The column that says whose row it is.
    [[nodiscard]] std::string_view clinic_column() const { return name == "clinic" ? "id" : "clinic_id"; }
};

inline constexpr std::int64_t kCentsMax = 1'000'000'000'000;
inline constexpr std::int64_t kMilliMax = 1'000'000'000'000;
inline constexpr std::int64_t kDecisionValueMax = 100'000;  ///< Code points of item_decision.value.
/// A set of tables fits into as many bits.
inline constexpr std::size_t kTablesMax = 64;

/// Parents before children: inserts go in this order, deletes in the reverse.
[[nodiscard]] std::span<const Table> tables();
/// nullptr for any other name (never trust a table name from the wire).
[[nodiscard]] const Table* find_table(std::string_view name);
/// Precondition: `name` is a synced table.
[[nodiscard]] const Table& table_of(std::string_view name);
/// Position in tables(), or nullopt for any other name.
[[nodiscard]] std::optional<std::size_t> table_index(std::string_view name);
/// A column's choices, in the order in which they are said.
[[nodiscard]] std::vector<std::string_view> choices_of(const Column& column);
/// nullptr when there is no such table or column.
[[nodiscard]] const Column* find_column(std::string_view table, std::string_view column);
/// Of a column that is not in the catalogue: a person, so that what is not known is compared.
[[nodiscard]] Writer writer_of(std::string_view table, std::string_view column);

}  // namespace vetchart::sync
