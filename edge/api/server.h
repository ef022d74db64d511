#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "edge/api/connection_limits.h"
#include "edge/api/http.h"
#include "edge/store/file/database.h"
#include "edge/store/log/sync_store.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

namespace vetchart::edge {

/// An invitation as a person pasted it; `name`: what the node shall be called, `into`: see EnrollOrder.
struct EnrollRequest {
    std::string token, name, into;
};

/// Who may read GET /metrics; `this_computer`: nobody for whom a proxy asks.
enum class MetricsFor { everyone, this_computer, nobody };

/// What main.cpp gives the API. Every callback may be empty; all are called from the server's threads at once.
struct ApiOptions {
    std::filesystem::path key_file;  ///< DIR/secret.key, made with 0600 at first use. Signs the tokens.
    std::filesystem::path tls_cert;  ///< PEM chain; with tls_key the server speaks TLS only.
    std::filesystem::path tls_key;
    std::string setup_code;            ///< Lets a caller who is not on loopback set the node up; empty: nobody may.
    bool behind_proxy = false;         ///< A caller on loopback may then be anyone: no set-up without the code.
    std::vector<std::string> origins;  ///< Other origins whose pages may call the API (CORS), e.g. the old front end.
    std::vector<std::string> hosts;    ///< Names under which the node is asked, beside its own (site_check.h).
    MetricsFor metrics_for = MetricsFor::everyone;
    std::function<UtcMillis()> now;              ///< Wall clock; empty: the system's.
    std::function<Result<SyncStatus>()> status;  ///< Empty: read from the file by SyncStore::status.
    std::function<bool()> online;                ///< Did the last contact with central succeed? Empty: false.
    std::function<Status()> sync_now;            ///< One complete push and pull; blocks. Empty: 503 not_enrolled.
    /// Writes a checked copy of the database as a new file. Empty: 503.
    std::function<Status(const std::filesystem::path&)> back_up;
    /// Joins central; the first pull goes on behind it. Returns code and name of each clinic. Empty: 503.
    std::function<Result<std::vector<std::pair<std::string, std::string>>>(const EnrollRequest&)> enroll;
    int threads = 64;         ///< One per open connection, idle ones too.
    ConnectionLimits limits;  ///< per_address_max is at most half of the threads; behind a proxy there is none.
    /// Bounds request bodies with what they become in memory, and large answers, all together; beyond it 503.
    std::size_t memory_bytes = 256U << 20U;
};

/// The node's HTTP server: the REST API at /api, /metrics and the web app at /. Thread-safe.
class ApiServer {
public:
    /// Reads or makes the key file and the TLS files. Errors: invalid_input (TLS files), internal.
    /// `database` must outlive the server.
    [[nodiscard]] static Result<std::unique_ptr<ApiServer>> create(Database& database, ApiOptions options);
    ~ApiServer();
    ApiServer(const ApiServer&) = delete;
    ApiServer& operator=(const ApiServer&) = delete;

    /// Takes the port (0: any free one) and returns it. Errors: unavailable (address or port not to be had).
    [[nodiscard]] Result<int> bind(const std::string& host, int port);
    /// Answers requests until stop(). Precondition: bind() succeeded.
    void serve();
    /// Ends serve() once the requests in flight are answered. Call it from any thread, also before serve().
    void stop();

    [[nodiscard]] bool tls() const;
    /// Shows new connections the certificate that the files hold by now, when they changed or `anyway`; a pair that
    /// cannot be used is logged, and the former stays.
    void refresh_certificate(bool anyway);

private:
    struct Impl;
    explicit ApiServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// GET /api/sync/status (docs/api.md), for the command `status` too.
[[nodiscard]] Json sync_status_json(const SyncStatus& status, bool online);

}  // namespace vetchart::edge
