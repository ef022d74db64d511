#pragma once

#include <optional>
#include <vector>

#include "central/sample/clinic_plan.h"

namespace vetchart::central {

struct Slot {
    Day day;
    int minute = 0;  ///< Of the day; a half hour begins.
};

/// The clinic's half hours: no day gets more animals than its vets can see. Closed on Sundays and a few feasts.
class Agenda {
public:
    /// Open from the plan's first day to `horizon`. `plan` outlives the agenda.
    Agenda(const ClinicPlan& plan, Day horizon);

    [[nodiscard]] bool is_open(Day day) const;
    /// Takes a slot on the first fitting day from `wanted`, not after `latest`; not urgent ones prefer the weekdays
    /// that people prefer. nullopt: nothing is free.
    std::optional<Slot> take(Random& random, Day wanted, Day latest, bool urgent);

private:
    [[nodiscard]] int closes(Day day) const;
    std::optional<Slot> take_on(Random& random, Day day);

    const ClinicPlan& plan_;
    Day horizon_;
    std::size_t slots_a_day_;
    std::vector<unsigned char> taken_;
};

}  // namespace vetchart::central
