#include "central/accept/erased.h"

#include <pqxx/pqxx>

#include "central/accept/rows.h"
#include "sync/base/uuid.h"
#include "sync/engine/erase.h"
#include "sync/model/change_json.h"

// Erasing a batch, in its order:
//
//  1. gather whom the batch names: owners, patients, the names in owner snapshots;
//  2. read which of those patients an erased owner has or had, and where there is one, the node's held transactions: on
//     the node they stand, and tell whose a patient is there;
//  3. read which of those owners were erased, and remember the patients that the batch gives to one of them;
//  4. read whose data stands: other owners of the names, whose snapshots are not the erased person's;
//  5. overwrite the values in memory (sync/engine/erase.h); keys, and columns that tell nothing, stay as they came.
//
// Always: no value of an erased person is written anywhere after this, by whatever order batches arrive in.
namespace vetchart::central {
namespace {

using sync::Json;

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

/// The id that `values` have in `column`; nullptr: none, or no id.
const std::string* id_in(const Json& values, const char* column) {
    const auto found = values.is_object() ? values.find(column) : values.end();
    if (!values.is_object() || found == values.end() || !found->is_string()) return nullptr;
    const auto& id = found->get_ref<const std::string&>();
    return parse_uuid(id) ? &id : nullptr;
}

/// Whom changes name, as far as an erasure may concern it.
class NamedPeople {
public:
    std::set<std::string> owners, patients, clinics;
    std::set<std::string> names;  ///< Of the owner snapshots.

    void note(const sync::Change& change) {
        clinics.insert(change.clinic_id);
        if (change.table == "owner") owners.insert(change.row_id);
        if (change.table == "patient") {
            patients.insert(change.row_id);
            note_id(change.new_values, "owner_id", owners);
            note_id(change.old_values, "owner_id", owners);
        }
        if (change.table != "medical_record") return;
        for (const Json* values : {&change.new_values, &change.old_values}) {
            note_id(*values, "patient_id", patients);
            if (!values->is_object()) continue;
            const auto name = values->find("owner_name_snapshot");
            if (name != values->end() && name->is_string()) names.insert(name->get<std::string>());
        }
    }

private:
    static void note_id(const Json& values, const char* column, std::set<std::string>& ids) {
        if (const std::string* id = id_in(values, column)) ids.insert(*id);
    }
};

void read_others(pqxx::dbtransaction& db, const NamedPeople& named, sync::Erasures& erasures) {
    if (named.names.empty() || (erasures.owners.empty() && erasures.patients.empty())) return;
    for (const auto& row :
         db.exec_params(kOthers, Json(named.names).dump(), Json(named.owners).dump(), id_array(named.clinics))) {
        erasures.people[row[0].as<std::string>()] = {row[1].as<std::string>(), row[2].as<std::string>(),
                                                     row[3].as<std::string>()};
    }
}

void link_patients(pqxx::dbtransaction& db, const Batch& batch, const sync::Erasures& erasures) {
    Json links = Json::array();
    for (const BatchChange& patient : batch.changes_of("patient")) {
        const std::string* owner = id_in(patient.change->new_values, "owner_id");
        if (owner == nullptr || !erasures.owners.contains(*owner)) continue;
        links.push_back({{"owner_id", *owner}, {"patient_id", patient.change->row_id}});
    }
    if (!links.empty()) db.exec_params(kLinkPatients, links.dump());
}

/// What the node's held transactions do to owners and patients. On its own node held work stands: it tells whose a
/// patient is there, and under which name.
Result<std::vector<sync::Transaction>> held_people(pqxx::dbtransaction& db, const std::string& node_id) {
    const auto row = db.exec_params1(kHeldPeople, node_id);
    std::vector<sync::Transaction> held;
    if (row[0].is_null()) return held;
    held.emplace_back();
    VC_TRY_ASSIGN(held.back().changes, sync::parse_changes(row[0].as<std::string>()));
    return held;
}

Result<sync::Erasures> read_erasures(pqxx::dbtransaction& db, const std::string& node_id, const Batch& batch) {
    NamedPeople named;
    for (const BatchChange& each : batch.changes()) named.note(*each.change);
    sync::Erasures erasures;
    if (!named.patients.empty()) {
        for (const auto& row : db.exec_params(kErasedPatients, Json(named.patients).dump())) {
            erasures.patients[row[0].as<std::string>()].still_theirs = row[1].as<bool>();
        }
    }
    std::vector<sync::Transaction> held;
    if (!named.names.empty() && !erasures.patients.empty()) {
        VC_TRY_ASSIGN(held, held_people(db, node_id));
        NamedPeople named_by_held;
        for (const sync::Transaction& transaction : held) {
            for (const sync::Change& change : transaction.changes) named_by_held.note(change);
        }
        named.owners.merge(named_by_held.owners);
    }
    if (!named.owners.empty()) {
        for (const auto& row : db.exec_params(kErasedOwners, Json(named.owners).dump())) {
            erasures.owners.insert(row[0].as<std::string>());
        }
    }
    link_patients(db, batch, erasures);
    read_others(db, named, erasures);
    sync::note_batch(held, erasures);
    sync::note_batch(batch.transactions(), erasures);
    return erasures;
}

}  // namespace

Status erase_values(pqxx::dbtransaction& db, const std::string& node_id, Batch& batch) {
    VC_TRY_ASSIGN(const sync::Erasures erasures, read_erasures(db, node_id, batch));
    batch.erase_values([&erasures](sync::Transaction& transaction) {
        transaction = sync::without_erased(std::move(transaction), erasures);
    });
    return Done{};
}

}  // namespace vetchart::central
