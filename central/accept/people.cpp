#include "central/accept/people.h"

#include <pqxx/pqxx>
#include <set>

#include "central/accept/rows.h"
#include "sync/base/email.h"
#include "sync/base/text.h"
#include "sync/base/uuid.h"
#include "sync/engine/rights.h"

namespace vetchart::central {
namespace {

using sync::Json;

// A column moved before its version was kept counts as moved when its row was.
constexpr const char* kPeople = R"(
SELECT s.id::text AS id, s.clinic_id::text AS clinic_id, feed_image(s)::text AS image,
       CASE WHEN a.row_id IS NULL THEN 0 ELSE coalesce(a.version, s.version) END AS active_version,
       coalesce(a.node_id::text = $4, false) AS active_here, coalesce(r.node_id::text = $4, false) AS roles_here,
       coalesce(wire_instant(p.at), '') AS password_at
FROM staff s
LEFT JOIN row_meta a ON a.table_name = 'staff' AND a.row_id = s.id::text AND a.column_name = 'active'
LEFT JOIN row_meta r ON r.table_name = 'staff' AND r.row_id = s.id::text AND r.column_name = 'roles'
LEFT JOIN row_meta p ON p.table_name = 'staff' AND p.row_id = s.id::text AND p.column_name = 'password_hash'
WHERE s.clinic_id = ANY($1::uuid[])
  AND (s.active AND s.roles LIKE '%"admin"%' OR s.id = ANY($2::uuid[])
       OR lower(btrim(s.email) COLLATE "C") IN (SELECT jsonb_array_elements_text($3::jsonb))
       OR lower(btrim(s.username) COLLATE "C") IN (SELECT jsonb_array_elements_text($3::jsonb))))";

constexpr const char* kAudit = R"(
INSERT INTO audit_log (actor, action, subject, detail)
SELECT CASE WHEN s.id IS NOT NULL THEN 'staff:' || s.email ELSE coalesce('node:' || n.name, x.actor) END,
       'sync ' || x.code, x.row_id,
       x.detail || jsonb_build_object('clinic', c.code, 'node', n.name, 'nodeId', n.id, 'staffId', x.actor)
FROM jsonb_to_recordset($1::jsonb) AS x(place bigint, code text, clinic_id uuid, row_id text, actor text, detail jsonb)
LEFT JOIN sync_node n ON n.id = nullif($2, '')::uuid
JOIN clinic c ON c.id = x.clinic_id
LEFT JOIN staff s ON s.clinic_id = x.clinic_id
      AND s.id = CASE WHEN x.actor ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN x.actor::uuid END
ORDER BY x.place)";

/// Whose rows a batch has to be judged by.
struct Wanted {
    std::set<std::string> clinics, ids;
    Json names = Json::array();  ///< E-mails and user names that are written, as a login compares them.
};

void note_text(const Json& values, const char* column, Json& texts) {
    const auto value = values.find(column);
    if (value == values.end() || !value->is_string()) return;
    const auto& name = value->get_ref<const std::string&>();
    std::string normal = normal_email(name);
    // As a row that is older than the normal form may have it.
    std::string typed = ascii_lower(trim_blanks(name));
    if (typed != normal) texts.push_back(std::move(typed));
    texts.push_back(std::move(normal));
}

Wanted wanted_of(const Batch& batch) {
    Wanted wanted;
    for (const char* table : {"staff", "clinic"}) {
        for (const auto& [transaction, change] : batch.changes_of(table)) {
            wanted.clinics.insert(change->clinic_id);
            if (transaction->actor && parse_uuid(*transaction->actor)) wanted.ids.insert(*transaction->actor);
            if (change->table != "staff") continue;
            wanted.ids.insert(change->row_id);
            if (!change->new_values.is_object()) continue;
            note_text(change->new_values, "email", wanted.names);
            note_text(change->new_values, "username", wanted.names);
        }
    }
    return wanted;
}

/// What changed, by the names of its columns; of roles and active also the values, which say what it means.
Json detail_of(const sync::Notice& notice) {
    Json detail{{"columns", notice.columns}};
    for (const char* column : {"email", "roles", "active", "code"}) {
        if (notice.mine.is_object() && notice.mine.contains(column)) detail[column] = notice.mine[column];
    }
    return detail;
}

}  // namespace

void read_people(pqxx::dbtransaction& db, const std::string& node_id, const Batch& batch, sync::Picture& picture) {
    const Wanted wanted = wanted_of(batch);
    if (wanted.clinics.empty()) return;
    const pqxx::result rows =
        db.exec_params(kPeople, id_array(wanted.clinics), id_array(wanted.ids), wanted.names.dump(), node_id);
    for (const auto& row : rows) {
        const auto id = row["id"].as<std::string>();
        picture.set({"staff", id}, sync::RowState::live(row["clinic_id"].as<std::string>(),
                                                        Json::parse(row["image"].as<std::string>())));
        sync::StaffTrace trace;
        trace.active_version = row["active_version"].as<std::int64_t>();
        trace.active_here = row["active_here"].as<bool>();
        trace.roles_here = row["roles_here"].as<bool>();
        trace.password_at = row["password_at"].as<std::string>();
        picture.set_trace(id, std::move(trace));
    }
}

void audit_people(pqxx::dbtransaction& db, const Receipt& receipt, const std::vector<Decided>& batch) {
    Json lines = Json::array();
    for (const Decided& decided : batch) {
        for (const sync::Notice& notice : decided.decision.notices) {
            if (!sync::is_guarded_table(notice.key.table)) continue;
            lines.push_back({{"place", lines.size()},
                             {"code", notice.code},
                             {"clinic_id", notice.clinic_id},
                             {"row_id", notice.key.id},
                             {"actor", sync::actor_json(*decided.transaction)},
                             {"detail", detail_of(notice)}});
        }
    }
    if (!lines.empty()) db.exec_params(kAudit, lines.dump(), receipt.node_id);
}

}  // namespace vetchart::central
