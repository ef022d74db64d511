#pragma once

#include "central/sample/clinic_plan.h"
#include "central/sample/rows.h"
#include "central/store/pool.h"

namespace vetchart::central {

/// Writes one generated clinic inside the caller's transaction, through every rule and trigger of the schema. Throws
/// what libpqxx throws: call inside Pool::transact only. Not thread-safe.
class SampleWriter {
public:
    /// Prepares the transaction: received_at is kept as given, no statement timeout, staging tables that go with it.
    SampleWriter(pqxx::transaction_base& transaction, const ClinicPlan& plan);

    /// The clinic, its staff and price list. Call first.
    void write_clinic();
    /// Complete families. Bills come from a staging table, after their items: into a paid bill none could be put.
    void write(const Charts& charts);

private:
    void write_records(const std::vector<RecordRow>& records);
    void write_bills(const Charts& charts);

    pqxx::transaction_base& transaction_;
    const ClinicPlan& plan_;
    std::string clinic_id_;
};

/// The codes of `codes` that are taken, and whether there are clinics that no sample made. Same rule as above.
struct KnownClinics {
    std::vector<std::string> taken;
    bool others = false;
};
[[nodiscard]] KnownClinics known_clinics(pqxx::transaction_base& transaction, const std::vector<std::string>& codes);

/// Fresh statistics, so that the first reports are planned with them. Same rule as above.
void analyze_samples(pqxx::transaction_base& transaction);

}  // namespace vetchart::central
