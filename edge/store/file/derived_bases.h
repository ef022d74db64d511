#pragma once

#include <string>
#include <vector>

#include "edge/store/file/database.h"

/// The base images' part of edge/store/file/derived.h: what central has of the rows with unsettled work here. All throw
/// SQLite::Exception.
namespace vetchart::edge {

struct BaseFault {
    std::string sentence;
    bool is_missing = false;  ///< Then it can be made anew. One that differs is only named: which is right?
};

/// Rows with unsettled changes that have no base image (or what is none of theirs), or one that differs in a column no
/// such change touched; and base images of rows without any. Rows of transactions that wait, or that an erasure
/// overwrote, are passed over.
[[nodiscard]] std::vector<BaseFault> find_base_faults(Connection& connection);

/// True when find_base_faults() would name one that can be made anew. Costs a look for each unsettled change.
[[nodiscard]] bool lacks_bases(Connection& connection);

/// Makes the missing base images anew: each is the row with its unsettled changes taken back. Call it in a write.
void mend_bases(Connection& connection);

}  // namespace vetchart::edge
