#pragma once

#include <string>
#include <vector>

#include "edge/api/http.h"
#include "edge/store/rows/charts.h"
#include "sync/base/time.h"

/// A chart's weight is its newest measurement (docs/schema.md): the medical record's of the newest visit that has one,
/// or the patient's own, which is one of the day it was put there. Both run inside write_rows.
namespace vetchart::edge {

/// Settles the patient's own weight in `values`, which `body` was read into. What is sent back as it is `shown` (the
/// row as a GET answers it; null: a new patient) is no measurement; another weight is one of `today`, or of the body's
/// weighedOn.
void settle_own_weight(const Json& body, const Json& shown, const std::vector<Value>* stored, const std::string& today,
                       std::vector<Value>& values);

/// After a medical record was written: one whose weight is new counts after the patient's own of the same day.
void settle_record_weight(Connection& connection, const std::vector<Value>& values, const std::vector<Value>* stored,
                          UtcMillis now);

}  // namespace vetchart::edge
