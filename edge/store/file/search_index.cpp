#include "edge/store/file/search_index.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <string>
#include <vector>

#include "edge/store/file/bind.h"
#include "edge/store/file/search_words.h"

namespace vetchart::edge {
namespace {

constexpr const char* kAnyMarked = "SELECT EXISTS (SELECT 1 FROM search_mark)";
constexpr const char* kBehind =
    "SELECT EXISTS (SELECT 1 FROM search_mark) OR EXISTS (SELECT 1 FROM search_state WHERE walk_kind IS NOT NULL)";
constexpr const char* kMarked =
    "SELECT m.doc, d.kind, d.row_id FROM search_mark m LEFT JOIN search_doc d ON d.doc = m.doc ORDER BY m.doc DESC "
    "LIMIT ?1";
constexpr const char* kSource = "SELECT names, email, phone, code FROM search_source WHERE kind = ?1 AND row_id = ?2";
constexpr const char* kPutWords = "UPDATE search_doc SET words = ?2 WHERE doc = ?1 AND words IS NOT ?2";
constexpr const char* kUnmark = "DELETE FROM search_mark WHERE doc = ?1";

constexpr const char* kWalk = "SELECT walk_kind, walk_id FROM search_state";
constexpr const char* kMoveWalk = "UPDATE search_state SET walk_kind = ?1, walk_id = ?2";
constexpr const char* kRefold =
    "UPDATE search_state SET fold = ?1, walk_kind = 'owner', walk_id = '' WHERE fold IS NOT ?1";

struct Kind {
    std::string_view name;
    const char* next;  ///< ?1 id, ?2 limit: the last of the next ids, and how many they are.
    const char* take;  ///< ?1 ?2: after the first, up to the second.
};
#define VC_WALK(table)                                                                                        \
    {                                                                                                         \
        table, "SELECT max(id), count(*) FROM (SELECT id FROM " table " WHERE id > ?1 ORDER BY id LIMIT ?2)", \
            "INSERT INTO search_doc (kind, row_id, clinic_id, gone) SELECT '" table                           \
            "', id, clinic_id, deleted_at IS NOT NULL FROM " table                                            \
            " WHERE id > ?1 AND id <= ?2 ORDER BY id ON CONFLICT (kind, row_id) DO UPDATE SET clinic_id = "   \
            "excluded.clinic_id, gone = excluded.gone"                                                        \
    }
constexpr std::array<Kind, 3> kKinds{{VC_WALK("owner"), VC_WALK("patient"), VC_WALK("bill")}};

struct Marked {
    std::int64_t doc = 0;
    std::string kind, row_id;
};

std::vector<Marked> read_marked(Connection& connection, int rows_max) {
    std::vector<Marked> all;
    SQLite::Statement& query = connection.statement(kMarked);
    const ResetGuard guard(query);
    query.bind(1, rows_max);
    while (query.executeStep()) {
        all.push_back({query.getColumn(0).getInt64(), query.getColumn(1).getString(), query.getColumn(2).getString()});
    }
    return all;
}

void fold_one(Connection& connection, const Marked& marked) {
    std::string words;
    {
        SQLite::Statement& query = connection.statement(kSource);
        const ResetGuard guard(query);
        query.bind(1, marked.kind);
        query.bind(2, marked.row_id);
        // A document whose row is gone (no trigger leaves one behind) has no words either.
        if (query.executeStep()) {
            words = document_words({query.getColumn(0).getString(), query.getColumn(1).getString(),
                                    query.getColumn(2).getString(), query.getColumn(3).getString()});
        }
    }
    SQLite::Statement& put = connection.statement(kPutWords);
    put.bind(1, marked.doc);
    put.bind(2, words);
    put.exec();
    SQLite::Statement& unmark = connection.statement(kUnmark);
    unmark.bind(1, marked.doc);
    unmark.exec();
}

/// The next rows in the order of ids get their documents, marked. False: there is no next row of any kind.
bool take_up_rows(Connection& connection, int rows_max) {
    std::string kind, from;
    {
        SQLite::Statement& walk = connection.statement(kWalk);
        const ResetGuard guard(walk);
        if (!walk.executeStep() || walk.getColumn(0).isNull()) return false;
        kind = walk.getColumn(0).getString();
        from = walk.getColumn(1).getString();
    }
    std::size_t at = 0;
    while (at + 1 < kKinds.size() && kKinds[at].name != kind) ++at;
    SQLite::Statement& next = connection.statement(kKinds[at].next);
    next.bind(1, from);
    next.bind(2, rows_max);
    next.executeStep();
    const std::string to = next.getColumn(0).getString();
    const bool is_last = next.getColumn(1).getInt() < rows_max;
    next.reset();
    if (!to.empty()) {
        SQLite::Statement& take = connection.statement(kKinds[at].take);
        take.bind(1, from);
        take.bind(2, to);
        take.exec();
    }
    SQLite::Statement& move = connection.statement(kMoveWalk);
    const bool is_done = is_last && at + 1 == kKinds.size();
    if (!is_done) move.bind(1, std::string(is_last ? kKinds[at + 1].name : kKinds[at].name));
    move.bind(2, is_last ? std::string() : to);
    move.exec();
    return !is_done;
}

}  // namespace

int fold_marked(Connection& connection, int rows_max) {
    if (!holds(connection, kAnyMarked)) return 0;
    const auto marked = read_marked(connection, rows_max);
    for (const Marked& row : marked) fold_one(connection, row);
    return static_cast<int>(marked.size());
}

bool step_search(Connection& connection, int rows_max) {
    // Documents that are marked already come first: somebody waits for them.
    if (fold_marked(connection, rows_max) >= rows_max) return true;
    const bool more = take_up_rows(connection, rows_max);
    fold_marked(connection, rows_max);
    return more || holds(connection, kAnyMarked);
}

bool is_search_behind(Connection& connection) { return holds(connection, kBehind); }

void refold_if_outdated(Connection& connection) {
    SQLite::Statement& statement = connection.statement(kRefold);
    statement.bind(1, fold_version());
    statement.exec();
}

Result<bool> catch_up_with_search(Database& database) {
    bool behind = false;
    VC_TRY(database.snapshot([&behind](Connection& connection) -> Status {
        behind = is_search_behind(connection);
        return Done{};
    }));
    if (!behind) return true;
    // Three kinds are walked through, so a small clinic's whole search is made in as many steps.
    (void)database.maintain([&behind](Connection& connection) -> Status {
        for (std::size_t i = 0; behind && i < kKinds.size(); ++i) behind = step_search(connection, kSearchStep);
        return Done{};
    });
    return !behind;
}

}  // namespace vetchart::edge
