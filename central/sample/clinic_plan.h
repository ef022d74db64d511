#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "central/sample/price_list.h"
#include "central/sample/random.h"
#include "central/sample/words.h"

namespace vetchart::central {

/// What is to be made. All of it, and nothing else, decides the rows.
struct SampleOptions {
    int clinics = 3;
    std::int64_t patients = 600;  ///< In all clinics together.
    int years = 3;                ///< Up to and with `until`.
    std::uint64_t seed = 1;
    Day until;
    std::string prefix = "SAMPLE";  ///< Of the clinics' codes: SAMPLE001, SAMPLE002 ..
    std::string code;               ///< Of the one clinic, whole; instead of the prefix.
};

inline constexpr int kClinicsMax = 10000;
inline constexpr std::int64_t kPatientsMax = 20000000;
inline constexpr int kYearsMax = 30;
inline constexpr std::size_t kPrefixLengthMax = 11;  ///< Five digits follow at the most.

/// Errors: invalid_input names the option and its bounds.
[[nodiscard]] Status check_options(const SampleOptions& options);

/// From .. to: the clinic's line is down and what is written reaches central afterwards.
struct Outage {
    UtcMillis from, to;
};

struct PlannedStaff {
    Uuid id;
    std::string email, username, first_name, last_name;
    std::string_view roles;  ///< The canonical JSON array.
    bool active = true;
    UtcMillis created_at;
};

/// A veterinarian as charts name them.
struct PlannedVet {
    Uuid id;
    std::string printed;  ///< "Dr. Rosa Allen"
};

struct PlannedPrice {
    Uuid id;
    const ServiceEntry* entry = nullptr;
    std::int64_t cents = 0;  ///< Of today; earlier years were cheaper.
};

struct ClinicPlan {
    int index = 0;
    Uuid id;
    std::string code, name, address, phone;
    const Locale* locale = nullptr;
    Zone zone{};
    std::int64_t patients = 0;
    Day first_day, last_day;
    int existing_per_mille = 0;  ///< Patients the clinic knew before its first day here.
    int growth_per_mille = 0;    ///< How strongly the later years outweigh the earlier ones.
    int tax_basis_points = 0, payment_days = 30;
    int opens_minute = 480, closes_minute = 1080, saturday_closes_minute = 750;
    int vets = 2;                           ///< How many see animals at the same time.
    std::vector<PlannedVet> veterinarians;  ///< Those of the staff.
    std::vector<PlannedStaff> staff;
    std::vector<PlannedPrice> prices;  ///< In the order of price_list().
    std::vector<Outage> outages;       ///< In order of time; none overlap.
    Random random{0};                  ///< For all that is drawn for the clinic later.

    [[nodiscard]] UtcMillis opened_at() const { return instant_of(zone, first_day, opens_minute - 60); }
    /// The evening of the last day: nothing generated is later, save the days of appointments and dues.
    [[nodiscard]] UtcMillis ends_at() const { return instant_of(zone, last_day, 22 * 60); }
    /// When central gets what the clinic writes at `at`.
    [[nodiscard]] UtcMillis reaches_central(UtcMillis at, Random& chance) const;
    /// Price of a service on that day; `grams` matters for what costs by weight.
    [[nodiscard]] std::int64_t price_on(Service service, Day day, std::int64_t grams) const;
};

/// How many patients each clinic gets: large and small ones; they add up exactly.
[[nodiscard]] std::vector<std::int64_t> split_patients(const SampleOptions& options);

/// The code of the clinic at that place.
[[nodiscard]] std::string clinic_code(const SampleOptions& options, int index);

/// Draws the clinic, its people, prices and outages. The same for the same options. Precondition: check_options.
[[nodiscard]] ClinicPlan plan_clinic(const SampleOptions& options, int index, std::int64_t patients);

}  // namespace vetchart::central
