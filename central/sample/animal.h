#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "central/sample/random.h"

namespace vetchart::central {

struct Breed {
    std::string_view name;
    std::int64_t adult_grams, life_years;
    int weight;  ///< How common, within its species.
};

struct Species {
    std::string_view name;
    std::span<const Breed> breeds;
    int share;                  ///< Per mille of all patients.
    std::int64_t adult_months;  ///< Until it has its full weight.
    int newborn_percent;        ///< Of the adult weight.
    int illness_per_year;       ///< Visits for an illness, per thousand animals in their prime.
    int vaccine_keeping;        ///< Per mille of owners who keep the yearly date; 0: not vaccinated.
    bool neutered, dental;      ///< Whether such visits happen.
    int microchip;              ///< Per mille that have one.
};

[[nodiscard]] std::span<const Species> all_species();

/// One animal's build, drawn once.
struct Build {
    const Species* species = nullptr;
    const Breed* breed = nullptr;
    int grown_grams = 0;         ///< Its own adult weight, lean.
    int overweight_percent = 0;  ///< Gained between its 2nd and 6th year.
};

[[nodiscard]] Build draw_build(Random& random, bool male);

/// What a scale shows at that age: growth, gain, loss in old age, and up to 2 % of noise. At least 1.
[[nodiscard]] std::int64_t grams_at(const Build& build, std::int64_t age_days, Random& random);

/// The chance, per million, that it dies within a month of that age.
[[nodiscard]] std::int64_t monthly_mortality(const Build& build, std::int64_t age_days);

/// Grams as weight_milli in `unit` (kg or lbs), as coarse as a clinic's scales: always positive.
[[nodiscard]] std::int64_t weight_milli(std::int64_t grams, std::string_view unit);

}  // namespace vetchart::central
