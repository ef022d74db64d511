#pragma once

#include "central/api/http.h"
#include "sync/base/result.h"

namespace vetchart::central {

/// HQ's answer to an error from below. Only sentences that hold nothing of the inside are passed on; what shows nothing
/// is logged here, once.
[[nodiscard]] Response hq_failure(const Error& error);

}  // namespace vetchart::central
