// Certificates and authorities that change while both programs run.
#include <signal.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "tests/e2e/cluster.h"
#include "tests/support/private_postgres.h"

namespace vetchart::e2e {
namespace {

namespace fs = std::filesystem;

const std::string kEdge = std::string(VETCHART_BIN_DIR) + "/vetchart-edge";
const std::string kCentral = std::string(VETCHART_BIN_DIR) + "/vetchart-central";

/// `name`.crt and .key of an authority, and `name`-srv.crt and .key of a server under it. All authorities have one
/// name, as a renewed one has that of the former, and their key is named nowhere.
void make_authority(const fs::path& folder, const std::string& name) {
    const std::string key = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
    const std::string at = "cd " + folder.string() + " && ";
    std::ofstream(folder / "ca.cnf") << "[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\n"
                                        "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n";
    std::ofstream(folder / "leaf.ext") << "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n";
    test::run(at + "openssl req -x509 -config ca.cnf" + key + "-days 30 -keyout " + name + ".key -out " + name +
              ".crt -subj '/CN=Test CA' 2>&1");
    test::run(at + "openssl req" + key + "-keyout " + name + "-srv.key -out " + name + ".csr -subj /CN=srv 2>&1");
    test::run(at + "openssl x509 -req -in " + name + ".csr -CA " + name + ".crt -CAkey " + name +
              ".key -CAcreateserial -days 30 -extfile leaf.ext -out " + name + "-srv.crt 2>&1");
}

std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// Replaces a file as a renewal does: whole, by a rename.
void replace(const fs::path& file, const std::string& text) {
    const fs::path fresh = file.string() + ".fresh";
    std::ofstream(fresh) << text;
    fs::rename(fresh, file);
}

bool shows(const std::string& url, const fs::path& authority) {
    return send(url, "GET", "/api/health", {}, {}, authority.string()).status == 200;
}

/// A server that runs with srv.crt and srv.key of `folder`, both from `former`; `fresh` is another authority.
void require_renewals(Process& server, const std::string& url, const fs::path& folder, const fs::path& former,
                      const fs::path& fresh) {
    const auto pair = [](const fs::path& authority, const char* suffix) {
        return content(authority.parent_path() / (authority.stem().string() + "-srv" + suffix));
    };
    const auto said = [&](const std::string& text) {
        std::size_t count = 0;
        const std::string output = server.output();
        for (auto at = output.find(text); at != std::string::npos; at = output.find(text, at + 1)) ++count;
        return count;
    };
    REQUIRE(shows(url, former));
    CHECK(said("the TLS certificate ") == 1);
    // Half of a renewal: what fits stays.
    replace(folder / "srv.crt", pair(fresh, ".crt"));
    REQUIRE(eventually([&] { return said("the one in use stays") == 1; }));
    CHECK(shows(url, former));
    CHECK(!shows(url, fresh));
    // The other half is taken without a signal.
    replace(folder / "srv.key", pair(fresh, ".key"));
    REQUIRE(eventually([&] { return shows(url, fresh); }));
    CHECK(!shows(url, former));
    // What cannot be used is said, and changes nothing, by whatever way it is asked for.
    replace(folder / "srv.crt", "");
    for (int i = 0; i < 3; ++i) server.signal(SIGHUP);
    REQUIRE(eventually([&] { return said("the one in use stays") >= 2; }));
    CHECK(shows(url, fresh));
    replace(folder / "srv.crt", pair(former, ".crt"));
    replace(folder / "srv.key", pair(former, ".key"));
    server.signal(SIGHUP);
    REQUIRE(eventually([&] { return shows(url, former); }));
    for (const int number : {SIGPIPE, SIGUSR1, SIGUSR2}) server.signal(number);
    CHECK(shows(url, former));
    CHECK(server.terminate() == 0);
}

}  // namespace

TEST_CASE("e2e: a node takes a renewed certificate by itself and by SIGHUP, and never half of it",
          "[e2e][certificates]") {
    const test::TempDir folder;
    make_authority(folder.path(), "former");
    make_authority(folder.path(), "fresh");
    fs::copy_file(folder / "former-srv.crt", folder / "srv.crt");
    fs::copy_file(folder / "former-srv.key", folder / "srv.key");
    Process node({kEdge, "serve", "--data", folder / "node", "--listen", "127.0.0.1:0", "--tls-cert",
                  folder / "srv.crt", "--tls-key", folder / "srv.key"});
    const std::string url = node.wait_listening();
    const auto metrics = send(url, "GET", "/metrics", {}, {}, (folder / "former.crt").string()).body;
    CHECK(metrics.find("\nvetchart_tls_certificate_end_seconds ") != std::string::npos);
    require_renewals(node, url, folder.path(), folder / "former.crt", folder / "fresh.crt");
}

TEST_CASE("e2e: central takes a renewed certificate by itself and by SIGHUP, and never half of it",
          "[e2e][certificates]") {
    Cluster cluster;
    const fs::path folder = fs::path(cluster.ca()).parent_path();
    make_authority(folder, "former");
    make_authority(folder, "fresh");
    REQUIRE(cluster.stop_central() == 0);
    replace(folder / "srv.crt", content(folder / "former-srv.crt"));
    replace(folder / "srv.key", content(folder / "former-srv.key"));
    cluster.start_central();
    const auto metrics = send(cluster.url(), "GET", "/metrics", {}, {}, (folder / "former.crt").string()).body;
    CHECK(metrics.find("\nvetchart_tls_certificate_end_seconds ") != std::string::npos);
    require_renewals(cluster.central_process(), cluster.url(), folder, folder / "former.crt", folder / "fresh.crt");
}

TEST_CASE("e2e: central takes its log level anew by SIGHUP, which never ends it", "[e2e][certificates]") {
    const Cluster cluster;
    const test::TempDir folder;
    const auto level = [&](const char* text) { replace(folder / "level", text); };
    level("warn\n");
    Process server({kCentral, "serve", "--listen", "127.0.0.1:0", "--plain-http", "--log-level",
                    "@" + (folder / "level").string()},
                   {"DATABASE_URL=" + cluster.database()});
    const auto said = [&](const char* text) { return server.output().find(text) != std::string::npos; };
    const std::string url = server.wait_listening();
    // At "warn" a reload says nothing; what cannot be read leaves "warn" and is an error that is said.
    server.signal(SIGHUP);
    level("loud");
    server.signal(SIGHUP);
    REQUIRE(eventually([&] {
        server.signal(SIGHUP);
        return said("the old one stays");
    }));
    CHECK(!said("reloaded"));
    level("info");
    REQUIRE(eventually([&] {
        server.signal(SIGHUP);
        return said("reloaded");
    }));
    for (const int number : {SIGPIPE, SIGUSR1, SIGUSR2}) server.signal(number);
    CHECK(send(url, "GET", "/api/health").status == 200);
    server.signal(SIGTERM);
    for (int i = 0; i < 5; ++i) server.signal(SIGHUP);
    CHECK(server.wait_end() == 0);
}

TEST_CASE("e2e: a node believes both authorities that stand in its ca.pem, and no longer the one taken out",
          "[e2e][certificates]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    const fs::path folder = fs::path(cluster.ca()).parent_path();
    const fs::path trusted = node.folder() / "ca.pem";
    make_authority(folder, "one");
    make_authority(folder, "two");
    const auto central_shows = [&](const std::string& name) {
        replace(folder / "srv.crt", content(folder / (name + "-srv.crt")));
        replace(folder / "srv.key", content(folder / (name + "-srv.key")));
        REQUIRE(cluster.stop_central() == 0);
        cluster.start_central();
    };
    const auto sends = [&] {
        node.create("/api/owners", {{"firstName", "A"}, {"lastName", "B"}});
        return eventually([&] {
            (void)node.post("/api/sync/now", Json::object());
            return node.is_all_sent();
        });
    };
    replace(trusted, content(folder / "one.crt") + content(folder / "two.crt"));
    for (const char* name : {"one", "two", "one"}) {
        INFO(name);
        central_shows(name);
        CHECK(sends());
    }
    // An empty file changes nothing; without the authority that signed it, central is believed no more at once.
    replace(trusted, "");
    CHECK(sends());
    replace(trusted, content(folder / "two.crt"));
    node.create("/api/owners", {{"firstName", "C"}, {"lastName", "D"}});
    CHECK(eventually([&] {
        (void)node.post("/api/sync/now", Json::object());
        return node.status().value("lastError", "").starts_with("tls_untrusted");
    }));
    CHECK(!node.is_all_sent());
    central_shows("two");
    CHECK(sends());
}

}  // namespace vetchart::e2e
