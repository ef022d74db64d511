#include <catch2/catch.hpp>
#include <string>

#include "sync/base/known_browser.h"
#include "tests/support/chance.h"

using namespace vetchart;

TEST_CASE("known browser: it is known for the names that logged in from it, and for no other", "[base][browser]") {
    KnownBrowser first("", "key");
    CHECK(first.device_of("ada").empty());
    first.remember({"ada@x.example", "ada"}, test::chance());
    KnownBrowser again(first.cookie(), "key");
    const std::string device = again.device_of("ADA ");
    CHECK_FALSE(device.empty());
    CHECK(again.device_of("ada@x.example") == device);
    CHECK(again.device_of("bob").empty());
    again.remember({"bob"}, test::chance());
    CHECK(again.device_of("bob") == device);
    CHECK(again.device_of("ada") == device);
    CHECK(again.cookie().find("ada") == std::string::npos);
}

TEST_CASE("known browser: a cookie of another key, cut or changed says nothing", "[base][browser]") {
    KnownBrowser made("", "key");
    made.remember({"ada"}, test::chance());
    const std::string cookie = made.cookie();
    CHECK(KnownBrowser(cookie, "other key").device_of("ada").empty());
    CHECK(KnownBrowser(cookie.substr(1), "key").device_of("ada").empty());
    CHECK(KnownBrowser(cookie + "x", "key").device_of("ada").empty());
    CHECK(KnownBrowser("x.y.z", "key").device_of("ada").empty());
}

TEST_CASE("known browser: it keeps the latest persons only", "[base][browser]") {
    KnownBrowser browser("", "key");
    browser.remember({"first"}, test::chance());
    for (std::size_t i = 0; i < KnownBrowser::kNamesMax; ++i)
        browser.remember({"name " + std::to_string(i)}, test::chance());
    KnownBrowser again(browser.cookie(), "key");
    CHECK(again.device_of("first").empty());
    CHECK_FALSE(again.device_of("name 0").empty());
    CHECK(again.cookie().size() < 2000);
}

TEST_CASE("cookies: a value is found by its whole name", "[base][browser]") {
    CHECK(cookie_in("a=1; bb=2;c=3", "bb") == "2");
    CHECK(cookie_in("a=1; bb=2;c=3", "c") == "3");
    CHECK(cookie_in("xa=1; a=2", "a") == "2");
    CHECK(cookie_in("a=x=y", "a") == "x=y");
    for (const char* none : {"", ";", " ;; ", "ab=1", "a", "b=1; "}) CHECK(cookie_in(none, "a").empty());
}
