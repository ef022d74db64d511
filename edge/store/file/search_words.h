#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "edge/store/file/database.h"
#include "sync/base/text_fold.h"

/// The words of the search index (schema/sqlite/tables/0003_search.sql): those of a document, and what is asked of the
/// index for what a person typed. Both sides are folded by sync/base/text_fold, and only here. Pure but for
/// near_expression().
namespace vetchart::edge {

/// What a row is found by, as the view search_source gives it. What a row does not have is empty.
struct SearchSource {
    std::string names;  ///< One a line: words of different lines are never written together.
    std::string email;
    std::string phone;
    std::string code;  ///< A chip's number, or the numbers of a bill, one a line.
};

/// The words of a document, a blank between them. Beside the folded words: neighbours in a name written together
/// (O'Brien also as obrien), a telephone number without its blanks and zeros in front, and numbers from their end
/// (kEndMark and the digits turned round), so that a beginning of that is the end of the number.
[[nodiscard]] std::string document_words(const SearchSource& source);

/// A private-use character, which no folded word has.
inline constexpr std::string_view kEndMark = "\xEE\x80\x80";
inline constexpr std::size_t kEndDigitsMin = 4;    ///< So many digits at least are looked for as the end of a number.
inline constexpr std::size_t kSearchWordsMax = 6;  ///< More words than these are not looked at.
inline constexpr std::size_t kPhoneDigitsMin = 5;  ///< Fewer are no telephone number.

/// The digits of a telephone number as they are compared: without `(0)`, without what follows a letter, and without
/// the zeros in front, which dial and are not part of it. `+44 (0)20 7946 0958` is 442079460958.
[[nodiscard]] std::string phone_digits(std::string_view phone);

/// True when one may be the other's national form: the shorter one, of kPhoneDigitsMin at least, is the other's end.
/// Both of phone_digits().
[[nodiscard]] bool same_phone(std::string_view first, std::string_view other);

/// How the words of a search have to be in a document: as they are, or as the beginnings of words.
enum class Match { word, beginning };

/// The FTS5 expression for `text`: all its words in any order; neighbours also written together; digits also as the end
/// of a number; a text that is a telephone number also in its other forms. Made of letters, digits and quotes put
/// here, so nothing can break out of it. Empty: there is no word in it.
[[nodiscard]] std::string search_expression(std::string_view text, Match match);

/// The same with one letter of one word wrong, missing, too many or changed with its neighbour, or with an initial in
/// place of a name: such words as the index has, at most kNearWordsMax for each word. Empty: there is none. Reads the
/// index's vocabulary, some thousand words at most. Throws SQLite::Exception.
[[nodiscard]] std::string near_expression(Connection& connection, std::string_view text);
inline constexpr std::size_t kNearWordsMax = 20;

struct PersonName {
    std::string first, last;
};
/// The FTS5 expression for all whom same_person() or same_phone() may find. Empty: there is nothing to look for.
[[nodiscard]] std::string person_expression(const PersonName& name);
[[nodiscard]] std::string phone_expression(std::string_view phone);

/// True when two names may be one person's: last name the same, first name beginning alike (three letters) or one of
/// them an initial, or all that with the names swapped.
[[nodiscard]] bool same_person(const PersonName& first, const PersonName& other);

}  // namespace vetchart::edge
