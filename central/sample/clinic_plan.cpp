#include "central/sample/clinic_plan.h"

#include <algorithm>
#include <numeric>

namespace vetchart::central {
namespace {

constexpr std::string_view kAdmin = R"(["admin","veterinarian"])";
constexpr std::string_view kVet = R"(["veterinarian"])";
constexpr std::string_view kStaff = R"(["staff"])";

/// The codes are in it: ids of two groups in one database differ, also when both have the usual seed.
Random root_of(const SampleOptions& options) {
    return Random(options.seed).fork(options.code.empty() ? options.prefix : options.code);
}

Status check_codes(const SampleOptions& options) {
    const auto plain = [](const std::string& text, std::size_t least, std::size_t most) {
        return text.size() >= least && text.size() <= most && std::all_of(text.begin(), text.end(), [](char c) {
                   return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
               });
    };
    if (!options.code.empty()) {
        if (options.clinics != 1) return Error{Errc::invalid_input, "--code: only for one clinic (--clinics 1)"};
        if (plain(options.code, 2, 16)) return Done{};
        return Error{Errc::invalid_input, "--code: must be 2 to 16 characters of A-Z and 0-9"};
    }
    if (plain(options.prefix, 1, kPrefixLengthMax)) return Done{};
    return Error{Errc::invalid_input,
                 "--prefix: must be 1 to " + std::to_string(kPrefixLengthMax) + " characters of A-Z and 0-9"};
}

/// Visits a day are about patients / 140: half of the slots of that many vets are then taken.
int vets_for(std::int64_t patients) { return static_cast<int>(2 + patients / 1400); }

std::string phone_of(const Locale& locale, Random& random) {
    const auto digits = std::to_string(random.between(10000, 10099)).substr(1);
    return std::string(locale.phone_prefix) +
           std::to_string(random.between(locale.phone_area_least, locale.phone_area_most)) + "-555-0" +
           digits.substr(1);
}

std::string address_of(const Locale& locale, Random& random, const std::string& town) {
    const std::string number = std::to_string(random.between(1, 240));
    const std::string street(random.one_of(locale.streets));
    return (locale.number_first ? number + ' ' + street : street + ' ' + number) + ", " + town;
}

void add_person(ClinicPlan& plan, Random& random, std::string_view roles, int number) {
    PlannedStaff person;
    person.first_name = random.one_of(plan.locale->first_names);
    person.last_name = random.one_of(plan.locale->last_names);
    person.username = ascii_name(person.first_name) + '.' + ascii_name(person.last_name) + std::to_string(number);
    std::string host = plan.code;
    for (char& c : host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    person.email = person.username + '@' + host + ".example";
    person.roles = roles;
    person.active = number < 2 || !random.per_mille(120);
    person.created_at = plan.opened_at() - std::chrono::minutes(90 - number);
    person.id = random.row_id(person.created_at);
    if (roles != kStaff) plan.veterinarians.push_back({person.id, "Dr. " + person.first_name + ' ' + person.last_name});
    plan.staff.push_back(std::move(person));
}

void add_people(ClinicPlan& plan, Random random) {
    int number = 0;
    add_person(plan, random, kAdmin, number++);
    for (int i = 1; i < plan.vets + 1; ++i) add_person(plan, random, kVet, number++);
    for (int i = 0; i < plan.vets + 1; ++i) add_person(plan, random, kStaff, number++);
}

void add_prices(ClinicPlan& plan, Random random) {
    const std::int64_t level = plan.locale->price_percent + random.around_zero(18);
    for (const ServiceEntry& entry : price_list()) {
        const std::int64_t cents = entry.cents * level / 100 * (100 + random.around_zero(6)) / 100;
        plan.prices.push_back({random.row_id(plan.opened_at()), &entry,
                               cents > 1000 ? cents / 25 * 25 : std::max<std::int64_t>(cents, 5)});
    }
}

/// One clinic in four has a bad line. An outage of days that begins at the end of a month is what makes late bills.
void add_outages(ClinicPlan& plan, Random random) {
    const bool bad_line = plan.index % 4 == 2;
    const UtcMillis end = plan.ends_at() - days(4);
    UtcMillis at = plan.opened_at();
    for (;;) {
        at += days(bad_line ? random.between(15, 80) : random.between(60, 300));
        Outage outage{at, {}};
        if (random.per_mille(550)) {
            const std::chrono::year_month_day date(std::chrono::floor<days>(at));
            const Day month_end(date.year() / date.month() / std::chrono::last);
            outage.from = instant_of(plan.zone, month_end, 11 * 60) - days(random.below(3));
        }
        if (outage.from < at) outage.from = at;
        outage.to = outage.from + std::chrono::hours(random.between(5, bad_line ? 24 * 14 : 60));
        if (outage.to > end) return;
        plan.outages.push_back(outage);
        at = outage.to;
    }
}

void set_days(ClinicPlan& plan, Random& random, const SampleOptions& options) {
    plan.last_day = options.until;
    plan.first_day = years_before(options.until, options.years) + days(1);
    const bool opened_later = plan.index % 7 == 4;
    const auto span = (plan.last_day - plan.first_day).count();
    if (opened_later) plan.first_day += days(random.between(span / 5, span * 2 / 5));
    plan.existing_per_mille = static_cast<int>(opened_later ? 40 : random.between(250, 450));
    plan.growth_per_mille = static_cast<int>(random.between(0, 700));
}

}  // namespace

Status check_options(const SampleOptions& options) {
    const auto outside = [](const std::string& name, std::int64_t least, std::int64_t most) {
        return Error{Errc::invalid_input,
                     name + ": must be from " + std::to_string(least) + " to " + std::to_string(most)};
    };
    if (options.clinics < 1 || options.clinics > kClinicsMax) return outside("--clinics", 1, kClinicsMax);
    if (options.patients < options.clinics || options.patients > kPatientsMax) {
        return outside("--patients", options.clinics, kPatientsMax);
    }
    if (options.years < 1 || options.years > kYearsMax) return outside("--years", 1, kYearsMax);
    const std::chrono::year_month_day until(options.until);
    if (until.year() < std::chrono::year(1970) || until.year() > std::chrono::year(2200)) {
        return Error{Errc::invalid_input, "--until: must be a day of the years 1970 to 2200"};
    }
    return check_codes(options);
}

UtcMillis ClinicPlan::reaches_central(UtcMillis at, Random& chance) const {
    UtcMillis received = at + std::chrono::milliseconds(chance.between(700, 90000));
    if (chance.per_mille(30)) received += std::chrono::minutes(chance.between(20, 900));  // a laptop on the road
    const auto next = std::upper_bound(outages.begin(), outages.end(), at,
                                       [](UtcMillis moment, const Outage& outage) { return moment < outage.to; });
    if (next != outages.end() && next->from <= at) {
        received = next->to + std::chrono::milliseconds(chance.between(5000, 1500000));
    }
    return std::min(received, ends_at());
}

std::int64_t ClinicPlan::price_on(Service service, Day day, std::int64_t grams) const {
    const PlannedPrice& price = prices[static_cast<std::size_t>(service)];
    const auto years_ago = (last_day - day).count() / 365;
    std::int64_t per_mille = std::max<std::int64_t>(400, 1000 - 32 * years_ago);
    if (price.entry->by_weight) per_mille = per_mille * (grams > 25000 ? 150 : grams < 6000 ? 85 : 100) / 100;
    const std::int64_t cents = price.cents * per_mille / 1000;
    return cents > 1000 ? cents / 5 * 5 : std::max<std::int64_t>(1, cents);
}

std::vector<std::int64_t> split_patients(const SampleOptions& options) {
    std::vector<std::int64_t> weights;
    for (int i = 0; i < options.clinics; ++i) {
        Random random = root_of(options).fork("size", static_cast<std::uint64_t>(i));
        weights.push_back(random.between(40, 130) + (random.per_mille(150) ? random.between(0, 170) : 0));
    }
    // Everyone gets one, so that no clinic is empty; the rest by weight, rounded so that it adds up.
    const std::int64_t total = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
    VC_ASSERT(total > 0);
    const std::int64_t rest = options.patients - options.clinics;
    std::vector<std::int64_t> patients;
    std::int64_t weight = 0, given = 0;
    for (const std::int64_t share : weights) {
        weight += share;
        const std::int64_t until_here = rest * weight / total;
        patients.push_back(1 + until_here - given);
        given = until_here;
    }
    return patients;
}

std::string clinic_code(const SampleOptions& options, int index) {
    if (!options.code.empty()) return options.code;
    const std::string number = std::to_string(index + 1);
    return options.prefix + std::string(number.size() < 3 ? 3 - number.size() : 0, '0') + number;
}

ClinicPlan plan_clinic(const SampleOptions& options, int index, std::int64_t patients) {
    ClinicPlan plan;
    const Random root = root_of(options).fork("clinic", static_cast<std::uint64_t>(index));
    Random random = root.fork("plan");
    plan.random = root.fork("charts");
    plan.index = index;
    plan.patients = patients;
    plan.code = clinic_code(options, index);
    plan.locale = &locale_of(index);
    plan.zone = plan.locale->zones[static_cast<std::size_t>(index) % plan.locale->zones.size()];
    set_days(plan, random, options);
    plan.id = random.row_id(plan.opened_at());
    const std::string town(random.one_of(plan.locale->towns));
    plan.name = town + ' ' + std::string(random.one_of(plan.locale->clinic_names));
    plan.address = address_of(*plan.locale, random, town);
    plan.phone = phone_of(*plan.locale, random);
    plan.tax_basis_points = static_cast<int>(
        random.between(plan.locale->tax_basis_points_least / 25, plan.locale->tax_basis_points_most / 25) * 25);
    plan.payment_days = random.per_mille(700) ? 30 : 14;
    plan.opens_minute = static_cast<int>(random.between(14, 18) * 30);
    plan.closes_minute = static_cast<int>(random.between(34, 38) * 30);
    plan.vets = vets_for(patients);
    add_people(plan, root.fork("people"));
    add_prices(plan, root.fork("prices"));
    add_outages(plan, root.fork("outages"));
    return plan;
}

}  // namespace vetchart::central
