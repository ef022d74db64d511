#pragma once

#include <httplib.h>

#include <memory>
#include <string>

#include "edge/api/connection_limits.h"

/// The library's server with limits of its own on what a connection may hold. Included by server.cpp alone.
///
/// A connection has a thread for as long as it lives, and the library's time-outs begin anew with every byte: a few
/// clients that send or read a byte now and then would hold all threads. Here a head has a whole time and a size, and
/// a body and an answer a lowest speed; what is slower is cut off. One address may hold half of the connections, this
/// computer itself all of them (behind a proxy everyone comes from it).
namespace vetchart::edge {

/// With both files a server that speaks TLS only; is_valid() is false when they cannot be used.
[[nodiscard]] std::unique_ptr<httplib::Server> make_guarded_server(const std::string& tls_cert,
                                                                   const std::string& tls_key,
                                                                   const ConnectionLimits& limits);

}  // namespace vetchart::edge
