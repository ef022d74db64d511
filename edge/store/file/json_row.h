#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "edge/store/file/database.h"

struct sqlite3_stmt;

namespace vetchart::edge {

/// Writes the rows of a statement as JSON objects. SQLite's own json_object() makes each value a text of its own and
/// reads nested ones again; here a row's columns go straight into the answer.
///
/// From some column on, the statement's columns come in pairs: a constant, the member's name, and its value. The end of
/// the name says how the value is written: `total:cents` and `weight:milli` as exact decimal numbers, `active:bool`,
/// `roles:json` as the JSON that it is; without an end text is a string, an integer a number. `owner{` opens an object,
/// or writes null when the value (the id of a joined row) is NULL; the pair `}` closes it.
class JsonRow {
public:
    /// Reads the cached statement of `sql`, whose pairs begin at column `first`.
    JsonRow(Connection& connection, std::string_view sql, int first);

    [[nodiscard]] SQLite::Statement& statement() { return *statement_; }
    /// Appends the object of the row that the statement stands on, without its last brace.
    void append(std::string& json);

private:
    enum class Kind { plain, cents, milli, boolean, json, open, close };
    struct Member {
        std::string name;  ///< `,"total":`
        Kind kind = Kind::plain;
        std::size_t end = 0;  ///< For `open`: the index of the member that closes it.
    };
    static Kind kind_of(std::string_view end);
    void read_names();

    SQLite::Statement* statement_;
    sqlite3_stmt* handle_;
    int first_;
    std::vector<Member> members_;
};

/// Appends `text` as a JSON string.
void append_json_string(std::string& json, std::string_view text);

}  // namespace vetchart::edge
