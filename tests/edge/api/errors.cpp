#include <catch2/catch.hpp>
#include <cmath>

#include "sync/wire/gzip.h"
#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;
using vetchart::test::send_raw;

namespace {

httplib::Headers bearer(ApiNode& node) { return {{"Authorization", "Bearer " + node.tokens["admin"]}}; }

/// A whole error body: text for a person, a slug for a program.
void check_error(const Reply& reply, int status, const std::string& code) {
    INFO(reply.status << " " << reply.body.substr(0, 300));
    CHECK(reply.status == status);
    REQUIRE(reply.json.is_object());
    CHECK(reply.json["code"] == code);
    CHECK(reply.json["error"] == reply.json["message"]);
    CHECK(!reply.json["error"].get<std::string>().empty());
    CHECK(reply.json["fields"].is_object());
}

std::string raw_post(ApiNode& node, const std::string& headers, const std::string& body) {
    return send_raw(node.port,
                    "POST /api/owners HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " +
                        node.tokens["admin"] + "\r\nContent-Type: application/json\r\n" + headers + "\r\n" + body);
}

}  // namespace

TEST_CASE("api: bodies that are no JSON object are refused with 400", "[edge][api]") {
    ApiNode node;
    const auto post = [&](const std::string& body) {
        return node.send_text("POST", "/api/owners", body, "application/json; charset=utf-8", bearer(node));
    };
    check_error(post("{\"firstName\": "), 400, "malformed");
    check_error(post(""), 400, "malformed");
    check_error(post("[1]"), 400, "malformed");
    check_error(post("\"text\""), 400, "malformed");
    check_error(post(std::string(200000, '[')), 400, "malformed");
    std::string deep;
    for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
    check_error(post(deep), 400, "malformed");
    check_error(post("{\"firstName\":\"\xff\xfe\",\"lastName\":\"b\"}"), 400, "malformed");
    check_error(post("{\"firstName\":\"a\\u0000b\",\"lastName\":\"b\"}"), 400, "malformed");
    check_error(post(std::string("{\"firstName\":\"a\0b\",\"lastName\":\"b\"}", 33)), 400, "malformed");
    check_error(node.send_text("POST", "/api/owners", "{}", "text/plain", bearer(node)), 415, "unsupported_type");
    check_error(node.send_text("POST", "/api/owners", "a=b", "application/x-www-form-urlencoded", bearer(node)), 415,
                "unsupported_type");
    CHECK(node.number("SELECT count(*) FROM owner") == 0);
}

TEST_CASE("api: numbers that are not finite are 422, wherever they are", "[edge][api]") {
    ApiNode node;
    const auto post = [&](const std::string& weight) {
        return node.send_text("POST", "/api/patients", R"({"name":"Rex","species":"Dog","weight":)" + weight + "}",
                              "application/json", bearer(node));
    };
    for (const char* number : {"NaN", "Infinity", "-Infinity", "1e999", "-1e999"}) {
        INFO(number);
        const Reply reply = post(number);
        check_error(reply, 422, "invalid_fields");
        CHECK(reply.json["fields"].contains("weight"));
    }
    for (const char* wrong :
         {"\"NaN\"", "\"12\"", "true", "[]", "{}", "0", "-1", "0.0004", "1e300", "99999999999999999999"}) {
        INFO(wrong);
        check_error(post(wrong), 422, "invalid_fields");
    }
    check_error(post("Nonsense"), 400, "malformed");
    CHECK(node.number("SELECT count(*) FROM patient") == 0);
    CHECK(post("12.3456").json["weight"] == 12.346);
}

TEST_CASE("api: every wrong field is named at once", "[edge][api]") {
    ApiNode node;
    const Reply reply = node.post("/api/patients", {{"name", "  \u00a0"},
                                                    {"species", 5},
                                                    {"age", 2.5},
                                                    {"gender", "m"},
                                                    {"birthDate", "2025-02-29"},
                                                    {"status", "gone"},
                                                    {"breed", std::string(101, 'x')},
                                                    {"ownerId", "12"}});
    check_error(reply, 422, "invalid_fields");
    for (const char* field : {"name", "species", "age", "gender", "birthDate", "status", "breed", "ownerId"}) {
        INFO(field);
        CHECK(reply.json["fields"].contains(field));
    }
    CHECK(reply.json["fields"].size() == 8);
    check_error(node.post("/api/appointments", {{"time", "24:00"}, {"duration", 0}}), 422, "invalid_fields");
}

TEST_CASE("api: what the database refuses becomes a sentence with the field", "[edge][api]") {
    ApiNode node;
    const vetchart::test::Json owner = node.new_owner();
    Reply taken = node.post("/api/owners", {{"firstName", "B"}, {"lastName", "C"}, {"email", owner["email"]}});
    check_error(taken, 409, "email_taken");
    CHECK(taken.json["fields"].contains("email"));
    // Deleted, the address is free; then the first cannot come back.
    const std::string path = "/api/owners/" + owner["id"].get<std::string>();
    node.remove(path);
    CHECK(node.post("/api/owners", {{"firstName", "B"}, {"lastName", "C"}, {"email", owner["email"]}}).status == 201);
    check_error(node.send("POST", path + "/restore"), 409, "email_taken");
}

TEST_CASE("api: bodies over the limit are 413, however they come", "[edge][api]") {
    ApiNode node;
    const std::string big = "{\"notes\":\"" + std::string(2U << 20U, 'x') + "\"}";
    check_error(node.send_text("POST", "/api/owners", big, "application/json", bearer(node)), 413, "too_large");
    // The connection is still good.
    CHECK(node.get("/api/owners").status == 200);

    httplib::Headers gzip = bearer(node);
    gzip.emplace("Content-Encoding", "gzip");
    const auto packed = [&](const std::string& body) {
        return node.send_text("POST", "/api/owners", vetchart::sync::gzip(body), "application/json", gzip);
    };
    check_error(packed(big), 413, "too_large");
    CHECK(node.get("/api/owners").status == 200);
    CHECK(packed(R"({"firstName":"A","lastName":"Packed"})").status == 201);
    const std::string bomb(60U << 20U, ' ');
    const std::string answer = raw_post(
        node, "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(vetchart::sync::gzip(bomb).size()) + "\r\n",
        vetchart::sync::gzip(bomb));
    CHECK(answer.starts_with("HTTP/1.1 413"));

    std::string chunks;
    for (int i = 0; i < 40; ++i) chunks += "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
    CHECK(raw_post(node, "Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n").starts_with("HTTP/1.1 413"));
    const std::string small = R"({"firstName":"A","lastName":"Chunked"})";
    char size[16];
    std::snprintf(size, sizeof(size), "%zx\r\n", small.size());
    CHECK(raw_post(node, "Transfer-Encoding: chunked\r\n", size + small + "\r\n0\r\n\r\n").starts_with("HTTP/1.1 201"));
    CHECK(raw_post(node, "Content-Encoding: gzip\r\nContent-Length: 5\r\n", "hello").starts_with("HTTP/1.1 400"));
    CHECK(raw_post(node, "Content-Encoding: zstd\r\nContent-Length: 5\r\n", "hello").starts_with("HTTP/1.1 415"));
    CHECK(node.number("SELECT count(*) FROM owner") == 2);
}

TEST_CASE("api: unknown addresses, methods and ids get the error form", "[edge][api]") {
    ApiNode node;
    check_error(node.get("/api/nothing"), 404, "not_found");
    check_error(node.get("/nothing"), 404, "not_found");
    check_error(node.get("/api/owners/123"), 404, "not_found");
    check_error(node.get("/api/owners/00000000-0000-4000-8000-000000000000"), 404, "not_found");
    const Reply method = node.send("PUT", "/api/owners", Json::object());
    check_error(method, 405, "method_not_allowed");
    CHECK(method.header("Allow") == "GET, POST");
    check_error(node.send("DELETE", "/api/health"), 405, "method_not_allowed");
    check_error(node.get("/api/owners?limit=0"), 400, "bad_limit");
    check_error(node.get("/api/owners?limit=501"), 400, "bad_limit");
    check_error(node.get("/api/owners?limit=ten"), 400, "bad_limit");
    check_error(node.get("/api/owners?cursor=%00"), 400, "malformed");
    check_error(node.get("/api/owners?cursor=WzFd"), 400, "bad_cursor");
    check_error(node.get("/api/owners?q=%ff"), 400, "malformed");
    CHECK(send_raw(node.port, "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nConnection: close\r\n\r\n")
              .starts_with("HTTP/1.1 414"));
    CHECK(send_raw(node.port, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
}

TEST_CASE("api: answers carry the security headers and nothing of the inside", "[edge][api]") {
    ApiNode node(ApiNode::State::set_up,
                 [](vetchart::edge::ApiOptions& options) { options.origins = {"http://old.example"}; });
    for (const char* path : {"/api/owners", "/api/nothing", "/"}) {
        const Reply reply = node.get(path);
        INFO(path);
        CHECK(reply.header("X-Content-Type-Options") == "nosniff");
        CHECK(reply.header("X-Frame-Options") == "DENY");
        CHECK(reply.headers.count("X-Content-Type-Options") == 1);
        CHECK(reply.header("EXCEPTION_WHAT").empty());
    }
    CHECK(node.get("/api/owners").header("Cache-Control") == "no-store");
    const Reply own = node.send("GET", "/api/owners", nullptr, "admin", {{"Origin", "http://old.example"}});
    CHECK(own.header("Access-Control-Allow-Origin") == "http://old.example");
    const Reply other = node.send("GET", "/api/owners", nullptr, "admin", {{"Origin", "http://evil.example"}});
    CHECK(other.header("Access-Control-Allow-Origin").empty());
    CHECK(node.send("OPTIONS", "/api/owners", nullptr, "", {{"Origin", "http://old.example"}}).status == 204);
}

TEST_CASE("api: a second server cannot take the port", "[edge][api]") {
    ApiNode node;
    vetchart::edge::ApiOptions options;
    options.key_file = node.folder / "secret.key";
    auto second = vetchart::edge::ApiServer::create(*node.database, options);
    REQUIRE(second);
    const auto bound = (*second)->bind("127.0.0.1", node.port);
    REQUIRE_FALSE(bound);
    CHECK(bound.error().code == vetchart::Errc::unavailable);
}
