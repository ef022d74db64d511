#include "central/store/pool.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <pqxx/pqxx>
#include <utility>

namespace vetchart::central {
namespace {

using SteadyClock = std::chrono::steady_clock;

// These are SET LOCAL and no session settings: behind a pooler in transaction mode the session changes each time.
constexpr const char* kWriteSettings =
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; "
    "SET LOCAL lock_timeout = '4s'; SET LOCAL statement_timeout = '60s'; "
    "SET LOCAL idle_in_transaction_session_timeout = '120s'; SET LOCAL search_path = public, pg_temp";
constexpr const char* kReadSettings =
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL lock_timeout = '4s'; "
    "SET LOCAL statement_timeout = '60s'; SET LOCAL idle_in_transaction_session_timeout = '120s'; "
    "SET LOCAL search_path = public, pg_temp";

using ReadTransaction = pqxx::transaction<pqxx::repeatable_read, pqxx::readwrite_policy::read_only>;

Result<long> number_from_environment(const char* name, long fallback, long least, long most) {
    const char* text = std::getenv(name);
    if (text == nullptr || *text == '\0') return fallback;
    const std::string_view view(text);
    long value = 0;
    const auto [end, ec] = std::from_chars(view.data(), view.data() + view.size(), value);
    if (ec != std::errc{} || end != view.data() + view.size() || value < least || value > most) {
        return Error{Errc::invalid_input, std::string(name) + ": must be a whole number from " + std::to_string(least) +
                                              " to " + std::to_string(most)};
    }
    return value;
}

void add_parameter(std::string& url, std::string_view key, const std::string& value) {
    if (url.find(std::string(key) + "=") != std::string::npos) return;
    const bool is_uri = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if (is_uri) {
        url += url.find('?') == std::string::npos ? '?' : '&';
    } else if (!url.empty()) {
        url += ' ';
    }
    url.append(key).append("=").append(value);
}

}  // namespace

std::string connection_string(const PoolOptions& options) {
    std::string url = options.url;
    const auto seconds = std::max<std::int64_t>(2, (options.connection_timeout.count() + 999) / 1000);
    add_parameter(url, "connect_timeout", std::to_string(seconds));
    add_parameter(url, "keepalives_idle", "15");
    add_parameter(url, "keepalives_interval", "5");
    add_parameter(url, "tcp_user_timeout", "20000");
    add_parameter(url, "client_encoding", "UTF8");
    add_parameter(url, "fallback_application_name", options.application_name);
    return url;
}

Result<PoolOptions> pool_options_from_environment(const std::string& url) {
    PoolOptions options;
    options.url = url;
    if (const char* given = std::getenv("DATABASE_URL"); url.empty() && given != nullptr) options.url = given;
    VC_TRY_ASSIGN(const long size_max, number_from_environment("PGPOOL_MAX", 10, 1, 1000));
    VC_TRY_ASSIGN(const long idle_max, number_from_environment("PGPOOL_IDLE", 30000, 0, 86400000));
    VC_TRY_ASSIGN(const long timeout, number_from_environment("PGPOOL_CONN_TIMEOUT", 5000, 1, 600000));
    options.size_max = static_cast<std::size_t>(size_max);
    options.idle_max = std::chrono::milliseconds(idle_max);
    options.connection_timeout = std::chrono::milliseconds(timeout);
    return options;
}

/// One connection. The handler keeps libpqxx's notices, which can quote rows, off standard error.
struct Pool::Session {
    explicit Session(const std::string& url) : connection(url), quiet(connection) {
        connection.set_verbosity(pqxx::connection_base::terse);
    }

    pqxx::connection connection;
    pqxx::quiet_errorhandler quiet;
    SteadyClock::time_point idle_since = SteadyClock::now();
    bool reused = false;
};

struct Pool::Attempt {
    Status status;
    bool began = false;  ///< False: the connection was lost before any of the work ran.
    bool keep = false;   ///< The connection can serve again.
};

Pool::Pool(PoolOptions options, Rng& rng) : options_(std::move(options)), rng_(rng) {}
Pool::~Pool() = default;

Status Pool::transact(std::string_view operation, const std::function<Status(pqxx::work&)>& work) {
    return run<pqxx::work>(operation, kWriteSettings, work);
}

Status Pool::read(std::string_view operation, const std::function<Status(pqxx::dbtransaction&)>& work) {
    return run<ReadTransaction>(operation, kReadSettings, work);
}

template <class Transaction, class Work>
Status Pool::run(std::string_view operation, const char* settings, const Work& work) {
    for (;;) {
        VC_TRY_ASSIGN(std::unique_ptr<Session> session, take());
        const bool reused = session->reused;
        Attempt result = attempt<Transaction>(*session, operation, settings, work);
        if (result.keep) {
            give_back(std::move(session));
            return result.status;
        }
        // An idle connection that died (a restart, a failover) says nothing about the server now. Nothing of the work
        // ran, so it runs on another connection, and all idle ones are dropped. It ends, since a new one is not idle.
        const bool again = !result.began && reused && result.status.error().code == Errc::unavailable;
        discard(std::move(session), again);
        if (!again) return result.status;
    }
}

template <class Transaction, class Work>
Pool::Attempt Pool::attempt(Session& session, std::string_view operation, const char* settings, const Work& work) {
    Attempt result{Error{Errc::internal, {}}};
    try {
        Transaction transaction(session.connection);
        transaction.exec(settings);
        result.began = true;
        result.status = work(transaction);
        if (result.status) {
            transaction.commit();
        } else {
            transaction.abort();
        }
        result.keep = true;
    } catch (...) {
        result.status = error_from_current_exception(operation);
        const Errc code = result.status.error().code;
        result.keep = code != Errc::unavailable && code != Errc::outcome_unknown && code != Errc::internal;
    }
    return result;
}

Result<std::unique_ptr<Pool::Session>> Pool::take() {
    const auto deadline = SteadyClock::now() + options_.connection_timeout;
    std::vector<std::unique_ptr<Session>> closed;  // Closed after the lock is free: closing can block.
    std::unique_lock guard(lock_);
    for (;;) {
        closed = expired_locked();
        if (!idle_.empty()) {
            auto session = std::move(idle_.back());
            idle_.pop_back();
            session->reused = true;
            return session;
        }
        if (open_ < options_.size_max) {
            ++open_;
            guard.unlock();
            return connect();
        }
        ++waiting_;
        const auto woken = freed_.wait_until(guard, deadline);
        --waiting_;
        if (woken == std::cv_status::timeout && idle_.empty() && open_ >= options_.size_max) {
            return Error{Errc::busy, "no database connection became free in time", "pool_exhausted"};
        }
    }
}

Result<std::unique_ptr<Pool::Session>> Pool::connect() {
    Error error;
    try {
        return std::make_unique<Session>(connection_string(options_));
    } catch (const pqxx::broken_connection& e) {
        // The message names host, port and database and no rows, since nothing was read yet.
        std::string text = e.what();
        std::replace_if(
            text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
        text.erase(text.find_last_not_of(' ') + 1);
        error = Error{Errc::unavailable, "cannot connect to the database: " + text};
    } catch (...) {
        error = error_from_current_exception("connect");
    }
    const std::lock_guard guard(lock_);
    --open_;
    freed_.notify_one();
    return error;
}

void Pool::give_back(std::unique_ptr<Session> session) {
    std::vector<std::unique_ptr<Session>> closed;
    const std::lock_guard guard(lock_);
    session->idle_since = SteadyClock::now();
    idle_.push_back(std::move(session));
    closed = expired_locked();
    freed_.notify_one();
}

void Pool::discard(std::unique_ptr<Session> session, bool others_too) {
    std::vector<std::unique_ptr<Session>> others;
    {
        const std::lock_guard guard(lock_);
        if (others_too) others.swap(idle_);
        open_ -= 1 + others.size();
        freed_.notify_all();
    }
    session.reset();
}

std::vector<std::unique_ptr<Pool::Session>> Pool::expired_locked() {
    std::vector<std::unique_ptr<Session>> expired;
    const auto oldest = SteadyClock::now() - options_.idle_max;
    while (!idle_.empty() && idle_.front()->idle_since < oldest) {
        expired.push_back(std::move(idle_.front()));
        idle_.erase(idle_.begin());
        --open_;
    }
    return expired;
}

Pool::Gauge Pool::gauge() {
    std::vector<std::unique_ptr<Session>> closed;
    const std::lock_guard guard(lock_);
    closed = expired_locked();
    return Gauge{open_, idle_.size(), waiting_};
}

}  // namespace vetchart::central
