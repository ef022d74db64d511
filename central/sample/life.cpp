#include "central/sample/life.h"

#include <algorithm>
#include <array>

namespace vetchart::central {
namespace {

constexpr int kMonthDays = 30;

unsigned mask_of(const Build& build) { return 1U << (build.species - all_species().data()); }

std::int64_t age_at(const AnimalLife& life, Day day) { return (day - life.born).count(); }

/// New animals are often very young; those known before are of any age.
Day draw_birth(Random& random, const Build& build, Day registered, bool known_before) {
    const std::int64_t life_days = build.breed->life_years * 365;
    const std::int64_t dice = random.below(1000);
    std::int64_t age = random.between(120, life_days * 75 / 100);
    if (!known_before && dice < 450) age = random.between(50, 110);
    if (!known_before && dice >= 450 && dice < 800)
        age = random.between(100, std::min<std::int64_t>(1100, life_days / 3));
    return registered - days(age);
}

/// The months one by one: whether it dies, leaves, falls ill.
class Course {
public:
    Course(AnimalLife& life, Random& random, Day horizon) : life_(life), random_(random), horizon_(horizon) {}

    void run() {
        for (Day month = life_.registered; month <= horizon_; month += days(kMonthDays)) {
            const auto age = age_at(life_, month);
            // A newcomer is seen healthy first: nobody registers a dying animal's file for three months.
            if (month > life_.registered && random_.per_million(monthly_mortality(life_.build, age))) {
                die(month + days(random_.below(kMonthDays)));
                return;
            }
            if (month > life_.registered + days(90) && random_.per_mille(4)) {
                life_.left = month;
                return;
            }
            fall_ill(month, age);
            dental(month, age);
        }
    }

private:
    void die(Day day) {
        life_.died = day;
        if (random_.per_mille(550)) life_.visits.push_back({day, &euthanasia(), 0, true});
    }

    void fall_ill(Day month, std::int64_t age) {
        const std::int64_t life_percent = age * 100 / (life_.build.breed->life_years * 365);
        std::array<int, 64> weights{};
        int total = 0;
        int usual = 0;
        const auto kinds = illnesses();
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            if ((kinds[i].species & mask_of(life_.build)) == 0) continue;
            usual += kinds[i].frequency;
            if (life_percent < kinds[i].life_percent_from || life_percent > kinds[i].life_percent_to) continue;
            weights[i] = kinds[i].frequency * kinds[i].season[month_of(month) - 1];
            total += weights[i];
        }
        if (total == 0) return;
        const std::int64_t per_million =
            std::int64_t{life_.build.species->illness_per_year} * 1000 / 12 * total / (std::int64_t{usual} * 100);
        if (!random_.per_million(per_million)) return;
        const Day day = month + days(random_.below(kMonthDays));
        add_with_rechecks(day, kinds[random_.weighted(std::span(weights.data(), kinds.size()))]);
    }

    void dental(Day month, std::int64_t age) {
        const std::int64_t life_percent = age * 100 / (life_.build.breed->life_years * 365);
        if (!life_.build.species->dental || life_percent < 18 || !random_.per_mille(8)) return;
        add_with_rechecks(month + days(random_.below(kMonthDays)),
                          dental_work(random_.per_mille(250 + life_percent * 4)));
    }

    void add_with_rechecks(Day day, const VisitKind& kind) {
        life_.visits.push_back({day, &kind});
        const VisitKind* last = &kind;
        while (random_.per_mille(last->recheck_per_mille)) {
            day += days(random_.between(7, 24));
            last = &recheck();
            life_.visits.push_back({day, last});
        }
    }

    AnimalLife& life_;
    Random& random_;
    Day horizon_;
};

/// Series of the young, then once a year as well as the owner keeps it.
void vaccinate(AnimalLife& life, Random& random, Day horizon) {
    const Species& species = *life.build.species;
    if (species.vaccine_keeping == 0) return;
    const unsigned mask = mask_of(life.build);
    Day day = life.registered;
    while (age_at(life, day) < 112 && mask != kRabbit) {
        life.visits.push_back({day, &vaccination(mask, true), 28});
        day += days(random.between(26, 33));
    }
    if (day == life.registered && random.per_mille(350)) day += days(random.between(30, 330));
    while (day <= horizon) {
        if (random.per_mille(species.vaccine_keeping)) {
            life.visits.push_back({day, &vaccination(mask, false), random.per_mille(80) ? 0 : 365});
            day += days(365 + random.between(-12, 50));
        } else {
            day += days(random.between(60, 420));
        }
    }
}

void neuter(AnimalLife& life, Random& random) {
    if (!life.build.species->neutered || age_at(life, life.registered) > 300 || !random.per_mille(620)) return;
    const Day day = std::max(life.registered + days(7), life.born + days(random.between(160, 300)));
    life.visits.push_back({day, &neutering(mask_of(life.build))});
}

}  // namespace

AnimalLife draw_life(Random random, Day registered, bool known_before, Day last_day, Day horizon) {
    AnimalLife life;
    life.male = random.per_mille(505);
    life.build = draw_build(random, life.male);
    life.registered = registered;
    life.born = draw_birth(random, life.build, registered, known_before);
    vaccinate(life, random, horizon);
    neuter(life, random);
    Course(life, random, horizon).run();
    const auto& end = life.died ? life.died : life.left;
    std::erase_if(life.visits, [&](const WantedVisit& visit) {
        return visit.day > horizon || (end && !visit.farewell && visit.day >= *end);
    });
    std::stable_sort(life.visits.begin(), life.visits.end(),
                     [](const WantedVisit& a, const WantedVisit& b) { return a.day < b.day; });
    if (life.left && *life.left > last_day) life.left.reset();
    if (life.died && *life.died > last_day) {
        life.died.reset();
        std::erase_if(life.visits, [](const WantedVisit& visit) { return visit.farewell; });
    }
    return life;
}

}  // namespace vetchart::central
