#include "central/archive/archive.h"

#include <pqxx/pqxx>

#include "central/attention/replay.h"
#include "central/store/audit.h"
#include "sync/base/text.h"
#include "sync/base/uuid.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr std::size_t kReasonMax = 1000;

constexpr const char* kArchive = "SELECT archive_patient($1::uuid, $2, $3)::text";
constexpr const char* kRestore = "SELECT restore_patient($1::uuid, $2)::text";
constexpr const char* kOpenEntry = R"(
SELECT wire_instant(archived_at) AS archived_at, clinic_id::text AS clinic_id
FROM archive.entry WHERE patient_id = $1::uuid AND restored_at IS NULL)";
constexpr const char* kIsLive = "SELECT FROM patient WHERE id = $1::uuid";
constexpr const char* kList = R"(
SELECT e.id, c.code, e.patient_id, coalesce(a.name, p.name, ''), wire_instant(e.archived_at), e.actor, e.reason,
       wire_instant(e.restored_at), e.restored_by
FROM archive.entry e JOIN clinic c ON c.id = e.clinic_id
LEFT JOIN archive.patient a ON a.id = e.patient_id LEFT JOIN patient p ON p.id = e.patient_id
WHERE $1::boolean OR e.restored_at IS NULL ORDER BY e.archived_at DESC, e.id LIMIT $2::int)";

Result<std::string> patient_id_of(const std::string& given) {
    std::string id = ascii_lower(given);
    if (!parse_uuid(id)) {
        return Error{Errc::invalid_input, "a patient's id is a UUID like 0197f6a0-1c2d-7e3f-8a4b-5c6d7e8f9a0b",
                     "bad_id"};
    }
    return id;
}

ArchiveMove move_of(const std::string& json) {
    ArchiveMove move;
    move.counts = Json::parse(json);
    move.entry_id = move.counts.at("entry").get<std::string>();
    move.counts.erase("entry");
    return move;
}

/// The clinic of an archived patient.
Result<std::string> clinic_of_archived(pqxx::dbtransaction& db, const std::string& id) {
    const auto open = db.exec_params(kOpenEntry, id);
    if (!open.empty()) return open[0]["clinic_id"].as<std::string>();
    if (db.exec_params(kIsLive, id).empty()) {
        return Error{Errc::not_found, "no patient has the id " + id, "patient_unknown"};
    }
    return Error{Errc::conflict, "this patient is not archived", "not_archived"};
}

}  // namespace

Result<ArchiveMove> archive_patient(Pool& pool, const std::string& actor, const std::string& patient_id,
                                    const std::string& reason) {
    VC_TRY_ASSIGN(const std::string id, patient_id_of(patient_id));
    const auto length = code_point_count(trim_blanks(reason));
    if (!is_clean_utf8(reason) || length == 0 || length > kReasonMax) {
        return Error{Errc::invalid_input, "the reason must have 1 to 1000 characters", "bad_reason"};
    }
    ArchiveMove move;
    VC_TRY(pool.transact("archive patient", [&](pqxx::work& db) -> Status {
        if (const auto open = db.exec_params(kOpenEntry, id); !open.empty()) {
            return Error{Errc::conflict,
                         std::string("this patient was archived on ") + open[0]["archived_at"].c_str() + " already",
                         "already_archived"};
        }
        if (db.exec_params(kIsLive, id).empty()) {
            return Error{Errc::not_found, "no patient has the id " + id, "patient_unknown"};
        }
        // The function looks again under the clinic's lock: the patient may be archived or deleted by now.
        move = move_of(db.exec_params1(kArchive, id, actor, reason)[0].as<std::string>());
        return Done{};
    }));
    return move;
}

Result<RestoredPatient> restore_patient(Pool& pool, const std::string& actor, const std::string& patient_id,
                                        UtcMillis now) {
    VC_TRY_ASSIGN(const std::string id, patient_id_of(patient_id));
    RestoredPatient restored;
    VC_TRY(pool.transact("archive restore", [&](pqxx::work& db) -> Status {
        VC_TRY_ASSIGN(const std::string clinic, clinic_of_archived(db, id));
        Waiting waiting = find_waiting(db, clinic);
        waiting.clinics.insert(clinic);
        lock_waiting(db, waiting);
        // Until the locks were taken another may have brought it back.
        if (const auto again = clinic_of_archived(db, id); !again) return again.error();
        restored.move = move_of(db.exec_params1(kRestore, id, actor)[0].as<std::string>());
        VC_TRY_ASSIGN(const Replayed replayed, replay_held(db, waiting.nodes, clinic, actor, now, pool.rng()));
        restored.replayed = replayed.accepted;
        restored.still_held = replayed.still_held;
        if (!waiting.nodes.empty()) {
            audit(db, actor, "quarantine replay", id, {{"in", replayed.accepted}, {"held", replayed.still_held}});
        }
        return Done{};
    }));
    return restored;
}

Result<std::vector<ArchiveEntry>> list_archive(Pool& pool, bool all) {
    std::vector<ArchiveEntry> entries;
    VC_TRY(pool.read("archive list", [&](pqxx::dbtransaction& db) -> Status {
        for (const auto& row : db.exec_params(kList, all, kArchiveListMax)) {
            ArchiveEntry entry;
            entry.id = row[0].c_str();
            entry.clinic_code = row[1].c_str();
            entry.patient_id = row[2].c_str();
            entry.patient_name = row[3].c_str();
            entry.archived_at = row[4].c_str();
            entry.actor = row[5].c_str();
            entry.reason = row[6].c_str();
            entry.restored_at = row[7].as<std::optional<std::string>>();
            entry.restored_by = row[8].as<std::optional<std::string>>();
            entries.push_back(std::move(entry));
        }
        return Done{};
    }));
    return entries;
}

}  // namespace vetchart::central
