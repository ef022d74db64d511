#include "sync/base/text_fold.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/uversion.h>

#include <algorithm>
#include <array>
#include <memory>

#include "sync/base/text.h"

namespace vetchart {
namespace {

constexpr const char* kRules = "Latin-ASCII";
constexpr int kFoldingNumber = 1;        // The version of what this file does with ICU's answers.
constexpr char32_t kIotaBelow = 0x0345;  // The one mark that is a letter when its case is folded.
constexpr char32_t kTatweel = 0x0640;    // It stretches Arabic words, is no mark and says nothing.

/// The rules, for this thread alone; nullptr when ICU cannot make them.
const icu::Transliterator* transliterator() {
    thread_local const std::unique_ptr<icu::Transliterator> mine = [] {
        UErrorCode error = U_ZERO_ERROR;
        std::unique_ptr<icu::Transliterator> rules(icu::Transliterator::createInstance(kRules, UTRANS_FORWARD, error));
        if (U_FAILURE(error)) rules.reset();
        return rules;
    }();
    return mine.get();
}

bool is_mark(char32_t c) { return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_M_MASK) != 0; }

/// Runs of marks are dropped before anything is put in order: sorting one costs the square of its length.
icu::UnicodeString without_marks(const icu::UnicodeString& text) {
    icu::UnicodeString kept;
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        const UChar32 c = text.char32At(i);
        if (!is_mark(static_cast<char32_t>(c)) || c == static_cast<UChar32>(kIotaBelow)) kept.append(c);
    }
    return kept;
}

/// Folds case and compatibility forms, removes invisible characters and marks, and composes the rest.
icu::UnicodeString folded(std::string_view text) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* fold_case = icu::Normalizer2::getNFKCCasefoldInstance(error);
    const icu::Normalizer2* decompose = icu::Normalizer2::getNFDInstance(error);
    const icu::Normalizer2* compose = icu::Normalizer2::getNFCInstance(error);
    icu::UnicodeString given = without_marks(
        icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size()))));
    if (U_FAILURE(error)) return given.foldCase();
    given = without_marks(decompose->normalize(fold_case->normalize(given, error), error));
    given = compose->normalize(given, error);
    return given;
}

bool is_character_script(UChar32 c) {
    UErrorCode error = U_ZERO_ERROR;
    switch (uscript_getScript(c, &error)) {
        case USCRIPT_HAN:
        case USCRIPT_HIRAGANA:
        case USCRIPT_KATAKANA:
        case USCRIPT_HANGUL:
        case USCRIPT_BOPOMOFO: return true;
        default: return uscript_hasScript(c, USCRIPT_KATAKANA) != 0;
    }
}

enum class Kind { divider, nothing, word, character };

Kind kind_of(UChar32 c) {
    if (c == static_cast<UChar32>(kTatweel) || u_charType(c) == U_FORMAT_CHAR || is_mark(static_cast<char32_t>(c))) {
        return Kind::nothing;
    }
    // The letters among them are apostrophes: the okina, the Armenian and the half rings.
    if (ublock_getCode(c) == UBLOCK_SPACING_MODIFIER_LETTERS) return Kind::divider;
    if ((U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK)) == 0) return Kind::divider;
    return c >= 0x1100 && is_character_script(c) ? Kind::character : Kind::word;
}

bool is_ascii_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); }

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Gathers words, each no longer than kFoldedWordLength.
class Words {
public:
    explicit Words(std::size_t most) : most_(most) {}

    [[nodiscard]] bool full() const { return words_.size() >= most_; }
    void add(UChar32 c, bool is_character) {
        if (!current_.isEmpty() && is_character != is_characters_) end();
        is_characters_ = is_character;
        if (length_ >= kFoldedWordLength) return;
        if (is_character && length_ > 0) current_.append(static_cast<UChar32>(' '));
        current_.append(c);
        ++length_;
    }
    void end() {
        if (!current_.isEmpty() && !full()) {
            std::string text = is_characters_ ? utf8(current_) : spelled();
            if (!text.empty()) words_.push_back({std::move(text), is_characters_});
        }
        current_.remove();
        length_ = 0;
    }
    std::vector<FoldedWord> take() { return std::move(words_); }

private:
    static std::string utf8(const icu::UnicodeString& text) {
        std::string bytes;
        text.toUTF8String(bytes);
        return bytes;
    }

    /// The rules may answer with capitals and with signs.
    std::string spelled() {
        std::string text = utf8(current_);
        if (is_ascii(text)) return text;
        if (const icu::Transliterator* rules = transliterator()) rules->transliterate(current_);
        std::string kept;
        for (const char c : utf8(current_)) {
            const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            if (is_ascii_word(low) || static_cast<unsigned char>(low) >= 0x80) kept += low;
        }
        return kept;
    }

    std::size_t most_;
    std::vector<FoldedWord> words_;
    icu::UnicodeString current_;
    std::size_t length_ = 0;
    bool is_characters_ = false;
};

std::vector<FoldedWord> by_icu(std::string_view text, std::size_t words_max) {
    const icu::UnicodeString all = folded(text);
    Words words(words_max);
    for (std::int32_t i = 0; i < all.length() && !words.full(); i = all.moveIndex32(i, 1)) {
        UChar32 c = all.char32At(i);
        if (u_charType(c) == U_DECIMAL_DIGIT_NUMBER) c = '0' + u_charDigitValue(c);
        switch (kind_of(c)) {
            case Kind::divider: words.end(); break;
            case Kind::nothing: break;
            case Kind::word: words.add(c, false); break;
            case Kind::character: words.add(c, true); break;
        }
    }
    words.end();
    return words.take();
}

std::vector<FoldedWord> of_ascii(std::string_view text, std::size_t words_max) {
    std::vector<FoldedWord> words;
    std::string word;
    const auto end = [&] {
        if (!word.empty()) words.push_back({std::move(word), false});
        word.clear();
    };
    for (const char c : text) {
        const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (is_ascii_word(low)) {
            if (word.size() < kFoldedWordLength) word += low;
            continue;
        }
        end();
        if (words.size() >= words_max) return words;
    }
    end();
    return words;
}

}  // namespace

std::vector<FoldedWord> fold_words(std::string_view text, std::size_t words_max) {
    return is_ascii(text) ? of_ascii(text, words_max) : by_icu(text, words_max);
}

std::vector<FoldedWord> fold_words_by_icu(std::string_view text) {
    return by_icu(text, std::numeric_limits<std::size_t>::max());
}

std::string fold_text(std::string_view text) {
    std::string line;
    for (const FoldedWord& word : fold_words(text)) {
        if (!line.empty()) line += ' ';
        line += word.text;
    }
    return line;
}

std::string fold_version() {
    static const std::string version = [] {
        UVersionInfo numbers{};
        u_getVersion(numbers);
        std::array<char, U_MAX_VERSION_STRING_LENGTH> text{};
        u_versionToString(numbers, text.data());
        const char* rules = transliterator() == nullptr ? "/without rules" : "";
        return std::to_string(kFoldingNumber) + "/" + text.data() + rules;
    }();
    return version;
}

Status check_folding() {
    if (transliterator() != nullptr && fold_text("\u0141\u00F3d\u017A \u00C6gir\u2019s") == "lodz aegir s")
        return Done{};
    return Error{Errc::internal, "the library ICU cannot fold text: its data is missing or damaged", "folding"};
}

std::string nfc(std::string_view text) {
    if (text.size() > kNfcBytesMax || is_ascii(text) || !is_clean_utf8(text)) return std::string(text);
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* compose = icu::Normalizer2::getNFCInstance(error);
    if (U_FAILURE(error)) return std::string(text);
    const icu::UnicodeString given =
        icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    std::string composed;
    compose->normalize(given, error).toUTF8String(composed);
    return U_FAILURE(error) ? std::string(text) : composed;
}

}  // namespace vetchart
