#pragma once

#include <optional>
#include <vector>

#include "central/sample/animal.h"
#include "central/sample/visit_kinds.h"

namespace vetchart::central {

/// A visit as the owner would like it; the clinic's agenda gives the day and the hour.
struct WantedVisit {
    Day day;
    const VisitKind* kind = nullptr;
    int next_due_days = 0;  ///< Of a vaccination: until the next; 0: not written down.
    bool farewell = false;  ///< The animal dies at it, on that day.
};

struct AnimalLife {
    Build build;
    bool male = false;
    Day born, registered;
    std::optional<Day> died;          ///< No visit is after it.
    std::optional<Day> left;          ///< The owners went elsewhere; the last visit is before it.
    std::vector<WantedVisit> visits;  ///< By day, from `registered` to the horizon.
};

/// One animal from its registration to the horizon. A death after `last_day` is not told.
/// Precondition: registered <= last_day <= horizon.
[[nodiscard]] AnimalLife draw_life(Random random, Day registered, bool known_before, Day last_day, Day horizon);

}  // namespace vetchart::central
