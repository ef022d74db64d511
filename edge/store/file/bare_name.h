#pragma once

#include <string>
#include <string_view>

namespace vetchart::edge {

/// What the spellings of one person's name have in common. Each part between commas is folded (sync/base/text_fold) and
/// loses the titles at its ends; of two parts the second comes first; a blank is between words. "Dr. Rosa Allen",
/// "ALLEN, Rosa" and "Rosa Allen, DVM" are "rosa allen". A name that is all titles keeps them; one without a letter is
/// empty, and empty is nobody's. Nothing is guessed from a part: "R. Allen" is another name.
///
/// The rule stands in three places, each held to the others by a test: here, where SQL of the program's own statements
/// calls it as `vc_bare_name`; `bareName` of web/src/clinic/vets.ts; `bare_name` of
/// schema/postgres/tables/0008_clinics.sql (tests/parity/bare_name.cpp). Pure, thread-safe.
[[nodiscard]] std::string bare_name(std::string_view printed);

}  // namespace vetchart::edge
