#include "sync/base/central_url.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace vetchart {
namespace {

Error bad(std::string message) { return Error{Errc::invalid_input, std::move(message), "malformed"}; }

std::optional<int> parse_port(std::string_view text, int smallest) {
    int port = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port < smallest || port > 65535) {
        return std::nullopt;
    }
    return port;
}

bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > 253) return false;
    return host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
           std::string_view::npos;
}

bool is_ipv6(std::string_view host) {
    in6_addr ignored{};
    return inet_pton(AF_INET6, std::string(host).c_str(), &ignored) == 1;
}

struct Authority {
    std::string host;
    std::optional<std::string_view> port;
};

/// host, host:port, [v6] or [v6]:port.
std::optional<Authority> split_authority(std::string_view text) {
    Authority result;
    std::string_view rest;
    if (!text.empty() && text.front() == '[') {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        result.host = std::string(text.substr(1, close - 1));
        if (!is_ipv6(result.host)) return std::nullopt;
        rest = text.substr(close + 1);
    } else {
        const auto colon = text.find(':');
        result.host = std::string(text.substr(0, colon));
        if (!is_host_name(result.host)) return std::nullopt;
        rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
    }
    if (rest.empty()) return result;
    if (rest.front() != ':') return std::nullopt;
    result.port = rest.substr(1);
    return result;
}

std::optional<std::uint32_t> ipv4_of(std::string_view host) {
    in_addr address{};
    if (inet_pton(AF_INET, std::string(host).c_str(), &address) != 1) return std::nullopt;
    return ntohl(address.s_addr);
}

}  // namespace

Result<CentralUrl> parse_central_url(std::string_view text) {
    CentralUrl url;
    if (text.substr(0, 8) == "https://") {
        text.remove_prefix(8);
    } else if (text.substr(0, 7) == "http://") {
        url.tls = false;
        url.port = 80;
        text.remove_prefix(7);
    } else {
        return bad("the address of central must start with https://");
    }
    if (text.find_first_of("?#@ ") != std::string_view::npos) {
        return bad("the address of central must be https://host[:port][/path] and nothing else");
    }
    const auto slash = text.find('/');
    const auto authority = split_authority(text.substr(0, slash));
    if (!authority) return bad("the address of central has no usable host name");
    url.host = authority->host;
    if (authority->port) {
        const auto port = parse_port(*authority->port, 1);
        if (!port) return bad("the port in central's address must be 1..65535");
        url.port = *port;
    }
    if (slash != std::string_view::npos) url.path = std::string(text.substr(slash));
    while (!url.path.empty() && url.path.back() == '/') url.path.pop_back();
    if (!url.tls && !is_loopback_host(url.host)) {
        return bad("plain http is allowed to a loopback address only: the node's secret goes over this line");
    }
    return url;
}

std::string origin_of(const CentralUrl& url) {
    const bool v6 = url.host.find(':') != std::string::npos;
    return (url.tls ? "https://" : "http://") + (v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
}

bool is_loopback_host(std::string_view host) {
    if (host == "localhost" || host == "::1") return true;
    const auto v4 = ipv4_of(host);
    return v4 && (*v4 >> 24U) == 127;
}

bool is_private_host(std::string_view host) {
    if (const auto v4 = ipv4_of(host)) {
        return (*v4 >> 24U) == 10 || (*v4 >> 20U) == 0xAC1 || (*v4 >> 16U) == 0xC0A8 || (*v4 >> 16U) == 0xA9FE;
    }
    in6_addr v6{};
    if (inet_pton(AF_INET6, std::string(host).c_str(), &v6) != 1) return false;
    const unsigned first = v6.s6_addr[0];
    const unsigned second = v6.s6_addr[1];
    return (first & 0xFEU) == 0xFCU || (first == 0xFEU && (second & 0xC0U) == 0x80U);
}

Result<HostPort> parse_host_port(std::string_view text) {
    const auto authority = split_authority(text);
    if (!authority || !authority->port) return bad("an address to listen on is HOST:PORT, as 127.0.0.1:8080");
    const auto port = parse_port(*authority->port, 0);
    if (!port) return bad("the port must be 0..65535");
    return HostPort{authority->host, *port};
}

}  // namespace vetchart
