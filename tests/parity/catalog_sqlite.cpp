#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "sync/catalogue/catalogue.h"
#include "tests/parity/catalog.h"

namespace vetchart::test {
namespace {

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
    return text;
}

std::string one(SQLite::Database& database, const std::string& sql, const std::string& argument) {
    SQLite::Statement query(database, sql);
    query.bind(1, argument);
    return query.executeStep() && !query.getColumn(0).isNull() ? query.getColumn(0).getString() : std::string();
}

std::string create_sql(SQLite::Database& database, const std::string& name) {
    return one(database, "SELECT sql FROM sqlite_schema WHERE name = ?1", name);
}

struct Reader {
    SQLite::Database& database;
    std::string table;
    std::string sql = create_sql(database, table);
    Catalog lines{};

    void add(const std::string& line) { lines.insert(table + line); }

    void columns() {
        std::map<int, std::string> primary;
        SQLite::Statement query(database, "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1)");
        query.bind(1, table);
        while (query.executeStep()) {
            const std::string type = query.getColumn(1).getString() == "TEXT" ? "text" : "integer";
            add("." + query.getColumn(0).getString() + " " + type +
                (query.getColumn(2).getInt() != 0 ? " not null" : " null"));
            if (query.getColumn(3).getInt() > 0) primary[query.getColumn(3).getInt()] = query.getColumn(0).getString();
        }
        std::vector<std::string> names;
        for (const auto& [place, name] : primary) names.push_back(name);
        add(" primary key (" + joined(names, ", ") + ")");
        if (sql.find(") STRICT") == std::string::npos) add(" is not STRICT");
    }

    /// Bounds and forms. What only PostgreSQL's types say instead is left out (catalog.h).
    void checks() {
        const std::regex check("CONSTRAINT (\\w+) CHECK \\(\\s*([^\\n]*(?:\\n\\s+OR [^\\n]*)*)");
        for (std::sregex_iterator it(sql.begin(), sql.end(), check), end; it != end; ++it) {
            const std::string name = (*it)[1];
            const std::string column = name.substr(table.size() + 1, name.size() - table.size() - 7);
            const std::string body = (*it)[2];
            const bool only_nul = body.starts_with("instr(");
            const bool boolean = body.starts_with(column + " IN (0, 1)");
            if (only_nul || boolean || column == "id") continue;
            const bool one_of = body.starts_with(column + " IN (") || body.starts_with(column + " = '");
            if (one_of && column != "roles") {
                enumeration(column, body);
            } else {
                add(" check " + name);
            }
        }
    }

    void enumeration(const std::string& column, const std::string& body) {
        std::vector<std::string> values;
        const std::regex value("'([^']*)'");
        for (std::sregex_iterator it(body.begin(), body.end(), value), end; it != end; ++it) values.push_back((*it)[1]);
        std::sort(values.begin(), values.end());
        add(" enum " + column + " " + joined(values, ","));
    }

    void indexes() {
        SQLite::Statement query(database, "SELECT name, \"unique\" FROM pragma_index_list(?1) WHERE origin = 'c'");
        query.bind(1, table);
        while (query.executeStep()) {
            const std::string name = query.getColumn(0).getString();
            const std::string columns =
                one(database,
                    "SELECT group_concat(name || CASE WHEN desc THEN ' DESC' ELSE '' END, ', ') FROM (SELECT * FROM "
                    "pragma_index_xinfo(?1) WHERE key = 1 ORDER BY seqno)",
                    name);
            const std::string text = create_sql(database, name);
            const auto where = text.find("WHERE ");
            add((query.getColumn(1).getInt() != 0 ? " unique " : " index ") + name + " (" + columns + ")" +
                (where == std::string::npos ? "" : " where " + text.substr(where + 6)));
        }
    }

    void foreign_keys() {
        const std::regex key(
            "CONSTRAINT (\\w+_fkey) FOREIGN KEY \\(([^)]*)\\)\\s+REFERENCES (\\w+) \\(([^)]*)\\)([^,\\n]*)");
        std::size_t named = 0;
        for (std::sregex_iterator it(sql.begin(), sql.end(), key), end; it != end; ++it, ++named) {
            const std::string child = (*it)[2];
            const std::string parent = (*it)[3];
            const std::string column = child.substr(child.rfind(' ') + 1);
            add(" key " + (*it)[1].str() + " (" + child + ") to " + parent + " (" + (*it)[4].str() + ") on delete " +
                on_delete(parent, column, (*it)[5]));
        }
        const std::string known = one(database, "SELECT count(DISTINCT id) FROM pragma_foreign_key_list(?1)", table);
        if (known != std::to_string(named)) add(" has a foreign key without a name");
    }

    /// From the trigger that holds also with foreign_keys off; the key itself must be NO ACTION.
    std::string on_delete(const std::string& parent, const std::string& column, const std::string& action) {
        const std::string trigger = create_sql(database, parent + "_before_delete");
        if (!action.empty()) return "by the key alone:" + action;
        if (trigger.find("UPDATE " + table + " SET " + column + " = NULL") != std::string::npos) return "null";
        const std::string scope =
            column == "clinic_id" ? "clinic_id = OLD.id" : "clinic_id = OLD.clinic_id AND " + column + " = OLD.id";
        const std::regex refused("FROM " + table + "\\s+WHERE " + scope + "\\)");
        return std::regex_search(trigger, refused) ? "refused" : "not in the trigger";
    }
};

}  // namespace

Catalog sqlite_catalog(const std::filesystem::path& file) {
    SQLite::Database database(file.string(), SQLite::OPEN_READONLY);
    Catalog catalog;
    for (const sync::Table& table : sync::tables()) {
        Reader reader{database, std::string(table.name)};
        reader.columns();
        reader.checks();
        reader.indexes();
        reader.foreign_keys();
        catalog.merge(reader.lines);
    }
    return catalog;
}

}  // namespace vetchart::test
