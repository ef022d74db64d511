#include <catch2/catch.hpp>
#include <set>

#include "sync/base/digest.h"
#include "tests/support/chance.h"

namespace vetchart {

TEST_CASE("digest: SHA-256 gives the published values", "[base][digest]") {
    CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("digest: a link is the SHA-256 of the link before and the bytes", "[base][digest]") {
    const Digest first = sha256("seed");
    std::string joined(reinterpret_cast<const char*>(first.data()), first.size());
    joined += "bytes";
    CHECK(chain_digest(first, "bytes") == sha256(joined));
    CHECK(chain_digest(first, "bytes") != chain_digest(sha256("other"), "bytes"));
}

TEST_CASE("digest: hex comes back as the same digest, and anything else is refused", "[base][digest]") {
    const Digest digest = sha256("abc");
    CHECK(digest_from_hex(to_hex(digest)) == digest);
    const std::string hex = to_hex(digest);
    CHECK_FALSE(digest_from_hex(""));
    CHECK_FALSE(digest_from_hex(hex.substr(1)));
    CHECK_FALSE(digest_from_hex(hex + "0"));
    CHECK_FALSE(digest_from_hex("g" + hex.substr(1)));
    CHECK_FALSE(digest_from_hex(hex.substr(0, 62) + " 0"));
}

TEST_CASE("digest: tokens are URL-safe, of the size asked for, and never repeat", "[base][digest]") {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string token = random_token(test::chance(), 32);
        CHECK(token.size() == 43);
        CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
              std::string::npos);
        seen.insert(token);
    }
    CHECK(seen.size() == 1000);
    CHECK(random_token(test::chance(), 0).empty());
}

}  // namespace vetchart
