#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "edge/link/node_folder.h"
#include "sync/base/result.h"
#include "sync/model/change.h"

namespace vetchart::edge {

/// Requests and replies are JSON objects of one line each; a request is `{"command": NAME, ...}`, a reply
/// `{"ok": true, ...}` or `{"ok": false, "error": text, "code": slug, "errc": kind}`.
inline constexpr std::size_t kControlBytesMax = 1U << 20U;
inline constexpr std::chrono::milliseconds kControlLineTimeout{5000};  ///< For a whole line to come in or go out.
inline constexpr int kControlWorkers = 4;  ///< Requests answered at once; more wait in the kernel's queue.

/// Answers a request object; runs on one of the server's threads, several at once.
using ControlHandler = std::function<Result<sync::Json>(const sync::Json& request)>;

/// DIR/control.sock of a running daemon, mode 0600. A client that sends garbage, too much, or too slowly is
/// answered with an error or dropped, and keeps one worker busy no longer than the line timeout.
class ControlServer {
public:
    /// Replaces a socket file left behind: the caller holds the folder's lock. Errors: internal.
    [[nodiscard]] static Result<std::unique_ptr<ControlServer>> start(
        const NodeFolder& folder, ControlHandler handler, std::chrono::milliseconds line_timeout = kControlLineTimeout);
    /// Waits for requests being answered, then removes the socket.
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

private:
    struct Impl;
    explicit ControlServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Sends one request to the daemon of `folder`. The error of the daemon's own answer is passed on as it is.
/// Errors besides: not_found (no daemon listens), unavailable (no whole answer within `timeout`).
[[nodiscard]] Result<sync::Json> control_call(const NodeFolder& folder, const sync::Json& request,
                                              std::chrono::milliseconds timeout);

}  // namespace vetchart::edge
