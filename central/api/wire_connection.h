#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "central/api/http.h"
#include "central/api/pace.h"
#include "central/api/wire_stream.h"
#include "sync/base/http_request.h"

/// Only for central/api/server.cpp: what the network thread knows of one connection. Not thread-safe.
namespace vetchart::host {
class Identity;
}

namespace vetchart::central {

/// How reading a request ended.
struct Reading {
    bool complete = false;
    std::optional<HttpFault> fault = {};  ///< Why the request is not complete, for the peer. nullopt: just close.
};

/// Adds to a count for as long as it lives, also when a coroutine ends by an exception.
struct Counted {
    Counted(std::size_t& total_given, std::size_t amount_given) : total(total_given), amount(amount_given) {
        total += amount;
    }
    ~Counted() { total -= amount; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

    std::size_t& total;
    const std::size_t amount;
};

/// The network thread's view of one connection; in a list, so that stop() reaches the idle and the parked.
struct Connection {
    enum class State { idle, busy, parked };
    WireStream* stream = nullptr;
    boost::asio::steady_timer* parking = nullptr;
    State state = State::idle;
    std::optional<Pace> pace = {};     ///< Set while a body is on its way.
    std::optional<Counted> held = {};  ///< Its body's or answer's share of what all have together.

    [[nodiscard]] int socket() const { return stream->socket().socket().native_handle(); }
    /// Makes a write wait while much is unsent in the kernel's buffer, so that what was written is on its way.
    void bound_unsent() const;
};

/// Watches a connection while it lives: a body that moves too slowly ends the connection.
struct Paced {
    explicit Paced(Connection& connection_given) : connection(connection_given) {
        connection.pace.emplace().begin(bytes_moved(connection.socket()), std::chrono::steady_clock::now());
        connection.stream->socket().expires_never();
    }
    ~Paced() { connection.pace.reset(); }
    Paced(const Paced&) = delete;
    Paced& operator=(const Paced&) = delete;

    Connection& connection;
};

/// The address that a request came from; behind a proxy the last one that it added, since only the proxy can reach the
/// port then.
std::string peer_of(WireStream& stream, const Request& request, bool behind_proxy);

/// The context of the pair in use now. Streams made from it hold it for themselves.
boost::asio::ssl::context context_of(const host::Identity& identity);

}  // namespace vetchart::central
