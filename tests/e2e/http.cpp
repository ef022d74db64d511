#include "tests/e2e/http.h"

#include <httplib.h>

#include "sync/base/text.h"

namespace vetchart::e2e {

std::string Reply::code() const {
    const auto value = json();
    return value.is_object() ? value.value("code", "") : "";
}

Reply send(const std::string& url, const std::string& method, const std::string& path, const Headers& headers,
           const std::string& body, const std::string& ca) {
    httplib::Client client(url);
    client.set_tcp_nodelay(true);
    client.set_connection_timeout(5);
    client.set_read_timeout(60);
    if (!ca.empty()) client.set_ca_cert_path(ca);
    httplib::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    for (const auto& [name, value] : headers) request.set_header(name, value);
    if (!body.empty() && !request.has_header("Content-Type")) request.set_header("Content-Type", "application/json");
    Reply reply;
    const auto result = client.send(request);
    if (!result) return reply;
    reply.status = result->status;
    reply.body = result->body;
    for (const auto& [name, value] : result->headers) reply.headers[ascii_lower(name)] = value;
    return reply;
}

}  // namespace vetchart::e2e
