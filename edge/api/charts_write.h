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

/// `body`, where it names somebody by an id (Column::printed) and prints no name: with the name of that staff member.
/// An id that a row has already brings no other text.
[[nodiscard]] Json with_printed_names(Connection& connection, ChartTable table, Json body,
                                      const std::vector<Value>* stored);

/// Where `body` prints a name and says no id, as pages do that know no ids: `values` get the id of whoever of the
/// clinic has that name (staff_of_name), or none. A name that was not touched keeps its id.
void match_printed_names(Connection& connection, ChartTable table, const std::string& clinic_id, const Json& body,
                         const std::vector<Value>* stored, std::vector<Value>& values);

/// The row as a 200 or 201. Precondition: it is within reach.
[[nodiscard]] Response answer_row(Connection& connection, ChartTable table, const std::string& id, const Reach& reach,
                                  int status);

}  // namespace vetchart::edge
