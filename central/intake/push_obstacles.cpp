#include "central/intake/push_obstacles.h"

#include <pqxx/pqxx>
#include <set>

#include "central/intake/push_records.h"
#include "central/intake/push_rows.h"
#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr const char* kWatch = R"(
SELECT EXISTS (SELECT FROM archive.entry WHERE clinic_id = ANY($1::uuid[]) AND restored_at IS NULL),
       EXISTS (SELECT FROM held_row h JOIN sync_item i ON i.id = h.item_id
               WHERE i.node_id = $2::uuid AND i.status = 'open'),
       EXISTS (SELECT FROM owner_erasure WHERE clinic_id = ANY($1::uuid[])))";

constexpr const char* kHeld = R"(
SELECT h.table_name, h.row_id, i.code, i.reason, h.inserted
FROM jsonb_to_recordset($1::jsonb) AS w(table_name text, row_id text)
JOIN held_row h ON h.table_name = w.table_name AND h.row_id = w.row_id
JOIN sync_item i ON i.id = h.item_id
WHERE i.node_id = $2::uuid AND i.status = 'open' ORDER BY h.table_name, h.row_id, i.incarnation_id, i.first_seq)";

constexpr const char* kErasedOwners =
    "SELECT owner_id::text FROM owner_erasure WHERE owner_id IN (SELECT v::uuid FROM jsonb_array_elements_text($1) v)";

/// Patients an erased owner has now, or had: $1 is an array of patient ids.
constexpr const char* kErasedPatients = R"(
SELECT w.id, bool_or(n.owner_id IS NOT NULL)
FROM (SELECT v::uuid AS id FROM jsonb_array_elements_text($1) v) w
LEFT JOIN patient p ON p.id = w.id
LEFT JOIN archive.patient a ON a.id = w.id
LEFT JOIN owner_erasure n ON n.owner_id = coalesce(p.owner_id, a.owner_id)
LEFT JOIN owner_erasure_patient l ON l.patient_id = w.id
WHERE n.owner_id IS NOT NULL OR l.owner_id IS NOT NULL GROUP BY w.id)";

/// Who else has, or had until deleted, one of these names ($1), or is written by the batch ($2), in these clinics ($3).
constexpr const char* kOthers = R"(
SELECT o.id, o.first_name, o.last_name, coalesce(o.phone, '') FROM (
    SELECT id::text, first_name, last_name, phone FROM owner WHERE clinic_id = ANY($3::uuid[])
    UNION ALL
    SELECT row_id, image ->> 'first_name', image ->> 'last_name', image ->> 'phone' FROM sync_tombstone
     WHERE clinic_id = ANY($3::uuid[]) AND table_name = 'owner') o
WHERE (o.first_name || ' ' || o.last_name IN (SELECT jsonb_array_elements_text($1))
       OR o.id IN (SELECT jsonb_array_elements_text($2)))
  AND NOT EXISTS (SELECT FROM owner_erasure e WHERE e.owner_id::text = o.id))";

/// What a node's held transactions, in their order, do to owners and patients.
constexpr const char* kHeldPeople = R"(
SELECT jsonb_agg(c ORDER BY i.incarnation_id, i.first_seq, n)::text
FROM sync_item i CROSS JOIN LATERAL jsonb_array_elements(i.changes) WITH ORDINALITY AS e (c, n)
WHERE i.node_id = $1::uuid AND i.status = 'open' AND i.kind = 'quarantine' AND c ->> 'table' IN ('owner', 'patient'))";

/// Patients given to an erased owner are remembered as theirs: nodes that have not heard of it write the old name into
/// their records also when the owner's row is gone, or the patient somebody else's, by the time those arrive.
constexpr const char* kLinkPatients = R"(
INSERT INTO owner_erasure_patient (owner_id, patient_id)
SELECT DISTINCT x.owner_id, x.patient_id FROM jsonb_to_recordset($1) AS x(owner_id uuid, patient_id uuid)
ON CONFLICT DO NOTHING)";

/// The archive's part of the tables, each key looked up by its primary key.
std::string archived_query() {
    std::string all;
    for (const char* name : {"patient", "medical_record", "appointment", "bill", "bill_item", "bill_medical_record"}) {
        const std::string table(name);
        const std::string is_it = "CASE WHEN w.table_name = '" + table + "' THEN ";
        const std::string match = table == "bill_medical_record" ? "(a.bill_id, a.medical_record_id) = (" + is_it +
                                                                       "split_part(w.row_id, '/', 1)::uuid END, " +
                                                                       is_it + "split_part(w.row_id, '/', 2)::uuid END)"
                                                                 : "a.id = " + is_it + "w.row_id::uuid END";
        all += (all.empty() ? "" : " UNION ALL ") + ("SELECT w.table_name, w.row_id, a.entry_id FROM w JOIN archive." +
                                                     table + " a ON " + match + " AND a.clinic_id = ANY($2::uuid[])");
    }
    return "WITH w AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(table_name text, row_id text)) "
           "SELECT k.table_name, k.row_id, wire_day((e.archived_at AT TIME ZONE 'UTC')::date), coalesce(p.name, 'This "
           "patient') FROM (" +
           all + ") k JOIN archive.entry e ON e.id = k.entry_id LEFT JOIN archive.patient p ON p.entry_id = e.id";
}

/// Every row that is written or named as a parent, and whose hand it was. A parent's id comes from outside: what is no
/// id names no row.
Json named_rows(const std::vector<sync::Transaction>& batch) {
    std::set<sync::RowKey> keys;
    for (const sync::Transaction& one : batch) {
        if (one.actor && parse_uuid(*one.actor)) keys.emplace("staff", *one.actor);
        for (const sync::Change& change : one.changes) {
            keys.emplace(change.table, change.row_id);
            for (sync::RowKey& parent : sync::parents_of(change)) {
                if (parse_uuid(parent.second)) keys.insert(std::move(parent));
            }
        }
    }
    Json rows = Json::array();
    for (const auto& [table, id] : keys) rows.push_back({{"table_name", table}, {"row_id", id}});
    return rows;
}

void note_id(const Json& values, const char* column, std::set<std::string>& ids) {
    if (!values.is_object()) return;
    const auto found = values.find(column);
    if (found == values.end() || !found->is_string()) return;
    if (parse_uuid(found->get_ref<const std::string&>())) ids.insert(found->get<std::string>());
}

/// What a batch names, as far as an erasure may concern it.
struct NamedPeople {
    std::set<std::string> owners, patients, clinics;
    std::set<std::string> names;  ///< Of the owner snapshots.
};

NamedPeople people_of(const std::vector<sync::Transaction>& batch) {
    NamedPeople named;
    for (const sync::Transaction& one : batch) {
        for (const sync::Change& change : one.changes) {
            named.clinics.insert(change.clinic_id);
            if (change.table == "owner") named.owners.insert(change.row_id);
            if (change.table == "patient") {
                named.patients.insert(change.row_id);
                note_id(change.new_values, "owner_id", named.owners);
                note_id(change.old_values, "owner_id", named.owners);
            }
            if (change.table != "medical_record") continue;
            for (const Json* values : {&change.new_values, &change.old_values}) {
                note_id(*values, "patient_id", named.patients);
                if (!values->is_object()) continue;
                const auto name = values->find("owner_name_snapshot");
                if (name != values->end() && name->is_string()) named.names.insert(name->get<std::string>());
            }
        }
    }
    return named;
}

void read_others(pqxx::dbtransaction& transaction, const NamedPeople& named, sync::Erasures& erasures) {
    if (named.names.empty() || (erasures.owners.empty() && erasures.patients.empty())) return;
    const std::vector<std::string> clinics(named.clinics.begin(), named.clinics.end());
    for (const auto& row :
         transaction.exec_params(kOthers, Json(named.names).dump(), Json(named.owners).dump(), id_array(clinics))) {
        erasures.people[row[0].as<std::string>()] = {row[1].as<std::string>(), row[2].as<std::string>(),
                                                     row[3].as<std::string>()};
    }
}

void link_patients(pqxx::dbtransaction& transaction, const std::vector<sync::Transaction>& batch,
                   const sync::Erasures& erasures) {
    Json links = Json::array();
    for (const sync::Transaction& one : batch) {
        for (const sync::Change& change : one.changes) {
            if (change.table != "patient") continue;
            std::set<std::string> owner;
            note_id(change.new_values, "owner_id", owner);
            if (owner.empty() || !erasures.owners.contains(*owner.begin())) continue;
            links.push_back({{"owner_id", *owner.begin()}, {"patient_id", change.row_id}});
        }
    }
    if (!links.empty()) transaction.exec_params(kLinkPatients, links.dump());
}

/// On its own node held work stands: what was held before tells whose a patient is there, and under which name.
std::vector<sync::Transaction> held_people(pqxx::dbtransaction& transaction, const std::string& node_id) {
    const auto row = transaction.exec_params1(kHeldPeople, node_id);
    if (row[0].is_null()) return {};
    sync::Transaction held;
    held.changes = changes_from(Json::parse(row[0].as<std::string>()));
    return {held};
}

sync::Erasures read_erasures(pqxx::dbtransaction& transaction, const std::string& node_id,
                             const std::vector<sync::Transaction>& batch) {
    NamedPeople named = people_of(batch);
    sync::Erasures erasures;
    if (!named.patients.empty()) {
        for (const auto& row : transaction.exec_params(kErasedPatients, Json(named.patients).dump())) {
            erasures.patients[row[0].as<std::string>()].still_theirs = row[1].as<bool>();
        }
    }
    std::vector<sync::Transaction> held;
    if (!named.names.empty() && !erasures.patients.empty()) held = held_people(transaction, node_id);
    named.owners.merge(people_of(held).owners);
    if (!named.owners.empty()) {
        for (const auto& row : transaction.exec_params(kErasedOwners, Json(named.owners).dump())) {
            erasures.owners.insert(row[0].as<std::string>());
        }
    }
    link_patients(transaction, batch, erasures);
    read_others(transaction, named, erasures);
    sync::note_batch(held, erasures);
    sync::note_batch(batch, erasures);
    return erasures;
}

}  // namespace

Watch read_watch(pqxx::dbtransaction& transaction, const std::vector<std::string>& clinics,
                 const std::string& node_id) {
    const auto row = transaction.exec_params1(kWatch, id_array(clinics), node_id);
    return {row[0].as<bool>(), row[1].as<bool>(), row[2].as<bool>()};
}

void read_obstacles(pqxx::dbtransaction& transaction, const Watch& watch, const std::vector<std::string>& clinics,
                    const std::string& node_id, const std::vector<sync::Transaction>& batch, sync::Picture& picture) {
    if (!watch.archived && !watch.held) return;
    const std::string rows = named_rows(batch).dump();
    if (watch.archived) {
        static const std::string query = archived_query();
        for (const auto& row : transaction.exec_params(query, rows, id_array(clinics))) {
            picture.block(
                {row[0].as<std::string>(), row[1].as<std::string>()},
                {sync::kHeldArchived, row[3].as<std::string>() + " was archived on " + row[2].as<std::string>() +
                                          ". Your work is kept; it comes in when the patient is brought back."});
        }
    }
    if (watch.held) {
        for (const auto& row : transaction.exec_params(kHeld, rows, node_id)) {
            sync::Transaction written;
            sync::Change change;
            change.table = row[0].as<std::string>();
            change.row_id = row[1].as<std::string>();
            change.op = row[4].as<bool>() ? sync::Op::insert : sync::Op::update;
            written.changes.push_back(std::move(change));
            sync::block_written(written, {row[2].as<std::string>(), row[3].as<std::string>()}, picture);
        }
    }
}

std::vector<sync::Transaction> without_erased(pqxx::dbtransaction& transaction, const std::string& node_id,
                                              const std::vector<sync::Transaction>& batch) {
    const sync::Erasures erasures = read_erasures(transaction, node_id, batch);
    std::vector<sync::Transaction> erased;
    erased.reserve(batch.size());
    for (const sync::Transaction& one : batch) erased.push_back(sync::without_erased(one, erasures));
    return erased;
}

}  // namespace vetchart::central
