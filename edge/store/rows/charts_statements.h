#pragma once

#include <string>

#include "edge/store/rows/charts_fields.h"

namespace vetchart::edge {

/// The statements that move one row of a table, made from the catalogue; they live as long as the program (they key the
/// statement cache).
struct ChartStatements {
    /// The clinic, whether the row is deleted, then fields_of(table). ?1 ids of clinics (JSON array), ?3 deleted rows
    /// too, ?8 the id.
    std::string load;
    /// ?1 id, ?2 clinic, ?3 now, then fields_of(table), then what the program gives: a bill's provisional number, a
    /// person's password hash. Empty: a clinic comes from elsewhere.
    std::string insert;
    std::string update;       ///< ?1 id, ?2 now, then fields_of(table).
    std::string remove;       ///< ?1 id
    std::string set_deleted;  ///< ?1 id, ?2 now, ?3 whether. Empty: the table keeps nothing deleted.
    std::string state;        ///< The row ?1: its clinic, whether it is deleted.
};

[[nodiscard]] const ChartStatements& statements_of(ChartTable table);

}  // namespace vetchart::edge
