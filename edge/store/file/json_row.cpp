#include "edge/store/file/json_row.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <array>
#include <charconv>
#include <cstring>

namespace vetchart::edge {
namespace {

/// SQLiteCpp keeps a statement's handle to itself, and its columns take a lock and a count each. A connection has one
/// statement of a text (Connection::statement), so it is found by that.
sqlite3_stmt* handle_of(Connection& connection, std::string_view sql) {
    sqlite3_stmt* handle = nullptr;
    do handle = sqlite3_next_stmt(connection.raw().getHandle(), handle);
    while (handle != nullptr && sql != sqlite3_sql(handle));
    VC_ASSERT(handle != nullptr);
    return handle;
}

std::string_view text_of(sqlite3_value* value) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return {text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void append_number(std::string& json, std::int64_t number) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    json.append(digits.data(), end);
}

/// `number` of 1/10^places, which is never below 0; `exact` keeps the zeros at its end.
void append_decimal(std::string& json, std::int64_t number, int places, bool exact) {
    std::int64_t unit = 1;
    for (int i = 0; i < places; ++i) unit *= 10;
    append_number(json, number / unit);
    std::int64_t rest = number % unit;
    if (rest == 0 && !exact) return;
    json.push_back('.');
    for (unit /= 10; unit > 0 && (rest > 0 || exact); unit /= 10) {
        json.push_back(static_cast<char>('0' + rest / unit));
        rest %= unit;
    }
}

/// How many bytes at the start of `text` surely stand for themselves in JSON: eight are looked at together, and a byte
/// below 0x20, a quote or a backslash among them shows in the high bit of its place.
std::size_t plain_start(std::string_view text) {
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    constexpr std::uint64_t kHighs = 0x8080808080808080U;
    const auto has_zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighs; };
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, text.data() + at, 8);
        const std::uint64_t below = (bytes - kOnes * 0x20) & ~bytes & kHighs;
        if ((below | has_zero(bytes ^ kOnes * '"') | has_zero(bytes ^ kOnes * '\\')) != 0) break;
    }
    return at;
}

void append_plain(std::string& json, sqlite3_value* value) {
    if (sqlite3_value_type(value) == SQLITE_INTEGER) {
        append_number(json, sqlite3_value_int64(value));
    } else {
        append_json_string(json, text_of(value));
    }
}

}  // namespace

void append_json_string(std::string& json, std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    json.push_back('"');
    std::size_t from = 0;
    for (std::size_t at = plain_start(text); at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        json.append(text, from, at - from);
        from = at + 1;
        json.push_back('\\');
        switch (byte) {
            case '"':
            case '\\': json.push_back(static_cast<char>(byte)); break;
            case '\b': json.push_back('b'); break;
            case '\f': json.push_back('f'); break;
            case '\n': json.push_back('n'); break;
            case '\r': json.push_back('r'); break;
            case '\t': json.push_back('t'); break;
            default: json += {'u', '0', '0', kHex[byte >> 4U], kHex[byte & 15U]};
        }
    }
    json.append(text, from);
    json.push_back('"');
}

JsonRow::JsonRow(Connection& connection, std::string_view sql, int first)
    : statement_(&connection.statement(sql)), handle_(handle_of(connection, sql)), first_(first) {}

JsonRow::Kind JsonRow::kind_of(std::string_view end) {
    if (end == "cents") return Kind::cents;
    if (end == "milli") return Kind::milli;
    if (end == "json") return Kind::json;
    VC_ASSERT(end == "bool");
    return Kind::boolean;
}

void JsonRow::read_names() {
    std::vector<std::size_t> open;
    for (int column = first_; column + 1 < sqlite3_column_count(handle_); column += 2) {
        std::string_view name = text_of(sqlite3_column_value(handle_, column));
        Member member;
        if (name == "}") {
            member.kind = Kind::close;
            members_[open.back()].end = members_.size();
            open.pop_back();
        } else if (name.ends_with('{')) {
            member.kind = Kind::open;
            open.push_back(members_.size());
            name.remove_suffix(1);
        } else if (const auto colon = name.find(':'); colon != std::string_view::npos) {
            const std::string_view end = name.substr(colon + 1);
            member.kind = kind_of(end);
            name = name.substr(0, colon);
        }
        if (member.kind != Kind::close) {
            member.name.push_back(',');
            append_json_string(member.name, name);
            member.name.push_back(':');
        }
        members_.push_back(std::move(member));
    }
    VC_ASSERT(open.empty());
}

void JsonRow::append(std::string& json) {
    if (members_.empty()) read_names();
    json.push_back('{');
    bool begun = false;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        const Member& member = members_[i];
        if (member.kind == Kind::close) {
            json.push_back('}');
            continue;
        }
        json.append(member.name, begun ? 0 : 1);
        begun = true;
        sqlite3_value* value = sqlite3_column_value(handle_, first_ + 2 * static_cast<int>(i) + 1);
        if (sqlite3_value_type(value) == SQLITE_NULL) {
            json += "null";
            if (member.kind == Kind::open) i = member.end;
            continue;
        }
        switch (member.kind) {
            case Kind::plain: append_plain(json, value); break;
            case Kind::cents: append_decimal(json, sqlite3_value_int64(value), 2, true); break;
            case Kind::milli: append_decimal(json, sqlite3_value_int64(value), 3, false); break;
            case Kind::json: json += text_of(value); break;
            case Kind::boolean: json += sqlite3_value_int(value) != 0 ? "true" : "false"; break;
            case Kind::open:
                json.push_back('{');
                begun = false;
                break;
            case Kind::close: break;
        }
    }
}

}  // namespace vetchart::edge
