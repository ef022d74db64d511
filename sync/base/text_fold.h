#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/result.h"

/// Text as it is compared: one folding for what is searched, what is looked for and what is held to be alike, and one
/// normal form for what is a secret or an address (docs/adr/0010-text-folding.md). Made of ICU, which is computation
/// alone. Pure for the caller and thread-safe: each thread has a transliterator of its own, since one must not be
/// shared.
namespace vetchart {

/// One word, folded. Characters of a script that is written without blanks (Han, kana, Hangul) stand apart from each
/// other, divided by one blank: `田中` is one word with the text `田 中`.
struct FoldedWord {
    std::string text;
    bool is_characters = false;
    [[nodiscard]] bool operator==(const FoldedWord&) const = default;
};

inline constexpr std::size_t kFoldedWordLength = 64;  ///< Code points; what a longer word has beyond them is dropped.

/// The words of `text` in their order, at most `words_max`: compatibility forms, case, marks of every script and
/// invisible characters are gone; letters such as l with a stroke, o with a stroke, ash, thorn or the dotless i are
/// ASCII; digits of every script are ASCII digits. What is neither letter nor digit divides words. In UTF-8; text that
/// is not well-formed is divided where it breaks. Time and memory are linear in the text, whatever it is made of.
[[nodiscard]] std::vector<FoldedWord> fold_words(std::string_view text,
                                                 std::size_t words_max = std::numeric_limits<std::size_t>::max());

/// The same words in one line, a blank between them.
[[nodiscard]] std::string fold_text(std::string_view text);

/// Folds without the short way for plain ASCII, for the test that holds both ways equal.
[[nodiscard]] std::vector<FoldedWord> fold_words_by_icu(std::string_view text);

/// Names this folding and the library's version: texts folded under another one are folded again.
[[nodiscard]] std::string fold_version();

/// Errors: internal `folding`: ICU's rules cannot be had (its data is missing). Then marks and case are folded all the
/// same and letters as l with a stroke are not; fold_version() differs, so that what was folded so does not stay.
[[nodiscard]] Status check_folding();

/// Normal form C: whatever was typed as letter and mark is one character. Nothing else changes. Text longer than
/// kNfcBytesMax, or that is no UTF-8, comes back as it is: its length or form is refused by whoever reads it.
[[nodiscard]] std::string nfc(std::string_view text);
inline constexpr std::size_t kNfcBytesMax = 4096;

}  // namespace vetchart
