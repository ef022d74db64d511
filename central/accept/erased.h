#pragma once

#include <string>

#include "central/accept/batch.h"
#include "central/store/pool.h"
#include "sync/base/result.h"

namespace vetchart::central {

/// Takes the personal data of erased owners out of `batch`, which `node_id` sent, and remembers the patients that it
/// gives to one of them. Call where Guards::erased says so, before anything is decided or stored, and after the digests
/// were checked: they are of the values as sent. Set-based; call inside Pool::transact under the locks of the clinics'
/// counters; pqxx's exceptions pass through. Errors: invalid_input, when what was held cannot be read.
[[nodiscard]] Status erase_values(pqxx::dbtransaction& db, const std::string& node_id, Batch& batch);

}  // namespace vetchart::central
