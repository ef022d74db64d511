#include "central/sample/animal.h"

#include <algorithm>
#include <array>
#include <vector>

namespace vetchart::central {
namespace {

constexpr Breed kDogs[] = {{"Mixed breed", 18000, 14, 300},     {"Labrador Retriever", 31000, 12, 120},
                           {"Golden Retriever", 31000, 12, 80}, {"German Shepherd", 34000, 11, 70},
                           {"French Bulldog", 12000, 11, 90},   {"Beagle", 11500, 13, 50},
                           {"Dachshund", 8500, 14, 60},         {"Chihuahua", 2500, 15, 60},
                           {"Poodle", 24000, 13, 40},           {"Yorkshire Terrier", 3000, 15, 50},
                           {"Border Collie", 18000, 13, 40},    {"Great Dane", 62000, 9, 10},
                           {"Rottweiler", 47000, 10, 30}};
constexpr Breed kCats[] = {{"Domestic Shorthair", 4600, 15, 550},
                           {"Domestic Longhair", 4800, 15, 150},
                           {"Maine Coon", 6800, 13, 90},
                           {"Siamese", 4000, 15, 60},
                           {"British Shorthair", 5500, 14, 80},
                           {"Persian", 4500, 14, 40},
                           {"Ragdoll", 6200, 14, 30}};
constexpr Breed kRabbits[] = {{"Netherland Dwarf", 1050, 9, 40}, {"Holland Lop", 1700, 9, 40}, {"Rex", 3600, 8, 20}};
constexpr Breed kBirds[] = {{"Budgerigar", 35, 8, 50}, {"Cockatiel", 95, 15, 35}, {"African Grey Parrot", 450, 40, 15}};
constexpr Breed kGuineaPigs[] = {{"American", 950, 6, 60}, {"Abyssinian", 950, 6, 40}};
constexpr Breed kReptiles[] = {
    {"Bearded Dragon", 420, 11, 50}, {"Leopard Gecko", 60, 15, 25}, {"Ball Python", 1500, 25, 25}};

constexpr Species kSpecies[] = {{"Dog", kDogs, 540, 15, 3, 1100, 800, true, true, 800},
                                {"Cat", kCats, 360, 12, 3, 800, 700, true, true, 600},
                                {"Rabbit", kRabbits, 45, 8, 4, 500, 500, true, false, 100},
                                {"Guinea Pig", kGuineaPigs, 25, 7, 9, 450, 0, false, false, 0},
                                {"Bird", kBirds, 18, 3, 10, 350, 0, false, false, 60},
                                {"Reptile", kReptiles, 12, 24, 3, 250, 0, false, false, 60}};

/// How much of the adult weight is there at a share of the growing time, both in hundredths.
struct GrowthPoint {
    int time, weight;
};
constexpr std::array<GrowthPoint, 6> kGrowth{{{0, 0}, {13, 16}, {27, 42}, {40, 66}, {67, 90}, {100, 100}}};

std::int64_t growth_percent(std::int64_t time_percent) {
    for (std::size_t i = 1; i < kGrowth.size(); ++i) {
        const auto& [from, low] = kGrowth[i - 1];
        const auto& [to, high] = kGrowth[i];
        if (time_percent <= to) return low + (high - low) * (time_percent - from) / (to - from);
    }
    return 100;
}

template <class Things, class Weight>
std::size_t draw_by(Random& random, const Things& things, Weight weight) {
    std::vector<int> weights;
    for (const auto& thing : things) weights.push_back(thing.*weight);
    return random.weighted(weights);
}

}  // namespace

std::span<const Species> all_species() { return kSpecies; }

Build draw_build(Random& random, bool male) {
    Build build;
    build.species = &kSpecies[draw_by(random, all_species(), &Species::share)];
    build.breed = &build.species->breeds[draw_by(random, build.species->breeds, &Breed::weight)];
    const std::int64_t percent = (male ? 105 : 95) + random.around_zero(12);
    build.grown_grams = static_cast<int>(std::max<std::int64_t>(1, build.breed->adult_grams * percent / 100));
    build.overweight_percent = random.per_mille(300) ? static_cast<int>(random.between(5, 25)) : 0;
    return build;
}

std::int64_t grams_at(const Build& build, std::int64_t age_days, Random& random) {
    const std::int64_t growing_days = build.species->adult_months * 30;
    const std::int64_t young = build.species->newborn_percent;
    const std::int64_t grown = growth_percent(std::min<std::int64_t>(100, age_days * 100 / growing_days));
    std::int64_t per_mille = (young + (100 - young) * grown / 100) * 10;
    const std::int64_t gained_days = std::clamp<std::int64_t>(age_days - 730, 0, 1460);
    per_mille += std::int64_t{10} * build.overweight_percent * gained_days / 1460;
    const std::int64_t old_days = age_days - build.breed->life_years * 365 * 85 / 100;
    if (old_days > 0) per_mille -= std::min<std::int64_t>(150, old_days / 6);
    per_mille += random.around_zero(20) * per_mille / 1000;
    return std::max<std::int64_t>(1, build.grown_grams * per_mille / 1000);
}

std::int64_t monthly_mortality(const Build& build, std::int64_t age_days) {
    const std::int64_t life_percent = age_days * 100 / (build.breed->life_years * 365);
    constexpr std::array<std::array<std::int64_t, 2>, 6> kYearly{
        {{25, 8000}, {50, 12000}, {70, 32000}, {85, 80000}, {100, 190000}, {115, 360000}}};
    for (const auto& [percent, chance] : kYearly) {
        if (life_percent < percent) return chance / 12;
    }
    return 600000 / 12;
}

std::int64_t weight_milli(std::int64_t grams, std::string_view unit) {
    const auto rounded = [](std::int64_t value, std::int64_t step) {
        return std::max<std::int64_t>(1, value >= 10 * step ? (value + step / 2) / step * step : value);
    };
    if (unit == "lbs") return rounded(grams * 2204623 / 1000000, 100);
    return rounded(grams, grams >= 10000 ? 100 : 10);
}

}  // namespace vetchart::central
