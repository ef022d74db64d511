#include <catch2/catch.hpp>

#include "edge/web/assets.h"
#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Reply;

TEST_CASE("app: its page is at every address of its own, with a policy that lets nothing in from elsewhere",
          "[edge][api][app]") {
    ApiNode node;
    const Reply page = node.get("/", "");
    REQUIRE(page.status == 200);
    CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
    CHECK(page.header("Content-Security-Policy").find("default-src 'none'") == 0);
    CHECK(page.header("Cache-Control") == "no-cache");
    CHECK(node.send("GET", "/patients/018f", nullptr, "", {{"Accept", "text/html,*/*;q=0.8"}}).body == page.body);
    CHECK(node.get("/patients/018f", "").status == 404);
    CHECK(node.send("GET", "/", nullptr, "", {{"If-None-Match", page.header("ETag")}}).status == 304);
    CHECK(node.get("/missing.js", "").status == 404);
    CHECK(node.get("/api/missing", "").status == 404);
    CHECK(node.post("/patients/018f", nullptr, "").status == 404);
    CHECK(vetchart::edge::app_page() != nullptr);
    CHECK(vetchart::edge::find_asset("/../secret.key") == nullptr);
}

TEST_CASE("app: a login's cookie opens the API, and a change needs the app's header beside it", "[edge][api][app]") {
    ApiNode node;
    const Reply login =
        node.post("/api/auth/login", {{"username", "admin@vetchart.example"}, {"password", ApiNode::kPassword}}, "");
    REQUIRE(login.status == 200);
    const std::string set = login.header("Set-Cookie");
    CHECK(set.find("; HttpOnly; SameSite=Strict; Max-Age=86400") != std::string::npos);
    CHECK(set.find("Secure") == std::string::npos);  // plain HTTP here: a browser would not keep it
    const httplib::Headers cookie{{"Cookie", "a=b; " + set.substr(0, set.find(';'))}};
    CHECK(node.send("GET", "/api/auth/me", nullptr, "", cookie).json["email"] == "admin@vetchart.example");
    const vetchart::test::Json owner{{"firstName", "Ann"}, {"lastName", "Young"}};
    const Reply foreign = node.send("POST", "/api/owners", owner, "", cookie);
    CHECK(foreign.status == 403);
    CHECK(foreign.json["code"] == "header_required");
    CHECK(node.number("SELECT count(*) FROM owner") == 0);
    auto own = cookie;
    own.emplace("X-VetChart", "1");
    CHECK(node.send("POST", "/api/owners", owner, "", own).status == 201);
    const Reply out = node.post("/api/auth/logout", nullptr, "");
    CHECK(out.status == 204);
    CHECK(node.send("POST", "/api/auth/logout", nullptr, "", cookie).status == 403);
    CHECK(node.send("POST", "/api/auth/logout", nullptr, "", own).status == 204);
    // Cookies of other programs on this computer are none of ours, and a token in the header needs no proof.
    CHECK(node.send("POST", "/api/auth/logout", nullptr, "", {{"Cookie", "theme=dark"}}).status == 204);
    CHECK(node.send("POST", "/api/auth/logout", nullptr, "admin", cookie).status == 204);
    const std::string name = set.substr(0, set.find('=') + 1);
    CHECK(out.header("Set-Cookie").find(name + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=0") == 0);
    CHECK(node.send("GET", "/api/auth/me", nullptr, "", {{"Cookie", name + "forged"}}).status == 403);
}
