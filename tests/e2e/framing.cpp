// Both daemons, as processes, against bytes that could be read as other requests than they are. After each either the
// connection is closed, or the marker that follows is answered next; what hides behind them is never executed.
#include <catch2/catch.hpp>

#include "tests/e2e/lone_daemon.h"
#include "tests/e2e/raw.h"
#include "tests/support/framing_cases.h"

namespace vetchart::e2e {
namespace {

/// What a page in a browser would like to have executed: on a node that is new it makes an administrator.
std::string smuggled_setup(const LoneDaemon& daemon) {
    const std::string body =
        R"({"adminEmail":"evil@evil.example","password":"correct horse","clinicName":"Evil","timezone":"UTC"})";
    return "POST /api/setup HTTP/1.1\r\nHost: " + daemon.host() +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Sends the bytes; returns how many answers came.
int check_case(const LoneDaemon& daemon, const test::FramingCase& one) {
    const std::string marker = "GET /api/health HTTP/1.1\r\nHost: " + daemon.host() + "\r\nConnection: close\r\n\r\n";
    const auto answer = exchange_raw(daemon.port(), one.bytes + marker);
    const auto replies = split_answers(answer.bytes, one.is_head);
    INFO(answer.bytes.substr(0, 2000));
    CHECK(answer.closed);
    if (one.refused_with != 0) {
        REQUIRE(replies.size() == 1);
        CHECK(replies[0].status == one.refused_with);
        CHECK(replies[0].headers.at("connection") == "close");
        CHECK_FALSE(replies[0].code().empty());
        return 1;
    }
    REQUIRE_FALSE(replies.empty());
    CHECK(replies[0].status != 0);
    CHECK(replies[0].status < 500);
    if (replies[0].headers.contains("connection") && replies.size() == 1) return 1;  // Closed, as it said.
    REQUIRE(replies.size() == 2);
    CHECK(replies[1].status == 200);
    CHECK(replies[1].json().contains("uptime"));
    return 2;
}

void check_framing(const LoneDaemon& daemon) {
    for (const auto& one : test::framing_cases(daemon.host(), smuggled_setup(daemon))) {
        DYNAMIC_SECTION(one.name) {
            const int before = daemon.answered() + 1;
            const int seen = check_case(daemon, one);
            // Nothing was executed whose answer did not come.
            CHECK(daemon.answered() == before + seen);
        }
    }
}

/// The longest list of ranges that a head may hold.
std::string many_ranges() {
    std::string ranges = "bytes=0-";
    while (ranges.size() < 8000) ranges += ",0-";
    return ranges;
}

void check_ranges(const LoneDaemon& daemon, const std::string& path) {
    const auto whole = send(daemon.url(), "GET", path);
    REQUIRE(whole.status == 200);
    for (const std::string& range :
         {many_ranges(), std::string("bytes=0-0"), std::string("bytes=0-0,2-3"), std::string("bytes=-1"),
          std::string("bytes=999999999-"), std::string("bytes=5-2"), std::string("bytes=a-b"), std::string("bytes="),
          std::string("lines=1-2"), std::string(8000, 'a'), "bytes=" + std::string(8000, '1') + "-"}) {
        for (const Headers& more : {Headers{}, Headers{{"If-Range", "\"x\""}}}) {
            INFO(range.substr(0, 60));
            Headers headers = more;
            headers["Range"] = range;
            const auto reply = send(daemon.url(), "GET", path, headers);
            CHECK(reply.status == 200);
            CHECK(reply.body == whole.body);
            CHECK_FALSE(reply.headers.contains("content-range"));
            CHECK(send(daemon.url(), "HEAD", path, headers).headers.count("content-range") == 0);
        }
    }
    const auto head = send(daemon.url(), "HEAD", path);
    CHECK((!head.headers.contains("accept-ranges") || head.headers.at("accept-ranges") == "none"));
}

}  // namespace

TEST_CASE("e2e: at a node no bytes are read as another request than they are", "[e2e][framing]") {
    static const auto daemon = LoneDaemon::node();
    check_framing(*daemon);
    CHECK(send(daemon->url(), "GET", "/api/setup").json().at("needed") == true);
}

TEST_CASE("e2e: at central no bytes are read as another request than they are", "[e2e][framing]") {
    static const auto daemon = LoneDaemon::central();
    check_framing(*daemon);
}

TEST_CASE("e2e: a Range is answered by the whole, at a node and at central", "[e2e][framing]") {
    const auto node = LoneDaemon::node();
    check_ranges(*node, "/");
    check_ranges(*node, "/api/openapi.json");
    const auto central = LoneDaemon::central();
    for (const std::string& range : {many_ranges(), std::string("bytes=0-0"), std::string("bytes=a-b")}) {
        const auto reply = send(central->url(), "GET", "/api/health", {{"Range", range}});
        CHECK(reply.status == 200);
        CHECK(reply.json().contains("uptime"));
        CHECK_FALSE(reply.headers.contains("content-range"));
    }
}

}  // namespace vetchart::e2e
