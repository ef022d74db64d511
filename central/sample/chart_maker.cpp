#include "central/sample/chart_maker.h"

#include <algorithm>
#include <array>

namespace vetchart::central {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr int kHorizonDays = 45;  ///< How far ahead appointments are made.
constexpr std::int64_t kAnimalsOfFamilyMax = 5;

/// A first name, a last name and an end that is the family's own: unique within the clinic.
std::string email_of(const OwnerRow& owner, std::uint64_t family, Random& random) {
    return ascii_name(owner.first_name) + '.' + ascii_name(owner.last_name) + std::to_string(family) + '@' +
           std::string(random.one_of(mail_domains()));
}

std::string phone_of(const Locale& locale, Random& random) {
    const std::string last = std::to_string(random.between(100, 199)).substr(1);
    return std::string(locale.phone_prefix) +
           std::to_string(random.between(locale.phone_area_least, locale.phone_area_most)) + "-555-01" + last;
}

template <class Rows>
void sort_by_creation(Rows& rows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.created_at < b.created_at; });
}

}  // namespace

/// Who comes with the animals: the last owner in charts is not always the one, so its names are kept here.
struct ChartMaker::Family {
    std::uint64_t number = 0;
    std::size_t owner = 0;  ///< In charts.owners.
    Payer payer = Payer::at_the_desk;
    bool anybody_left = false;  ///< An animal that lives and still comes.
    UtcMillis last_seen;
};

struct ChartMaker::Animal {
    const AnimalLife& life;
    Family& family;
    PatientRow row;
    std::size_t owner = 0;  ///< In charts.owners; changes when the animal is given away.
    Payer payer = Payer::at_the_desk;
    std::int64_t grams = 0;
    bool moved = false;
};

ChartMaker::ChartMaker(const ClinicPlan& plan)
    : plan_(plan), horizon_(plan.last_day + days(kHorizonDays)), agenda_(plan_, horizon_) {}

Charts ChartMaker::next(std::int64_t patients) {
    constexpr std::array<int, kAnimalsOfFamilyMax> kPets{560, 260, 110, 50, 20};
    Charts charts;
    const std::int64_t until = std::min(plan_.patients, made_ + patients);
    while (made_ < until) {
        Random random = plan_.random.fork("pets", families_);
        const auto pets = std::min(static_cast<std::int64_t>(random.weighted(kPets)) + 1, plan_.patients - made_);
        add_family(pets, charts);
        made_ += pets;
        ++families_;
    }
    sort_by_creation(charts.owners);
    sort_by_creation(charts.patients);
    sort_by_creation(charts.appointments);
    sort_by_creation(charts.records);
    sort_by_creation(charts.bills);
    sort_by_creation(charts.items);
    sort_by_creation(charts.links);
    return charts;
}

Day ChartMaker::draw_registration(Random& random, bool known_before) const {
    const auto span = (plan_.last_day - plan_.first_day).count();
    if (known_before) return plan_.first_day + days(random.between(0, std::min<std::int64_t>(span, 300)));
    std::int64_t day = random.below(span + 1);
    if (random.per_mille(plan_.growth_per_mille)) day = std::max(day, random.below(span + 1));
    // Litters are born in spring: a newcomer of the winter moves to one of the next months.
    const unsigned month = month_of(plan_.first_day + days(day));
    if ((month <= 2 || month == 12) && random.per_mille(350)) day = std::min<std::int64_t>(span, day + 90);
    return plan_.first_day + days(day);
}

void ChartMaker::add_family(std::int64_t pets, Charts& charts) {
    Random random = plan_.random.fork("family", families_);
    const bool known_before = random.per_mille(plan_.existing_per_mille);
    std::vector<AnimalLife> lives;
    Day day = draw_registration(random, known_before);
    for (std::int64_t i = 0; i < pets; ++i) {
        while (!agenda_.is_open(day) && day < plan_.last_day) day += days(1);
        while (!agenda_.is_open(day) && day > plan_.first_day) day -= days(1);
        lives.push_back(
            draw_life(random.fork("life", static_cast<std::uint64_t>(i)), day, known_before, plan_.last_day, horizon_));
        if (random.per_mille(450)) day = std::min(plan_.last_day, day + days(random.between(20, 900)));
    }
    const auto morning = static_cast<int>(random.between(0, 90));
    Family family = draw_family(random.fork("owner"),
                                instant_of(plan_.zone, lives.front().registered, plan_.opens_minute - 120 + morning) +
                                    milliseconds(random.below(60000)),
                                charts);
    for (std::size_t i = 0; i < lives.size(); ++i) add_animal(lives[i], random.fork("animal", i), family, charts);
    finish_owners(random, family, charts);
}

ChartMaker::Family ChartMaker::draw_family(Random random, UtcMillis at, Charts& charts) {
    OwnerRow owner;
    owner.created_at = owner.updated_at = at;
    owner.id = random.row_id(at);
    owner.first_name = random.one_of(plan_.locale->first_names);
    owner.last_name = random.one_of(plan_.locale->last_names);
    const std::string street(random.one_of(plan_.locale->streets));
    const std::string number = std::to_string(random.between(1, 240));
    const std::string town(random.one_of(plan_.locale->towns));
    if (!random.per_mille(40)) {
        owner.address = (plan_.locale->number_first ? number + ' ' + street : street + ' ' + number) + ", " + town;
    }
    if (!random.per_mille(220)) owner.email = email_of(owner, families_, random);
    if (!random.per_mille(30)) owner.phone = phone_of(*plan_.locale, random);
    if (random.per_mille(60)) owner.notes = random.one_of(owner_notes());
    charts.owners.push_back(std::move(owner));
    return {families_, charts.owners.size() - 1, draw_payer(random), false, at};
}

void ChartMaker::add_animal(const AnimalLife& life, Random random, Family& family, Charts& charts) {
    Animal animal{life, family, {}, family.owner, family.payer, life.build.grown_grams, false};
    PatientRow& row = animal.row;
    const OwnerRow& owner = charts.owners[family.owner];
    row.created_at =
        std::max(owner.created_at + minutes(2), instant_of(plan_.zone, life.registered, plan_.opens_minute - 25)) +
        milliseconds(random.below(240000));
    row.updated_at = row.created_at;
    row.id = random.row_id(row.created_at);
    row.owner_id = owner.id;
    row.name = random.one_of(pet_names());
    row.species = life.build.species->name;
    row.breed = random.per_mille(30) ? std::string_view() : life.build.breed->name;
    row.male = life.male;
    if (random.per_mille(850)) {
        row.birth_date = life.born;
    } else {
        row.age_years = (life.registered - life.born).count() / 365;
    }
    if (random.per_mille(400)) row.assigned_doctor = random.one_of(plan_.veterinarians);
    if (random.per_mille(life.build.species->microchip)) {
        row.microchip = "9" + std::to_string(random.between(10000000000000, 99999999999999));
    }
    constexpr std::array<std::string_view, 4> kHandling{"easy", "easy", "medium", "hard"};
    if (random.per_mille(500)) row.handling_difficulty = random.one_of(kHandling);
    if (random.per_mille(70)) row.notes = random.one_of(handling_notes());
    const bool given_away = life.visits.size() > 3 && random.per_mille(20);
    const std::size_t move_at = given_away ? life.visits.size() / 2 : life.visits.size();
    for (std::size_t i = 0; i < life.visits.size(); ++i) {
        if (i == move_at) move_to_new_owner(life.visits[i].day, random, animal, charts);
        if (life.visits[i].day > plan_.last_day) {
            add_scheduled(life.visits[i], random, animal, charts);
        } else {
            add_visit(life.visits[i], random, animal, charts);
        }
    }
    finish_patient(random, animal, charts);
}

void ChartMaker::move_to_new_owner(Day day, Random& random, Animal& animal, Charts& charts) {
    if (day > plan_.last_day) return;
    const UtcMillis at =
        std::max(instant_of(plan_.zone, day, plan_.opens_minute - 20), animal.row.updated_at + minutes(1));
    if (at > plan_.ends_at()) return;
    const Family other = draw_family(random.fork("new owner"), at, charts);
    // The end of an address of the old family is taken: the second one gets none, as it often is.
    charts.owners[other.owner].email.reset();
    animal.owner = other.owner;
    animal.payer = other.payer;
    animal.moved = true;
    animal.row.owner_id = charts.owners[other.owner].id;
    animal.row.updated_at = at;
}

AppointmentRow& ChartMaker::add_appointment(const Slot& slot, const VisitKind& kind, std::string_view status,
                                            Random& random, const Animal& animal, Charts& charts) {
    AppointmentRow row;
    const auto lead = kind.urgent ? minutes(random.between(45, 1500)) : minutes(random.between(300, 34560));
    const UtcMillis begins = instant_of(plan_.zone, slot.day, slot.minute);
    row.created_at = std::clamp(begins - lead, std::min(animal.row.created_at + minutes(3), begins), plan_.ends_at());
    row.id = random.row_id(row.created_at);
    row.patient_id = animal.row.id;
    row.date = slot.day;
    row.minute = slot.minute;
    row.duration = kind.type == RecordType::surgery || kind.type == RecordType::dental ? 90 : 30;
    row.reason = kind.reason;
    row.status = status;
    row.veterinarian = random.one_of(plan_.veterinarians);
    const UtcMillis after = begins + minutes(random.between(20, 60));
    row.updated_at = row.created_at;
    if (status == "cancelled") {
        const UtcMillis called = std::min(begins, plan_.ends_at());
        row.updated_at += std::chrono::duration_cast<milliseconds>((called - row.created_at) / 2);
    } else if (status != "scheduled") {
        row.updated_at = after;
    }
    if (random.per_mille(2)) row.deleted_at = row.updated_at = std::min(after, plan_.ends_at());
    charts.appointments.push_back(std::move(row));
    return charts.appointments.back();
}

/// Some come only the second time: the first appointment was called off, or nobody came.
void ChartMaker::add_missed(const WantedVisit& wanted, Random& random, Animal& animal, Charts& charts) {
    const std::int64_t dice = random.below(1000);
    if (wanted.kind->urgent || dice >= 160) return;
    const Day day = wanted.day - days(random.between(3, 18));
    if (day < animal.life.registered) return;
    const auto slot = agenda_.take(random, day, wanted.day - days(1), false);
    if (!slot || slot->day < animal.life.registered || slot->day > plan_.last_day) return;
    // Mondays and Saturdays are forgotten more easily.
    const unsigned weekday = weekday_of(slot->day);
    const std::int64_t no_shows = weekday == 1 ? 90 : weekday == 6 ? 105 : 70;
    add_appointment(*slot, *wanted.kind, dice < no_shows ? "no-show" : "cancelled", random, animal, charts);
}

void ChartMaker::add_scheduled(const WantedVisit& wanted, Random& random, Animal& animal, Charts& charts) {
    if (wanted.kind->urgent || wanted.farewell || animal.life.died || !random.per_mille(600)) return;
    const auto slot = agenda_.take(random, wanted.day, horizon_, false);
    if (!slot || slot->day <= plan_.last_day) return;
    add_appointment(*slot, *wanted.kind, random.per_mille(50) ? "cancelled" : "scheduled", random, animal, charts);
}

RecordRow& ChartMaker::add_record(const Slot& slot, const VisitKind& kind, Random& random, Animal& animal,
                                  Charts& charts) {
    RecordRow row;
    const UtcMillis at = instant_of(plan_.zone, slot.day, slot.minute);
    const OwnerRow& owner = charts.owners[animal.owner];
    row.created_at = row.updated_at = at + minutes(random.between(12, 28)) + milliseconds(random.below(60000));
    row.id = random.row_id(row.created_at);
    row.patient_id = animal.row.id;
    row.visit_date = slot.day;
    if (random.per_mille(930)) row.visited_at = at;
    row.kind = &kind;
    row.veterinarian = animal.row.assigned_doctor && random.per_mille(600) ? *animal.row.assigned_doctor
                                                                           : random.one_of(plan_.veterinarians);
    if (random.per_mille(860)) {
        animal.grams = grams_at(animal.life.build, (slot.day - animal.life.born).count(), random);
        row.weight_milli = weight_milli(animal.grams, plan_.locale->weight_unit);
        animal.row.weight_milli = row.weight_milli;
    }
    row.owner_name = owner.first_name + ' ' + owner.last_name;
    row.owner_phone = owner.phone;
    if (random.per_mille(15)) row.updated_at += minutes(random.between(5, 600));
    if (random.per_million(1500)) row.deleted_at = row.updated_at += minutes(random.between(2, 90));
    charts.records.push_back(std::move(row));
    return charts.records.back();
}

void ChartMaker::add_visit(const WantedVisit& wanted, Random& random, Animal& animal, Charts& charts) {
    add_missed(wanted, random, animal, charts);
    const auto& end = animal.life.died;
    const Day latest = std::min(plan_.last_day, end ? *end : plan_.last_day);
    const auto slot =
        agenda_.take(random, wanted.day, latest, wanted.kind->urgent || wanted.day == animal.life.registered);
    if (!slot || slot->day < animal.life.registered) return;
    // The agenda may have closed between the farewell and its day: then it died at home.
    if (wanted.farewell && slot->day != *end) return;
    if (instant_of(plan_.zone, slot->day, slot->minute) < animal.row.created_at) {
        animal.row.created_at = instant_of(plan_.zone, slot->day, slot->minute) - minutes(random.between(4, 14));
    }
    std::optional<Uuid> appointment;
    if (!random.per_mille(wanted.kind->urgent ? 600 : 60)) {
        const std::string_view status = random.per_mille(3) ? "scheduled" : "completed";
        appointment = add_appointment(*slot, *wanted.kind, status, random, animal, charts).id;
    }
    std::vector<Uuid> records;
    RecordRow& record = add_record(*slot, *wanted.kind, random, animal, charts);
    if (wanted.next_due_days > 0) record.next_due_on = slot->day + days(wanted.next_due_days);
    records.push_back(record.id);
    animal.row.updated_at = std::max(animal.row.updated_at, record.created_at);
    // At the yearly date something else is often found, and written down by itself.
    if (wanted.next_due_days == 365 && random.per_mille(80)) {
        records.push_back(add_record(*slot, recheck(), random, animal, charts).id);
    }
    const bool free_recheck = wanted.kind == &recheck() && random.per_mille(250);
    if (!free_recheck && !random.per_mille(15)) charge(*slot, wanted, random, animal, appointment, records, charts);
}

void ChartMaker::charge(const Slot& slot, const WantedVisit& wanted, Random& random, const Animal& animal,
                        std::optional<Uuid> appointment, std::span<const Uuid> records, Charts& charts) {
    Charge bill;
    bill.owner_id = charts.owners[animal.owner].id;
    bill.patient_id = animal.row.id;
    bill.appointment_id = appointment;
    bill.day = slot.day;
    bill.ended_at = instant_of(plan_.zone, slot.day, slot.minute) + minutes(30);
    bill.payer = animal.payer;
    bill.grams = animal.grams;
    bill.records.assign(records.begin(), records.end());
    for (const Service service : wanted.kind->services) {
        if (service == Service::none) break;
        if (bill.services.empty() || random.per_mille(820)) bill.services.push_back(service);
    }
    if (records.size() > 1) bill.services.push_back(random.per_mille(500) ? Service::nail_trim : Service::tick_spot);
    if (wanted.kind->type == RecordType::vaccine && !animal.row.microchip && random.per_mille(60)) {
        bill.services.push_back(Service::microchip);
    }
    add_bill(plan_, random, bill, charts);
}

void ChartMaker::finish_patient(Random& random, Animal& animal, Charts& charts) {
    PatientRow& row = animal.row;
    if (animal.life.died) {
        row.deceased_on = animal.life.died;
        row.active = false;
        row.updated_at = std::max(row.updated_at, instant_of(plan_.zone, *animal.life.died, plan_.closes_minute));
    } else if (animal.life.left && random.per_mille(700)) {
        row.active = false;
    }
    if (random.per_mille(2)) {
        row.updated_at = std::min(plan_.ends_at(), row.updated_at + minutes(random.between(3, 5000)));
        row.deleted_at = row.updated_at;
    }
    row.updated_at = std::min(row.updated_at, plan_.ends_at());
    Family& family = animal.family;
    family.anybody_left = family.anybody_left || (!animal.moved && !animal.life.died && !animal.life.left);
    family.last_seen = std::max(family.last_seen, row.updated_at);
    charts.patients.push_back(row);
}

/// Entered twice and merged since, or hidden long after the last visit.
void ChartMaker::finish_owners(Random& random, const Family& family, Charts& charts) {
    if (random.per_mille(10)) {
        OwnerRow twin = charts.owners[family.owner];
        twin.created_at += std::chrono::hours(24 * random.between(5, 200)) + minutes(random.below(240));
        twin.updated_at = twin.created_at + minutes(random.between(10, 86400));
        if (twin.updated_at <= plan_.ends_at()) {
            twin.id = random.row_id(twin.created_at);
            twin.email.reset();
            twin.notes.reset();
            twin.merged_into = charts.owners[family.owner].id;
            twin.deleted_at = twin.updated_at;
            charts.owners.push_back(std::move(twin));
        }
    }
    OwnerRow& owner = charts.owners[family.owner];
    const UtcMillis hidden_at = family.last_seen + days(random.between(60, 200));
    if (!family.anybody_left && random.per_mille(60) && hidden_at <= plan_.ends_at()) {
        owner.deleted_at = owner.updated_at = hidden_at;
    }
}

}  // namespace vetchart::central
