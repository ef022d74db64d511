#include "edge/api/site_check.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "edge/api/errors.h"
#include "sync/base/central_url.h"
#include "sync/base/text.h"

namespace vetchart::edge {
namespace {

/// The name that a Host header gives: in lower case, without port, brackets and the dot that may end it.
std::string name_of(std::string_view host) {
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        return end == std::string_view::npos ? std::string() : ascii_lower(host.substr(1, end - 1));
    }
    // More than one colon is an address without brackets, as a setting may give it.
    if (const auto colon = host.find(':'); colon != std::string_view::npos && colon == host.rfind(':')) {
        host = host.substr(0, colon);
    }
    if (host.ends_with('.')) host.remove_suffix(1);
    return ascii_lower(host);
}

bool is_address(const std::string& name) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    return ::inet_pton(AF_INET, name.c_str(), ignored.data()) == 1 ||
           ::inet_pton(AF_INET6, name.c_str(), ignored.data()) == 1;
}

bool is_change(const Request& request) {
    return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

/// Host and port of an origin, as a Host header has them.
std::string authority_of(const std::string& origin) {
    const auto at = origin.find("://");
    return at == std::string::npos ? std::string() : ascii_lower(std::string_view(origin).substr(at + 3));
}

}  // namespace

OwnNames::OwnNames(const std::string& listen, const std::vector<std::string>& names, bool behind_proxy)
    : names_{"localhost", name_of(listen)}, any_address_(behind_proxy || !is_loopback_host(listen)) {
    for (const std::string& name : names) set_.push_back(name_of(name));
    names_.insert(names_.end(), set_.begin(), set_.end());
    if (is_loopback_host(listen)) return;
    // The other computers of the house find this one by its own name, as their resolver or mDNS knows it.
    std::array<char, 256> own{};
    if (::gethostname(own.data(), own.size() - 1) != 0 || own[0] == '\0') return;
    names_.push_back(ascii_lower(own.data()));
    names_.push_back(ascii_lower(own.data()) + ".local");
}

bool OwnNames::has(std::string_view host) const {
    const std::string name = name_of(host);
    if (name.empty()) return false;
    if (is_address(name) && (any_address_ || is_loopback_host(name))) return true;
    return std::find(names_.begin(), names_.end(), name) != names_.end();
}

bool OwnNames::is_set(std::string_view host) const {
    return std::find(set_.begin(), set_.end(), name_of(host)) != set_.end();
}

std::optional<Response> refuse_other_name(const OwnNames& names, std::string_view host) {
    // Every browser names the host; HTTP/1.0 need not.
    if (host.empty() || names.has(host)) return std::nullopt;
    return error_response(421, "wrong_host",
                          "This node is not known by the name in your address. Use its usual address; whoever runs it "
                          "can add a name with the setting hosts.");
}

std::optional<Response> refuse_other_origin(const OwnNames& names, const Request& request,
                                            const std::vector<std::string>& allowed) {
    if (!is_change(request)) return std::nullopt;
    const std::string origin = request.header("origin"), site = request.header("sec-fetch-site");
    if (origin.empty() && site.empty()) return std::nullopt;  // It is no browser, or one that asks for its own page.
    if (!origin.empty() && std::find(allowed.begin(), allowed.end(), origin) != allowed.end()) return std::nullopt;
    if (site == "same-origin" || site == "none") return std::nullopt;
    const std::string authority = authority_of(origin);
    // Plain HTTP and old browsers have no Sec-Fetch-Site. A proxy may have put its own name for the node into Host.
    const bool own =
        !authority.empty() && (authority == ascii_lower(request.header("host")) || names.is_set(authority));
    if (site.empty() && own) return std::nullopt;
    return error_response(403, "other_site", "A page of another site may change nothing here.");
}

}  // namespace vetchart::edge
