#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edge/api/context.h"
#include "edge/api/http.h"
#include "edge/api/session.h"
#include "edge/store/rows/charts.h"

/// What creating and changing rows of every table has in common. All run inside write_rows.
namespace vetchart::edge {

/// Chooses a new row's clinic: body.clinicId, else that of the first row it refers to, else the login's first.
/// nullopt: the login does not open it, and `refusal` says so (403 clinic_forbidden).
[[nodiscard]] std::optional<std::string> choose_clinic(Connection& connection, const Session& session, ChartTable table,
                                                       const Json& body, const std::vector<Value>& values,
                                                       Response& refusal);

/// Refuses references to rows that are missing, of another clinic or soft-deleted; one that has not changed is not
/// looked at, since a deleted parent keeps its children.
[[nodiscard]] std::optional<Response> refuse_parents(Connection& connection, ChartTable table,
                                                     const std::string& clinic_id, const std::vector<Value>& values,
                                                     const std::vector<Value>* stored);

/// The row as a 200 or 201. Precondition: it is within reach.
[[nodiscard]] Response answer_row(Connection& connection, ChartTable table, const std::string& id, const Reach& reach,
                                  int status);

}  // namespace vetchart::edge
