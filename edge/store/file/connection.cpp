#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <functional>
#include <new>
#include <string>
#include <unordered_map>

#include "edge/store/file/bare_name.h"
#include "edge/store/file/database.h"
#include "sync/base/text_fold.h"

namespace vetchart::edge {
namespace {

constexpr int kBusyTimeoutMs = 5000;

// The reasons are in docs/adr/0002-sqlite-settings.md. journal_mode is a property of the file; the rest belongs to
// the connection and is off by default. trusted_schema stays on: SQLite 3.40 counts its own JSON functions as unsafe
// in triggers, and capture is made of them.
constexpr const char* kSettings = R"(
PRAGMA foreign_keys = ON;
PRAGMA recursive_triggers = ON;
PRAGMA trusted_schema = ON;
PRAGMA cell_size_check = ON;
PRAGMA temp_store = FILE;
)";
constexpr const char* kWriterSettings = R"(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 67108864;
PRAGMA secure_delete = ON;
)";

/// Whoever holds a connection is alone with it, so SQLite need not lock it for each value that is read.
int open_flags(bool read_only) {
    return SQLite::OPEN_NOMUTEX | (read_only ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
}

/// A function of SQL from a text to a text; NULL stays NULL. It is for the program's own statements: the sqlite3 shell
/// could not use a table whose trigger or view called it.
template <std::string (*make)(std::string_view)>
void text_function(sqlite3_context* context, int, sqlite3_value** values) {
    const auto* text = sqlite3_value_text(values[0]);
    if (text == nullptr) return sqlite3_result_null(context);
    try {
        const std::string made =
            make({reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_value_bytes(values[0]))});
        sqlite3_result_text(context, made.data(), static_cast<int>(made.size()), SQLITE_TRANSIENT);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

/// A text's folded words, and all of them written together, so that O'Brien is met as obrien too.
std::string words_to_find(std::string_view text) {
    std::string words = fold_text(text);
    std::string together = words;
    std::erase(together, ' ');
    return words + ' ' + together;
}

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

}  // namespace

struct Connection::Cache {
    // The key is a copy, so that a text that its caller did not keep alive cannot become a wild pointer here.
    std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>, TextHash, std::equal_to<>> statements;
};

Connection::Connection(const std::filesystem::path& file, bool read_only, const char* vfs, Rng* rng)
    : database_(std::make_unique<SQLite::Database>(file.string(), open_flags(read_only), kBusyTimeoutMs,
                                                   vfs == nullptr ? "" : vfs)),
      rng_(rng),
      cache_(std::make_unique<Cache>()) {
    if (!read_only) database_->exec(kWriterSettings);
    database_->exec(kSettings);
    // DIRECTONLY, so that no trigger or view of a file can call them.
    constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    sqlite3* handle = database_->getHandle();
    sqlite3_create_function(handle, "vc_fold", 1, kFlags, nullptr, text_function<words_to_find>, nullptr, nullptr);
    sqlite3_create_function(handle, "vc_bare_name", 1, kFlags, nullptr, text_function<bare_name>, nullptr, nullptr);
}

Connection::~Connection() = default;

Rng& Connection::rng() {
    VC_ASSERT(rng_ != nullptr);
    return *rng_;
}

SQLite::Statement& Connection::statement(std::string_view sql) {
    auto found = cache_->statements.find(sql);
    if (found == cache_->statements.end()) {
        std::string text(sql);
        auto made = std::make_unique<SQLite::Statement>(*database_, text);
        found = cache_->statements.emplace(std::move(text), std::move(made)).first;
    }
    SQLite::Statement& statement = *found->second;
    statement.tryReset();
    statement.clearBindings();
    return statement;
}

void Connection::exec(const char* sql) { database_->exec(sql); }

void Connection::keep_scratch_in(Scratch where) {
    if (where == scratch_) return;
    database_->exec(where == Scratch::memory ? "PRAGMA temp_store = MEMORY" : "PRAGMA temp_store = FILE");
    scratch_ = where;
}

void Connection::reset_statements() noexcept {
    for (auto& [text, statement] : cache_->statements) statement->tryReset();
}

}  // namespace vetchart::edge
