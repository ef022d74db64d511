#include "edge/api/http.h"

#include <array>

#include "sync/base/digest.h"
#include "sync/base/result.h"

namespace vetchart::edge {
namespace {

std::string value_or_empty(const std::map<std::string, std::string>& map, const std::string& name) {
    const auto found = map.find(name);
    return found == map.end() ? std::string() : found->second;
}

}  // namespace

std::string Request::header(const std::string& name) const { return value_or_empty(headers, name); }

std::string Request::query_value(const std::string& name) const { return value_or_empty(query, name); }

const std::string& Request::param(const std::string& name) const {
    const auto found = params.find(name);
    VC_ASSERT(found != params.end());
    return found->second;
}

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Response json_response(int status, std::string body) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

Response json_response(int status, const Json& body) { return json_response(status, dump(body)); }

Response row_response(int status, std::string row) {
    Response response = json_response(status, std::move(row));
    response.headers.emplace_back("ETag", etag_of(response.body));
    return response;
}

Response message_response(const std::string& text) { return json_response(200, Json{{"message", text}}); }

std::string etag_of(const std::string& row) {
    constexpr std::array kLeftOut = {"owner",     "patient",    "appointment",  "medicalRecords", "syncState",
                                     "updatedAt", "billNumber", "numberStatus", "mergedInto"};
    Json value = Json::parse(row, nullptr, false);
    if (value.is_object()) {
        for (const char* name : kLeftOut) value.erase(name);
        // A bill that is shown as overdue, or stored so by central's sweep, was edited by nobody.
        const auto status = value.find("status");
        if (status != value.end() && *status == "overdue") *status = "sent";
    }
    const std::string content = value.is_discarded() ? row : dump(value);
    return '"' + to_hex(sha256(content)).substr(0, 32) + '"';
}

}  // namespace vetchart::edge
