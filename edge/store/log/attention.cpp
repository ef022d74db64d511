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

/// What stands for the viewer to do: nothing while a decision waits for central, and giving work up for administrators
/// alone.
std::string actions() {
    return "'actions',(SELECT json_group_array(a.value) FROM json_each(i.actions) a WHERE (a.value<>'discard'"
           " OR i.clinic_id IN (SELECT value FROM json_each(?5))) AND NOT EXISTS(SELECT 1 FROM item_decision w WHERE"
           " w.item_id=i.id AND w.outcome IS NULL))";
}

/// The decision that matters: the one that waits, else the viewer's own (whoever lost is told), else the newest. A
/// sorted subquery forgets that it gives JSON.
std::string decision() {
    return joined("'decision',json((SELECT json_object('action',d.action,'actor',", person("d.actor"),
                  ",'decidedAt',d.created_at,'state',coalesce(d.outcome,'waiting'),'answer',d.answer) FROM"
                  " item_decision d WHERE d.item_id=i.id AND d.clinic_id=i.clinic_id ORDER BY d.outcome IS NULL DESC,"
                  "d.actor IN (SELECT value FROM json_each(?4)) DESC,d.created_at DESC,d.id DESC LIMIT 1))");
}

/// What waits behind a held transaction of the same life.
constexpr std::string_view kDependents =
    "'dependents',(SELECT json_group_array(h.id) FROM (SELECT id FROM sync_item w WHERE i.kind='quarantine' AND"
    " i.status='open' AND w.incarnation=i.incarnation AND w.first_seq>i.first_seq AND w.kind='quarantine' AND"
    " w.status='open' AND w.code='depends_on_held' ORDER BY w.first_seq) h)";

/// `sorted_by`: the instant that orders the list; `which`: a condition on i.
std::string items(std::string_view sorted_by, std::string_view which) {
    return joined("SELECT i.id AS id,", sorted_by,
                  " AS sorted,json_object('id',i.id,'kind',i.kind,'openedAt',i.opened_at,"
                  "'clinicId',i.clinic_id,'table',i.table_name,'rowId',i.row_id,'column',i.column_name,'title',i.title,"
                  "'reason',i.reason,'code',i.code,'mine',",
                  json_or_text("i.mine"), ",'theirs',", json_or_text("i.theirs"), ",'base',", json_or_text("i.base"),
                  ",'actor',", person("i.actor"), ",'at',i.at,'node',i.node,", kDependents, ",'theirsActor',",
                  person("i.theirs_actor"),
                  ",'theirsAt',i.theirs_at,'theirsNode',i.theirs_node,'status',i.status,'action',i.action,'decidedBy',",
                  person("i.decided_by"), ",'decidedAt',i.decided_at,'version',i.version,", decision(), ",", changes(),
                  ",", actions(),
                  ") AS j FROM sync_item i LEFT JOIN sync_txn t ON i.kind='quarantine'"
                  " AND t.incarnation=i.incarnation AND t.first_seq=i.first_seq WHERE ",
                  which, " AND ", in_reach("i"));
}

/// Resolved items on which a decision of the viewer's came to nothing: nobody else would tell them.
std::string told_again() {
    return items("i.decided_at",
                 "i.status='resolved' AND i.id IN (SELECT d.item_id FROM item_decision d WHERE d.outcome IN"
                 " ('late','refused') AND d.updated_at>?6 AND d.actor IN (SELECT value FROM json_each(?4)))");
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
        "'theirsActor',NULL,'theirsAt',NULL,'theirsNode',NULL,'status','open','action',NULL,'decidedBy',NULL,"
        "'decidedAt',NULL,'version',0,'decision',NULL,",
        changes(),
        ",'actions',json('[]')) FROM sync_txn t JOIN change_log c ON c.seq=t.first_seq WHERE (t.waiting=1 OR"
        " t.outcome='held') AND t.state IN ('local','sent','acknowledged') AND ",
        in_reach("c"),
        " AND NOT EXISTS(SELECT 1 FROM sync_item i WHERE i.incarnation=t.incarnation AND i.first_seq=t.first_seq"
        " AND i.kind='quarantine')");
}

std::string list_of(const std::string& parts) {
    return joined("SELECT j FROM (", parts, ") ORDER BY sorted DESC,id LIMIT ?2");
}

const std::string& list_sql(AttentionView::Status status) {
    static const std::string kDecided = "coalesce(i.decided_at,i.opened_at)";
    static const std::string open = list_of(joined(items("i.opened_at", "i.status='open'"), " UNION ALL ", told_again(),
                                                   " UNION ALL ", held_transactions()));
    static const std::string resolved = list_of(items(kDecided, "i.status='resolved'"));
    static const std::string all = list_of(joined(items(kDecided, "true"), " UNION ALL ", held_transactions()));
    switch (status) {
        case AttentionView::Status::open: return open;
        case AttentionView::Status::resolved: return resolved;
        case AttentionView::Status::all: break;
    }
    return all;
}

const std::string& find_sql() {
    static const std::string text =
        joined("SELECT j FROM (", items("i.opened_at", "i.id=?7"), " UNION ALL ", held_transactions(), ") WHERE id=?7");
    return text;
}

constexpr std::string_view kInsert =
    "INSERT INTO item_decision(id,clinic_id,item_id,item_version,action,value,actor,created_at,updated_at)"
    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?8)";

void bind_view(Bind& bind, const Reach& reach, const AttentionView& view) {
    bind.reach(reach);
    bind.at(2, std::int64_t{kAttentionMax});
    bind.at(3, std::int64_t{kAttentionChangesMax});
    bind.at(4, nlohmann::json(view.staff).dump());
    bind.at(5, nlohmann::json(view.admin_clinics).dump());
    bind.at(6, format_utc(view.now - std::chrono::days(1)));
}

}  // namespace

Result<std::string> list_attention(Database& database, const Reach& reach, const AttentionView& view) {
    std::string body = "[";
    auto status = database.snapshot([&](Connection& connection) -> Status {
        SQLite::Statement& rows = connection.statement(list_sql(view.status));
        const ResetGuard guard(rows);
        Bind bind(rows);
        bind_view(bind, reach, view);
        while (rows.executeStep()) {
            if (body.size() > 1) body += ",\n";
            body += rows.getColumn(0).getText();
        }
        return Done{};
    });
    if (!status) return status.error();
    return body + "]";
}

std::optional<std::string> find_attention(Connection& connection, const Reach& reach, const AttentionView& view,
                                          const std::string& id) {
    SQLite::Statement& row = connection.statement(find_sql());
    const ResetGuard guard(row);
    Bind bind(row);
    bind_view(bind, reach, view);
    bind.at(7, id);
    if (!row.executeStep()) return std::nullopt;
    return row.getColumn(0).getString();
}

void insert_decision(Connection& connection, const NewDecision& decision, UtcMillis now) {
    SQLite::Statement& statement = connection.statement(kInsert);
    const ResetGuard guard(statement);
    Bind bind(statement);
    bind.at(1, decision.id);
    bind.at(2, decision.clinic_id);
    bind.at(3, decision.item_id);
    bind.at(4, decision.item_version);
    bind.at(5, decision.action);
    bind.at(6, decision.value);
    bind.at(7, decision.actor);
    bind.at(8, format_utc(now));
    statement.exec();
}

}  // namespace vetchart::edge
