#include "central/accept/reads.h"

#include <map>
#include <pqxx/pqxx>
#include <vector>

#include "central/accept/key_sql.h"
#include "central/accept/rows.h"
#include "sync/catalogue/catalogue.h"
#include "sync/catalogue/row_key.h"
#include "sync/engine/decide.h"

namespace vetchart::central {
namespace {

using sync::Json;
using sync::RowKey;
using sync::RowState;

constexpr const char* kTombstones = R"(
SELECT s.table_name, s.row_id, s.clinic_id::text, s.image::text, coalesce(s.delete_group::text, ''),
       wire_instant(s.deleted_at)
FROM sync_tombstone s JOIN jsonb_to_recordset($1::jsonb) AS w(table_name text, row_id text)
  ON w.table_name = s.table_name AND w.row_id = s.row_id)";
constexpr const char* kGroups = R"(
SELECT s.table_name, s.row_id, s.clinic_id::text, s.image::text, s.delete_group::text, wire_instant(s.deleted_at)
FROM sync_tombstone s WHERE s.delete_group = ANY($1::uuid[]))";
constexpr const char* kTraces = R"(
SELECT w.table_name, w.row_id, w.column_name, wire_instant(m.at), m.actor, m.node_id::text
FROM jsonb_to_recordset($1::jsonb) AS w(table_name text, row_id text, column_name text)
JOIN row_meta m ON m.table_name = w.table_name AND m.row_id = w.row_id AND m.column_name = w.column_name)";
constexpr const char* kTimeZones = "SELECT v, is_time_zone(v) FROM jsonb_array_elements_text($1::jsonb) v";

/// Children of one parent that are read where it matters only whether there is one: a batch may delete the rest itself.
constexpr int kChildrenEnough = 200;

RowKey key_of(const pqxx::row& row) { return {row[0].as<std::string>(), row[1].as<std::string>()}; }

void set_new(sync::Picture& picture, const RowKey& key, RowState state) {
    if (!picture.is_read(key)) picture.set(key, std::move(state));
}

/// Rows of `select`: row id, clinic, image.
void set_rows(const std::string& table, const pqxx::result& rows, sync::Picture& picture) {
    for (const auto& row : rows) {
        const RowKey key{table, row[0].as<std::string>()};
        if (picture.is_read(key)) continue;
        picture.set(key, RowState::live(row[1].as<std::string>(), Json::parse(row[2].as<std::string>())));
    }
}

std::string select_sql(const sync::Table& table, const std::string& alias) {
    return "SELECT " + row_id_sql(table, alias) + ", " + alias + "." + std::string(table.clinic_column()) +
           "::text, feed_image(" + alias + ")::text ";
}

void set_tombstones(const pqxx::result& rows, sync::Picture& picture) {
    for (const auto& row : rows) {
        Json image = row[3].is_null() ? Json() : Json::parse(row[3].as<std::string>());
        set_new(picture, key_of(row),
                RowState::deleted(row[2].as<std::string>(), std::move(image), row[4].as<std::string>(),
                                  row[5].as<std::string>()));
    }
}

void read_keys(pqxx::dbtransaction& db, const std::set<RowKey>& keys, sync::Picture& picture) {
    std::map<std::string, std::vector<std::string>> ids;
    for (const RowKey& key : keys) {
        // They come from outside: what is no id names no row.
        if (!sync::is_row_id(key.table, key.id)) set_new(picture, key, RowState{});
        if (!picture.is_read(key)) ids[key.table].push_back(key.id);
    }
    for (const auto& [name, wanted] : ids) {
        const sync::Table& table = sync::table_of(name);
        set_rows(name,
                 db.exec_params(select_sql(table, "t") + "FROM " + name + " t WHERE " + key_among_sql(table, "t"),
                                id_array(wanted)),
                 picture);
    }
    Json absent = Json::array();
    for (const RowKey& key : keys) {
        if (!picture.is_read(key)) absent.push_back({{"table_name", key.table}, {"row_id", key.id}});
    }
    if (!absent.empty()) set_tombstones(db.exec_params(kTombstones, absent.dump()), picture);
    for (const RowKey& key : keys) set_new(picture, key, RowState{});
}

/// The parents of one table, as `(clinic, id)` of JSON.
std::map<std::string, Json> by_table(const std::set<RowKey>& parents, const sync::Picture& picture) {
    std::map<std::string, Json> wanted;
    for (const RowKey& key : parents) {
        const RowState& state = picture.at(key);
        if (!state.is_live()) continue;
        Json& list = wanted.try_emplace(key.table, Json::array()).first->second;
        list.push_back({{"clinic", state.clinic_id}, {"id", key.id}});
    }
    return wanted;
}

/// Those that an archived row names: SET NULL or not, it comes back as it was.
void read_archive(pqxx::dbtransaction& db, const std::string& parent, const Json& wanted, sync::Picture& picture) {
    static const std::map<std::string, std::vector<std::pair<std::string, std::string>>> kArchived{
        {"owner", {{"bill", "owner_id"}}},
        {"staff",
         {{"patient", "assigned_doctor_id"},
          {"medical_record", "veterinarian_id"},
          {"appointment", "veterinarian_id"}}}};
    const auto found = kArchived.find(parent);
    if (found == kArchived.end()) return;
    for (const auto& [table, column] : found->second) {
        for (const auto& row : db.exec_params(
                 "SELECT w.id::text FROM jsonb_to_recordset($1::jsonb) AS w(clinic uuid, id uuid) WHERE EXISTS "
                 "(SELECT FROM archive." +
                     table + " a WHERE a.clinic_id = w.clinic AND a." + column + " = w.id)",
                 wanted.dump())) {
            picture.set_named_in_archive({parent, row[0].as<std::string>()});
        }
    }
}

void read_children(pqxx::dbtransaction& db, const std::set<RowKey>& parents, bool all, sync::Picture& picture) {
    for (const auto& [parent, wanted] : by_table(parents, picture)) {
        for (const sync::Table& table : sync::tables()) {
            for (const sync::Column& column : table.columns) {
                if (column.parent != parent || column.name == table.clinic_column()) continue;
                const bool is_binding = column.on_delete == sync::OnDelete::refuse;
                const int most = is_binding && !all ? kChildrenEnough : INT32_MAX;
                const std::string name(table.name);
                set_rows(name,
                         db.exec_params("SELECT c.* FROM jsonb_to_recordset($1::jsonb) AS w(clinic uuid, id uuid) "
                                        "CROSS JOIN LATERAL (" +
                                            select_sql(table, "t") + "FROM " + name +
                                            " t WHERE t.clinic_id = w.clinic AND t." + std::string(column.name) +
                                            " = w.id LIMIT $2::int) c",
                                        wanted.dump(), most),
                         picture);
            }
        }
        if (!all) read_archive(db, parent, wanted, picture);
    }
    for (const RowKey& key : parents) picture.set_children_read(key, all);
}

void read_holders(pqxx::dbtransaction& db, const std::set<sync::UniqueValues>& holders, sync::Picture& picture) {
    std::map<std::pair<std::string, std::size_t>, Json> wanted;
    for (const sync::UniqueValues& values : holders) {
        const Json list = Json::parse(values.values);
        Json row{{"a", list.at(0)}};
        if (list.size() > 1) row["b"] = list.at(1);
        wanted.try_emplace({values.table, values.index}, Json::array()).first->second.push_back(std::move(row));
        picture.set_holder_read(values);
    }
    for (const auto& [unique, values] : wanted) {
        const sync::Table& table = sync::table_of(unique.first);
        const sync::Unique& columns = table.uniques[unique.second];
        const auto equals = [](std::string_view column, const char* value) {
            const std::string name(column);
            return "t." + name + " = w." + value + (name == "clinic_id" ? "::uuid" : "");
        };
        std::string where = equals(columns.first, "a");
        if (!columns.second.empty()) where += " AND " + equals(columns.second, "b");
        if (columns.among_live) where += " AND t.deleted_at IS NULL";
        set_rows(
            unique.first,
            db.exec_params(select_sql(table, "t") + "FROM jsonb_to_recordset($1::jsonb) AS w(a text, b text) JOIN " +
                               unique.first + " t ON " + where,
                           values.dump()),
            picture);
    }
}

void read_groups(pqxx::dbtransaction& db, const std::set<std::string>& groups, sync::Picture& picture) {
    if (groups.empty()) return;
    set_tombstones(db.exec_params(kGroups, id_array(groups)), picture);
    for (const std::string& group : groups) picture.set_group_read(group);
}

void read_traces(pqxx::dbtransaction& db, const std::set<sync::Cell>& cells, sync::Picture& picture) {
    if (cells.empty()) return;
    Json wanted = Json::array();
    for (const sync::Cell& cell : cells) {
        wanted.push_back({{"table_name", cell.key.table}, {"row_id", cell.key.id}, {"column_name", cell.column}});
    }
    for (const auto& row : db.exec_params(kTraces, wanted.dump())) {
        picture.set_column({key_of(row), row[2].as<std::string>()},
                           {row[3].as<std::string>(), row[4].as<std::optional<std::string>>(),
                            row[5].as<std::optional<std::string>>()});
    }
    for (const sync::Cell& cell : cells) picture.set_column(cell, {});
}

}  // namespace

void fill_picture(pqxx::dbtransaction& db, const sync::Reads& reads, sync::Picture& picture) {
    read_keys(db, reads.rows, picture);
    // Whose children are asked for is mostly a row just read.
    read_keys(db, reads.children, picture);
    read_keys(db, reads.families, picture);
    read_children(db, reads.children, false, picture);
    read_children(db, reads.families, true, picture);
    read_holders(db, reads.holders, picture);
    read_groups(db, reads.groups, picture);
    read_traces(db, reads.traces, picture);
    if (reads.time_zones.empty()) return;
    for (const auto& row : db.exec_params(kTimeZones, Json(reads.time_zones).dump())) {
        picture.set_time_zone(row[0].as<std::string>(), row[1].as<bool>());
    }
}

sync::Picture read_rows(pqxx::dbtransaction& db, std::set<RowKey> keys) {
    sync::Picture picture;
    sync::Reads reads;
    reads.rows = std::move(keys);
    fill_picture(db, reads, picture);
    return picture;
}

void fill_picture(pqxx::dbtransaction& db, const Batch& batch, sync::Picture& picture) {
    sync::Reads reads;
    for (const sync::Transaction& transaction : batch.transactions()) sync::add_reads_of(transaction, reads);
    fill_picture(db, reads, picture);
}

}  // namespace vetchart::central
