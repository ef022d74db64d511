#pragma once

#include <string>
#include <vector>

#include "edge/store/rows/charts.h"
#include "edge/store/rows/charts_match.h"

/// What the app asks beyond the lists: the search box, a stretch of the appointment book, owners that look alike, what
/// an owner owes. All answer JSON text, from one snapshot each, and are bounded.
namespace vetchart::edge {

inline constexpr int kSearchResultsMax = 50;
inline constexpr int kScheduleRowsMax = 5000;
inline constexpr int kSimilarOwnersMax = 5;

struct SearchAnswer {
    std::string results = "[]";  ///< `[{kind, id, clinicId, title, detail, deceasedOn, deletedAt}]`
    bool near = false;           ///< True: nothing is written so; the results differ in a letter or an initial.
    bool complete = true;        ///< False: the index is being made anew, so something may be missing.
};

/// Rows found by the words of `text` (edge/store/file/search_words.h; at most kSearchWordsMax count): those with the
/// very words first, then those whose words begin so; in each owners, patients and bills by turns of four, newest
/// first. Of a very common word only the newest thousand are looked at. An empty text finds nothing.
[[nodiscard]] Result<SearchAnswer> search_charts(Database& database, const std::string& text, const Reach& reach,
                                                 int limit);

struct ScheduleQuery {
    std::string from;             ///< First day, YYYY-MM-DD.
    std::string to;               ///< Last day.
    std::string veterinarian;     ///< A name in any spelling (bare_name.h); empty: everyone's.
    std::string veterinarian_id;  ///< A staff member's id; empty: by the name.
    std::string patient_id;       ///< Empty: every patient's.
};

/// Appointments of those days by date and time, without a time last in their day; at most kScheduleRowsMax. One is a
/// person's by its veterinarian's id; without an id, by the printed name.
[[nodiscard]] Result<std::string> schedule(Database& database, const ScheduleQuery& query, const Reach& reach);

/// A person about to be entered as an owner; what is not given is empty.
struct OwnerSketch {
    std::string first_name, last_name, email, phone;
};

/// Finds owners that may be that person: `[{owner, why: [email|phone|name]}]`, the surest first.
[[nodiscard]] Result<std::string> similar_owners(Database& database, const OwnerSketch& sketch, const Reach& reach);

/// Adds up the issued and unpaid bills as `{openBills, balance, overdue, currency}`; `overdue` is the part past its due
/// day. nullopt: there is no such owner within reach.
[[nodiscard]] Result<std::optional<std::string>> owner_balance(Database& database, const std::string& owner_id,
                                                               const Reach& reach);

}  // namespace vetchart::edge
