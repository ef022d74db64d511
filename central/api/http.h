#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vetchart::central {

/// One HTTP request, whole, as the transport read it: nothing decoded.
struct Request {
    std::string method, path, query, body;
    std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
    std::string peer;  ///< The asking peer's address; behind a proxy the one that the proxy tells.

    /// The first value of a header (lower-case name); empty when absent.
    [[nodiscard]] std::string_view header(std::string_view name) const {
        const auto at = std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return h.first == name; });
        return at == headers.end() ? std::string_view() : std::string_view(at->second);
    }
};

class Deferred;

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::unique_ptr<Deferred> deferred;  ///< Set: this is no answer yet.
    std::shared_ptr<void> hold;          ///< Kept until the answer is written, or its peer gone.
};

/// A request that waits for something else than a worker thread. The connection is parked without one. Destroyed
/// without finish() when the peer goes away; the Request it came from outlives it.
class Deferred {
public:
    virtual ~Deferred() = default;
    /// How long to wait at most. Asked once, before start().
    [[nodiscard]] virtual std::chrono::milliseconds timeout() const = 0;
    /// Called once, on the network thread. `ready` may be called from any thread, also at once; it only hands over.
    /// It must be gone when this object is.
    virtual void start(std::function<void()> ready) = 0;
    /// The answer, after `ready`, the timeout, or the server's stop. On a worker thread unless finishes_quickly().
    [[nodiscard]] virtual Response finish() = 0;
    /// True when finish() needs neither database nor much time, so that it may run on the network thread.
    [[nodiscard]] virtual bool finishes_quickly() const = 0;
};

/// The error body every part of VetChart shows: a sentence for a person, and the slug for programs.
[[nodiscard]] Response error_response(int status, std::string_view code, std::string_view message);

/// Puts X-Body-SHA256 of the body into the answer (docs/sync-protocol.md), and compresses the body where that pays and
/// the peer takes it.
void seal(Response& response, bool accepts_gzip);

/// Leaves out what the node has: one that got the first part of this very answer before the line was cut asks for the
/// rest (docs/sync-protocol.md, *Slow lines*). Any other request gets the answer whole. Call it after seal().
void leave_out_what_arrived(const Request& request, Response& response);

[[nodiscard]] bool accepts_gzip(const Request& request);

}  // namespace vetchart::central
