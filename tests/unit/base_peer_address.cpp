#include <catch2/catch.hpp>
#include <string>

#include "sync/base/peer_address.h"

using namespace vetchart;

TEST_CASE("peer address: IPv4 as it is, IPv6 by its line, other text as text", "[base][address]") {
    CHECK(address_block("192.0.2.7") == "192.0.2.7");
    CHECK(address_block("::ffff:192.0.2.7") == "192.0.2.7");
    CHECK(address_block("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
    CHECK(address_block("2001:db8:1:2::9") == address_block("2001:db8:1:2:ffff::1"));
    CHECK(address_block("2001:db8:1:3::9") != address_block("2001:db8:1:2::9"));
    CHECK(address_block("fe80::1%eth0") == "fe80::/64");
    CHECK(address_block("no address") == "no address");
    CHECK(address_block(std::string(1000, 'x')).size() <= 64);
}

TEST_CASE("peer address: loopback in every notation", "[base][address]") {
    for (const char* here : {"127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"}) CHECK(is_loopback_address(here));
    for (const char* there : {"192.0.2.1", "::2", "1::1", "::ffff:10.0.0.1", "localhost", ""}) {
        CHECK_FALSE(is_loopback_address(there));
    }
}

TEST_CASE("peer address: of what is forwarded only the last proxy's own entry counts", "[base][address]") {
    CHECK(last_forwarded("192.0.2.1") == "192.0.2.1");
    CHECK(last_forwarded("10.0.0.1, 192.0.2.1") == "192.0.2.1");
    CHECK(last_forwarded(" spoofed ,\t192.0.2.1:4711 ") == "192.0.2.1");
    CHECK(last_forwarded("[2001:db8::1]:80") == "2001:db8::1");
    CHECK(last_forwarded("2001:db8::1") == "2001:db8::1");
    for (const char* wrong : {"", ",", "192.0.2.1,", "unknown", "192.0.2.1, _hidden", "[", "1.2.3", "[::1", "a:b"}) {
        INFO(wrong);
        const auto found = last_forwarded(wrong);
        CHECK((!found || *found == "::1"));
    }
    CHECK_FALSE(last_forwarded(std::string("192.0.2.1\0", 10)));
}
