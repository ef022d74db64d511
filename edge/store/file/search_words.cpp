#include "edge/store/file/search_words.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "edge/store/file/bind.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kLastTen = 10;  // What people leave out in front: the country, then the area.
constexpr std::size_t kLastSeven = 7;
constexpr std::size_t kCountryDigitsMax = 3;
constexpr std::size_t kWholeNumberMin = 7;
constexpr std::size_t kNumbersMax = 3;  // So many numbers of one telephone field are looked at.
constexpr std::size_t kNearLettersMin = 3;
constexpr std::size_t kNearLettersMax = 24;
constexpr std::size_t kAlphabetMax = 128;
constexpr int kLooksMax = 8000;
constexpr int kSampleWords = 30;          // So many words that begin with one letter are looked at.
constexpr std::size_t kAlikeLetters = 3;  // So many letters of a first name must agree: a last name has many bearers.

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

std::string without_zeros(std::string_view digits) {
    return std::string(digits.substr(std::min(digits.find_first_not_of('0'), digits.size())));
}

std::string from_end(std::string_view text) {
    std::string turned(kEndMark);
    turned.append(text.rbegin(), text.rend());
    return turned;
}

std::vector<std::string_view> pieces(std::string_view text, std::string_view dividers) {
    std::vector<std::string_view> all;
    while (true) {
        const std::size_t end = text.find_first_of(dividers);
        all.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return all;
        text.remove_prefix(end + 1);
    }
}

/// Folded digits of `text` in their order. A letter ends a number, or stands before it.
std::string digits_of(std::string_view text) {
    std::string digits;
    for (const char c : fold_text(text)) {
        if (is_digit(c)) digits += c;
        if (is_digit(c) || c == ' ') continue;
        if (digits.size() >= kPhoneDigitsMin) break;
        digits.clear();
    }
    return digits;
}

/// `(0)` is dialled at home only.
std::string without_trunk_zero(std::string_view phone) {
    std::string text(phone);
    for (auto at = text.find("(0)"); at != std::string::npos; at = text.find("(0)")) text.replace(at, 3, " ");
    return text;
}

class Document {
public:
    void add(std::string_view word) {
        if (word.empty() || !seen_.emplace(word).second) return;
        if (!text_.empty()) text_ += ' ';
        text_ += word;
    }
    void add_words(std::string_view text) {
        for (const FoldedWord& word : fold_words(text)) add(word.text);
    }
    void add_name(std::string_view line) {
        const auto words = fold_words(line);
        for (const FoldedWord& word : words) add(word.text);
        for (std::size_t i = 1; i < words.size(); ++i) {
            if (!words[i - 1].is_characters && !words[i].is_characters) add(words[i - 1].text + words[i].text);
        }
    }
    void add_number(const std::string& digits) {
        if (digits.size() < kEndDigitsMin) return;
        add(digits);
        for (const std::size_t last : {kLastTen, kLastSeven}) {
            if (digits.size() > last) add(std::string_view(digits).substr(digits.size() - last));
        }
        add(from_end(digits));
    }
    void add_phone(std::string_view phone) {
        add_words(phone);
        add_number(phone_digits(phone));
        // Two numbers in one field, as people write them.
        const auto parts = pieces(phone, "/,;");
        for (std::size_t i = 0; parts.size() > 1 && i < std::min(parts.size(), kNumbersMax); ++i) {
            const std::string digits = phone_digits(parts[i]);
            if (digits.size() >= kWholeNumberMin) add_number(digits);
        }
    }
    void add_code(std::string_view code) {
        std::string together;
        for (const FoldedWord& word : fold_words(code)) {
            add(word.text);
            if (is_number(word.text)) add(without_zeros(word.text));
            together += word.is_characters ? std::string() : word.text;
        }
        add(together);
        if (together.size() >= kEndDigitsMin) add(from_end(together));
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
    std::set<std::string, std::less<>> seen_;
};

std::string quoted(std::string_view word, Match match) {
    std::string text = "\"";
    text.append(word);
    return text + (match == Match::beginning ? "\"*" : "\"");
}

std::string end_of_number(std::string_view digits) { return quoted(from_end(digits), Match::beginning); }

std::string term(std::string_view word, Match match) {
    if (!is_number(word) || word.size() < kEndDigitsMin) return quoted(word, match);
    return "(" + quoted(word, match) + " OR " + end_of_number(word) + ")";
}

std::string all_of(const std::vector<std::string>& terms) {
    std::string text;
    for (const std::string& term : terms) text += (text.empty() ? "" : " AND ") + term;
    return text;
}

std::string any_of(const std::vector<std::string>& choices) {
    if (choices.size() == 1) return choices.front();
    std::string text;
    for (const std::string& choice : choices) text += (text.empty() ? "(" : " OR (") + choice + ")";
    return text;
}

/// The words of the search with those at `at` and after it written together.
std::string written_together(const std::vector<FoldedWord>& words, std::size_t at, Match match) {
    std::vector<std::string> terms;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i == at + 1) continue;
        terms.push_back(i == at ? quoted(words[i].text + words[i + 1].text, match) : term(words[i].text, match));
    }
    return all_of(terms);
}

bool looks_like_phone(std::string_view text) {
    std::size_t digits = 0;
    for (const char c : text) {
        if (is_digit(c)) ++digits;
        if (!is_digit(c) && std::string_view(" +-()./").find(c) == std::string_view::npos) return false;
    }
    return digits >= kPhoneDigitsMin;
}

/// In the index a number may stand with or without its country: the search's digits may be the end of it, or it may be
/// the search's without the first few.
void add_phone_choices(std::string_view text, std::vector<std::string>& choices) {
    const std::string plain = [&] {
        std::string digits;
        std::copy_if(text.begin(), text.end(), std::back_inserter(digits), is_digit);
        return digits;
    }();
    choices.push_back(end_of_number(plain));
    choices.push_back(quoted(plain, Match::beginning));
    const std::string digits = phone_digits(text);
    if (digits.size() < kWholeNumberMin) return;
    choices.push_back(end_of_number(digits));
    choices.push_back(quoted(digits, Match::beginning));
    for (std::size_t country = 1; country <= kCountryDigitsMax && country < digits.size(); ++country) {
        const std::string national = without_zeros(std::string_view(digits).substr(country));
        if (national.size() >= kWholeNumberMin) choices.push_back(quoted(from_end(national), Match::word));
    }
}

/// UTF-8 of `text` in single code points.
std::vector<std::string> letters_of(std::string_view text) {
    std::vector<std::string> letters;
    for (const char c : text) {
        if (letters.empty() || (static_cast<unsigned char>(c) & 0xC0U) != 0x80U) letters.emplace_back();
        letters.back() += c;
    }
    return letters;
}

std::string spelled(const std::vector<std::string>& letters) {
    std::string text;
    for (const std::string& letter : letters) text += letter;
    return text;
}

/// What the index knows of words.
class Vocabulary {
public:
    explicit Vocabulary(Connection& connection) : connection_(connection) {}

    [[nodiscard]] bool has(const std::string& word) {
        if (++looks_ > kLooksMax) return false;
        SQLite::Statement& query = connection_.statement("SELECT 1 FROM search_vocabulary WHERE term=?1 LIMIT 1");
        const ResetGuard guard(query);
        query.bind(1, word);
        return query.executeStep();
    }

    /// The letters of words that begin with each letter there is: an alphabet of what is written here, whatever the
    /// script.
    const std::set<std::string>& alphabet() {
        std::string from = "a";  // The first letter after the digits.
        while (alphabet_.size() < kAlphabetMax && !alphabet_known_) {
            std::string first;
            for (int i = 0; i < kSampleWords; ++i) {
                const std::string word = next_word(from);
                alphabet_known_ = word.empty() || word >= kEndMark;
                if (alphabet_known_) break;
                const auto letters = letters_of(word);
                if (i > 0 && letters.front() != first) break;
                first = letters.front();
                alphabet_.insert(letters.begin(), letters.end());
                from = word + '\x01';
            }
            // Behind every word that begins so: no code point has this byte.
            from = first + '\xff';
        }
        alphabet_known_ = true;
        return alphabet_;
    }

private:
    /// The first word of the index that is not before `from`.
    std::string next_word(const std::string& from) {
        if (++looks_ > kLooksMax) return {};
        SQLite::Statement& query = connection_.statement("SELECT term FROM search_vocabulary WHERE term>=?1 LIMIT 1");
        const ResetGuard guard(query);
        query.bind(1, from);
        return query.executeStep() ? query.getColumn(0).getString() : std::string();
    }

    Connection& connection_;
    std::set<std::string> alphabet_;
    bool alphabet_known_ = false;
    int looks_ = 0;
};

/// Words of the index that differ from `word` in one letter, and its initial.
class NearWords {
public:
    NearWords(Vocabulary& vocabulary, std::string_view word) : vocabulary_(vocabulary), letters_(letters_of(word)) {}

    std::vector<std::string> find(bool also_initial) {
        if (letters_.size() < kNearLettersMin || letters_.size() > kNearLettersMax) return {};
        for (std::size_t i = 0; i < letters_.size(); ++i) {
            without(i);
            if (i + 1 < letters_.size()) swapped(i);
        }
        for (const std::string& letter : vocabulary_.alphabet()) {
            if (letter.size() != letters_.front().size()) continue;  // It is of another script, most likely.
            for (std::size_t i = 0; i <= letters_.size(); ++i) {
                with(i, letter);
                if (i < letters_.size()) instead(i, letter);
            }
        }
        if (also_initial) look(letters_.front());
        return std::move(found_);
    }

private:
    void look(const std::string& word) {
        if (found_.size() < kNearWordsMax && tried_.insert(word).second && vocabulary_.has(word))
            found_.push_back(word);
    }
    void without(std::size_t at) {
        auto letters = letters_;
        letters.erase(letters.begin() + static_cast<std::ptrdiff_t>(at));
        look(spelled(letters));
    }
    void swapped(std::size_t at) {
        auto letters = letters_;
        std::swap(letters[at], letters[at + 1]);
        look(spelled(letters));
    }
    void with(std::size_t at, const std::string& letter) {
        auto letters = letters_;
        letters.insert(letters.begin() + static_cast<std::ptrdiff_t>(at), letter);
        look(spelled(letters));
    }
    void instead(std::size_t at, const std::string& letter) {
        auto letters = letters_;
        letters[at] = letter;
        look(spelled(letters));
    }

    Vocabulary& vocabulary_;
    std::vector<std::string> letters_;
    std::vector<std::string> found_;
    std::set<std::string> tried_;
};

/// The first letters of a name as the beginning of a word, or its initial alone.
std::string beginning_of_name(const FoldedWord& word) {
    if (word.is_characters) return quoted(word.text, Match::beginning);
    auto letters = letters_of(word.text);
    const std::string initial = letters.front();
    if (letters.size() > kAlikeLetters) letters.resize(kAlikeLetters);
    if (letters.size() == 1) return quoted(initial, Match::beginning);
    return "(" + quoted(spelled(letters), Match::beginning) + " OR " + quoted(initial, Match::word) + ")";
}

bool begins_alike(std::string_view first, std::string_view other) {
    const auto mine = letters_of(first), theirs = letters_of(other);
    if (mine.empty() || theirs.empty()) return true;
    const std::size_t least = std::min(mine.size(), theirs.size());
    // Of an initial no more can be compared.
    const std::size_t count = least == 1 ? 1 : kAlikeLetters;
    if (least == 2 && mine.size() != theirs.size()) return false;
    for (std::size_t i = 0; i < std::min(count, least); ++i) {
        if (mine[i] != theirs[i]) return false;
    }
    return true;
}

/// The text without its blanks, so that a hyphen or an apostrophe is no difference.
std::string together(std::string_view name) {
    std::string text = fold_text(name);
    std::erase(text, ' ');
    return text;
}

}  // namespace

std::string phone_digits(std::string_view phone) {
    std::string digits = digits_of(without_trunk_zero(phone));
    return without_zeros(digits);
}

bool same_phone(std::string_view first, std::string_view other) {
    if (first.size() < other.size()) std::swap(first, other);
    if (other.size() < kPhoneDigitsMin) return false;
    if (first.ends_with(other)) return true;
    // A country before a zero that is dialled at home: 44 020 ... is no number, but people write it.
    for (std::size_t country = 1; country <= kCountryDigitsMax && country < first.size(); ++country) {
        const std::string national = without_zeros(first.substr(country));
        if (national.size() >= kWholeNumberMin && national == other) return true;
    }
    return false;
}

std::string document_words(const SearchSource& source) {
    Document document;
    for (const std::string_view line : pieces(source.names, "\n")) document.add_name(line);
    if (!source.email.empty()) document.add_words(source.email);
    if (!source.phone.empty()) document.add_phone(source.phone);
    for (const std::string_view line : pieces(source.code, "\n")) document.add_code(line);
    return document.take();
}

std::string search_expression(std::string_view text, Match match) {
    const auto words = fold_words(text, kSearchWordsMax);
    if (words.empty()) return {};
    std::vector<std::string> terms, choices;
    terms.reserve(words.size());
    for (const FoldedWord& word : words) terms.push_back(term(word.text, match));
    choices.push_back(all_of(terms));
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (!words[i].is_characters && !words[i + 1].is_characters)
            choices.push_back(written_together(words, i, match));
    }
    if (looks_like_phone(text)) add_phone_choices(text, choices);
    return any_of(choices);
}

std::string near_expression(Connection& connection, std::string_view text) {
    const auto words = fold_words(text, kSearchWordsMax);
    Vocabulary vocabulary(connection);
    std::vector<std::string> choices;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].is_characters || is_number(words[i].text)) continue;
        const auto near = NearWords(vocabulary, words[i].text).find(words.size() > 1);
        if (near.empty()) continue;
        std::vector<std::string> spellings, terms;
        for (const std::string& word : near) spellings.push_back(quoted(word, Match::word));
        for (std::size_t j = 0; j < words.size(); ++j) {
            if (j != i) terms.push_back(term(words[j].text, Match::beginning));
        }
        terms.push_back("(" + any_of(spellings) + ")");
        choices.push_back(all_of(terms));
    }
    return choices.empty() ? std::string() : any_of(choices);
}

std::string person_expression(const PersonName& name) {
    std::string last = search_expression(name.last, Match::word);
    const auto first = fold_words(name.first, 1);
    if (last.empty() || first.empty()) return last;
    return "(" + last + ") AND " + beginning_of_name(first.front());
}

std::string phone_expression(std::string_view phone) {
    const std::string digits = phone_digits(phone);
    if (digits.size() < kPhoneDigitsMin) return {};
    const auto last = [&digits](std::size_t count) {
        return std::string_view(digits).substr(digits.size() - std::min(count, digits.size()));
    };
    std::vector<std::string> choices{end_of_number(last(kWholeNumberMin))};
    // A number there that is shorter is the end of this one.
    for (std::size_t count = kPhoneDigitsMin; count < std::min(kWholeNumberMin, digits.size()); ++count) {
        choices.push_back(quoted(from_end(last(count)), Match::word));
    }
    return any_of(choices);
}

bool same_person(const PersonName& one, const PersonName& other) {
    const std::string first = together(one.first), last = together(one.last);
    const std::string their_first = together(other.first), their_last = together(other.last);
    if (last.empty()) return false;
    if (last == their_last && begins_alike(first, their_first)) return true;
    return !first.empty() && last == their_first && begins_alike(first, their_last);
}

}  // namespace vetchart::edge
