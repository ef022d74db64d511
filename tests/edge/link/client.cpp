#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <future>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include "edge/link/ca_fetch.h"
#include "sync/base/digest.h"
#include "sync/wire/gzip.h"
#include "tests/edge/link/caller.h"
#include "tests/support/connect_proxy.h"
#include "tests/support/private_postgres.h"
#include "tests/support/temp_dir.h"

using namespace vetchart;
using namespace vetchart::edge;
using namespace std::chrono_literals;

namespace {

const std::string kMe =
    R"({"nodeId":"n","name":"x","state":"active","clinics":[],"epoch":1,"serverTime":"2026-11-22T08:30:00.000Z"})";

/// A server that reads one request per connection and answers with bytes as they are given, then closes.
class RawServer {
public:
    explicit RawServer(std::function<void(int socket)> answer) : answer_(std::move(answer)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listener_, 8) == 0);
        REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~RawServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;
    [[nodiscard]] int port() const { return port_; }

    /// The client may have left: what it makes of that is what the test looks at.
    static void send(int socket, const std::string& bytes) {
        std::string_view left = bytes;
        while (!left.empty()) {
            const ssize_t sent = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            left.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

private:
    void run() {
        while (true) {
            const int client = ::accept(listener_, nullptr, nullptr);
            if (client < 0) return;
            std::string request;
            std::array<char, 4096> piece{};
            while (request.find("\r\n\r\n") == std::string::npos) {
                const ssize_t got = ::recv(client, piece.data(), piece.size(), 0);
                if (got <= 0) break;
                request.append(piece.data(), static_cast<std::size_t>(got));
            }
            answer_(client);
            ::close(client);
        }
    }

    std::function<void(int)> answer_;
    int listener_ = -1;
    int port_ = 0;
    std::thread thread_;
};

CentralClientOptions options_for(const std::string& url) {
    CentralClientOptions options;
    auto parsed = parse_central_url(url);
    REQUIRE(parsed.ok());
    options.line.url = *parsed;
    options.credentials = Credentials{"node-id", "secret"};
    options.schema_version = 4;
    options.line.connect_timeout = 2s;
    options.line.limits.still = 10s;
    return options;
}

std::string plain_url(int port) { return "http://127.0.0.1:" + std::to_string(port); }

std::string answer(int status, const std::string& body, const std::string& digest, const std::string& more = {}) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nX-Body-SHA256: " + digest + "\r\n" + more + "Connection: close\r\n\r\n" + body;
}

Result<Answer<sync::MeReply>> ask(const std::string& bytes) {
    const RawServer server([&](int socket) { RawServer::send(socket, bytes); });
    Caller client(options_for(plain_url(server.port())));
    return client.me();
}

void check_cut(const Result<Answer<sync::MeReply>>& result) {
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == Errc::unavailable);
    CHECK(result.error().slug == "line_cut");
}

/// A CA, and a certificate for localhost signed by it.
struct Authority {
    test::TempDir temp;
    explicit Authority(const std::string& name = "Test CA") {
        const std::string folder = temp.path().string();
        std::ofstream(temp / "srv.ext") << "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n";
        const std::string key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        test::run(
            "cd '" + folder + "' && openssl req -x509 " + key + " -days 30 -keyout ca.key -out ca.crt -subj '/CN=" +
            name + "' -addext keyUsage=critical,keyCertSign 2>&1 && openssl req " + key +
            " -keyout srv.key -out srv.csr -subj /CN=srv 2>&1 && openssl x509 -req -in srv.csr -CA ca.crt -CAkey "
            "ca.key -CAcreateserial -days 30 -extfile srv.ext -out srv.crt 2>&1 && cat srv.crt ca.crt > chain.crt");
    }
    [[nodiscard]] std::string fingerprint(const std::string& file) const {
        const std::string path = (temp / file).string();
        return test::run("openssl x509 -in '" + path + "' -outform DER | sha256sum").substr(0, 64);
    }
};

class TlsServer {
public:
    explicit TlsServer(const Authority& authority, const char* chain = "chain.crt")
        : server_((authority.temp / chain).c_str(), (authority.temp / "srv.key").c_str()) {
        server_.Get("/sync/v1/me", [this](const httplib::Request& request, httplib::Response& response) {
            response.set_header("X-Body-SHA256", to_hex(sha256(kMe)));
            response.set_content(kMe, "application/json");
            if (request.get_header_value("Authorization") != "Node node-id.secret") ++wrong_;
            if (request.get_header_value("X-Schema-Version") != "4") ++wrong_;
            if (!request.get_header_value("Proxy-Authorization").empty()) ++proxy_words_;
        });
        server_.set_tcp_nodelay(true);
        server_.set_keep_alive_max_count(1000);
        port_ = server_.bind_to_any_port("127.0.0.1");
        thread_ = std::thread([this] { server_.listen_after_bind(); });
    }
    ~TlsServer() {
        // stop() is lost on a server that does not run yet.
        while (!server_.is_running()) std::this_thread::yield();
        server_.stop();
        thread_.join();
    }
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;
    /// Requests without the headers they must have.
    [[nodiscard]] int wrong() const { return wrong_; }
    /// Requests with what is the proxy's alone.
    [[nodiscard]] int proxy_words() const { return proxy_words_; }
    [[nodiscard]] std::string url(const std::string& host = "localhost") const {
        return "https://" + host + ":" + std::to_string(port_);
    }

private:
    httplib::SSLServer server_;
    std::atomic<int> wrong_{0}, proxy_words_{0};
    int port_ = 0;
    std::thread thread_;
};

}  // namespace

TEST_CASE("client: a whole answer with its digest is taken", "[edge][client]") {
    const auto result = ask(answer(200, kMe, to_hex(sha256(kMe))));
    REQUIRE(result.ok());
    REQUIRE_FALSE(result->is_refused());
    CHECK(result->reply().node_id == "n");
}

TEST_CASE("client: a gzip answer is inflated and its digest is of the inflated body", "[edge][client]") {
    const auto result = ask(answer(200, sync::gzip(kMe), to_hex(sha256(kMe)), "Content-Encoding: gzip\r\n"));
    REQUIRE(result.ok());
    CHECK(result->reply().node_id == "n");
}

TEST_CASE("client: what is not whole counts as a cut line", "[edge][client]") {
    const std::string digest = to_hex(sha256(kMe));
    const std::string zipped = sync::gzip(kMe);
    SECTION("a wrong digest") { check_cut(ask(answer(200, kMe, to_hex(sha256("other"))))); }
    SECTION("a nonsensical digest") { check_cut(ask(answer(200, kMe, "sha"))); }
    SECTION("less than Content-Length says") {
        const std::string whole = answer(200, kMe, digest);
        check_cut(ask(whole.substr(0, whole.size() - 10)));
    }
    SECTION("a close-delimited body, cut") {
        check_cut(
            ask("HTTP/1.1 200 X\r\nX-Body-SHA256: " + digest + "\r\nConnection: close\r\n\r\n" + kMe.substr(0, 40)));
    }
    SECTION("a truncated gzip stream whose Content-Length matches") {
        check_cut(ask(answer(200, zipped.substr(0, zipped.size() - 9), digest, "Content-Encoding: gzip\r\n")));
    }
    SECTION("a gzip bomb") {
        const std::string bomb(64U << 20U, 'x');
        check_cut(ask(answer(200, sync::gzip(bomb), to_hex(sha256(bomb)), "Content-Encoding: gzip\r\n")));
    }
    SECTION("an unknown encoding") { check_cut(ask(answer(200, kMe, digest, "Content-Encoding: zstd\r\n"))); }
    SECTION("an error without digest") { check_cut(ask(answer(404, "<html>", to_hex(sha256("other"))))); }
}

TEST_CASE("client: a refusal is told with its code, a busy central is unavailable", "[edge][client]") {
    const std::string body = R"({"error":"x","message":"x","code":"gap","lastSeq":7})";
    const auto refused = ask(answer(409, body, to_hex(sha256(body))));
    REQUIRE(refused.ok());
    REQUIRE(refused->is_refused());
    CHECK(refused->refusal().status == 409);
    CHECK(refused->refusal().code == "gap");
    const std::string busy = R"({"error":"x","message":"x","code":"busy"})";
    CHECK(ask(answer(503, busy, to_hex(sha256(busy)))).error().slug == "busy");
    CHECK(ask(answer(502, "<html>", "")).error().slug == "http_502");
}

TEST_CASE("client: nobody there is unavailable at once", "[edge][client]") {
    int port = 0;
    {
        port = RawServer([](int) {}).port();
    }
    Caller client(options_for(plain_url(port)));
    const auto result = client.me();
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == Errc::unavailable);
}

TEST_CASE("client: bytes that drip do not keep a call alive", "[edge][client]") {
    const RawServer server([](int socket) {
        // One header byte after the other, as long as the client listens; poll() is the pause between them.
        std::string head = "HTTP/1.1 200 X\r\nX-Drip: ";
        RawServer::send(socket, head);
        pollfd watched{socket, POLLRDHUP, 0};
        while (::poll(&watched, 1, 50) == 0 && ::send(socket, "x", 1, MSG_NOSIGNAL) == 1) {
        }
    });
    CentralClientOptions options = options_for(plain_url(server.port()));
    options.line.limits.still = 400ms;
    options.line.limits.think = 0ms;
    Caller client(options);
    const auto before = std::chrono::steady_clock::now();
    CHECK_FALSE(client.me().ok());
    CHECK(std::chrono::steady_clock::now() - before < 5s);
}

TEST_CASE("client: interrupt ends a call that waits, and every later one", "[edge][client]") {
    std::promise<void> asked;
    const RawServer server([&](int socket) {
        asked.set_value();
        pollfd watched{socket, POLLRDHUP, 0};
        ::poll(&watched, 1, 20000);
    });
    Caller client(options_for(plain_url(server.port())));
    auto call = std::async(std::launch::async, [&] { return client.wait(sync::WaitRequest{{{"c", 1}}, 25000}); });
    REQUIRE(asked.get_future().wait_for(10s) == std::future_status::ready);
    client.line.interrupt();
    REQUIRE(call.wait_for(5s) == std::future_status::ready);
    CHECK(call.get().error().code == Errc::unavailable);
    CHECK(client.me().error().slug == "interrupted");
}

TEST_CASE("client: TLS is verified against the CA file, by name and by address", "[edge][client]") {
    const Authority right;
    const Authority wrong("Other CA");
    const TlsServer server(right);
    CentralClientOptions options = options_for(server.url());
    options.line.ca_file = right.temp / "ca.crt";
    CHECK(Caller(options).me().ok());
    CHECK(server.wrong() == 0);
    options.line.url = *parse_central_url(server.url("127.0.0.1"));
    CHECK(Caller(options).me().ok());
    options.line.ca_file = wrong.temp / "ca.crt";
    CHECK(Caller(options).me().error().slug == "tls_untrusted");
    options.line.ca_file = right.temp / "missing.crt";
    CHECK_FALSE(Caller(options).me().ok());
    options.line.ca_file.clear();
    CHECK(Caller(options).me().error().slug == "tls_untrusted");
}

TEST_CASE("client: 100 calls on one kept-alive TLS connection are not held up by small packets", "[edge][client]") {
    const Authority authority;
    const TlsServer server(authority);
    CentralClientOptions options = options_for(server.url());
    options.line.ca_file = authority.temp / "ca.crt";
    Caller client(options);
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) REQUIRE(client.me().ok());
    CHECK(std::chrono::steady_clock::now() - before < 3s);
}

TEST_CASE("CA of an invitation: only the CA certificate with that fingerprint is taken", "[edge][client]") {
    const Authority authority;
    const Authority other("Other CA");
    const TlsServer whole(authority);
    const auto url = *parse_central_url(whole.url());
    const auto pem = fetch_ca(url, authority.fingerprint("ca.crt"), 10s);
    REQUIRE(pem.ok());
    std::ifstream file(authority.temp / "ca.crt");
    std::stringstream expected;
    expected << file.rdbuf();
    CHECK(*pem == expected.str());
    CHECK(fetch_ca(url, other.fingerprint("ca.crt"), 10s).error().slug == "ca_not_shown");
    // The server's own certificate is no CA, whatever its fingerprint.
    CHECK(fetch_ca(url, authority.fingerprint("srv.crt"), 10s).error().slug == "ca_not_shown");
    const TlsServer leaf_only(authority, "srv.crt");
    CHECK(fetch_ca(*parse_central_url(leaf_only.url()), authority.fingerprint("ca.crt"), 10s).error().slug ==
          "ca_not_shown");
}

TEST_CASE("CA of an invitation: a server that never answers the handshake is given up", "[edge][client]") {
    const RawServer silent([](int socket) {
        pollfd watched{socket, POLLRDHUP, 0};
        ::poll(&watched, 1, 20000);
    });
    const CentralUrl url{true, "127.0.0.1", silent.port(), {}};
    CHECK(fetch_ca(url, std::string(64, '0'), 300ms).error().code == Errc::unavailable);
}

TEST_CASE("push: a transaction over the bound goes in parts that carry its head", "[edge][client]") {
    sync::PushRequest request;
    request.incarnation = "i";
    request.transactions.emplace_back();
    request.transactions.front().first_seq = 1;
    request.transactions.front().last_seq = 10;
    for (int i = 1; i <= 10; ++i) {
        sync::Change change;
        change.seq = i;
        change.new_values = {{"notes", std::string(1000, 'n')}};
        request.transactions.front().changes.push_back(change);
    }
    const auto whole = sync::split_parts(request, 1U << 20U);
    REQUIRE(whole.size() == 1);
    CHECK_FALSE(whole.front().part.has_value());
    const auto parts = sync::split_parts(request, 4000);
    REQUIRE(parts.size() == 4);
    std::int64_t seq = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        REQUIRE(parts[i].part.has_value());
        CHECK(parts[i].part->index == static_cast<int>(i));
        CHECK(parts[i].part->count == 4);
        CHECK(parts[i].transactions.front().first_seq == 1);
        CHECK(parts[i].transactions.front().last_seq == 10);
        for (const auto& change : parts[i].transactions.front().changes) CHECK(change.seq == ++seq);
    }
    CHECK(seq == 10);
}

TEST_CASE("client: through a proxy TLS is central's, sessions are resumed, and a call that stands still is ended",
          "[edge][client][proxy]") {
    const Authority authority;
    const TlsServer server(authority);
    test::ConnectProxy proxy("Basic dmV0OmEgYg==");
    CentralClientOptions options = options_for(server.url());
    options.line.ca_file = authority.temp / "ca.crt";
    options.line.proxy = *parse_proxy(proxy.url("vet:a%20b"));
    Caller client(options);
    REQUIRE(client.me().ok());
    CHECK(proxy.asked() ==
          std::vector<std::string>{options.line.url.host + ":" + std::to_string(options.line.url.port)});
    CHECK(server.proxy_words() == 0);
    CHECK_FALSE(client.line.resumed());
    proxy.cut();
    // The first call after a cut may still meet the dead line.
    if (!client.me().ok()) REQUIRE(client.me().ok());
    CHECK(client.line.resumed());
    CHECK(proxy.opened() == 2);
    CHECK(server.wrong() == 0);

    const RawServer silent([](int socket) {
        pollfd watched{socket, POLLRDHUP, 0};
        ::poll(&watched, 1, 20000);
    });
    options.line.url.port = silent.port();
    options.line.limits.still = 300ms;
    options.line.limits.think = 0ms;
    Caller stuck(options);
    CHECK(stuck.me().error().code == Errc::unavailable);
}

TEST_CASE("client: a proxy that refuses is told as the proxy, not as central", "[edge][client][proxy]") {
    const Authority authority;
    const TlsServer server(authority);
    CentralClientOptions options = options_for(server.url());
    options.line.ca_file = authority.temp / "ca.crt";
    const auto said = [&](const std::string& url) {
        options.line.proxy = *parse_proxy(url);
        Caller client(options);
        const auto answer = client.me();
        REQUIRE_FALSE(answer.ok());
        CHECK(answer.error().code == Errc::unavailable);
        // And again, on what the first call left behind.
        CHECK(client.me().error().slug == answer.error().slug);
        return answer.error().slug + " " + answer.error().context;
    };
    const test::ConnectProxy strict("Basic dmV0OmEgYg==");
    CHECK(said(strict.url()).find("proxy_refused the proxy 127.0.0.1:") == 0);
    CHECK(said(strict.url()).find("(407): it asks for a user") != std::string::npos);
    CHECK(said(strict.url("vet:wrong")).find("(407): it does not know this user") != std::string::npos);
    const test::ConnectProxy closed({}, 403);
    CHECK(said(closed.url()).find("refuses the way to central (403)") != std::string::npos);
    int nobody = 0;
    {
        nobody = RawServer([](int) {}).port();
    }
    CHECK(said("http://127.0.0.1:" + std::to_string(nobody)).find("proxy_unreachable") == 0);
    CHECK(fetch_ca(options.line.url, authority.fingerprint("ca.crt"), 10s, *parse_proxy(closed.url())).error().slug ==
          "proxy_refused");
    const test::ConnectProxy open;
    CHECK(fetch_ca(options.line.url, authority.fingerprint("ca.crt"), 10s, *parse_proxy(open.url())).ok());
    CHECK(open.opened() == 1);
    // What does not verify behind an open proxy is still central's certificate.
    const Authority other("Other CA");
    options.line.ca_file = other.temp / "ca.crt";
    CHECK(said(open.url()).find("tls_untrusted") == 0);
}

TEST_CASE("client: a session of a CA that is believed no more is not taken up", "[edge][client]") {
    const Authority authority;
    const Authority other("Other CA");
    const TlsServer server(authority);
    const test::TempDir folder;
    std::filesystem::copy_file(authority.temp / "ca.crt", folder / "ca.pem");
    CentralClientOptions options = options_for(server.url());
    options.line.ca_file = folder / "ca.pem";
    Caller client(options);
    REQUIRE(client.me().ok());
    std::filesystem::copy_file(other.temp / "ca.crt", folder / "new.pem");
    std::filesystem::rename(folder / "new.pem", folder / "ca.pem");
    std::string slug;
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (slug.empty() && std::chrono::steady_clock::now() < deadline) {
        const auto answer = client.me();
        if (!answer.ok()) slug = answer.error().slug;
    }
    CHECK(slug == "tls_untrusted");
}
