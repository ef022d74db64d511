// The one folding of the search index, of what is looked for, and of the duplicate warning.
#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <thread>

#include "sync/base/text_fold.h"

using namespace vetchart;

namespace {

std::string random_ascii(std::mt19937& random) {
    std::string text;
    const auto size = random() % 40;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(random() % 128);
    return text;
}

}  // namespace

TEST_CASE("folding: case, marks and stroked letters of Latin are the plain letters", "[base][fold]") {
    CHECK(fold_text("Łukasz Øberg Đorđe Straße Æsir Œuvre Þór Guðrún Işık") ==
          "lukasz oberg dorde strasse aesir oeuvre thor gudrun isik");
    CHECK(fold_text("MÜLLER") == "muller");
    CHECK(fold_text("Mu\u0308ller") == "muller");
    CHECK(fold_text("İstanbul ısı") == "istanbul isi");
    CHECK(fold_text("Nguyễn Văn Ất") == "nguyen van at");
    CHECK(fold_text("ŉ") == "n");
    CHECK(check_folding().ok());
}

TEST_CASE("folding: marks of every script fall, and its letters stay", "[base][fold]") {
    CHECK(fold_text("Γιώργος") == fold_text("ΓΙΩΡΓΟΣ"));
    CHECK(fold_text("Семён") == fold_text("СЕМЕН"));
    CHECK(fold_text("مُحَمَّد") == fold_text("محمد"));
    CHECK(fold_text("محـــمد") == fold_text("محمد"));
    CHECK(fold_text("أحمد") == fold_text("احمد"));
    CHECK(fold_text("דָּוִד") == fold_text("דוד"));
    CHECK(fold_text("ᾳ") == fold_text("α\u0345"));
    CHECK_FALSE(fold_text("דוד").empty());
}

TEST_CASE("folding: width is nothing, and Han, kana and Hangul stand by character", "[base][fold]") {
    CHECK(fold_text("Ｔａｎａｋａ　１２３") == "tanaka 123");
    CHECK(fold_text("ﾀﾅｶ") == fold_text("タナカ"));
    CHECK(fold_text("ｶﾞ") == fold_text("ガ"));
    CHECK(fold_words("田中Rex") == std::vector<FoldedWord>{{"田 中", true}, {"rex", false}});
    CHECK(fold_text("김철수") == "김 철 수");
    CHECK(fold_text("\u1100\u1175\u11B7") == "김");
    CHECK(fold_text("٠١٢ ४५") == "012 45");
}

TEST_CASE("folding: every apostrophe and hyphen divides words, what cannot be seen does not", "[base][fold]") {
    for (const char* name : {"O'Brien", "O’Brien", "Oʼbrien", "O`Brien", "O´Brien", "O-Brien",  //
                             "O‐Brien", "O–Brien", "O＇Brien"}) {
        INFO(name);
        CHECK(fold_text(name) == "o brien");
    }
    CHECK(fold_text("Mül\u00ADler\u200B Ya\u200Dng\uFE0F") == "muller yang");
    CHECK(fold_text("🐶 – ‹›").empty());
    CHECK(fold_text("a\xC3\x28"
                    "b\xff") == "a b");
    CHECK(fold_words("one two three", 2).size() == 2);
}

TEST_CASE("folding: the short way of plain ASCII says what ICU says", "[base][fold]") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int i = 0; i < 2000; ++i) {
        const std::string text = random_ascii(random);
        INFO(text);
        REQUIRE(fold_words(text) == fold_words_by_icu(text));
    }
}

TEST_CASE("folding: 20,000 characters of anything take no time", "[base][fold]") {
    std::string marks, expanding, mixed;
    for (int i = 0; i < 10000; ++i) {
        marks += i % 2 == 0 ? "\u0315\u0300" : "\u0345\u0327";
        expanding += "\uFDFAæ";
        mixed += i % 7 == 0 ? " " : "łø";
    }
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& text : {marks, "e" + marks, expanding, mixed, std::string(20000, 'x')}) {
        for (const FoldedWord& word : fold_words(text)) REQUIRE(word.text.size() <= 4 * 2 * kFoldedWordLength);
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
}

TEST_CASE("folding: many threads fold at once", "[base][fold]") {
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&wrong] {
            for (int j = 0; j < 500; ++j)
                wrong += fold_text("Łódź Øresund Þingvellir") == "lodz oresund thingvellir" ? 0 : 1;
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("normal form C: what is typed as letter and mark is one character, and nothing else changes",
          "[base][fold]") {
    CHECK(nfc("pa\u0308ss") == "p\u00E4ss");
    CHECK(nfc("p\u00E4ss") == "p\u00E4ss");
    CHECK(nfc("Ｗord ﬁ ß") == "Ｗord ﬁ ß");
    CHECK(nfc("\xff\xfe") == "\xff\xfe");
    const std::string lengthy(kNfcBytesMax, '\xcc');
    CHECK(nfc("a" + lengthy) == "a" + lengthy);
}
