#include "central/store/probes.h"

#include <chrono>
#include <cmath>
#include <pqxx/pqxx>

#include "sync/model/change.h"

namespace vetchart::central {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kWrite =
    "INSERT INTO db_probes (payload) SELECT repeat('x', $2::integer) FROM generate_series(1, $1::integer)";
constexpr const char* kScan = "SELECT id, length(payload) FROM db_probes ORDER BY created_at DESC LIMIT $1";

std::string answer(const char* what, std::size_t count, SteadyClock::time_point begun) {
    const std::chrono::duration<double, std::milli> taken = SteadyClock::now() - begun;
    return sync::Json{{"status", "ok"}, {what, count}, {"latencyMs", std::round(taken.count() * 1000) / 1000}}.dump();
}

}  // namespace

Result<std::string> write_probes(Pool& pool, int count, int size) {
    const auto begun = SteadyClock::now();
    std::size_t written = 0;
    VC_TRY(pool.transact("test-write", [&](pqxx::work& transaction) -> Status {
        written = static_cast<std::size_t>(transaction.exec_params(kWrite, count, size).affected_rows());
        return Done{};
    }));
    return answer("inserted", written, begun);
}

Result<std::string> scan_probes(Pool& pool, int limit) {
    const auto begun = SteadyClock::now();
    std::size_t read = 0;
    VC_TRY(pool.read("test-scan", [&](pqxx::dbtransaction& transaction) -> Status {
        read = transaction.exec_params(kScan, limit).size();
        return Done{};
    }));
    return answer("rows", read, begun);
}

}  // namespace vetchart::central
