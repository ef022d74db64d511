#include <catch2/catch.hpp>
#include <string>

#include "sync/base/password_form.h"

using vetchart::password_form;
using vetchart::PasswordForm;

namespace {

const std::string kBcryptRest = "abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK";
const std::string kArgonRest = "$cGuWQyAg/PEXFn87vJhDcA$FnT6QNn6oBOlIpnb0V2npKY3O8Y8KUU6ImagEUat+iU";

}  // namespace

TEST_CASE("password form: bcrypt within its costs, and nothing that looks like it", "[base][password]") {
    for (const char* head : {"$2a$04$", "$2b$10$", "$2y$14$"}) {
        INFO(head);
        CHECK(password_form(head + kBcryptRest) == PasswordForm::bcrypt);
    }
    for (const char* head : {"$2b$31$", "$2b$15$", "$2b$03$", "$2b$00$", "$2b$99$", "$2x$10$", "$2$10$x", "$2b$ 9$",
                             "$2b$+9$", "$2b$1$0", "$2b$10.", "$5$10$"}) {
        INFO(head);
        CHECK(password_form(head + kBcryptRest) == PasswordForm::none);
    }
    CHECK(password_form("$2b$10$" + kBcryptRest + "x") == PasswordForm::none);
    CHECK(password_form("$2b$10$" + kBcryptRest.substr(1)) == PasswordForm::none);
    CHECK(password_form("$2b$10$" + kBcryptRest.substr(1) + "+") == PasswordForm::none);
    CHECK(password_form("$2b$10$" + kBcryptRest.substr(1) + std::string(1, '\0')) == PasswordForm::none);
}

TEST_CASE("password form: argon2id within memory and passes, and nothing that looks like it", "[base][password]") {
    for (const char* head : {"m=65536,t=2,p=1", "m=8,t=1,p=1", "m=131072,t=10,p=1"}) {
        INFO(head);
        CHECK(password_form("$argon2id$v=19$" + (head + kArgonRest)) == PasswordForm::argon2id);
    }
    for (const char* head :
         {"m=131073,t=2,p=1", "m=4294967295,t=2,p=1", "m=65536,t=11,p=1", "m=65536,t=4294967295,p=1", "m=65536,t=2,p=2",
          "m=065536,t=2,p=1", "m=-1,t=2,p=1", "m=7,t=1,p=1", "m=65536,t=0,p=1", "m=65536,p=1", "m=,t=2,p=1", ""}) {
        INFO(head);
        CHECK(password_form("$argon2id$v=19$" + (head + kArgonRest)) == PasswordForm::none);
    }
    CHECK(password_form("$argon2i$v=19$m=65536,t=2,p=1" + kArgonRest) == PasswordForm::none);
    CHECK(password_form("$argon2id$v=16$m=65536,t=2,p=1" + kArgonRest) == PasswordForm::none);
    CHECK(password_form("$argon2id$v=19$m=65536,t=2,p=1" + kArgonRest + std::string(100, 'A')) == PasswordForm::none);
    CHECK(password_form("$argon2id$v=19$m=65536,t=2,p=1$$") == PasswordForm::none);
    for (const char* other : {"", "!", "x", "plain words", "$6$salt$hash"}) {
        CHECK(password_form(other) == PasswordForm::none);
    }
}
