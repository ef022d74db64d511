#pragma once

#include <httplib.h>

#include <functional>
#include <memory>

#include "edge/api/byte_budget.h"
#include "edge/api/connection_limits.h"
#include "host/identity.h"
#include "sync/base/http_head.h"

/// The library's server with limits of its own on what a connection may hold, and with its reading of requests taken
/// out of its hands. Included by server.cpp alone.
///
/// A request goes this way: its bytes are read under ConnectionLimits (GuardedStream) by HttpRequestReader, head and
/// body, whole; what is no request is answered, and the connection closed. The library is then given a bare request
/// line, the body, and the header fields as they were read (ReplayStream): it never sees the connection, so a body that
/// nobody wanted cannot become the next request. `Range` is dropped on the way: nothing here needs it, and the library
/// would build hundreds of ranges in memory.
///
/// A connection has a thread for as long as it lives: a head has a whole time and a size, a body and an answer a
/// lowest speed; what is slower is cut off. One address may hold half of the connections, this computer itself all of
/// them (behind a proxy everyone comes from one address). When few threads are left, answers close their connections.
namespace vetchart::edge {

/// The header by which a handler learns that the body was refused: the status to answer. No client can send it, as a
/// colon is no character of a name.
inline constexpr const char* kRefusedField = ":refused";

/// The body of a 500 that needs no memory to be made.
inline constexpr const char* kInternalError =
    R"({"code":"internal","error":"Something went wrong inside.","fields":{},)"
    R"("message":"Something went wrong inside."})";

struct GuardedOptions {
    ConnectionLimits limits;
    int threads = 64;
    std::size_t body_bytes_max = 1U << 20U;
    ByteBudget* budget = nullptr;  ///< Of the bodies being read and worked on. Outlives the server.
    /// The whole answer, head and body, to what is no request; with `Connection: close`.
    std::function<std::string(const HttpFault&)> refusal;
    /// What TLS shows, instead of the library's own context, which never changes. Null: plain HTTP.
    std::shared_ptr<host::Identity> identity;
};

/// With an identity a server that speaks TLS only, and shows each new connection what the identity holds by then.
[[nodiscard]] std::unique_ptr<httplib::Server> make_guarded_server(const GuardedOptions& options);

}  // namespace vetchart::edge
