#pragma once

#include <optional>
#include <vector>

#include "central/accept/batch.h"
#include "sync/base/answer.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

/// What makes a push unacceptable as a message, whatever the data says: unknown tables or columns, ids that are no
/// ids, rows of a clinic outside `scope`. nullopt: nothing does.
[[nodiscard]] std::optional<Refusal> check_content(const std::vector<sync::Transaction>& transactions,
                                                   const std::vector<sync::ScopedClinic>& scope);

/// Rows that exist already, in another clinic than the change says: 403 clinic_forbidden. nullopt: there are none.
[[nodiscard]] std::optional<Refusal> check_rows(const Batch& batch, const sync::Picture& picture);

}  // namespace vetchart::central
