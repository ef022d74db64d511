#pragma once

#include <span>

#include "central/sample/clinic_plan.h"
#include "central/sample/rows.h"

namespace vetchart::central {

/// How an owner pays what is not paid at the desk.
enum class Payer { at_the_desk, in_time, late, never };
[[nodiscard]] Payer draw_payer(Random& random);

/// What a visit costs: whose it is, when it ended, and what was done.
struct Charge {
    Uuid owner_id, patient_id;
    std::optional<Uuid> appointment_id;
    Day day;
    UtcMillis ended_at;
    Payer payer = Payer::at_the_desk;
    std::int64_t grams = 0;
    std::vector<Uuid> records;
    std::vector<Service> services;
};

/// Appends the bill with items and links: issued, and by the last day paid, late, cancelled or forgotten. A bill that
/// was cancelled as wrong is sometimes followed by a corrected one.
void add_bill(const ClinicPlan& plan, Random& random, const Charge& charge, Charts& charts);

}  // namespace vetchart::central
