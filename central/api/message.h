#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "central/api/http.h"
#include "sync/base/http_request.h"

/// HTTP/1.1's forms of requests and answers, between the reader of bytes and the handlers.
namespace vetchart::central {

inline constexpr const char* kCloseField = "Connection: close";

/// The Keep-Alive field. It announces less than is held, so a request sent at its last moment finds the connection
/// open.
[[nodiscard]] std::string keep_alive_field(std::chrono::milliseconds idle_time);

/// The answer's head with its empty line; `connection` is a whole header line.
[[nodiscard]] std::string head_of(const Response& response, const std::string& connection);

/// Takes the reader's head and body.
[[nodiscard]] Request request_of(HttpRequestReader& reader);

/// Runs `job` and returns its answer; an exception in it is a 500 and a line in the log.
[[nodiscard]] Response answer_of(const std::function<Response()>& job);

/// The address for which the last proxy speaks: the last entry of the last X-Forwarded-For line. nullopt: there is
/// none, or it is no address.
[[nodiscard]] std::optional<std::string> forwarded_peer(const Request& request);

}  // namespace vetchart::central
