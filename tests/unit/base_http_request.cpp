// The reader of HTTP requests against the list of framing cases, whole and cut anywhere, and against random bytes.
#include <catch2/catch.hpp>
#include <random>

#include "sync/base/http_request.h"
#include "tests/support/framing_cases.h"

namespace vetchart {
namespace {

constexpr std::size_t kBodyMax = 1U << 20U;
const std::string kSmuggled = "POST /api/setup HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";

struct Seen {
    HttpRequestReader::State state;
    std::size_t taken;
    int status;
    std::string method, target, body;

    bool operator==(const Seen&) const = default;
};

/// Gives the reader pieces of the sizes that `next` says, as a connection would.
template <class Next>
Seen read(const std::string& bytes, const Next& next) {
    using State = HttpRequestReader::State;
    HttpRequestReader reader({}, kBodyMax);
    std::size_t at = 0, offered = 0;
    while (at < bytes.size() && (reader.state() == State::head || reader.state() == State::body)) {
        if (offered <= at) offered = std::min(bytes.size(), at + next());
        at += reader.take(std::string_view(bytes).substr(at, offered - at));
    }
    const bool has_head = reader.has_head();
    return {reader.state(),
            at,
            reader.state() == State::refused ? reader.fault().status : 0,
            has_head ? reader.head().method : "",
            has_head ? reader.head().target : "",
            reader.state() == State::done ? reader.body() : ""};
}

Seen read_whole(const std::string& bytes) {
    return read(bytes, [&] { return bytes.size(); });
}

HttpHead head_of(const std::string& bytes) {
    HttpRequestReader reader({}, kBodyMax);
    reader.take(bytes);
    REQUIRE(reader.has_head());
    return reader.head();
}

/// A piece of HTTP, or of what looks like it.
std::string random_request(std::mt19937_64& random) {
    static const std::vector<test::FramingCase> cases = test::framing_cases("a", kSmuggled);
    std::string bytes = cases[random() % cases.size()].bytes;
    for (auto changes = random() % 4; changes > 0 && !bytes.empty(); --changes) {
        const std::size_t at = random() % bytes.size();
        switch (random() % 4) {
            case 0: bytes[at] = static_cast<char>(random()); break;
            case 1: bytes.erase(at, 1 + random() % 4); break;
            case 2: bytes.insert(at, 1, "\r\n :;,\t0"[random() % 8]); break;
            default: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 40)); break;
        }
    }
    return bytes;
}

}  // namespace

TEST_CASE("http: each framing case is one request to its last byte, or refused", "[base][http]") {
    for (const auto& one : test::framing_cases("127.0.0.1:80", kSmuggled)) {
        INFO(one.name);
        const Seen seen = read_whole(one.bytes);
        CHECK(seen.status == one.refused_with);
        if (one.refused_with != 0) continue;
        CHECK(seen.state == HttpRequestReader::State::done);
        CHECK(seen.taken == one.bytes.size());
    }
}

TEST_CASE("http: a request reads the same however it was cut on its way", "[base][http]") {
    for (const auto& one : test::framing_cases("127.0.0.1:80", kSmuggled)) {
        INFO(one.name);
        CHECK(read(one.bytes, [] { return std::size_t{1}; }) == read_whole(one.bytes));
    }
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 20000; ++round) {
        const std::string bytes = random_request(random);
        const Seen whole = read_whole(bytes);
        const Seen cut = read(bytes, [&] { return std::size_t{1} + random() % 50; });
        if (cut == whole) continue;
        INFO("round " << round << ": " << bytes);
        FAIL_CHECK("cut, it reads as another request");
        break;
    }
}

TEST_CASE("http: what is taken has one length at the most, one host, and no folded line", "[base][http]") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 20000; ++round) {
        const std::string bytes = random_request(random);
        HttpRequestReader reader({}, kBodyMax);
        reader.take(bytes);
        if (!reader.has_head()) continue;
        INFO("round " << round << ": " << bytes);
        std::size_t lengths = 0, hosts = 0;
        bool clean = true;
        for (const auto& [name, value] : reader.head().fields) {
            lengths += name == "content-length" || name == "transfer-encoding" ? 1U : 0U;
            hosts += name == "host" ? 1U : 0U;
            clean = clean && value.find_first_of(std::string("\r\n\0", 3)) == std::string::npos;
        }
        if (lengths > 1 || hosts > 1 || !clean) FAIL("a head that can be read in two ways was taken");
    }
}

TEST_CASE("http: a head's fields come as they were sent, its method and target apart", "[base][http]") {
    const HttpHead head = head_of("GET /a%20b?c=%0d HTTP/1.1\r\nHOST:  A.example:80 \r\nX:  %41 b\t\r\nx: 2\r\n\r\n");
    CHECK(head.method == "GET");
    CHECK(head.target == "/a%20b?c=%0d");
    CHECK(head.host == "A.example:80");
    CHECK(head.field("x") == "%41 b");
    CHECK(head.fields.size() == 3);
    CHECK(head.keep_alive);
    CHECK(head_of("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").target == "/");
    CHECK(head_of("GET https://a?b HTTP/1.1\r\nHost: a\r\n\r\n").target == "/?b");
}

TEST_CASE("http: a connection is kept unless its request says otherwise or is HTTP/1.0", "[base][http]") {
    CHECK_FALSE(head_of("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").keep_alive);
    CHECK(head_of("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n").keep_alive);
    CHECK_FALSE(head_of("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST_CASE("http: a body is what its chunks carry", "[base][http]") {
    const std::string coded = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(read_whole(coded + "3;x\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n").body == "abcde");
}

}  // namespace vetchart
