#include "central/api/message.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>

#include "sync/base/peer_address.h"

namespace vetchart::central {
namespace {

std::string_view reason_of(int status) {
    const auto text = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
    return {text.data(), text.size()};
}

}  // namespace

std::string head_of(const Response& response, const std::string& connection) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head.append(reason_of(response.status)).append("\r\nContent-Type: ").append(response.content_type);
    head.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
    for (const auto& [name, value] : response.headers) head.append("\r\n").append(name).append(": ").append(value);
    return head.append("\r\n").append(connection).append("\r\n\r\n");
}

std::string keep_alive_field(std::chrono::milliseconds idle_time) {
    const auto held = std::chrono::duration_cast<std::chrono::seconds>(idle_time);
    return "Keep-Alive: timeout=" + std::to_string(std::max<std::chrono::seconds::rep>(held.count() * 4 / 5, 1));
}

Request request_of(HttpRequestReader& reader) {
    HttpHead& head = reader.head();
    Request request;
    request.method = std::move(head.method);
    const std::string_view target = head.target;
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
    request.headers = std::move(head.fields);
    request.body = std::move(reader.body());
    return request;
}

Response answer_of(const std::function<Response()>& job) {
    try {
        return job();
    } catch (...) {
        spdlog::error("a request ended by an exception");
    }
    return error_response(500, "internal", "Central failed. Its log says why.");
}

std::optional<std::string> forwarded_peer(const Request& request) {
    const auto header = std::find_if(request.headers.rbegin(), request.headers.rend(),
                                     [](const auto& field) { return field.first == "x-forwarded-for"; });
    if (header == request.headers.rend()) return std::nullopt;
    return last_forwarded(header->second);
}

}  // namespace vetchart::central
