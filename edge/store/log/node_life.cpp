#include "edge/store/log/node_life.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "sync/model/change.h"

namespace vetchart::edge {
namespace {

constexpr const char* kLife =
    "SELECT incarnation, sealed_seq, chain_digest, node_code, node_id IS NOT NULL FROM node_state";

constexpr const char* kDigestAt = "SELECT digest FROM sync_txn WHERE last_seq = ?1 AND incarnation = ?2";

NodeLife read_life_row(Connection& connection) {
    NodeLife life;
    SQLite::Statement& query = connection.statement(kLife);
    VC_ASSERT(query.executeStep());
    life.mark.incarnation = query.getColumn(0).getString();
    life.mark.sealed_seq = query.getColumn(1).getInt64();
    life.mark.digest = query.getColumn(2).getString();
    life.node_code = query.getColumn(3).getString();
    life.enrolled = query.getColumn(4).getInt() != 0;
    return life;
}

/// The digest of `incarnation`'s chain at `seq`; its seed where none of its transactions ends there.
std::string digest_at(Connection& connection, const std::string& incarnation, std::int64_t seq) {
    SQLite::Statement& query = connection.statement(kDigestAt);
    query.bind(1, seq);
    query.bind(2, incarnation);
    if (query.executeStep()) return query.getColumn(0).getString();
    return to_hex(sync::chain_seed(incarnation));
}

}  // namespace

Result<NodeLife> read_node_life(Database& database) {
    NodeLife life;
    VC_TRY(database.snapshot([&life](Connection& connection) -> Status {
        life = read_life_row(connection);
        return Done{};
    }));
    return life;
}

Result<std::vector<std::string>> clinic_ids(Database& database) {
    std::vector<std::string> ids;
    VC_TRY(database.snapshot([&ids](Connection& connection) -> Status {
        SQLite::Statement& query = connection.statement("SELECT id FROM clinic ORDER BY id");
        while (query.executeStep()) ids.push_back(query.getColumn(0).getString());
        return Done{};
    }));
    return ids;
}

Result<bool> log_continues(Database& database, const LifeMark& mark) {
    bool continues = false;
    VC_TRY(database.snapshot([&](Connection& connection) -> Status {
        const LifeMark here = read_life_row(connection).mark;
        if (here.incarnation != mark.incarnation || here.sealed_seq < mark.sealed_seq) return Done{};
        continues = here == mark || digest_at(connection, mark.incarnation, mark.sealed_seq) == mark.digest;
        return Done{};
    }));
    return continues;
}

}  // namespace vetchart::edge
