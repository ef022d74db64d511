#pragma once

#include <functional>
#include <string>

#include "central/sample/clinic_plan.h"
#include "central/store/pool.h"

namespace vetchart::central {

/// What audit_log calls a generated clinic; its subject is the clinic's code.
inline constexpr const char* kSampleAction = "sample";

inline constexpr int kSampleJobsMax = 16;

struct SampleCounts {
    int clinics = 0;
    std::int64_t owners = 0, patients = 0, appointments = 0, records = 0, bills = 0, items = 0, links = 0;
    [[nodiscard]] std::int64_t rows() const {
        return clinics + owners + patients + appointments + records + bills + items + links;
    }
};

/// How it is made; nothing of this changes the rows.
struct SampleRun {
    std::string actor;
    bool prefix_given = false;  ///< Beside clinics that no sample made, only a prefix somebody chose is taken.
    int jobs = 2;               ///< Clinics made at the same time, each on a connection of the pool.
    /// After each clinic, from any of the jobs but never two at once: its code, and all counts so far.
    std::function<void(const std::string&, const SampleCounts&)> progress;
};

/// Makes the clinics in a migrated database, each in one transaction of its own.
///
/// The same options give the same rows in all columns but these, which the database gives: version, bill_number and
/// provisional_number. Errors: invalid_input (options), conflict (a code is taken, or the database has clinics that no
/// sample made and the prefix was not chosen: nothing was written), else of the database. After an error in the
/// middle the clinics already told by `progress` stay.
[[nodiscard]] Result<SampleCounts> make_sample(Pool& pool, const SampleOptions& options, const SampleRun& run);

}  // namespace vetchart::central
