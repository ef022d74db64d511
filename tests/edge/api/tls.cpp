// The same API over TLS: the node's own stream (edge/api/guarded_stream.h) below the library's server.
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <thread>

#include "tests/edge/api/fixture.h"
#include "tests/support/private_postgres.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::TempDir;

namespace {

class TlsNode {
public:
    explicit TlsNode(int head_ms = 10000) {
        vetchart::test::run("cd " + folder_.path().string() +
                            " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                            " -keyout node.key -out node.crt -subj /CN=localhost");
        node_ = std::make_unique<ApiNode>(ApiNode::State::set_up, [&](vetchart::edge::ApiOptions& options) {
            options.tls_cert = folder_ / "node.crt";
            options.tls_key = folder_ / "node.key";
            options.threads = 4;
            options.limits.head_ms = head_ms;
        });
    }
    ApiNode* operator->() { return node_.get(); }

    /// True when `openssl s_client` with `arguments` gets an answer.
    bool answers(const std::string& arguments) {
        const std::string answer = vetchart::test::run(
            "printf 'GET /api/health HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' | openssl "
            "s_client"
            " -quiet -connect 127.0.0.1:" +
            std::to_string(node_->port) + " " + arguments + " 2>&1 || true");
        return answer.find("uptime") != std::string::npos;
    }

private:
    TempDir folder_;
    std::unique_ptr<ApiNode> node_;
};

}  // namespace

TEST_CASE("tls: large bodies and large answers arrive whole over one kept connection", "[edge][api][tls]") {
    TlsNode node;
    const std::string notes(19000, 'n');
    for (int i = 0; i < 200; ++i) {
        const auto made = node->post("/api/owners", {{"firstName", "First"},
                                                     {"lastName", "Last " + std::to_string(i)},
                                                     {"phone", "1"},
                                                     {"address", "2"},
                                                     {"notes", notes}});
        REQUIRE(made.status == 201);
    }
    const Json owners = node->get("/api/owners").json;
    REQUIRE(owners.size() == 200);
    for (const Json& owner : owners) REQUIRE(owner["notes"] == notes);
    // Over the bound: refused with the usual words, and the next request finds a server.
    CHECK(node->post("/api/owners", {{"notes", std::string(9 << 20, 'x')}}).status == 413);
    CHECK(node->get("/api/health", "").status == 200);
}

TEST_CASE("tls: 1.3, and 1.2 with what encrypts and authenticates in one step alone", "[edge][api][tls]") {
    TlsNode node;
    CHECK(node.answers("-tls1_3"));
    CHECK(node.answers("-tls1_2"));
    CHECK(node.answers("-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305"));
    CHECK_FALSE(node.answers("-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256"));
    CHECK_FALSE(node.answers("-tls1_2 -cipher ECDHE-ECDSA-AES256-SHA"));
    CHECK_FALSE(node.answers("-tls1_2 -cipher ECDHE-ECDSA-AES128-CCM8"));
    CHECK_FALSE(node.answers("-tls1_1 -cipher DEFAULT@SECLEVEL=0"));
}

TEST_CASE("tls: whoever speaks no TLS, or breaks off in the handshake, holds nobody up", "[edge][api][tls]") {
    TlsNode node(500);
    CHECK(vetchart::test::send_raw(node->port, "GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n").find(" 200 ") ==
          std::string::npos);
    // The first bytes of a client's greeting, and then nothing: four of them have all threads, for as long as a head.
    std::vector<std::thread> silent;
    for (int i = 0; i < 4; ++i) {
        silent.emplace_back([&node] { vetchart::test::send_raw(node->port, std::string("\x16\x03\x01\x02", 4)); });
    }
    for (auto& client : silent) client.join();
    CHECK(node->get("/api/health", "").status == 200);
}
