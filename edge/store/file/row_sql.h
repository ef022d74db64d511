#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sync/catalogue/catalogue.h"

/// SQL for whole rows of the synced tables, made from the catalogue. The texts that come as a view live for ever (they
/// key the statement cache). Precondition of all: `table` is a synced table.
namespace vetchart::edge {

/// A text for each synced table, made once: statements of single rows are asked for row by row. Keep one as a static.
class TableTexts {
public:
    explicit TableTexts(std::string (*make)(const sync::Table& table));
    [[nodiscard]] std::string_view of(std::string_view table) const;

private:
    std::vector<std::string> texts_;
};

/// Puts rows in from a source of JSON images, `version` included: `INSERT .. SELECT .. FROM <from> ON CONFLICT DO
/// UPDATE`. `from` is a FROM and WHERE clause that names the image column `image`; `version` is an SQL expression.
[[nodiscard]] std::string_view upsert_sql(const sync::Table& table, std::string_view from, std::string_view version);

/// One row from ?1, a JSON object; `version` of an existing row stays, a new one gets 0.
[[nodiscard]] std::string_view replay_insert_sql(std::string_view table);
/// The columns in ?1 (a JSON object) of the row ?2 (its row id).
[[nodiscard]] std::string_view replay_update_sql(std::string_view table);
/// The row ?1 (its row id).
[[nodiscard]] std::string_view delete_sql(std::string_view table);
/// The image of the row ?1 (its row id).
[[nodiscard]] std::string_view image_sql(std::string_view table);

/// The row `alias` as canonical JSON of all columns, `version` included.
[[nodiscard]] std::string image_expression(std::string_view table, std::string_view alias);
/// The same without `version`: what an insert of the log tells.
[[nodiscard]] std::string logged_image_expression(const sync::Table& table, std::string_view alias);

/// An SQL expression for the row id of `alias`.
[[nodiscard]] std::string row_id_expression(std::string_view table, std::string_view alias);
/// The row id that the image `image` of a row of the table named by `table_name` has; both are SQL expressions.
[[nodiscard]] std::string row_id_of_image(std::string_view table_name, std::string_view image);
/// A WHERE condition: the row of `alias` whose row id is the SQL expression `id`. It uses the key's index.
[[nodiscard]] std::string row_condition(std::string_view table, std::string_view alias, const std::string& id);
/// A WHERE condition: the rows whose row ids are the column row_id of `ids`, a SELECT.
[[nodiscard]] std::string rows_condition(const sync::Table& table, const std::string& ids);

/// Keeps `text` for the life of the program and returns it; equal texts are kept once. Thread-safe.
[[nodiscard]] std::string_view intern(std::string text);

}  // namespace vetchart::edge
