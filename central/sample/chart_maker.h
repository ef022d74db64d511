#pragma once

#include "central/sample/agenda.h"
#include "central/sample/billing.h"
#include "central/sample/clinic_plan.h"
#include "central/sample/life.h"
#include "central/sample/rows.h"

namespace vetchart::central {

/// Makes a clinic's families one after the other: owners, their animals, what they came for, and the bills. Pure:
/// the same plan gives the same rows in the same order, in portions of any size. `plan` outlives the maker.
class ChartMaker {
public:
    explicit ChartMaker(const ClinicPlan& plan);

    /// The next families, with about `patients` animals (one family more at the most), in the order they were written
    /// within each table. Empty when the clinic is complete.
    [[nodiscard]] Charts next(std::int64_t patients);

private:
    struct Family;
    struct Animal;

    void add_family(std::int64_t pets, Charts& charts);
    [[nodiscard]] Day draw_registration(Random& random, bool known_before) const;
    Family draw_family(Random random, UtcMillis at, Charts& charts);
    void add_animal(const AnimalLife& life, Random random, Family& family, Charts& charts);
    void add_visit(const WantedVisit& wanted, Random& random, Animal& animal, Charts& charts);
    void add_missed(const WantedVisit& wanted, Random& random, Animal& animal, Charts& charts);
    void add_scheduled(const WantedVisit& wanted, Random& random, Animal& animal, Charts& charts);
    AppointmentRow& add_appointment(const Slot& slot, const VisitKind& kind, std::string_view status, Random& random,
                                    const Animal& animal, Charts& charts);
    RecordRow& add_record(const Slot& slot, const VisitKind& kind, Random& random, Animal& animal, Charts& charts);
    void charge(const Slot& slot, const WantedVisit& wanted, Random& random, const Animal& animal,
                std::optional<Uuid> appointment, std::span<const Uuid> records, Charts& charts);
    void move_to_new_owner(Day day, Random& random, Animal& animal, Charts& charts);
    void finish_patient(Random& random, Animal& animal, Charts& charts);
    void finish_owners(Random& random, const Family& family, Charts& charts);

    const ClinicPlan& plan_;
    Day horizon_;
    Agenda agenda_;
    std::int64_t made_ = 0;
    std::uint64_t families_ = 0;
};

}  // namespace vetchart::central
