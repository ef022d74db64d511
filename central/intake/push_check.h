#pragma once

#include <optional>

#include "central/intake/push.h"
#include "central/intake/push_rows.h"

namespace vetchart::central {

/// What makes a push unacceptable as a message, whatever the data says: unknown tables or columns, ids that are no
/// ids, rows of a clinic outside `clinics`. nullopt: it may be taken.
[[nodiscard]] std::optional<PushOutcome> check_push(const sync::PushRequest& request,
                                                    const std::vector<sync::ScopedClinic>& clinics,
                                                    const ColumnCatalog& catalog);

/// Rows that exist already under another clinic than the change says: 403, as above.
[[nodiscard]] std::optional<PushOutcome> check_picture(const sync::PushRequest& request, const sync::Picture& picture);

[[nodiscard]] PushOutcome refuse(int status, std::string code, std::string message, sync::Json details = nullptr);

}  // namespace vetchart::central
