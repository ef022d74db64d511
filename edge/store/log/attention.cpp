#include "edge/store/log/attention.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "edge/store/file/bind.h"
#include "edge/store/rows/charts_sql.h"

namespace vetchart::edge {
namespace {

std::string json_or_text(std::string_view value) {
    return joined("CASE WHEN json_valid(", value, ") THEN json(", value, ") ELSE ", value, " END");
}
std::string in_reach(std::string_view row) { return joined(row, ".clinic_id IN (SELECT value FROM json_each(?1))"); }
/// An actor is a staff id; anything else (central's own commands, old rows) is a name already.
std::string person(std::string_view actor) {
    return joined("coalesce((SELECT p.first_name||' '||p.last_name FROM staff p WHERE p.id=", actor, "),", actor, ")");
}
/// The log has all columns of staff, but nobody may see a password's hash.
std::string logged(std::string_view values) { return joined("json_remove(", values, ",'$.password_hash')"); }

/// The changes of transaction t, from the log. Another node's transaction has none here.
std::string changes() {
    return joined(
        "'changes',(SELECT json_group_array(json_object('table',l.table_name,'rowId',l.row_id,'op',l.op,"
        "'mine',",
        logged("l.new"), ",'base',", logged("l.old"),
        ")) FROM (SELECT * FROM change_log d WHERE d.seq BETWEEN t.first_seq AND t.last_seq AND ", in_reach("d"),
        " ORDER BY d.seq LIMIT ?3) l),'changeCount',iif(t.first_seq IS NULL,NULL,(SELECT count(*) FROM"
        " change_log d WHERE d.seq BETWEEN t.first_seq AND t.last_seq AND ",
        in_reach("d"), "))");
}

// `actions` stays empty until this node can carry them out: a button that does nothing would be a lie.
std::string items() {
    return joined(
        "SELECT i.id AS id,i.opened_at AS opened,json_object('id',i.id,'kind',i.kind,'openedAt',i.opened_at,"
        "'clinicId',i.clinic_id,'table',i.table_name,'rowId',i.row_id,'column',i.column_name,'title',i.title,"
        "'reason',i.reason,'code',i.code,'mine',",
        json_or_text("i.mine"), ",'theirs',", json_or_text("i.theirs"), ",'base',", json_or_text("i.base"), ",'actor',",
        person("i.actor"), ",'at',i.at,'node',i.node,'dependents',json('[]'),'theirsActor',", person("i.theirs_actor"),
        ",'theirsAt',i.theirs_at,'theirsNode',i.theirs_node,", changes(),
        ",'actions',json('[]')) AS j FROM sync_item i LEFT JOIN sync_txn t ON i.kind='quarantine'"
        " AND t.incarnation=i.incarnation AND t.first_seq=i.first_seq WHERE i.status='open' AND ",
        in_reach("i"));
}

/// A transaction is known by its node's log: `txn-<first seq>`. Its head is the first change it holds. The states
/// that are not settled are listed, since an index has them: nearly all of the log is settled.
std::string held_transactions() {
    return joined(
        "SELECT 'txn-'||t.first_seq,coalesce(t.acknowledged_at,t.at),json_object('id','txn-'||t.first_seq,"
        "'kind','quarantine','openedAt',coalesce(t.acknowledged_at,t.at),'clinicId',c.clinic_id,'table',"
        "c.table_name,'rowId',c.row_id,'column',NULL,'title',iif(t.outcome='held','Not accepted by central',"
        "'Waiting for central'),'reason',coalesce(t.reason,'This change cannot stand beside what other nodes"
        " did; central decides.'),'code',coalesce(t.code,'waiting'),'mine',",
        logged("c.new"), ",'theirs',NULL,'base',", logged("c.old"), ",'actor',", person("t.actor"),
        ",'at',t.at,'node',(SELECT nullif(node_name,'') FROM node_state),'dependents',json('[]'),"
        "'theirsActor',NULL,'theirsAt',NULL,'theirsNode',NULL,",
        changes(),
        ",'actions',json('[]')) FROM sync_txn t JOIN change_log c ON c.seq=t.first_seq WHERE (t.waiting=1 OR"
        " t.outcome='held') AND t.state IN ('local','sent','acknowledged') AND ",
        in_reach("c"),
        " AND NOT EXISTS(SELECT 1 FROM sync_item i WHERE i.status='open' AND i.incarnation=t.incarnation"
        " AND i.first_seq=t.first_seq)");
}

const std::string& list_sql() {
    static const std::string text =
        joined("SELECT j FROM (", items(), " UNION ALL ", held_transactions(), ") ORDER BY opened DESC,id LIMIT ?2");
    return text;
}
const std::string& has_sql() {
    static const std::string text =
        joined("SELECT 1 FROM (", items(), " UNION ALL ", held_transactions(), ") WHERE id=?2");
    return text;
}

}  // namespace

Result<std::string> list_attention(Database& database, const Reach& reach) {
    std::string body = "[";
    auto status = database.snapshot([&](Connection& connection) -> Status {
        SQLite::Statement& rows = connection.statement(list_sql());
        const ResetGuard guard(rows);
        Bind bind(rows);
        bind.reach(reach);
        bind.at(2, std::int64_t{kAttentionMax});
        bind.at(3, std::int64_t{kAttentionChangesMax});
        while (rows.executeStep()) {
            if (body.size() > 1) body += ",\n";
            body += rows.getColumn(0).getText();
        }
        return Done{};
    });
    if (!status) return status.error();
    return body + "]";
}

Result<bool> has_attention(Database& database, const Reach& reach, const std::string& id) {
    bool found = false;
    auto status = database.snapshot([&](Connection& connection) -> Status {
        SQLite::Statement& row = connection.statement(has_sql());
        const ResetGuard guard(row);
        Bind bind(row);
        bind.reach(reach);
        bind.at(2, id);
        found = row.executeStep();
        return Done{};
    });
    if (!status) return status.error();
    return found;
}

}  // namespace vetchart::edge
