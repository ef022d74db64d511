#pragma once

#include <random>
#include <string>
#include <vector>

namespace vetchart::test {

struct RandomColumn;
struct RandomTable;

/// Writes statements over the synced tables that mean the same in SQLite and PostgreSQL: valid ones, ones at the
/// bounds, and ones that some rule refuses. Ids come from small pools, so that rows meet: parents are missing, taken,
/// of the other clinic, referenced, closed. The same seed gives the same statements.
class RandomStatements {
public:
    explicit RandomStatements(unsigned seed) : random_(seed) {}

    /// A small valid chart to begin with.
    [[nodiscard]] std::vector<std::string> first();
    [[nodiscard]] std::string next();

private:
    std::string insert(const RandomTable& table, bool valid);
    std::string update(const RandomTable& table);
    std::string remove(const RandomTable& table);
    /// Two owners become one; their bills follow with the next statement.
    std::string merge();
    /// A bill is issued, and cancelled with or without a reason; what it keeps is tried next.
    std::string issue();
    std::string condition(const RandomTable& table);
    std::string value(const RandomColumn& column, bool valid);
    std::string good(const RandomColumn& column);
    std::string bad(const RandomColumn& column);
    std::string text(std::size_t length);
    std::string reference(int kind);
    std::string provisional_number();

    std::size_t pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }
    bool chance(int percent) { return pick(100) < static_cast<std::size_t>(percent); }
    std::string any_of(const std::vector<std::string>& values) { return values[pick(values.size())]; }

    std::mt19937 random_;
    int next_number_ = 0;
    std::vector<std::string> queued_;  ///< Come next, the last one first.
};

}  // namespace vetchart::test
