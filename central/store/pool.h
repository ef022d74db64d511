#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/result.h"
#include "sync/base/rng.h"
#include "sync/base/time.h"

namespace vetchart::central {

struct PoolOptions {
    std::string url;                                     ///< libpq URI or conninfo; empty: the PG* variables alone.
    std::size_t size_max = 10;                           ///< PGPOOL_MAX
    std::chrono::milliseconds idle_max{30000};           ///< PGPOOL_IDLE: an idle connection is closed after it.
    std::chrono::milliseconds connection_timeout{5000};  ///< PGPOOL_CONN_TIMEOUT: waiting for one, and connecting.
    std::string application_name = "vetchart-central";
};

/// Reads PGPOOL_MAX, PGPOOL_IDLE, PGPOOL_CONN_TIMEOUT and DATABASE_URL; `url` (from --database-url) wins.
/// invalid_input names the variable and what is wrong with it.
[[nodiscard]] Result<PoolOptions> pool_options_from_environment(const std::string& url);

/// A bounded pool of PostgreSQL connections. Thread-safe. A connection that threw broken_connection is dropped,
/// never given back. Sessions are set to UTC, ISO dates, terse errors, READ COMMITTED, lock_timeout 4 s,
/// statement_timeout 60 s, search_path public.
class Pool {
public:
    /// `rng`: what ids and tokens of whoever writes over this pool are drawn from; it must outlive it.
    Pool(PoolOptions options, Rng& rng);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Runs `work` in one transaction; commits when it returns ok, else rolls back. Exceptions of libpqxx end here
    /// and become an Error: in-doubt commits outcome_unknown; serialization failure, deadlock and lock timeout
    /// busy; lost connection unavailable; class 23 and VC conflict with the rule's slug or the constraint's name;
    /// class 22 invalid_input; the rest internal. `context` holds SQLSTATE and constraint, never row values.
    [[nodiscard]] Status transact(std::string_view operation, const std::function<Status(pqxx::work&)>& work);

    /// The same in a READ ONLY, REPEATABLE READ transaction: one snapshot.
    [[nodiscard]] Status read(std::string_view operation, const std::function<Status(pqxx::dbtransaction&)>& work);

    [[nodiscard]] Rng& rng() { return rng_; }

    struct Gauge {
        std::size_t open = 0, idle = 0, waiting = 0;
    };
    [[nodiscard]] Gauge gauge();

private:
    struct Session;
    struct Attempt;
    template <class Transaction, class Work>
    Status run(std::string_view operation, const char* settings, const Work& work);
    template <class Transaction, class Work>
    Attempt attempt(Session& session, std::string_view operation, const char* settings, const Work& work);
    Result<std::unique_ptr<Session>> take();
    Result<std::unique_ptr<Session>> connect();
    void give_back(std::unique_ptr<Session> session);
    void discard(std::unique_ptr<Session> session, bool others_too);
    std::vector<std::unique_ptr<Session>> expired_locked();

    PoolOptions options_;
    Rng& rng_;
    std::mutex lock_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Session>> idle_;  ///< The one used last is at the back.
    std::size_t open_ = 0;
    std::size_t waiting_ = 0;
};

/// The one place where libpqxx's exceptions end. Call only from a catch block.
[[nodiscard]] Error error_from_current_exception(std::string_view operation);

/// `url` with what every connection of this program needs and the user did not give: a connect timeout, a bound on
/// how long a dead peer goes unnoticed, UTF-8, an application name.
[[nodiscard]] std::string connection_string(const PoolOptions& options);

}  // namespace vetchart::central
