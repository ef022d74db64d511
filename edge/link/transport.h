#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "edge/link/call_watch.h"
#include "edge/link/proxy.h"
#include "sync/base/central_url.h"
#include "sync/base/result.h"

/// The seam between what a node says to central and the line it is said over (docs/architecture.md, Seams): requests
/// and answers as bytes, and the failures that a line has. What the bytes mean is CentralClient's.
namespace vetchart::edge {

/// A request to central as it goes over the line.
struct LineRequest {
    const char* method = "POST";
    std::string path;                                          ///< Behind that of central's URL.
    std::vector<std::pair<std::string, std::string>> headers;  ///< Those that mean something to central.
    std::string body;                  ///< Compressed, and only the rest where central has its beginning.
    std::chrono::milliseconds hold{};  ///< How much longer than usual central may hold its answer.
};

/// What arrived of an answer in one call.
struct LineAnswer {
    int status = 0;        ///< 0: not even the head is here.
    std::string encoding;  ///< Content-Encoding
    std::string digest;    ///< X-Body-SHA256
    std::string offset;    ///< X-Body-Offset: what of the body was left out, since an earlier call brought it.
    std::string body;      ///< As sent. At most sync::kBodyBytesMax.
};

/// How a call ended. With a failure the answer is as much as came before it.
struct Delivery {
    LineAnswer answer;
    std::optional<Error> failure;  ///< `unavailable`, with a slug of docs/errors.md.
    std::size_t acknowledged = 0;  ///< Bytes of the request's body that surely are at the other side.
};

/// A line to central. A call blocks and is one at a time; nothing of it is repeated. Not thread-safe, but for quiet()
/// and interrupt().
class Transport {
public:
    Transport() = default;
    virtual ~Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    [[nodiscard]] virtual Delivery call(const LineRequest& request) = 0;
    /// How long nothing has moved in the call under way; 0 between calls.
    [[nodiscard]] virtual std::chrono::milliseconds quiet() = 0;
    /// Ends the call under way, and makes every later one fail at once (`interrupted`).
    virtual void interrupt() = 0;
};

struct LineOptions {
    CentralUrl url;
    std::filesystem::path ca_file;      ///< Empty: the system's authorities.
    std::optional<ProxyAddress> proxy;  ///< On the way there. Only with TLS.
    std::chrono::milliseconds connect_timeout{10000};
    CallLimits limits;
};

/// Makes lines; the real one is open_https_line().
using OpenLine = std::function<std::unique_ptr<Transport>(const LineOptions&)>;

}  // namespace vetchart::edge
