#include "tests/e2e/raw.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

namespace vetchart::e2e {
namespace {

using Clock = std::chrono::steady_clock;

int connect_to(int port) {
    const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(handle);
        throw std::runtime_error("no connection");
    }
    ::fcntl(handle, F_SETFL, O_NONBLOCK);
    return handle;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

/// Cuts a chunked body off `bytes`. False: it is none, or cut.
bool take_chunks(std::string_view& bytes, std::string& body) {
    for (;;) {
        const auto end = bytes.find("\r\n");
        if (end == std::string_view::npos || end == 0) return false;
        const auto size = std::stoul(std::string(bytes.substr(0, end)), nullptr, 16);
        bytes.remove_prefix(end + 2);
        if (bytes.size() < size + 2) return false;
        body += bytes.substr(0, size);
        bytes.remove_prefix(size + 2);
        if (size == 0) return true;
    }
}

bool take_body(std::string_view& bytes, Reply& reply) {
    if (reply.headers.contains("transfer-encoding")) return take_chunks(bytes, reply.body);
    if (!reply.headers.contains("content-length")) return reply.status == 204;
    const auto size = std::stoul(reply.headers.at("content-length"));
    if (bytes.size() < size) return false;
    reply.body = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return true;
}

/// Cuts one answer off `bytes`; status 0: there is none.
Reply take_answer(std::string_view& bytes, bool is_head) {
    const auto end = bytes.find("\r\n\r\n");
    if (!bytes.starts_with("HTTP/1.1 ") || end == std::string_view::npos) return {};
    Reply reply;
    reply.status = std::stoi(std::string(bytes.substr(9, 3)));
    const std::string head(bytes.substr(0, end + 2));
    bytes.remove_prefix(end + 4);
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
        const auto stop = head.find("\r\n", at), colon = head.find(": ", at);
        reply.headers[lower(head.substr(at, colon - at))] = head.substr(colon + 2, stop - colon - 2);
        at = stop + 2;
    }
    if (reply.status == 100 || is_head) return reply;
    return take_body(bytes, reply) ? reply : Reply{};
}

}  // namespace

RawAnswer exchange_raw(int port, std::string_view bytes, int patience_ms) {
    RawAnswer answer;
    const int handle = connect_to(port);
    const auto until = Clock::now() + std::chrono::milliseconds(patience_ms);
    std::array<char, 65536> buffer{};
    while (Clock::now() < until) {
        const short events = bytes.empty() ? POLLIN : POLLIN | POLLOUT;
        pollfd one{handle, events, 0};
        if (::poll(&one, 1, 100) <= 0) continue;
        if ((one.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            const auto got = ::recv(handle, buffer.data(), buffer.size(), 0);
            answer.closed = got == 0 || (got < 0 && errno != EAGAIN);
            if (answer.closed) break;
            if (got > 0) answer.bytes.append(buffer.data(), static_cast<std::size_t>(got));
        }
        if ((one.revents & POLLOUT) == 0) continue;
        const auto sent = ::send(handle, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        // A peer that takes no more may still have an answer on its way.
        if (sent < 0 && errno != EAGAIN) bytes = {};
        if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    ::close(handle);
    return answer;
}

std::vector<Reply> split_answers(std::string_view bytes, bool first_is_head) {
    std::vector<Reply> replies;
    while (!bytes.empty()) {
        replies.push_back(take_answer(bytes, first_is_head && replies.empty()));
        if (replies.back().status == 0) break;
        if (replies.back().status == 100) replies.pop_back();
    }
    return replies;
}

int port_of(const std::string& url) { return std::stoi(url.substr(url.rfind(':') + 1)); }

}  // namespace vetchart::e2e
