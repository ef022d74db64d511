#include "central/attention/decisions.h"

#include <pqxx/pqxx>
#include <utility>

#include "central/accept/rows.h"
#include "central/attention/decision_writes.h"
#include "central/attention/replay.h"
#include "central/store/audit.h"
#include "sync/base/json.h"
#include "sync/base/uuid.h"
#include "sync/model/change_json.h"

namespace vetchart::central {
namespace {

using sync::ItemAction;
using sync::Json;

constexpr std::string_view kTable = "item_decision";
constexpr std::size_t kAnswerBytesMax = 1900;  ///< Within the column's bound, whatever the letters are.

// Held work of the nodes of these items, whatever clinic it names: one that is tried again takes its dependents along.
constexpr const char* kClinics = R"(
WITH decided AS (SELECT id, node_id, clinic_id FROM sync_item WHERE id = ANY($1::uuid[]))
SELECT clinic_id::text FROM decided
UNION
SELECT x ->> 'clinicId' FROM sync_item i CROSS JOIN LATERAL jsonb_array_elements(i.changes) x
 WHERE i.changes IS NOT NULL AND (i.id IN (SELECT id FROM decided)
        OR i.status = 'open' AND i.kind = 'quarantine' AND i.node_id IN (SELECT node_id FROM decided)))";
constexpr const char* kDecisions = R"(
SELECT d.id::text AS id, d.clinic_id::text AS clinic_id, d.item_id::text AS item_id, d.item_version, d.action, d.value,
       d.actor
FROM unnest($1::uuid[]) WITH ORDINALITY AS w (id, place) JOIN item_decision d ON d.id = w.id
WHERE d.outcome IS NULL ORDER BY w.place)";
constexpr const char* kItem = R"(
SELECT i.id::text AS id, i.clinic_id::text AS clinic_id, i.kind, i.code, i.status, coalesce(i.action, '') AS action,
       i.version, i.table_name, i.row_id, coalesce(i.column_name, '') AS column_name,
       coalesce(i.node_id::text, '') AS node_id, coalesce(i.mine::text, 'null') AS mine,
       coalesce(i.theirs::text, 'null') AS theirs, coalesce(i.changes::text, '[]') AS changes,
       coalesce(i.undo::text, '[]') AS undo
FROM sync_item i WHERE i.id = $1::uuid FOR UPDATE)";
// A day and time as the clinic's own clock shows it.
constexpr const char* kDecidedBy = R"(
SELECT actor_name(i.decided_by) AS who, to_char(i.decided_at AT TIME ZONE c.timezone, 'YYYY-MM-DD HH24:MI') AS at
FROM sync_item i JOIN clinic c ON c.id = i.clinic_id WHERE i.id = $1::uuid)";
constexpr const char* kIsAdmin = R"(
SELECT EXISTS (SELECT FROM staff WHERE id = $1::uuid AND clinic_id = $2::uuid AND active AND roles LIKE '%"admin"%'))";
constexpr const char* kResolve = R"(
UPDATE sync_item SET status = 'resolved', action = $2, decided_by = $3, decided_at = $4::timestamptz,
       actions = $5::jsonb, undo = nullif($6, '[]')::jsonb
WHERE id = $1::uuid)";
constexpr const char* kForgetRows = "DELETE FROM held_row WHERE item_id = $1::uuid";
constexpr const char* kAnswer = R"(
UPDATE item_decision SET outcome = $2, answer = $3, updated_at = $4::timestamptz WHERE id = $1::uuid)";
constexpr const char* kAuditActor = R"(
SELECT coalesce((SELECT 'staff:' || s.email FROM staff s WHERE s.id = CASE
    WHEN $1 ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $1::uuid END), $1))";
constexpr const char* kInsert = R"(
INSERT INTO item_decision (id, clinic_id, item_id, item_version, action, value, actor)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5, $6, $7))";
constexpr const char* kFind = "SELECT clinic_id::text, node_id::text FROM sync_item WHERE id = $1::uuid AND kind = $2";

struct Decision {
    std::string id, clinic_id, item_id, action, actor;
    std::int64_t version = 0;
    std::optional<std::string> value;
};

enum class Outcome { done, late, refused };

const char* name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::done: return "done";
        case Outcome::late: return "late";
        case Outcome::refused: break;
    }
    return "refused";
}

/// What became of a decision. `answer`: a sentence, unless it is done.
struct Ending {
    Outcome outcome = Outcome::done;
    std::string answer;
    std::vector<sync::Change> undo;
};

Ending refused(std::string answer) { return {Outcome::refused, std::move(answer), {}}; }

std::optional<Item> read_item(pqxx::dbtransaction& db, const std::string& id) {
    const pqxx::result rows = db.exec_params(kItem, id);
    if (rows.empty()) return std::nullopt;
    const auto row = rows[0];
    Item item;
    item.id = row["id"].c_str();
    item.clinic_id = row["clinic_id"].c_str();
    item.kind = row["kind"].c_str();
    item.code = row["code"].c_str();
    item.status = row["status"].c_str();
    item.action = row["action"].c_str();
    item.version = row["version"].as<std::int64_t>();
    item.table = row["table_name"].c_str();
    item.row_id = row["row_id"].c_str();
    item.column = row["column_name"].c_str();
    item.node_id = row["node_id"].c_str();
    item.mine = Json::parse(row["mine"].c_str());
    item.theirs = Json::parse(row["theirs"].c_str());
    if (auto changes = sync::parse_changes(row["changes"].c_str())) item.changes = std::move(*changes);
    if (auto undo = sync::parse_changes(row["undo"].c_str())) item.undo = std::move(*undo);
    return item;
}

std::string_view in_words(ItemAction action) {
    switch (action) {
        case ItemAction::keep: return "kept what stood";
        case ItemAction::use_mine: return "took the other version";
        case ItemAction::set_value: return "gave it another value";
        case ItemAction::merge_owners: return "merged the owners";
        case ItemAction::restore: return "brought the row back";
        case ItemAction::retry: return "let the work in";
        case ItemAction::edit_and_retry: return "edited the work and let it in";
        case ItemAction::discard: break;
    }
    return "gave the work up";
}

/// Who decided what and when, for whoever came after.
std::string told_late(pqxx::dbtransaction& db, const Item& item) {
    if (item.status == "open") {
        return "The item has changed since you saw it. Look at it as it is now, and decide again.";
    }
    const auto action = sync::find_item_action(item.action);
    if (!action) {
        return item.action == "moot" ? "Before your decision arrived, a later change had settled it."
                                     : "Before your decision arrived, headquarters had settled it.";
    }
    const auto row = db.exec_params1(kDecidedBy, item.id);
    return row["who"].as<std::string>("Somebody") + " decided it first, on " +
           row["at"].as<std::string>("an earlier day") + ", and " + std::string(in_words(*action)) +
           ". Your decision changed nothing.";
}

/// Carries one decision after the other out.
class Deciding {
public:
    /// `address`: whence, for the audit; empty: where the database sees this program.
    Deciding(pqxx::work& db, const Receipt& receipt, std::string address = {})
        : db_(db), receipt_(receipt), address_(std::move(address)) {}

    /// `hand`: whoever the transaction that brought the decision was written for; nullopt: nobody.
    Result<Ending> run(const Decision& decision, const std::optional<std::string>& hand) {
        const std::optional<Item> item = read_item(db_, decision.item_id);
        VC_TRY_ASSIGN(Ending result, judge(decision, item, hand));
        if (result.outcome == Outcome::done) resolve(*item, decision, result);
        if (result.answer.size() > kAnswerBytesMax) result.answer = "It was refused.";
        db_.exec_params(kAnswer, decision.id, name_of(result.outcome),
                        result.answer.empty() ? std::nullopt : std::optional<std::string>(result.answer),
                        format_utc(receipt_.now));
        note(decision, item, result);
        return result;
    }

private:
    Result<Ending> judge(const Decision& decision, const std::optional<Item>& item,
                         const std::optional<std::string>& hand) {
        if (!item || item->clinic_id != decision.clinic_id) return refused("Central has no such item in this clinic.");
        if (hand != decision.actor || (!is_at_hq() && !parse_uuid(decision.actor))) {
            return refused("It was decided without anybody being logged in. Decide it in the app.");
        }
        const auto action = sync::find_item_action(decision.action);
        if (!action) return refused("Central knows no such action: " + decision.action + ".");
        if (item->version != decision.version || !sync::allows(item->state(), *action)) {
            return Ending{Outcome::late, told_late(db_, *item), {}};
        }
        if (sync::needs_admin(*action) && !is_admin(decision)) {
            return refused("Only an active administrator of the clinic gives work up.");
        }
        Json value;
        if (sync::takes_value(*action)) {
            value = Json::parse(decision.value.value_or(""), nullptr, false);
            if (value.is_discarded()) return refused("The decision came without a value that can be read.");
        }
        return act(decision, *item, *action, std::move(value));
    }

    [[nodiscard]] bool is_at_hq() const { return receipt_.node_id.empty(); }

    /// HQ's doors let in administrators alone.
    bool is_admin(const Decision& decision) {
        return is_at_hq() || db_.exec_params1(kIsAdmin, decision.actor, decision.clinic_id)[0].as<bool>();
    }

    Result<Ending> act(const Decision& decision, const Item& item, ItemAction action, Json value) {
        if (action == ItemAction::discard) return discard(item, decision.actor);
        if (action == ItemAction::retry || action == ItemAction::edit_and_retry) {
            return retry(decision, item, action == ItemAction::edit_and_retry ? std::move(value) : Json());
        }
        const Wish wish = wish_of(db_, item, action, std::move(value));
        if (const auto* sentence = std::get_if<std::string>(&wish)) return refused(*sentence);
        Written written = write_wish(db_, receipt_, {decision.actor, decision.version, item.id},
                                     std::get<std::vector<sync::Change>>(wish));
        if (written.refusal) return refused(std::move(*written.refusal));
        return Ending{Outcome::done, {}, std::move(written.undo)};
    }

    /// The work is given up: nothing waits for it any more, and its node hears what central has of its rows.
    Result<Ending> discard(const Item& item, const std::string& actor) {
        db_.exec_params(kForgetRows, item.id);
        stamp_again(db_, item.changes);
        if (!item.node_id.empty()) {
            VC_TRY(retry_waiting(db_, {item.id, item.node_id, item.clinic_id, actor, receipt_.now, receipt_.rng}));
        }
        return Ending{};
    }

    Result<Ending> retry(const Decision& decision, const Item& item, Json edits) {
        if (item.node_id.empty() || item.changes.empty()) return refused("The held work is not kept any more.");
        Retry wanted{item.id, item.node_id, item.clinic_id, decision.actor, receipt_.now, receipt_.rng};
        wanted.seen = decision.version;
        wanted.edits = std::move(edits);
        VC_TRY_ASSIGN(const Retried retried, retry_item(db_, wanted));
        if (retried.refusal) return refused(*retried.refusal);
        return Ending{};
    }

    void resolve(const Item& item, const Decision& decision, const Ending& result) {
        const std::string actions = sync::actions_json({item.kind, item.code, "resolved", decision.action});
        db_.exec_params(kResolve, item.id, decision.action, decision.actor, format_utc(receipt_.now), actions,
                        sync::changes_json(result.undo));
    }

    void note(const Decision& decision, const std::optional<Item>& item, const Ending& result) {
        Json detail{{"action", decision.action}, {"outcome", name_of(result.outcome)}, {"decision", decision.id}};
        if (item) {
            detail.update(
                {{"kind", item->kind}, {"code", item->code}, {"table", item->table}, {"rowId", item->row_id}});
        }
        const std::string actor = db_.exec_params1(kAuditActor, decision.actor)[0].c_str();
        audit(db_, actor, "item decide", decision.item_id, detail, address_);
    }

    pqxx::work& db_;
    const Receipt& receipt_;
    const std::string address_;
};

bool is_decision(const sync::Change& change) { return change.table == kTable && change.op == sync::Op::insert; }

std::vector<Decision> read_decisions(pqxx::dbtransaction& db, const sync::Transaction& transaction) {
    std::vector<std::string> ids;
    for (const sync::Change& change : transaction.changes) {
        if (is_decision(change)) ids.push_back(change.row_id);
    }
    std::vector<Decision> decisions;
    for (const auto& row : db.exec_params(kDecisions, id_array(ids))) {
        Decision& decision = decisions.emplace_back();
        decision.id = row["id"].c_str();
        decision.clinic_id = row["clinic_id"].c_str();
        decision.item_id = row["item_id"].c_str();
        decision.version = row["item_version"].as<std::int64_t>();
        decision.action = row["action"].c_str();
        decision.value = row["value"].as<std::optional<std::string>>();
        decision.actor = row["actor"].c_str();
    }
    return decisions;
}

/// What keeps HQ's decision from being made at all.
Status check(const HqDecision& given, const Item& item) {
    const auto action = sync::find_item_action(given.action);
    if (!action) return Error{Errc::invalid_input, "there is no action " + given.action, "action_unknown"};
    if (!sync::allows(item.state(), *action)) {
        return Error{Errc::conflict,
                     given.action + " is not among the actions of this item now: " + sync::actions_json(item.state()),
                     "action_unavailable"};
    }
    const Json value = Json::parse(given.value.value_or(""), nullptr, false);
    if (sync::takes_value(*action) && value.is_discarded()) {
        return Error{Errc::invalid_input, given.action + " needs a value, as JSON", "bad_value"};
    }
    if (*action == ItemAction::edit_and_retry && !value.is_object()) {
        return Error{Errc::invalid_input, "the value must be an object of columns", "bad_value"};
    }
    return Done{};
}

}  // namespace

bool brings_decisions(const sync::Transaction& transaction) {
    for (const sync::Change& change : transaction.changes) {
        if (is_decision(change)) return true;
    }
    return false;
}

std::set<std::string> clinics_of_decisions(pqxx::dbtransaction& db,
                                           const std::vector<sync::Transaction>& transactions) {
    std::set<std::string> items, clinics;
    for (const sync::Transaction& transaction : transactions) {
        for (const sync::Change& change : transaction.changes) {
            if (!is_decision(change) || !change.new_values.is_object()) continue;
            const auto item = change.new_values.find("item_id");
            if (item == change.new_values.end() || !item->is_string()) continue;
            if (parse_uuid(item->get_ref<const std::string&>())) items.insert(item->get<std::string>());
        }
    }
    if (items.empty()) return clinics;
    for (const auto& row : db.exec_params(kClinics, id_array(items))) clinics.emplace(row[0].c_str());
    return clinics;
}

Status carry_out(pqxx::work& db, const Receipt& receipt, const sync::Transaction& transaction) {
    Deciding deciding(db, receipt);
    for (const Decision& decision : read_decisions(db, transaction)) {
        VC_TRY(deciding.run(decision, transaction.actor));
    }
    return Done{};
}

Status decide_at_hq(Pool& pool, const HqDecision& given, UtcMillis now) {
    const Error unknown{Errc::not_found, "there is no such item", "item_unknown"};
    if (!parse_uuid(given.item_id)) return unknown;
    std::optional<Error> verdict;
    const Status decided = pool.transact("decide", [&](pqxx::work& db) -> Status {
        const pqxx::result found = db.exec_params(kFind, given.item_id, given.kind);
        if (found.empty()) return unknown;
        Waiting waiting;
        if (!found[0][1].is_null()) waiting.nodes.insert(found[0][1].c_str());
        for (const auto& row : db.exec_params(kClinics, id_array(std::set<std::string>{given.item_id}))) {
            waiting.clinics.emplace(row[0].c_str());
        }
        lock_waiting(db, waiting);
        db.exec0("SET LOCAL vetchart.intake = 'on'");
        const Receipt receipt{"", 0, now, pool.rng()};
        const auto item = read_item(db, given.item_id);
        if (!item) return unknown;
        VC_TRY(check(given, *item));
        const Decision decision{
            new_row_id(pool.rng(), now),           item->clinic_id, item->id, given.action, given.actor,
            given.version.value_or(item->version), given.value};
        db.exec_params(kInsert, decision.id, decision.clinic_id, decision.item_id, decision.version, decision.action,
                       decision.value, decision.actor);
        Deciding deciding(db, receipt, given.address);
        VC_TRY_ASSIGN(const Ending result, deciding.run(decision, decision.actor));
        // What was not done stays on record with its answer, so the transaction commits.
        if (result.outcome == Outcome::late) verdict = Error{Errc::conflict, result.answer, "action_unavailable"};
        if (result.outcome == Outcome::refused) verdict = Error{Errc::conflict, result.answer, "decision_refused"};
        return Done{};
    });
    if (!decided) return decided.error();
    if (verdict) return *verdict;
    return Done{};
}

}  // namespace vetchart::central
