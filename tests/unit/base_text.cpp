#include <catch2/catch.hpp>

#include "sync/base/text.h"

namespace vetchart {

TEST_CASE("text: every blank of the one list is trimmed, and nothing else", "[base][text]") {
    const auto blank = GENERATE(as<std::string>{}, "\t", "\n", "\v", "\f", "\r", " ", "\xc2\x85", "\xc2\xa0",
                                "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x8a", "\xe2\x80\x8b", "\xe2\x80\xa8",
                                "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80", "\xef\xbb\xbf");
    CAPTURE(blank);
    CHECK(trim_blanks(blank + "a" + blank + "b" + blank) == "a" + blank + "b");
    CHECK(trim_blanks(blank + " " + blank).empty());
    const auto kept = GENERATE(as<std::string>{}, "\x08", "\x0e", "\x1f", "\x7f", "\xe2\x80\x8c", "\xe2\x80\x8d",
                               "\xe2\x81\xa0", "\xe1\xa0\x8e", ".");
    CHECK(trim_blanks(kept + "a" + kept) == kept + "a" + kept);
}

TEST_CASE("text: trimming broken UTF-8 stops at the broken byte", "[base][text]") {
    CHECK(trim_blanks(" \xff ") == "\xff");
    CHECK(trim_blanks("\x80\x80").size() == 2);
    CHECK(trim_blanks(" a\xe2\x80") == "a\xe2\x80");
}

TEST_CASE("text: well-formed UTF-8 without NUL is clean", "[base][text]") {
    CHECK(is_clean_utf8(""));
    CHECK(is_clean_utf8("Zo\xc3\xab \xe7\x8c\xab \xf0\x9f\x90\x88"));
    CHECK(is_clean_utf8("\xf4\x8f\xbf\xbf"));
    CHECK_FALSE(is_clean_utf8(std::string_view("a\0b", 3)));
    const auto bad = GENERATE(as<std::string>{}, "\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf",
                              "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82",
                              "\xe2\x28\xa1", "\xff", "\xfe", "caf\xe9");
    CAPTURE(bad);
    CHECK_FALSE(is_clean_utf8(bad));
}

TEST_CASE("text: length counts code points", "[base][text]") {
    CHECK(code_point_count("") == 0);
    CHECK(code_point_count("abc") == 3);
    CHECK(code_point_count("Zo\xc3\xab") == 3);
    CHECK(code_point_count("\xf0\x9f\x90\x88\xe7\x8c\xab") == 2);
}

TEST_CASE("text: only ASCII letters change case", "[base][text]") {
    CHECK(ascii_lower("ANNA@Example.ORG") == "anna@example.org");
    CHECK(ascii_lower("\xc3\x89[@Z`{") == "\xc3\x89[@z`{");
}

}  // namespace vetchart
