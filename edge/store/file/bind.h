#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "edge/store/file/database.h"
#include "edge/store/file/value.h"
#include "sync/base/json.h"

/// Binding and reading of statements; included by .cpp files alone.
namespace vetchart::edge {

/// Ends a statement's read at the end of a scope: an unfinished one keeps its snapshot open.
class ResetGuard {
public:
    explicit ResetGuard(SQLite::Statement& statement) : statement_(statement) {}
    ~ResetGuard() { statement_.tryReset(); }
    ResetGuard(const ResetGuard&) = delete;
    ResetGuard& operator=(const ResetGuard&) = delete;

private:
    SQLite::Statement& statement_;
};

/// Binds by number; a number the statement does not use is passed over, so that all lists can be bound alike.
class Bind {
public:
    explicit Bind(SQLite::Statement& statement) : statement_(statement), count_(statement.getBindParameterCount()) {}

    void at(int index, const std::string& text) {
        if (index <= count_) statement_.bind(index, text);
    }
    void at(int index, std::int64_t number) {
        if (index <= count_) statement_.bind(index, number);
    }
    void at(int index, const std::optional<std::string>& text) {
        if (index > count_) return;
        if (text)
            statement_.bind(index, *text);
        else
            statement_.bind(index);
    }
    void at(int index, const Value& value) {
        if (index > count_) return;
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            statement_.bind(index, *number);
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            statement_.bind(index, *text);
        } else {
            statement_.bind(index);
        }
    }
    void reach(const Reach& reach) {
        at(1, nlohmann::json(reach.clinic_ids).dump());
        at(2, reach.days_json.empty() ? std::string("{}") : reach.days_json);
        at(3, std::int64_t{reach.include_deleted ? 1 : 0});
    }

private:
    SQLite::Statement& statement_;
    int count_;
};

/// The answer of a statement without parameters that asks yes or no.
[[nodiscard]] inline bool holds(Connection& connection, std::string_view question) {
    SQLite::Statement& query = connection.statement(question);
    const ResetGuard guard(query);
    return query.executeStep() && query.getColumn(0).getInt() != 0;
}

[[nodiscard]] inline std::optional<std::string> optional_text(const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional(column.getString());
}

[[nodiscard]] inline Value read_value(SQLite::Statement& row, int index) {
    const SQLite::Column column = row.getColumn(index);
    if (column.isNull()) return std::monostate{};
    if (column.isInteger()) return column.getInt64();
    return column.getString();
}

}  // namespace vetchart::edge
