#include <catch2/catch.hpp>

#include "sync/base/jwt.h"

using vetchart::JwtFault;
using vetchart::sign_jwt;
using vetchart::verify_jwt;

TEST_CASE("jwt: the widely used example of HS256, and back", "[base][jwt]") {
    const std::string payload = R"({"sub":"1234567890","name":"John Doe","iat":1516239022})";
    const std::string token = sign_jwt(payload, "your-256-bit-secret");
    CHECK(token ==
          "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
          "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
          "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c");
    JwtFault fault{};
    CHECK(verify_jwt(token, "your-256-bit-secret", fault) == payload);
}

TEST_CASE("jwt: another key, another algorithm and broken tokens are told apart and refused", "[base][jwt]") {
    const std::string token = sign_jwt("{}", "key");
    JwtFault fault{};
    CHECK_FALSE(verify_jwt(token, "other", fault));
    CHECK(fault == JwtFault::bad_signature);
    CHECK_FALSE(verify_jwt(token + "A", "key", fault));
    CHECK(fault == JwtFault::bad_signature);
    // {"alg":"none"} and {"alg":"HS512"}
    for (const char* header : {"eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzUxMiJ9"}) {
        CHECK_FALSE(verify_jwt(header + token.substr(token.find('.')), "key", fault));
        CHECK(fault == JwtFault::malformed);
    }
    for (const std::string broken : {"", ".", "..", "a.b", "a.b.c", "=.=.=", "e30.e30."}) {
        INFO(broken);
        CHECK_FALSE(verify_jwt(broken, "key", fault));
        CHECK(fault == JwtFault::malformed);
    }
    std::string long_header(8000, 'a');
    long_header.append(".").append(token);
    CHECK_FALSE(verify_jwt(long_header, "key", fault));
}
