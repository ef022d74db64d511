#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "edge/link/call_watch.h"
#include "edge/link/proxy.h"
#include "sync/base/central_url.h"
#include "sync/base/result.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {

/// Who this node is to central. Kept in DIR/node.key, never in the database, never in a backup or a log.
struct Credentials {
    std::string node_id;
    std::string secret;
};

struct CentralClientOptions {
    CentralUrl url;
    std::filesystem::path ca_file;           ///< Empty: the system's authorities.
    std::optional<Credentials> credentials;  ///< Absent while enrolling.
    std::optional<ProxyAddress> proxy;       ///< On the way there. Only with TLS.
    int schema_version = 0;
    std::chrono::milliseconds connect_timeout{10000};
    CallLimits limits;
};

/// An answer with an error status: central was reached, and said no. Nothing was changed there.
struct Refusal {
    int status = 0;
    sync::ErrorReply error;
};

/// What central said: exactly one of the two.
template <class T>
struct Answer {
    std::optional<T> reply;
    std::optional<Refusal> refusal;
};

/// The node's HTTPS line to central (docs/sync-protocol.md). One connection, kept alive; a call blocks.
/// Not thread-safe, but for interrupt().
///
/// Errors of every call: `unavailable` when no trustworthy answer came - no connection, a certificate that does
/// not verify, an answer that is not central's (slugs of link_failure.h), a proxy that refuses or is not there
/// (`proxy_refused`, `proxy_unreachable`), a line cut, a body without its digest or with another (slug `line_cut`), an
/// answer of 429 or 5xx (slug of its body), too low a speed (CallLimits; `too_slow`), interrupt(). All may be repeated:
/// a push is known by its digests, and an enrolment whose answer was lost needs a new invitation.
class CentralClient {
public:
    explicit CentralClient(CentralClientOptions options);
    ~CentralClient();
    CentralClient(const CentralClient&) = delete;
    CentralClient& operator=(const CentralClient&) = delete;

    [[nodiscard]] Result<Answer<sync::EnrollReply>> enroll(const sync::EnrollRequest& request);
    [[nodiscard]] Result<Answer<sync::MeReply>> me();
    [[nodiscard]] Result<Answer<sync::PushReply>> push(const sync::PushRequest& request);
    [[nodiscard]] Result<Answer<sync::PullReply>> pull(const sync::PullRequest& request);
    /// The long poll: returns when central has news or the request's timeout passed.
    [[nodiscard]] Result<Answer<sync::WaitReply>> wait(const sync::WaitRequest& request);

    /// How long nothing has moved in the call under way; 0 between calls. From any thread.
    [[nodiscard]] std::chrono::milliseconds quiet() const;

    /// The last call failed, but either side has more of it than before: the same call goes on from there.
    [[nodiscard]] bool moved() const;

    /// The last TLS handshake took up an earlier session. For tests.
    [[nodiscard]] bool resumed() const;

    /// Ends the call under way, and makes every later one fail at once. From any thread.
    void interrupt();

private:
    class Line;
    std::unique_ptr<Line> line_;
};

}  // namespace vetchart::edge
