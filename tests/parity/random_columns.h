#pragma once

#include <cstdint>
#include <vector>

namespace vetchart::test {

/// What a value of a column is made of.
enum class ColumnKind {
    id,
    clinic,
    reference,
    required,
    free,
    email,
    staff_email,
    day,
    instant,
    one_of,
    integer,
    big,
    boolean,
    time,
    roles,
    code,
    currency,
    timezone,
    provisional,
    bill_number,
    any_text,
};

/// One column as docs/data-rules.md has it, written down once more on purpose: what both engines forgot would
/// otherwise never be tried.
struct RandomColumn {
    const char* name;
    ColumnKind kind;
    std::int64_t low = 0;        ///< Least value; for a text its longest; for a reference the kind of id.
    std::int64_t high = 0;       ///< Greatest value.
    bool nullable = false;       ///< May be NULL.
    bool may_be_absent = false;  ///< NULL or a default stands for it.
    const char* values = "";     ///< Of an enum, with commas.
};

struct RandomTable {
    const char* name;
    int kind;  ///< Of its ids; 0: the join table.
    std::vector<RandomColumn> columns;
};

/// The synced tables, parents first.
[[nodiscard]] const std::vector<RandomTable>& random_tables();

}  // namespace vetchart::test
