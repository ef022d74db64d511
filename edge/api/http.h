#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "edge/store/rows/charts.h"
#include "sync/base/json.h"

/// A request and an answer as plain values: what the handlers see. Only server.cpp knows the HTTP library.
namespace vetchart::edge {

using Json = nlohmann::json;

struct Route;

struct Request {
    std::string method;
    std::string path;                            ///< Decoded, without the query.
    std::map<std::string, std::string> query;    ///< Decoded; of a repeated name the first value.
    std::map<std::string, std::string> headers;  ///< Names in lower case.
    std::map<std::string, std::string> params;   ///< What the route's {names} stood for.
    std::string body;                            ///< Inflated.
    std::string remote_address;
    const Route* route = nullptr;

    /// Empty when absent.
    [[nodiscard]] std::string header(const std::string& name) const;
    [[nodiscard]] std::string query_value(const std::string& name) const;
    /// A path parameter of the route. Precondition: the pattern names it.
    [[nodiscard]] const std::string& param(const std::string& name) const;
};

struct Response {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
    std::unique_ptr<RowStream> stream;  ///< Set: the body is what the stream gives.
    /// Set: the body is what this gives, piece by piece, until it returns false. It may wait a second.
    std::function<bool(std::string&)> events;
};

[[nodiscard]] Response json_response(int status, std::string body);
[[nodiscard]] Response json_response(int status, const Json& body);
/// A row of the charts with its ETag.
[[nodiscard]] Response row_response(int status, std::string row);
/// `{"message": text}`
[[nodiscard]] Response message_response(const std::string& text);

/// A quoted digest of what a person can edit in a row: not of the parents it embeds, nor of what the sync moves
/// (state, final number, version, times), so that a pull alone makes nobody's edit stale.
[[nodiscard]] std::string etag_of(const std::string& row);

/// Text that never throws on dumping: a shell may have stored bytes that are no UTF-8.
[[nodiscard]] std::string dump(const Json& value);

}  // namespace vetchart::edge
