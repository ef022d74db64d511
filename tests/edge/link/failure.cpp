// What a node makes of whoever answers in central's place.
#include <httplib.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "sync/engine/link_state.h"
#include "tests/edge/link/caller.h"
#include "tests/support/private_postgres.h"
#include "tests/support/temp_dir.h"

using namespace vetchart;
using namespace vetchart::edge;
using namespace std::chrono_literals;

namespace {

using Handler = httplib::Server::Handler;

/// A server of any kind on loopback, which answers every call of a node's by `handler`.
class Impostor {
public:
    Impostor(std::unique_ptr<httplib::Server> server, const Handler& handler) : server_(std::move(server)) {
        server_->Get(".*", handler);
        server_->Post(".*", handler);
        port_ = server_->bind_to_any_port("127.0.0.1");
        thread_ = std::thread([this] { server_->listen_after_bind(); });
    }
    ~Impostor() {
        while (!server_->is_running()) std::this_thread::yield();
        server_->stop();
        thread_.join();
    }
    Impostor(const Impostor&) = delete;
    Impostor& operator=(const Impostor&) = delete;
    [[nodiscard]] int port() const { return port_; }

private:
    std::unique_ptr<httplib::Server> server_;
    int port_ = 0;
    std::thread thread_;
};

Handler html(int status) {
    return [status](const httplib::Request&, httplib::Response& response) {
        response.status = status;
        if (status == 302) response.set_header("Location", "http://portal.example/login");
        response.set_content("<html>Please log in</html>", "text/html");
    };
}

Error ask(const std::string& url, const std::filesystem::path& ca = {}) {
    CentralClientOptions options;
    options.line.url = *parse_central_url(url);
    options.line.ca_file = ca;
    options.credentials = Credentials{"node-id", "secret"};
    options.line.connect_timeout = 2s;
    const auto answer = Caller(options).me();
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code == Errc::unavailable);
    return answer.error();
}

std::string state_of(const Error& error) { return std::string(sync::to_string(sync::link_state_of(error))); }

/// An authority, and certificates under it whose days, from and to, are given to openssl.
struct Certificates {
    test::TempDir temp;

    Certificates() {
        run("openssl req -x509" + key_ +
            "-days 30 -keyout ca.key -out ca.crt -subj '/CN=CA' -addext keyUsage=critical,keyCertSign");
        run("openssl req -x509" + key_ + "-days 30 -keyout other.key -out other.crt -subj '/CN=Other'");
        std::ofstream(temp / "ca.cnf") << "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\n"
                                          "default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n";
        std::ofstream(temp / "index").flush();
        std::ofstream(temp / "serial") << "01\n";
    }

    /// Makes `name`.crt for `host`, valid for the days from..to (YYMMDD).
    std::unique_ptr<httplib::Server> server(const std::string& name, const std::string& from, const std::string& to,
                                            const std::string& host) const {
        std::ofstream(temp / "leaf.ext") << "extendedKeyUsage=serverAuth\nsubjectAltName=" << host << "\n";
        run("openssl req" + key_ + "-keyout " + name + ".key -out " + name + ".csr -subj /CN=srv");
        run("openssl ca -batch -config ca.cnf -cert ca.crt -keyfile ca.key -in " + name + ".csr -out " + name +
            ".crt -notext -extfile leaf.ext -startdate " + from + "000000Z -enddate " + to + "000000Z");
        return std::make_unique<httplib::SSLServer>((temp / (name + ".crt")).c_str(), (temp / (name + ".key")).c_str());
    }

private:
    void run(const std::string& command) const {
        test::run("cd '" + temp.path().string() + "' && " + command + " 2>&1");
    }
    const std::string key_ = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
};

}  // namespace

TEST_CASE("link failure: a page that answers in central's place is told as one, whatever its status",
          "[edge][client][failure]") {
    for (const int status : {200, 302, 403, 404, 511}) {
        INFO(status);
        const Impostor portal(std::make_unique<httplib::Server>(), html(status));
        const Error error = ask("http://127.0.0.1:" + std::to_string(portal.port()));
        CHECK(error.slug == "not_central");
        CHECK(state_of(error) == "not_central");
    }
    const Impostor gateway(std::make_unique<httplib::Server>(), html(502));
    CHECK(state_of(ask("http://127.0.0.1:" + std::to_string(gateway.port()))) == "central_away");
    const Impostor proxy(std::make_unique<httplib::Server>(), html(407));
    CHECK(state_of(ask("http://127.0.0.1:" + std::to_string(proxy.port()))) == "proxy");
    // Asked by TLS, it answers in plain HTTP.
    const Impostor plain(std::make_unique<httplib::Server>(), html(200));
    CHECK(state_of(ask("https://127.0.0.1:" + std::to_string(plain.port()))) == "not_central");
}

TEST_CASE("link failure: each fault of a certificate has its own name", "[edge][client][failure]") {
    const Certificates made;
    const auto told = [&](const char* name, const char* from, const char* to, const char* host,
                          const char* authority = "ca.crt") {
        const Impostor server(made.server(name, from, to, host), html(200));
        return ask("https://localhost:" + std::to_string(server.port()), made.temp / authority).slug;
    };
    CHECK(told("right", "200101", "450101", "DNS:localhost") == "not_central");
    CHECK(told("over", "200101", "210101", "DNS:localhost") == "tls_expired");
    CHECK(told("early", "450101", "460101", "DNS:localhost") == "tls_not_yet_valid");
    CHECK(told("named", "200101", "450101", "DNS:central.example") == "tls_wrong_name");
    CHECK(told("strange", "200101", "450101", "DNS:localhost", "other.crt") == "tls_untrusted");
    // Beside another authority that never heard of it, the one whose certificate ran out is what counts.
    test::run("cd '" + made.temp.path().string() + "' && cat ca.crt other.crt > both.crt");
    CHECK(told("over2", "200101", "210101", "DNS:localhost", "both.crt") == "tls_expired");
}
