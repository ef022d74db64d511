#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include "tests/central/api/server_fixture.h"

namespace vetchart::central::server_test {

TEST_CASE("central: of a push whose line was cut only the rest is sent", "[central][server]") {
    Central central;
    Node node = central.node({"NORTH"}, "ABCDE");
    const std::string push = node.push_of(central.clinics["NORTH"]);
    const auto headers = node.headers(push);
    const auto there = [&](const Node& who) {
        const auto reply = test::http_call(central.port, "GET", "/sync/v1/upload", who.headers(push));
        REQUIRE(reply.status == 200);
        const auto size = sync::parse_upload_reply(reply.body);
        REQUIRE(size.ok());
        return *size;
    };
    CHECK(there(node) == 0);
    {
        test::RawHttp cut(central.port);
        std::string head = "POST /sync/v1/push HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(push.size());
        for (const auto& [name, value] : headers) head += "\r\n" + name + ": " + value;
        cut.send(head + "\r\n\r\n" + push.substr(0, 100));
    }
    REQUIRE(becomes_true([&] { return there(node) == 100; }));
    Node other = central.node({"NORTH"}, "FGHJK");
    CHECK(there(other) == 0);
    const auto rest = [&](std::size_t offset) {
        auto more = headers;
        more.emplace_back(sync::kBodyOffsetHeader, std::to_string(offset));
        return central.post("/sync/v1/push", more, push.substr(offset));
    };
    CHECK(test::code_of(rest(101)) == "upload_gone");
    CHECK(rest(100).status == 200);
    // Its answer may have been lost: the whole is still there, and nothing has to be sent again.
    CHECK(there(node) == push.size());
    CHECK(rest(push.size()).status == 200);
    auto wrong = headers;
    wrong.emplace_back(sync::kBodyOffsetHeader, "1x");
    CHECK(test::code_of(central.post("/sync/v1/push", wrong, push)) == "upload_gone");
    // A rest that makes another body of it is not gone on with.
    auto belied = headers;
    belied.emplace_back(sync::kBodyOffsetHeader, "100");
    std::string other_rest = push.substr(100);
    other_rest[10] = other_rest[10] == 'x' ? 'y' : 'x';
    CHECK(central.post("/sync/v1/push", belied, other_rest).status == 400);
    CHECK(there(node) == 0);
}

TEST_CASE("central: nothing is kept of a push that no node sent", "[central][server]") {
    Central central;
    Node node = central.node({"NORTH"}, "ABCDE");
    const std::string push = node.push_of(central.clinics["NORTH"]);
    Node stranger = node;
    stranger.secret += "x";
    {
        test::RawHttp cut(central.port);
        std::string head = "POST /sync/v1/push HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(push.size());
        for (const auto& [name, value] : stranger.headers(push)) head += "\r\n" + name + ": " + value;
        cut.send(head + "\r\n\r\n" + push.substr(0, 100));
    }
    // What the server does of one connection comes before what it does of the next.
    CHECK(test::http_call(central.port, "GET", "/sync/v1/upload", stranger.headers(push)).status == 401);
    const auto reply = test::http_call(central.port, "GET", "/sync/v1/upload", node.headers(push));
    CHECK(*sync::parse_upload_reply(reply.body) == 0);
}

TEST_CASE("central: an answer that was cut goes on where it was cut, unless it is another by now",
          "[central][server]") {
    Central central;
    Node node = central.node({"NORTH"}, "ABCDE");
    for (int i = 0; i < 5; ++i) {
        const std::string push = node.push_of(central.clinics["NORTH"]);
        REQUIRE(central.post("/sync/v1/push", node.headers(push), push).status == 200);
    }
    const std::string ask = central.pull_body("NORTH");
    const auto whole = central.post("/sync/v1/pull", node.headers(ask), ask);
    REQUIRE(whole.status == 200);
    auto headers = node.headers(ask);
    headers.emplace_back(sync::kResumeDigestHeader, whole.headers.at("x-body-sha256"));
    headers.emplace_back(sync::kResumeOffsetHeader, "50");
    const auto rest = central.post("/sync/v1/pull", headers, ask);
    CHECK(rest.headers.at("x-body-offset") == "50");
    CHECK(whole.body.substr(0, 50) + rest.body == whole.body);
    central.commit_by_sql("NORTH");
    const auto other = central.post("/sync/v1/pull", headers, ask);
    CHECK_FALSE(other.headers.contains("x-body-offset"));
    CHECK(other.headers.at("x-body-sha256") == to_hex(sha256(other.body)));
}

}  // namespace vetchart::central::server_test
