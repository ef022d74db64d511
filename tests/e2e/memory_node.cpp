// A node under a limit of memory: clients that send as much as they may, and ask for as much as they can.
#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>

#include "tests/e2e/lone_daemon.h"
#include "tests/e2e/raw.h"

namespace vetchart::e2e {
namespace {

constexpr std::size_t kBodyMax = 1U << 20U;
constexpr int kClients = 64;
constexpr int kRounds = 6;

/// JSON that takes many times its bytes as values.
std::string many_objects() {
    std::string text = R"({"a":[{"":0})";
    while (text.size() + 10 < kBodyMax) text += R"(,{"":0})";
    return text + "]}";
}

std::string post(const std::string& host, const std::string& fields, const std::string& body) {
    return "POST /api/setup HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nContent-Type: application/json\r\n" +
           fields + "\r\n" + body;
}

/// The requests of a bad morning.
std::vector<std::string> greedy_requests(const std::string& host) {
    const std::string body = many_objects();
    const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
    std::string ranges = "bytes=0-";
    while (ranges.size() < 8000) ranges += ",0-";
    std::string chunks;
    for (int i = 0; i < 200000; ++i) chunks += "1\r\n[\r\n";
    return {
        post(host, length, body),
        post(host, length, std::string(body.size(), '[')),
        post(host, "Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n"),
        "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nRange: " + ranges + "\r\n\r\n",
        "GET /api/openapi.json HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nRange: " + ranges + "\r\n\r\n",
        "GET /?" + std::string(7000, '%') + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"};
}

/// Runs all clients at once, each with all requests; returns how many were answered, by 503 or otherwise.
int overrun(const LoneDaemon& daemon) {
    const auto requests = greedy_requests(daemon.host());
    std::atomic<int> answered{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < kClients; ++i) {
        clients.emplace_back([&, i] {
            for (int round = 0; round < kRounds; ++round) {
                const auto& request = requests[static_cast<std::size_t>(i + round) % requests.size()];
                // Throws when the node is gone; a thread must not.
                try {
                    if (exchange_raw(daemon.port(), request).bytes.starts_with("HTTP/1.1 ")) ++answered;
                } catch (const std::runtime_error&) {
                    return;
                }
            }
        });
    }
    for (auto& client : clients) client.join();
    return answered;
}

}  // namespace

TEST_CASE("e2e: many greedy clients at once cost a node a bounded amount of memory", "[e2e][memory]") {
    const auto daemon = LoneDaemon::node();
    CHECK(overrun(*daemon) == kClients * kRounds);
    CHECK(daemon->status_kb("VmHWM") < 512 * 1024);
    CHECK(send(daemon->url(), "GET", "/api/health").status == 200);
}

TEST_CASE("e2e: a node lives under a limit of memory that its budget fits into", "[e2e][memory]") {
    // Of data, of which its threads' stacks alone are some 600 MiB, and the budget 256; the rest is the program's own.
    const auto daemon = LoneDaemon::node({}, {"/usr/bin/prlimit", "--data=" + std::to_string(5U << 28U)});
    CHECK(overrun(*daemon) == kClients * kRounds);
    CHECK(daemon->process().alive());
    CHECK(eventually([&] { return send(daemon->url(), "GET", "/api/health").status == 200; }));
    CHECK(daemon->process().terminate() == 0);
}

}  // namespace vetchart::e2e
