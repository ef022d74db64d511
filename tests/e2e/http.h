#pragma once

#include <map>
#include <string>

#include "sync/base/json.h"

namespace vetchart::e2e {

using Json = nlohmann::json;
using Headers = std::map<std::string, std::string>;

/// An answer. Status 0: there was none (refused, cut, or not in time).
struct Reply {
    int status = 0;
    std::string body;
    Headers headers;  ///< Names in lower case.

    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
    /// The body; null when it is no JSON.
    [[nodiscard]] Json json() const { return Json::parse(body, nullptr, false); }
    /// The error body's machine name; empty when it has none.
    [[nodiscard]] std::string code() const;
};

/// Sends one request on a line of its own. `url` is http(s)://host:port; `ca` the CA file for https.
[[nodiscard]] Reply send(const std::string& url, const std::string& method, const std::string& path,
                         const Headers& headers = {}, const std::string& body = {}, const std::string& ca = {});

}  // namespace vetchart::e2e
