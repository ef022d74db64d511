#pragma once

#include "tests/edge/api/fixture.h"

namespace vetchart::test {

/// Writes `rows` owners, patients, records, appointments and bills of one item each straight into the file, uncaptured.
/// Of 16 bills one is a draft, one paid, one cancelled, and of those sent one is not yet due.
void fill_node(ApiNode& node, int rows);
/// The id of row `number` (1..rows) of a kind: 1 owner, 2 patient, 3 record, 4 appointment, 5 bill, 6 bill item.
[[nodiscard]] std::string filled_id(int kind, int number);

}  // namespace vetchart::test
