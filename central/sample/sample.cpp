#include "central/sample/sample.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <pqxx/pqxx>
#include <thread>

#include "central/sample/chart_maker.h"
#include "central/sample/sample_writer.h"
#include "central/store/audit.h"

namespace vetchart::central {
namespace {

/// So much is in memory at a time, in each job: about 30 MB.
constexpr std::int64_t kPatientsInMemory = 2000;

void add(SampleCounts& sum, const SampleCounts& more) {
    sum.clinics += more.clinics;
    sum.owners += more.owners;
    sum.patients += more.patients;
    sum.appointments += more.appointments;
    sum.records += more.records;
    sum.bills += more.bills;
    sum.items += more.items;
    sum.links += more.links;
}

SampleCounts counts_of(const Charts& charts) {
    const auto size = [](const auto& rows) { return static_cast<std::int64_t>(rows.size()); };
    return {0,
            size(charts.owners),
            size(charts.patients),
            size(charts.appointments),
            size(charts.records),
            size(charts.bills),
            size(charts.items),
            size(charts.links)};
}

Status refuse_taken(Pool& pool, const SampleOptions& options, bool prefix_given) {
    std::vector<std::string> codes;
    codes.reserve(static_cast<std::size_t>(options.clinics));
    for (int i = 0; i < options.clinics; ++i) codes.push_back(clinic_code(options, i));
    return pool.read("sample", [&](pqxx::dbtransaction& transaction) -> Status {
        const KnownClinics known = known_clinics(transaction, codes);
        if (!known.taken.empty()) {
            return Error{Errc::conflict, "a clinic " + known.taken.front() + " exists already: give another --prefix",
                         "clinic_code_taken"};
        }
        if (known.others && !prefix_given) {
            return Error{Errc::conflict,
                         "the database has clinics of its own: to make generated ones beside them, give --prefix",
                         "clinics_exist"};
        }
        return Done{};
    });
}

/// The jobs: each takes the next clinic until none is left or one failed.
class Workshop {
public:
    Workshop(Pool& pool, const SampleOptions& options, const SampleRun& run)
        : pool_(pool), options_(options), run_(run), patients_(split_patients(options)) {}

    Result<SampleCounts> work() {
        const int jobs = std::clamp(run_.jobs, 1, std::min(kSampleJobsMax, options_.clinics));
        std::vector<std::thread> threads;
        for (int i = 1; i < jobs; ++i) threads.emplace_back([this] { take_clinics(); });
        take_clinics();
        for (std::thread& thread : threads) thread.join();
        if (error_) return *error_;
        return sum_;
    }

private:
    void take_clinics() {
        for (;;) {
            int index = 0;
            {
                const std::lock_guard guard(lock_);
                if (error_ || next_ == options_.clinics) return;
                index = next_++;
            }
            const ClinicPlan plan = plan_clinic(options_, index, patients_[static_cast<std::size_t>(index)]);
            const auto made = make_clinic(plan);
            const std::lock_guard guard(lock_);
            if (!made) {
                if (!error_) error_ = made.error();
                return;
            }
            add(sum_, *made);
            if (run_.progress) run_.progress(plan.code, sum_);
        }
    }

    Result<SampleCounts> make_clinic(const ClinicPlan& plan) {
        SampleCounts counts;
        VC_TRY(pool_.transact("sample", [&](pqxx::work& transaction) -> Status {
            counts = SampleCounts{1};
            SampleWriter writer(transaction, plan);
            writer.write_clinic();
            ChartMaker maker(plan);
            for (Charts charts = maker.next(kPatientsInMemory); !charts.owners.empty();
                 charts = maker.next(kPatientsInMemory)) {
                writer.write(charts);
                add(counts, counts_of(charts));
            }
            audit(transaction, run_.actor, kSampleAction, plan.code,
                  {{"seed", std::to_string(options_.seed)}, {"patients", counts.patients}, {"bills", counts.bills}});
            return Done{};
        }));
        return counts;
    }

    Pool& pool_;
    const SampleOptions& options_;
    const SampleRun& run_;
    const std::vector<std::int64_t> patients_;
    std::mutex lock_;
    int next_ = 0;
    SampleCounts sum_;
    std::optional<Error> error_;
};

}  // namespace

Result<SampleCounts> make_sample(Pool& pool, const SampleOptions& options, const SampleRun& run) {
    VC_TRY(check_options(options));
    VC_TRY(refuse_taken(pool, options, run.prefix_given));
    VC_TRY_ASSIGN(const SampleCounts counts, Workshop(pool, options, run).work());
    VC_TRY(pool.transact("sample analyze", [](pqxx::work& transaction) -> Status {
        analyze_samples(transaction);
        return Done{};
    }));
    return counts;
}

}  // namespace vetchart::central
