#pragma once

#include <array>
#include <span>
#include <string_view>

#include "central/sample/calendar.h"
#include "central/sample/price_list.h"

namespace vetchart::central {

enum class RecordType { vaccine, surgery, treatment, dental };
[[nodiscard]] std::string_view to_text(RecordType type);

/// Which species a visit is for, by their place in all_species().
inline constexpr unsigned kDog = 1, kCat = 2, kRabbit = 4, kGuineaPig = 8, kBird = 16, kReptile = 32, kAll = 63;

/// What an animal comes for, and what is then written and billed.
struct VisitKind {
    RecordType type;
    unsigned species;
    int frequency;  ///< Among the illnesses of its species; 0: not an illness.
    Season season;
    int life_percent_from, life_percent_to;  ///< Of the breed's life span.
    std::string_view reason, symptoms, diagnosis, treatment;
    std::array<Service, 5> services;  ///< Filled up with `none`.
    int recheck_per_mille;            ///< How often a recheck follows.
    bool urgent;                      ///< Comes within a day or two, often without an appointment.
};

[[nodiscard]] std::span<const VisitKind> illnesses();
[[nodiscard]] const VisitKind& vaccination(unsigned species, bool first_year);
[[nodiscard]] const VisitKind& neutering(unsigned species);
[[nodiscard]] const VisitKind& dental_work(bool extractions);
[[nodiscard]] const VisitKind& recheck();
[[nodiscard]] const VisitKind& euthanasia();

}  // namespace vetchart::central
