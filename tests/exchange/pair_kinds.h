#pragma once

#include <set>
#include <string>
#include <vector>

#include "sync/catalogue/catalogue.h"

/// Every kind of write against every kind that can meet it, generated from the catalogue: what a new table or column
/// adds is tried on the day it is made.
namespace vetchart::test {

/// The rows of a case: 1 is what others name, 2 is written to and named by nobody, 3 is inserted by the case, 4 is
/// soft-deleted. Parts of a bill belong to the bill of their number.
inline constexpr const char* kNumber = "~number~";  ///< Of a case, in a text for many.
inline constexpr int kNamed = 1, kSubject = 2, kNew = 3, kDeleted = 4;

/// Who of the two arrives first, and by which way; the later edit is the later one by its time.
enum class Stage { first_is_earlier, first_is_later, first_is_psql };
inline constexpr Stage kStages[] = {Stage::first_is_earlier, Stage::first_is_later, Stage::first_is_psql};

enum class What { column, reference, status, soft, restore, hard, insert, merge, join_add };

/// One kind of write.
struct Kind {
    What what = What::column;
    const sync::Table* table = nullptr;
    const sync::Column* column =
        nullptr;        ///< Of column and reference; of an insert the reference to the row it is about.
    std::string value;  ///< Of a status.

    [[nodiscard]] std::string name() const;
    /// True for a write of what a bill says (Group::bill).
    [[nodiscard]] bool is_in_group() const;
};

struct Case {
    int number = 0;
    Kind a, b;  ///< a arrives first.
    Stage stage = Stage::first_is_earlier;
    bool written[2] = {false, false};
    std::string outcome, code;    ///< Of b.
    std::set<std::string> items;  ///< Codes.
    std::set<std::string> mine;   ///< Of conflicts.

    [[nodiscard]] int row() const { return a.what == What::restore || b.what == What::restore ? kDeleted : kSubject; }
    [[nodiscard]] bool b_is_later() const { return stage == Stage::first_is_earlier; }
    [[nodiscard]] std::string name() const {
        const char* how = stage == Stage::first_is_earlier ? ""
                          : stage == Stage::first_is_later ? ", the first is later"
                                                           : ", by psql";
        return std::to_string(number) + ": " + a.name() + how + "; " + b.name();
    }
};

/// A sanitized program takes every fifth case.
#ifdef __SANITIZE_ADDRESS__
inline constexpr int kCaseStride = 5;
#else
inline constexpr int kCaseStride = 1;
#endif

/// Any two kinds that can meet, at each stage, numbered from 1: one of kCaseStride.
[[nodiscard]] std::vector<Case> all_cases();

[[nodiscard]] bool is_join(const sync::Table& table);
/// A kind that makes, ends or moves a whole row.
[[nodiscard]] bool is_structural(const Kind& kind);
[[nodiscard]] std::vector<const sync::Table*> parts_of_bills();
/// A number with zeros before it.
[[nodiscard]] std::string digits(int number, std::size_t size);
/// SQL that inserts the row `row` of the case `number` (kNumber: of any).
[[nodiscard]] std::string insert_text(const sync::Table& table, int row, const std::string& clinic,
                                      const std::string& number);
/// The value that a side writes into the column in the case `number`.
[[nodiscard]] std::string written_value(const sync::Column& column, char side, int number);
/// SQL of a write.
[[nodiscard]] std::string sql_of(const Kind& kind, const std::string& clinic, int row, char side, int number);

}  // namespace vetchart::test
