#include "edge/store/log/lives.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "edge/store/file/row_sql.h"
#include "edge/store/log/seal.h"
#include "edge/store/people/sessions.h"
#include "sync/base/uuid.h"
#include "sync/catalogue/catalogue.h"

namespace vetchart::edge {
namespace {

constexpr const char* kNewLife = R"(
UPDATE node_state SET incarnation = ?1, node_code = ?2, next_provisional = 1, chain_digest = ?3)";

constexpr const char* kEnrolled = R"(
UPDATE node_state SET node_id = ?1, node_name = ?2, central_url = ?3, enrolled_at = ?4, epoch = ?5,
       last_contact_at = ?4, last_error = NULL, link_state = '', link_state_since = NULL)";

constexpr const char* kScopeClinic = R"(
INSERT INTO sync_cursor (clinic_id, version, schema_version, loading, state) VALUES (?1, 0, ?3, 1, ?2)
ON CONFLICT (clinic_id) DO UPDATE SET state = excluded.state WHERE state <> excluded.state)";

void begin_life(Connection& connection, const std::string& node_code) {
    const std::string incarnation = to_string(random_uuid_v4(connection.rng()));
    SQLite::Statement& statement = connection.statement(kNewLife);
    statement.bind(1, incarnation);
    statement.bind(2, node_code);
    statement.bind(3, to_hex(sync::chain_seed(incarnation)));
    statement.exec();
}

void put_scope(Connection& connection, const std::vector<sync::ScopedClinic>& clinics) {
    sync::Json ids = sync::Json::array();
    for (const sync::ScopedClinic& clinic : clinics) {
        SQLite::Statement& statement = connection.statement(kScopeClinic);
        statement.bind(1, clinic.id);
        statement.bind(2, clinic.state);
        statement.bind(3, edge_schema_version());
        statement.exec();
        ids.push_back(clinic.id);
    }
    SQLite::Statement& revoke = connection.statement(
        "UPDATE sync_cursor SET state = 'revoked' WHERE clinic_id NOT IN (SELECT value FROM json_each(?1))");
    revoke.bind(1, ids.dump());
    revoke.exec();
}

/// A SELECT of every row of `table` as an insert of the log: what was never told to central. `unit` is the SQL of the
/// row that it goes up with, `rank` its place there.
std::string rows_as_inserts(const sync::Table& table, const std::string& unit, int rank) {
    const std::string name(table.name);
    return "SELECT '" + std::string(kAdoptedMark) + "' || " + unit + " AS txn, " + unit + " AS unit, " +
           std::to_string(rank) + " AS rank, '" + name + "' AS table_name, " + row_id_expression(name, "t") +
           " AS row_id, t.clinic_id AS clinic_id, " + logged_image_expression(table, "t") + " AS new FROM " + name +
           " t WHERE t.clinic_id = ?1";
}

void log_rows(Connection& connection, const std::string& rows, const std::string& clinic_id) {
    SQLite::Statement log(
        connection.raw(),
        "INSERT INTO change_log (txn, actor, at, schema_version, table_name, row_id, clinic_id, op, new, "
        "row_version, incarnation) SELECT txn, NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?2, table_name, row_id, "
        "clinic_id, 'insert', new, 0, (SELECT incarnation FROM node_state) FROM (" +
            rows + ") ORDER BY unit, rank, row_id");
    log.bind(1, clinic_id);
    log.bind(2, edge_schema_version());
    log.exec();
}

/// The SQL of the bill that a row `t` is a part of; empty: of none.
std::string bill_expression(const sync::Table& table) {
    const bool is_part = std::any_of(table.columns.begin(), table.columns.end(),
                                     [](const sync::Column& column) { return column.group == sync::Group::bill; });
    if (!is_part) return {};
    return table.name == "bill" ? "t.id" : "t.bill_id";
}

/// Logs everything but the clinic's own row, which is central's to tell, parents first. A bill with its items and links
/// is one transaction, since a closed bill takes none afterwards.
void log_as_new(Connection& connection, const std::string& clinic_id) {
    std::string bills;
    int rank = 0;
    for (const sync::Table& table : sync::tables()) {
        if (table.name == "clinic") continue;
        const std::string bill = bill_expression(table);
        if (bill.empty()) {
            log_rows(connection, rows_as_inserts(table, "t.id", 0), clinic_id);
        } else {
            bills += (bills.empty() ? "" : " UNION ALL ") + rows_as_inserts(table, bill, rank++);
        }
    }
    log_rows(connection, bills, clinic_id);
}

void clear_log(Connection& connection) {
    connection.exec("DELETE FROM change_log");
    connection.exec("DELETE FROM sync_txn");
    connection.exec("DELETE FROM sync_base");
    connection.exec("DELETE FROM sync_inbox");
    connection.exec(
        "UPDATE node_state SET sealed_seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change_log'), 0)");
}

void rename_clinic(Connection& connection, const std::string& clinic_id) {
    for (const sync::Table& table : sync::tables()) {
        SQLite::Statement statement(connection.raw(), "UPDATE " + std::string(table.name) + " SET " +
                                                          std::string(table.clinic_column()) + " = ?1, version = 0");
        statement.bind(1, clinic_id);
        statement.exec();
    }
}

/// True when each logged row lies in exactly one transaction, or is unsealed and above all of them.
bool every_row_has_its_place(Connection& connection) {
    SQLite::Statement query(connection.raw(), R"(
SELECT NOT EXISTS (SELECT 1 FROM change_log l
                   WHERE l.seq <= (SELECT sealed_seq FROM node_state)
                     AND NOT EXISTS (SELECT 1 FROM sync_txn t WHERE t.first_seq <= l.seq AND t.last_seq >= l.seq)))");
    query.executeStep();
    return query.getColumn(0).getInt() != 0;
}

void keep_no_base(Connection& connection) {
    connection.exec(
        "INSERT INTO sync_base (table_name, row_id, clinic_id, image, first_seq, last_seq) "
        "SELECT table_name, row_id, clinic_id, NULL, seq, seq FROM change_log WHERE true "
        "ON CONFLICT (table_name, row_id) DO NOTHING");
}

}  // namespace

Status Lives::enrolled(const sync::EnrollReply& reply, const std::string& node_name, const std::string& central_url,
                       UtcMillis now) {
    return database_.maintain([&](Connection& connection) -> Status {
        SQLite::Statement& statement = connection.statement(kEnrolled);
        statement.bind(1, reply.node_id);
        statement.bind(2, node_name);
        statement.bind(3, central_url);
        statement.bind(4, format_utc(now));
        statement.bind(5, reply.epoch);
        statement.exec();
        put_scope(connection, reply.clinics);
        return Done{};
    });
}

Status Lives::set_scope(const std::vector<sync::ScopedClinic>& clinics) {
    return database_.maintain([&](Connection& connection) -> Status {
        put_scope(connection, clinics);
        return Done{};
    });
}

Status Lives::new_incarnation(const std::string& node_code) {
    return database_.maintain([&](Connection& connection) -> Status {
        begin_life(connection, node_code);
        return Done{};
    });
}

Status Lives::fork(const std::string& incarnation, std::int64_t last_common, const std::string& node_code) {
    return database_.maintain([&](Connection& connection) -> Status {
        // Work of every life is sealed anew, not only of the one that forked: what a later life had sealed would stand
        // above rows to be sealed, and these would never be. Work not acknowledged is always the end of the log.
        SQLite::Statement& forget =
            connection.statement("DELETE FROM sync_txn WHERE first_seq > ?1 AND state IN ('local', 'sent')");
        forget.bind(1, last_common);
        forget.exec();
        begin_life(connection, node_code);
        end_all_sessions(connection);
        connection.exec("UPDATE node_state SET sealed_seq = coalesce((SELECT max(last_seq) FROM sync_txn), 0)");
        if (!every_row_has_its_place(connection)) {
            return Error{Errc::internal, "a fork of " + incarnation + " would leave logged rows without a transaction"};
        }
        return Done{};
    });
}

Status Lives::adopt_into(const std::string& clinic_id) {
    const auto work = [&](Connection& connection) -> Status {
        rename_clinic(connection, clinic_id);
        clear_log(connection);
        log_as_new(connection, clinic_id);
        keep_no_base(connection);
        begin_life(connection, draw_node_code(connection.rng()));
        return Done{};
    };
    return database_.apply(work, Database::Size::bulk);
}

std::string draw_node_code(Rng& rng) {
    static constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's base32
    std::string code;
    for (int i = 0; i < 5; ++i) code.push_back(kAlphabet[draw_below(rng, 32)]);
    return code;
}

}  // namespace vetchart::edge
