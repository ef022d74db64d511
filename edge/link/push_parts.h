#pragma once

#include <cstddef>
#include <vector>

#include "sync/wire/messages.h"

namespace vetchart::edge {

/// A request as it goes out: itself when it fits `bytes_max`; else, being one transaction over the bound, as parts
/// that each carry the transaction's head and a share of its changes, about `bytes_max` each. Pure.
[[nodiscard]] std::vector<sync::PushRequest> split_into_parts(sync::PushRequest request, std::size_t bytes_max);

}  // namespace vetchart::edge
