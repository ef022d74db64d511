#include "tests/central/api/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "sync/base/json.h"
#include "sync/wire/gzip.h"

namespace vetchart::test {

RawHttp::RawHttp(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval deadline{20, 0};
    const int on = 1;
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        close(socket_);
        throw std::runtime_error("cannot connect");
    }
}

RawHttp::~RawHttp() { close(socket_); }

bool RawHttp::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool RawHttp::fill() {
    std::array<char, 65536> buffer{};
    const auto size = recv(socket_, buffer.data(), buffer.size(), 0);
    if (size <= 0) return false;
    pending_.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
}

bool RawHttp::closes() {
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto size = recv(socket_, buffer.data(), buffer.size(), 0);
        if (size == 0 || (size < 0 && errno == ECONNRESET)) return true;
        if (size < 0) return false;
    }
}

std::string RawHttp::rest() {
    while (fill()) {
    }
    return std::exchange(pending_, {});
}

bool RawHttp::begins() { return !pending_.empty() || fill(); }

HttpReply RawHttp::read() {
    HttpReply reply;
    std::size_t end = 0;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return reply;
    }
    std::string head = pending_.substr(0, end + 2);
    pending_.erase(0, end + 4);
    const int status = std::stoi(head.substr(9, 3));
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
        const auto stop = head.find("\r\n", at), colon = head.find(": ", at);
        std::string name = head.substr(at, colon - at);
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
        reply.headers[name] = head.substr(colon + 2, stop - colon - 2);
        at = stop + 2;
    }
    if (status == 100) return read();
    const std::size_t size = std::stoul(reply.headers.at("content-length"));
    while (pending_.size() < size) {
        if (!fill()) return reply;
    }
    reply.body = pending_.substr(0, size);
    pending_.erase(0, size);
    if (reply.headers.contains("content-encoding")) reply.body = sync::gunzip(reply.body, 64U << 20U).value();
    reply.status = status;
    return reply;
}

HttpReply RawHttp::call(const std::string& method, const std::string& path, const HttpHeaders& headers,
                        const std::string& body) {
    std::string request = method + " " + path + " HTTP/1.1\r\nHost: test\r\n";
    for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
    if (method != "GET") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    send(request + "\r\n" + body);
    return read();
}

HttpReply http_call(std::uint16_t port, const std::string& method, const std::string& path, const HttpHeaders& headers,
                    const std::string& body) {
    return RawHttp(port).call(method, path, headers, body);
}

std::string code_of(const HttpReply& reply) {
    const auto json = nlohmann::json::parse(reply.body, nullptr, false);
    return json.is_object() ? json.value("code", "") : std::string();
}

}  // namespace vetchart::test
