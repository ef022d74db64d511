// Clients that send or take a byte now and then, and heads without an end: each is cut off, and others are served.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::send_raw;

namespace {

using Clock = std::chrono::steady_clock;

/// A connection on loopback over which a test sends the bytes itself.
class Raw {
public:
    explicit Raw(int port) : handle_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        // No REQUIRE: tests make these in several threads.
        if (::connect(handle_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
            ::close(handle_);
            throw std::runtime_error("no connection to the node");
        }
    }
    ~Raw() { ::close(handle_); }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;

    bool send(const std::string& bytes) const {
        return ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }
    /// Sends `byte` every 50 ms until the server hangs up; nullopt when it has not after `most`.
    std::optional<std::chrono::milliseconds> drip(const std::string& byte, std::chrono::milliseconds most) const {
        const auto start = Clock::now();
        std::array<char, 4096> ignored{};
        while (Clock::now() - start < most) {
            pollfd watched{handle_, POLLIN, 0};
            if (::poll(&watched, 1, 50) > 0 && ::recv(handle_, ignored.data(), ignored.size(), 0) <= 0) break;
            if (!send(byte)) break;
        }
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
        return took < most ? std::optional(took) : std::nullopt;
    }

private:
    int handle_;
};

void short_limits(vetchart::edge::ApiOptions& options) {
    options.threads = 4;
    options.limits.head_ms = 400;
    options.limits.grace_ms = 400;
}

constexpr std::chrono::milliseconds kMost{15000};

}  // namespace

TEST_CASE("slow clients: a head that comes byte by byte is cut off", "[edge][api][slow]") {
    ApiNode node(ApiNode::State::set_up, short_limits);
    const Raw client(node.port);
    REQUIRE(client.send("GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: "));
    CHECK(client.drip("a", kMost));
}

TEST_CASE("slow clients: a body that comes byte by byte is cut off and changes nothing", "[edge][api][slow]") {
    ApiNode node(ApiNode::State::set_up, short_limits);
    for (const char* kind : {"Content-Length: 900000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"}) {
        INFO(kind);
        const Raw client(node.port);
        REQUIRE(
            client.send("POST /api/owners HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        "Authorization: Bearer " +
                        node.tokens["admin"] + "\r\n" + kind));
        CHECK(client.drip(kind[0] == 'C' ? " " : "1\r\n \r\n", kMost));
    }
    CHECK(node.number("SELECT count(*) FROM owner") == 0);
}

TEST_CASE("slow clients: one who does not take the answer is cut off, and the snapshot goes", "[edge][api][slow]") {
    ApiNode node(ApiNode::State::set_up, short_limits);
    node.execute(
        "INSERT INTO owner(id,clinic_id,first_name,last_name,notes) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT"
        " i+1 FROM n WHERE i<2000) SELECT printf('%08x-0000-4000-8000-000000000000',i),'" +
        node.clinic_id + "','First','Last',printf('%.*c',15000,'x') FROM n");
    std::vector<std::unique_ptr<Raw>> lazy;
    for (int i = 0; i < 4; ++i) {
        lazy.push_back(std::make_unique<Raw>(node.port));
        REQUIRE(lazy.back()->send("GET /api/owners HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                                  node.tokens["admin"] + "\r\n\r\n"));
    }
    // All four threads are theirs until they are cut off; then this one is answered.
    httplib::Client other("127.0.0.1", node.port);
    other.set_read_timeout(30);
    CHECK(other.Get("/api/health"));
}

TEST_CASE("slow clients: twice as many as there are threads do not shut the others out", "[edge][api][slow]") {
    ApiNode node(ApiNode::State::set_up, short_limits);
    std::atomic<int> cut{0};
    std::vector<std::thread> drippers;
    for (int i = 0; i < 8; ++i) {
        drippers.emplace_back([&] {
            const Raw client(node.port);
            if (client.send("GET / HTTP/1.1\r\nA: ") && client.drip("b", kMost)) ++cut;
        });
    }
    httplib::Client other("127.0.0.1", node.port);
    other.set_read_timeout(30);
    const auto start = Clock::now();
    CHECK(other.Get("/api/health"));
    CHECK(Clock::now() - start < kMost);
    for (auto& dripper : drippers) dripper.join();
    CHECK(cut == 8);
}

TEST_CASE("slow clients: a head of many lines has an end; requests may come in one packet", "[edge][api][slow]") {
    ApiNode node;
    std::string head = "GET /api/health HTTP/1.1\r\n";
    for (int i = 0; i < 100000; ++i) head += "X-" + std::to_string(i) + ": flood\r\n";
    CHECK(send_raw(node.port, head + "\r\n").starts_with("HTTP/1.1 431"));
    const std::string request = "GET /api/health HTTP/1.1\r\nHost: localhost\r\n";
    const std::string both = send_raw(node.port, request + "\r\n" + request + "Connection: close\r\n\r\n");
    CHECK(both.find("HTTP/1.1 200", 20) != std::string::npos);
    CHECK(node.get("/api/health", "").status == 200);
}
