#include "central/store/health.h"

#include <chrono>
#include <pqxx/pqxx>

namespace vetchart::central {

Result<double> ping(Pool& pool) {
    std::chrono::microseconds taken{0};
    VC_TRY(pool.read("ping", [&](pqxx::dbtransaction& transaction) -> Status {
        const auto begun = std::chrono::steady_clock::now();
        transaction.exec("SELECT 1");
        taken = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
        return Done{};
    }));
    return static_cast<double>(taken.count()) / 1000.0;
}

}  // namespace vetchart::central
