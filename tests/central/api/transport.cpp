#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <csignal>
#include <future>
#include <mutex>
#include <thread>

#include "central/api/server.h"
#include "tests/central/api/http.h"
#include "tests/support/private_postgres.h"
#include "tests/support/temp_dir.h"

namespace vetchart::central {
namespace {

using std::chrono::milliseconds;
using test::HttpReply;
using test::RawHttp;

/// Something that opens once; waits have a deadline.
class Latch {
public:
    void open() {
        const std::lock_guard guard(lock_);
        is_open_ = true;
        opened_.notify_all();
    }
    bool wait() {
        std::unique_lock guard(lock_);
        return opened_.wait_for(guard, std::chrono::seconds(20), [this] { return is_open_; });
    }

private:
    std::mutex lock_;
    std::condition_variable opened_;
    bool is_open_ = false;
};

class Parked : public Deferred {
public:
    Parked(std::function<void(std::function<void()>)> start, std::function<void()> on_end)
        : start_(std::move(start)), on_end_(std::move(on_end)) {}
    ~Parked() override {
        start_(nullptr);  // The contract: `ready` does not outlive this.
        on_end_();
    }
    [[nodiscard]] milliseconds timeout() const override { return milliseconds(15000); }
    void start(std::function<void()> ready) override { start_(std::move(ready)); }
    [[nodiscard]] bool finishes_quickly() const override { return true; }
    [[nodiscard]] Response finish() override {
        Response response;
        response.body = "unparked";
        return response;
    }

private:
    std::function<void(std::function<void()>)> start_;
    std::function<void()> on_end_;
};

constexpr std::size_t kBigAnswer = 16U << 20U;  // More than a socket's buffers take.

/// A server whose handler is the test's: /echo, /slow (until `release`), /parked, /big.
struct TestServer {
    Latch slow_begun, release, parked, unparked;
    std::function<void()> wake;
    std::unique_ptr<Server> server;
    std::promise<void> ended;
    std::thread thread;
    std::uint16_t port = 0;

    explicit TestServer(ServerOptions options = {}) {
        server = std::make_unique<Server>(
            options, ServerHooks{[this](const Request& r) { return handle(r); }, [](const Request&) { return false; },
                                 [](const std::string&, int, double) {}});
        const auto ready = server->listen();
        REQUIRE(ready.ok());
        port = static_cast<std::uint16_t>(std::stoi(server->url().substr(server->url().rfind(':') + 1)));
        thread = std::thread([this] {
            server->run();
            ended.set_value();
        });
    }
    ~TestServer() {
        release.open();
        server->stop();
        thread.join();
    }

    Response handle(const Request& request) {
        Response response;
        if (request.path == "/slow") {
            slow_begun.open();
            (void)release.wait();
        }
        if (request.path == "/parked") {
            response.deferred = std::make_unique<Parked>(
                [this](std::function<void()> ready) {
                    wake = std::move(ready);
                    if (wake) parked.open();
                },
                [this] { unparked.open(); });
            return response;
        }
        if (request.path == "/big") response.body = std::string(kBigAnswer, 'x');
        if (request.path == "/big") return response;
        if (request.path == "/throw") throw std::runtime_error("secret");
        response.body = request.method + " " + request.path + " " + request.query + " " + request.body;
        return response;
    }

    bool ends_soon() { return ended.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready; }
};

}  // namespace

TEST_CASE("server: requests on one connection are answered one after the other", "[central][server]") {
    TestServer test;
    RawHttp client(test.port);
    CHECK(client.call("POST", "/a?b=c", {}, "body").body == "POST /a b=c body");
    CHECK(client.call("GET", "/d").body == "GET /d  ");
    client.send("GET /1 HTTP/1.1\r\nHost: t\r\n\r\nGET /2 HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK(client.read().body == "GET /1  ");
    CHECK(client.read().body == "GET /2  ");
    client.send(
        "POST /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n");
    CHECK(client.read().body == "POST /c  abcdefg");
    client.send("POST /e HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    client.send("hi");
    CHECK(client.read().body == "POST /e  hi");
    CHECK(client.call("GET", "/last", {{"Connection", "close"}}).headers.at("connection") == "close");
    CHECK(client.closes());
}

TEST_CASE("server: small answers on a kept connection do not wait for anybody's acknowledgement", "[central][server]") {
    TestServer test;
    RawHttp client(test.port);
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) REQUIRE(client.call("GET", "/").status == 200);
    // Without TCP_NODELAY each costs some 40 ms.
    CHECK(std::chrono::steady_clock::now() - begun < milliseconds(2000));
}

TEST_CASE("server: bytes that are no request get 400 and the end of the connection", "[central][server]") {
    TestServer test;
    const std::string bytes =
        GENERATE(as<std::string>{}, "garbage\r\n\r\n", "GET /\x01 HTTP/1.1\r\nHost: t\r\n\r\n",
                 "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
                 "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
                 "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", std::string(40000, 'x'));
    CAPTURE(bytes.substr(0, 80));
    RawHttp client(test.port);
    client.send(bytes);
    const auto reply = client.read();
    CHECK(reply.status == 400);
    CHECK(test::code_of(reply) == "malformed");
    CHECK(client.closes());
    CHECK(test::http_call(test.port, "GET", "/").status == 200);
}

TEST_CASE("server: what is announced to a kept connection is less than what is held", "[central][server]") {
    ServerOptions options;
    options.idle_time = milliseconds(5000);
    TestServer test(options);
    RawHttp client(test.port);
    CHECK(client.call("GET", "/").headers.at("keep-alive") == "timeout=4");
}

TEST_CASE("server: the answer to HEAD has no body, so that the next one is read as what it is", "[central][server]") {
    TestServer test;
    RawHttp client(test.port);
    client.send("HEAD /1 HTTP/1.1\r\nHost: t\r\n\r\nGET /2 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
    const std::string all = client.rest();
    CHECK(all.find("HEAD /1") == std::string::npos);
    CHECK(all.find("GET /2") != std::string::npos);
}

TEST_CASE("server: a body over the limit is refused, announced or not, and the answer arrives", "[central][server]") {
    ServerOptions options;
    options.body_bytes_max = 100000;
    TestServer test(options);
    SECTION("by its Content-Length, without reading it") {
        RawHttp client(test.port);
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999\r\n\r\n");
        CHECK(client.read().status == 413);
    }
    SECTION("by its Content-Length, while it is being sent") {
        RawHttp client(test.port);
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n" + std::string(1000000, 'x'));
        CHECK(test::code_of(client.read()) == "too_large");
    }
    SECTION("chunked") {
        RawHttp client(test.port);
        client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 20; ++i) client.send("2710\r\n" + std::string(10000, 'x') + "\r\n");
        CHECK(client.read().status == 413);
    }
    CHECK(test::http_call(test.port, "POST", "/", {}, std::string(100000, 'x')).status == 200);
}

TEST_CASE("server: all bodies together are bounded", "[central][server]") {
    ServerOptions options;
    options.all_bodies_bytes_max = 1000;
    TestServer test(options);
    RawHttp first(test.port);
    first.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 900\r\n\r\n" + std::string(899, 'x'));
    // The first one's reservation is seen once its header was read.
    HttpReply second;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (second.status != 503 && std::chrono::steady_clock::now() < deadline) {
        second = test::http_call(test.port, "POST", "/", {}, std::string(200, 'x'));
    }
    CHECK(second.status == 503);
    CHECK(second.headers.contains("retry-after"));
    first.send("x");
    CHECK(first.read().status == 200);
    CHECK(test::http_call(test.port, "POST", "/", {}, std::string(900, 'x')).status == 200);
}

TEST_CASE("server: when bodies have no more room, the largest of the slow ones goes", "[central][server]") {
    const std::string head = "POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: ";
    for (const bool is_slow : {false, true}) {
        CAPTURE(is_slow);
        ServerOptions options;
        options.all_bodies_bytes_max = 1000;
        options.slow_after = is_slow ? milliseconds(0) : std::chrono::hours(1);
        options.bytes_per_second_safe = std::size_t{1} << 40U;  // All that is old enough is slow.
        TestServer test(options);
        RawHttp small(test.port), large(test.port);
        // Who is told to go on has its room.
        for (auto [client, bytes] : {std::pair(&large, "800\r\n\r\n"), std::pair(&small, "100\r\n\r\n")}) {
            client->send(head + bytes);
            REQUIRE(client->begins());
        }
        const auto other = test::http_call(test.port, "POST", "/", {}, std::string(200, 'x'));
        CHECK(other.status == (is_slow ? 200 : 503));
        small.send(std::string(100, 'x'));
        CHECK(small.read().status == 200);
        large.send(std::string(800, 'x'));
        CHECK(large.read().status == (is_slow ? 0 : 200));
    }
}

TEST_CASE("server: a body that moves slowly but moves has all the time it needs", "[central][server]") {
    ServerOptions options;
    options.body_speed = {.bytes_per_second_min = 10, .window = milliseconds(1500)};
    TestServer test(options);
    RawHttp client(test.port);
    client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 120\r\n\r\n");
    // Longer than three windows in all; the pauses are those of the calls in between.
    const auto began = std::chrono::steady_clock::now();
    for (int sent = 0; sent < 120;) {
        CHECK(test::http_call(test.port, "GET", "/").status == 200);
        if (std::chrono::steady_clock::now() - began < milliseconds(sent * 40)) continue;
        client.send("x");
        ++sent;
    }
    CHECK(client.read().status == 200);
}

TEST_CASE("server: all answers being written are bounded together, and small ones pass", "[central][server]") {
    ServerOptions options;
    options.all_answers_bytes_max = kBigAnswer + kBigAnswer / 2;
    TestServer test(options);
    RawHttp slow(test.port);
    slow.send("GET /big HTTP/1.1\r\nHost: t\r\n\r\n");
    REQUIRE(slow.begins());
    // Once the first answer is on its way, unread, there is no room for another.
    HttpReply second;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (second.status != 503 && std::chrono::steady_clock::now() < deadline) {
        second = test::http_call(test.port, "GET", "/big");
    }
    CHECK(second.status == 503);
    CHECK(test::code_of(second) == "busy");
    CHECK(second.headers.contains("retry-after"));
    CHECK(test::http_call(test.port, "GET", "/echo").status == 200);
    // Who reads gets all of it, and then the next may.
    CHECK(slow.read().body.size() == kBigAnswer);
    const auto again = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (second.status != 200 && std::chrono::steady_clock::now() < again) {
        second = test::http_call(test.port, "GET", "/big");
    }
    CHECK(second.body.size() == kBigAnswer);
}

TEST_CASE("server: who stops sending is dropped", "[central][server]") {
    ServerOptions options;
    options.idle_time = milliseconds(200);
    options.header_time = milliseconds(100);
    options.body_speed.window = milliseconds(100);
    TestServer test(options);
    for (const char* beginning : {"", "GET / HT", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc"}) {
        CAPTURE(beginning);
        RawHttp client(test.port);
        client.send(beginning);
        CHECK(client.closes());
    }
}

TEST_CASE("server: more than the workers can hold is 503 at once", "[central][server]") {
    ServerOptions options;
    options.worker_count = 1;
    options.queue_max = 1;
    TestServer test(options);
    RawHttp slow(test.port);
    slow.send("GET /slow HTTP/1.1\r\nHost: t\r\n\r\n");
    REQUIRE(test.slow_begun.wait());
    const auto refused = test::http_call(test.port, "GET", "/");
    CHECK(refused.status == 503);
    CHECK(refused.headers.at("retry-after") == "2");
    test.release.open();
    CHECK(slow.read().status == 200);
    CHECK(test::http_call(test.port, "GET", "/").status == 200);
}

TEST_CASE("server: more connections than allowed are closed, and a free place is used again", "[central][server]") {
    ServerOptions options;
    options.connections_max = 1;
    TestServer test(options);
    {
        RawHttp first(test.port);
        REQUIRE(first.call("GET", "/").status == 200);
        CHECK(RawHttp(test.port).closes());
    }
    HttpReply reply;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (reply.status != 200 && std::chrono::steady_clock::now() < deadline) {
        reply = test::http_call(test.port, "GET", "/");
    }
    CHECK(reply.status == 200);
}

TEST_CASE("server: a parked request is answered when it is woken", "[central][server]") {
    TestServer test;
    RawHttp client(test.port);
    client.send("GET /parked HTTP/1.1\r\nHost: t\r\n\r\n");
    REQUIRE(test.parked.wait());
    CHECK(test::http_call(test.port, "GET", "/").status == 200);
    // Taken first: the network thread drops it as soon as the request goes on.
    std::exchange(test.wake, nullptr)();
    CHECK(client.read().body == "unparked");
    CHECK(client.call("GET", "/").status == 200);
}

TEST_CASE("server: a parked request ends when its peer goes away", "[central][server]") {
    TestServer test;
    {
        RawHttp client(test.port);
        client.send("GET /parked HTTP/1.1\r\nHost: t\r\n\r\n");
        REQUIRE(test.parked.wait());
    }
    CHECK(test.unparked.wait());
}

TEST_CASE("server: SIGTERM finishes what is in flight, then ends", "[central][server]") {
    TestServer test;
    test.server->stop_on_signals();
    RawHttp idle(test.port), slow(test.port), parked(test.port);
    CHECK(idle.call("GET", "/").status == 200);
    slow.send("GET /slow HTTP/1.1\r\nHost: t\r\n\r\n");
    parked.send("GET /parked HTTP/1.1\r\nHost: t\r\n\r\n");
    REQUIRE(test.slow_begun.wait());
    REQUIRE(test.parked.wait());
    REQUIRE(kill(getpid(), SIGTERM) == 0);
    CHECK(idle.closes());
    CHECK(parked.read().body == "unparked");
    test.release.open();
    const auto last = slow.read();
    CHECK(last.status == 200);
    CHECK(last.headers.at("connection") == "close");
    CHECK(test.ends_soon());
    CHECK_THROWS(RawHttp(test.port));
}

TEST_CASE("server: an exception of a handler is 500 without internals", "[central][server]") {
    TestServer test;
    const auto reply = test::http_call(test.port, "GET", "/throw");
    CHECK(reply.status == 500);
    CHECK(reply.body.find("secret") == std::string::npos);
}

TEST_CASE("server: plain HTTP is for loopback, unless a proxy is in front", "[central][server]") {
    const ServerHooks hooks{[](const Request&) { return Response{}; }, [](const Request&) { return true; },
                            [](const std::string&, int, double) {}};
    ServerOptions options;
    options.host = "0.0.0.0";
    CHECK(Server(options, hooks).listen().error().code == Errc::invalid_input);
    options.plain_beyond_loopback = true;
    CHECK(Server(options, hooks).listen().ok());
    options.host = "no.such.host.invalid";
    CHECK(Server(options, hooks).listen().error().code == Errc::invalid_input);
    TestServer test;
    options.host = "127.0.0.1";
    options.port = test.port;
    CHECK(Server(options, hooks).listen().error().code == Errc::unavailable);
}

TEST_CASE("server: TLS is 1.2 or newer and verifies against its CA", "[central][server]") {
    const test::TempDir folder;
    const std::string cert = (folder / "c.pem").string(), key = (folder / "k.pem").string();
    test::run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout " + key + " -out " +
              cert + " -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1");
    ServerOptions options;
    options.tls_cert = cert;
    options.tls_key = key;
    TestServer test(options);
    CHECK(test.server->url().starts_with("https://127.0.0.1:"));
    const auto handshake = [&](const std::string& arguments) {
        return test::run(
            "printf 'GET /tls HTTP/1.1\\r\\nHost: t\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client -quiet "
            "-connect "
            "127.0.0.1:" +
            std::to_string(test.port) + " " + arguments + " || true");
    };
    const std::string trust = "-verify_return_error -verify_ip 127.0.0.1 -CAfile " + cert + " ";
    CHECK(handshake(trust + "-tls1_3").find("GET /tls") != std::string::npos);
    CHECK(handshake(trust + "-tls1_2").find("GET /tls") != std::string::npos);
    // TLS 1.2 only with what encrypts and authenticates in one step.
    CHECK(handshake(trust + "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256").find("GET /tls") != std::string::npos);
    CHECK(handshake(trust + "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256").find("GET /tls") == std::string::npos);
    CHECK(handshake(trust + "-tls1_2 -cipher ECDHE-ECDSA-AES256-SHA").find("GET /tls") == std::string::npos);
    CHECK(handshake(trust + "-tls1_1 -cipher DEFAULT@SECLEVEL=0").find("GET /tls") == std::string::npos);
    // A peer that speaks no TLS, or half of it, costs nobody else anything.
    RawHttp plain(test.port);
    plain.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK(plain.closes());
    CHECK(handshake(trust).find("GET /tls") != std::string::npos);
    options.tls_key = folder / "missing.pem";
    const ServerHooks hooks{[](const Request&) { return Response{}; }, [](const Request&) { return true; },
                            [](const std::string&, int, double) {}};
    CHECK(Server(options, hooks).listen().error().context.find("missing.pem") != std::string::npos);
}

}  // namespace vetchart::central
