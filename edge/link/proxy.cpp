#include "edge/link/proxy.h"

#include <poll.h>
#include <sodium.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <sstream>

#include "sync/base/text.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kHeadBytesMax = 16U << 10U;

Error bad(const char* what) { return Error{Errc::invalid_input, what, "malformed"}; }

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        unsigned value = 0;
        const char* first = text.data() + i + 1;
        if (i + 2 >= text.size()) return std::nullopt;
        const auto [end, error] = std::from_chars(first, first + 2, value, 16);
        if (error != std::errc{} || end != first + 2) return std::nullopt;
        decoded += static_cast<char>(value);
        i += 2;
    }
    return decoded;
}

/// True when an exception covers `host`: `example.org` and `.example.org` both name the host and all below it.
bool names(std::string_view entry, const CentralUrl& url) {
    if (entry == "*") return true;
    const auto colon = entry.rfind(':');
    if (colon != std::string_view::npos && entry.find(':') == colon) {
        if (entry.substr(colon + 1) != std::to_string(url.port)) return false;
        entry = entry.substr(0, colon);
    }
    if (!entry.empty() && entry.front() == '.') entry.remove_prefix(1);
    const std::string name = ascii_lower(entry), host = ascii_lower(url.host);
    if (name.empty() || !host.ends_with(name)) return false;
    return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

bool is_excepted(const std::string& exceptions, const CentralUrl& url) {
    std::istringstream list(exceptions);
    for (std::string entry; std::getline(list, entry, ',');) {
        if (names(trim_blanks(entry), url)) return true;
    }
    return false;
}

std::string target_of(const CentralUrl& url) {
    const bool v6 = url.host.find(':') != std::string::npos;
    return (v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
}

bool send_all(int socket, std::string_view bytes, PlainSocket::Deadline deadline) {
    while (!bytes.empty()) {
        if (!PlainSocket::wait_ready(socket, POLLOUT, deadline)) return false;
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string base64(const std::string& text) {
    std::string out(sodium_base64_encoded_len(text.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    out.pop_back();  // sodium_bin2base64 ends its text with a NUL.
    return out;
}

/// The head of the proxy's answer. Behind it comes nothing: the server waits for the client's hello.
std::optional<std::string> read_head(int socket, PlainSocket::Deadline deadline) {
    std::string head;
    std::array<char, 1024> piece{};
    while (head.find("\r\n\r\n") == std::string::npos && head.size() < kHeadBytesMax) {
        if (!PlainSocket::wait_ready(socket, POLLIN, deadline)) return std::nullopt;
        const ssize_t got = ::recv(socket, piece.data(), piece.size(), 0);
        if (got <= 0) break;
        head.append(piece.data(), static_cast<std::size_t>(got));
    }
    return head;
}

/// The status of the proxy's answer; 0: that is no HTTP answer.
int status_in(std::string_view head) {
    if (!head.starts_with("HTTP/1.") || head.size() < 12 || head[8] != ' ') return 0;
    int status = 0;
    const auto [end, error] = std::from_chars(head.data() + 9, head.data() + 12, status);
    return error == std::errc{} && end == head.data() + 12 ? status : 0;
}

}  // namespace

Result<ProxyAddress> parse_proxy(std::string_view text) {
    if (text.starts_with("http://")) {
        text.remove_prefix(7);
    } else if (text.find("://") != std::string_view::npos) {
        return bad("only a proxy that is spoken to over http:// is supported; \"none\" switches it off");
    }
    if (text.ends_with('/')) text.remove_suffix(1);
    ProxyAddress proxy;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        const std::string_view who = text.substr(0, at);
        const auto colon = who.find(':');
        const auto user = percent_decoded(who.substr(0, colon));
        const auto password = percent_decoded(colon == std::string_view::npos ? "" : who.substr(colon + 1));
        if (!user || user->empty() || !password || password->empty() || user->find(':') != std::string::npos) {
            return bad("before the @ user:password is expected, percent-encoded");
        }
        proxy.user = *user;
        proxy.password = *password;
        text.remove_prefix(at + 1);
    }
    // What is left has the form of central's address, and is read the same way.
    const auto address = parse_central_url("https://" + std::string(text));
    if (!address || !address->path.empty()) return bad("http://[user:password@]host[:port] or \"none\" is expected");
    proxy.host = address->host;
    const bool has_port = !text.ends_with(']') && text.rfind(':') != std::string_view::npos;
    if (has_port) proxy.port = address->port;
    return proxy;
}

std::optional<ProxyAddress> ProxyRules::on_the_way_to(const CentralUrl& url) const {
    if (off || !url.tls) return std::nullopt;
    if (own) return own;
    if (!shared || is_loopback_host(url.host) || is_excepted(exceptions, url)) return std::nullopt;
    return shared;
}

std::string name_of(const ProxyAddress& proxy) { return proxy.host + ":" + std::to_string(proxy.port); }

Error proxy_unreachable(const ProxyAddress& proxy) {
    return Error{Errc::unavailable, "the proxy " + name_of(proxy) + " does not answer", "proxy_unreachable"};
}

Status open_tunnel(int socket, const ProxyAddress& proxy, const CentralUrl& url, PlainSocket::Deadline deadline) {
    std::string request = "CONNECT " + target_of(url) + " HTTP/1.1\r\nHost: " + target_of(url) + "\r\n";
    if (!proxy.user.empty()) {
        request += "Proxy-Authorization: Basic " + base64(proxy.user + ":" + proxy.password) + "\r\n";
    }
    if (!send_all(socket, request + "\r\n", deadline)) return proxy_unreachable(proxy);
    const auto head = read_head(socket, deadline);
    const int status = head ? status_in(*head) : 0;
    if (status == 0) return proxy_unreachable(proxy);
    if (status >= 200 && status < 300) return Done{};
    std::string said = "the proxy " + name_of(proxy) + " refuses the way to central (" + std::to_string(status) + ")";
    if (status == 407) said += proxy.user.empty() ? ": it asks for a user" : ": it does not know this user";
    return Error{Errc::unavailable, said, "proxy_refused"};
}

}  // namespace vetchart::edge
