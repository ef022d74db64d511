#include "central/accept/guards.h"

#include <pqxx/pqxx>

#include "central/accept/key_sql.h"
#include "central/accept/rows.h"

namespace vetchart::central {
namespace {

using sync::Json;

constexpr const char* kGuards = R"(
SELECT EXISTS (SELECT FROM archive.entry WHERE clinic_id = ANY($1::uuid[]) AND restored_at IS NULL),
       EXISTS (SELECT FROM held_row h JOIN sync_item i ON i.id = h.item_id
               WHERE i.node_id = nullif($2, '')::uuid AND i.status = 'open'),
       EXISTS (SELECT FROM owner_erasure WHERE clinic_id = ANY($1::uuid[])))";

constexpr const char* kHeld = R"(
SELECT h.table_name, h.row_id, i.code, i.reason, h.inserted
FROM jsonb_to_recordset($1::jsonb) AS w(table_name text, row_id text)
JOIN held_row h ON h.table_name = w.table_name AND h.row_id = w.row_id
JOIN sync_item i ON i.id = h.item_id
WHERE i.node_id = $2::uuid AND i.status = 'open' ORDER BY h.table_name, h.row_id, i.incarnation_id, i.first_seq)";

/// The archive's part of the tables, each key looked up by its primary key.
std::string archived_query() {
    std::string all;
    for (const char* name : {"patient", "medical_record", "appointment", "bill", "bill_item", "bill_medical_record"}) {
        const std::string table(name);
        const std::string is_it = "w.table_name = '" + table + "'";
        all += (all.empty() ? "" : " UNION ALL ") +
               ("SELECT w.table_name, w.row_id, a.entry_id FROM w JOIN archive." + table + " a ON ") +
               key_equals_sql(sync::table_of(table), "a", "w.row_id", is_it) + " AND a.clinic_id = ANY($2::uuid[])";
    }
    return "WITH w AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(table_name text, row_id text)) "
           "SELECT k.table_name, k.row_id, wire_day((e.archived_at AT TIME ZONE 'UTC')::date) AS day, "
           "coalesce(p.name, 'This patient') AS patient FROM (" +
           all + ") k JOIN archive.entry e ON e.id = k.entry_id LEFT JOIN archive.patient p ON p.entry_id = e.id";
}

/// Every row that `batch` writes, names as a parent, or is the hand of.
Json rows_of(const Batch& batch) {
    std::set<sync::RowKey> keys = batch.rows_written();
    keys.insert(batch.rows_referenced().begin(), batch.rows_referenced().end());
    Json rows = Json::array();
    for (const sync::RowKey& key : keys) rows.push_back({{"table_name", key.table}, {"row_id", key.id}});
    return rows;
}

void block_archived(pqxx::dbtransaction& db, const std::set<std::string>& clinics, const std::string& rows,
                    sync::Picture& picture) {
    static const std::string query = archived_query();
    for (const auto& row : db.exec_params(query, rows, id_array(clinics))) {
        const std::string reason = row["patient"].as<std::string>() + " was archived on " +
                                   row["day"].as<std::string>() +
                                   ". Your work is kept; it comes in when the patient is brought back.";
        picture.block({row["table_name"].as<std::string>(), row["row_id"].as<std::string>()},
                      {sync::kHeldArchived, reason});
    }
}

void block_held(pqxx::dbtransaction& db, const std::string& node_id, const std::string& rows, sync::Picture& picture) {
    for (const auto& row : db.exec_params(kHeld, rows, node_id)) {
        const sync::Hold hold{row["code"].as<std::string>(), row["reason"].as<std::string>()};
        sync::block_row({row["table_name"].as<std::string>(), row["row_id"].as<std::string>()},
                        row["inserted"].as<bool>(), hold, picture);
    }
}

}  // namespace

Guards read_guards(pqxx::dbtransaction& db, const std::set<std::string>& clinics, const std::string& node_id) {
    const auto row = db.exec_params1(kGuards, id_array(clinics), node_id);
    return {row[0].as<bool>(), row[1].as<bool>(), row[2].as<bool>()};
}

void block_rows(pqxx::dbtransaction& db, const Guards& guards, const std::set<std::string>& clinics,
                const std::string& node_id, const Batch& batch, sync::Picture& picture) {
    if (!guards.archived && !guards.held) return;
    const std::string rows = rows_of(batch).dump();
    if (guards.archived) block_archived(db, clinics, rows, picture);
    if (guards.held) block_held(db, node_id, rows, picture);
}

}  // namespace vetchart::central
