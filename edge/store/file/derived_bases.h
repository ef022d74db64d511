#pragma once

#include <string>
#include <vector>

#include "edge/store/file/database.h"

/// The base images' part of edge/store/file/derived.h: what central has of the rows with unsettled work here. All throw
/// SQLite::Exception.
namespace vetchart::edge {

struct BaseFault {
    std::string sentence;
    bool is_missing = false;  ///< Can be made anew; what differs is named only: the log cannot tell which is right.
};

/// Rows with unsettled changes that have no base image (or what is none of theirs), or one that differs in a column no
/// such change touched; and base images of rows without any. Rows of transactions that wait, or that an erasure
/// overwrote, are passed over.
[[nodiscard]] std::vector<BaseFault> find_base_faults(Connection& connection);

/// True when find_base_faults() would name one that can be made anew. Costs a look for each unsettled change.
[[nodiscard]] bool lacks_bases(Connection& connection);

/// Makes those anew: the row as it stands, its unsettled changes taken back. Inside a write transaction.
void mend_bases(Connection& connection);

}  // namespace vetchart::edge
