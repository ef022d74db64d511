#include "central/sample/agenda.h"

#include <algorithm>
#include <array>

namespace vetchart::central {
namespace {

constexpr int kSlotMinutes = 30;
constexpr int kTriesMax = 12;
/// From Sunday: when people come who can choose. Saturday is half as long besides.
constexpr std::array<int, 7> kWeekdays{0, 250, 180, 165, 170, 185, 90};
/// How many hours of a day are asked for before another day is.
constexpr int kHourTriesMax = 4;

}  // namespace

Agenda::Agenda(const ClinicPlan& plan, Day horizon)
    : plan_(plan),
      horizon_(horizon),
      slots_a_day_(static_cast<std::size_t>((plan.closes_minute - plan.opens_minute) / kSlotMinutes)),
      taken_(static_cast<std::size_t>((horizon - plan.first_day).count() + 1) * slots_a_day_, 0) {}

bool Agenda::is_open(Day day) const {
    const std::chrono::year_month_day date(day);
    const auto month = static_cast<unsigned>(date.month());
    const auto of_month = static_cast<unsigned>(date.day());
    const bool feast = (month == 1 && of_month == 1) || (month == 12 && (of_month == 25 || of_month == 26));
    return weekday_of(day) != 0 && !feast && day >= plan_.first_day && day <= horizon_;
}

int Agenda::closes(Day day) const { return weekday_of(day) == 6 ? plan_.saturday_closes_minute : plan_.closes_minute; }

std::optional<Slot> Agenda::take_on(Random& random, Day day) {
    if (!is_open(day)) return std::nullopt;
    const int slots = (closes(day) - plan_.opens_minute) / kSlotMinutes;
    for (int attempt = 0; attempt < kHourTriesMax; ++attempt) {
        std::int64_t slot = random.below(slots);
        if (random.per_mille(300)) slot = std::min<std::int64_t>(slot, random.below(slots));
        auto& taken = taken_[static_cast<std::size_t>((day - plan_.first_day).count()) * slots_a_day_ +
                             static_cast<std::size_t>(slot)];
        if (taken >= plan_.vets) continue;
        ++taken;
        return Slot{day, plan_.opens_minute + static_cast<int>(slot) * kSlotMinutes};
    }
    return std::nullopt;
}

std::optional<Slot> Agenda::take(Random& random, Day wanted, Day latest, bool urgent) {
    wanted = std::max(wanted, plan_.first_day);
    for (int attempt = 0; attempt < kTriesMax; ++attempt) {
        Day day = wanted + days(attempt);
        if (!urgent) {
            const auto chosen = static_cast<unsigned>(random.weighted(kWeekdays));
            day += days((chosen + 7 - weekday_of(day)) % 7);
        }
        if (day > latest) day = latest;
        if (const auto slot = take_on(random, day)) return slot;
    }
    return std::nullopt;
}

}  // namespace vetchart::central
