#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "edge/store/file/database.h"
#include "edge/store/file/value.h"
#include "edge/store/rows/charts_fields.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

/// The SQL of the charts: owners, patients, records, appointments, bills, the price list. Rows leave as JSON text of
/// docs/api.md with what they embed, so that a list costs one statement, and one of bills two more each few rows.
/// Functions that take a Connection run inside Database::write or ::snapshot and may throw SQLite::Exception there;
/// the others turn it into an Error.
namespace vetchart::edge {

/// Where a keyset page goes on: the sort keys of the last row given. The default is before the first row.
struct ListKey {
    std::string first = "~";  ///< Above every day and instant.
    std::string second = "~";
    std::string id = "~";
};

struct ListQuery {
    enum class Filter { none, owner, patient, status };
    ChartTable table = ChartTable::owner;
    Filter filter = Filter::none;
    /// The parent's id; with Filter::status the bills' status as it is shown, and `search` narrows.
    std::string filter_id;
    /// What a person typed; empty: all rows. Rows are found by the beginnings of all its words: of their own, their
    /// owner's (name, e-mail, phone) and their patient's. When nothing begins so, parts inside of words are looked for
    /// in the list's newest rows (kSearchWords of them count).
    std::string search;
    ListKey after;
};

inline constexpr std::size_t kSearchWords = 4;

struct ListPage {
    std::string rows;             ///< JSON array.
    std::optional<ListKey> next;  ///< Set while there is more.
};

/// At most `limit` rows of `query` from one snapshot.
[[nodiscard]] Result<ListPage> list_page(Database& database, const ListQuery& query, const Reach& reach, int limit);

/// A whole list as JSON text, piece by piece, from one snapshot that it holds open: keep it no longer than needed.
/// Not thread-safe.
class RowStream {
public:
    [[nodiscard]] static Result<std::unique_ptr<RowStream>> open(Database& database, const ListQuery& query,
                                                                 const Reach& reach);
    ~RowStream();
    RowStream(const RowStream&) = delete;
    RowStream& operator=(const RowStream&) = delete;

    /// Replaces `piece` by the next kPieceBytes or so. False: that was the last one.
    [[nodiscard]] Result<bool> next(std::string& piece);

    static constexpr std::size_t kPieceBytes = 64U << 10U;

private:
    explicit RowStream(ReadLease lease);
    ReadLease lease_;
    std::unique_ptr<class ChartRows> rows_;
    bool started_ = false;
};

/// The row as JSON text, or nullopt when it is not within reach.
[[nodiscard]] std::optional<std::string> find_row(Connection& connection, ChartTable table, const std::string& id,
                                                  const Reach& reach);

/// A row's writable columns, in the order of fields_of(table).
struct StoredRow {
    std::string clinic_id;
    bool deleted = false;
    std::vector<Value> values;
};
[[nodiscard]] std::optional<StoredRow> load_row(Connection& connection, ChartTable table, const std::string& id,
                                                const Reach& reach);

/// What becomes of a reference that a body makes: is the row there, and alive?
enum class ParentState { missing, deleted, live };
/// `clinic_id` receives the row's clinic unless it is missing.
[[nodiscard]] ParentState parent_state(Connection& connection, ChartTable table, const std::string& id,
                                       std::string& clinic_id);

/// Call it after a medical record with a weight was written for this day: a weight of the patient's own of the same
/// day moves a day back, since the record's is newer.
void let_record_weigh(Connection& connection, const std::string& patient_id, const std::string& visit_date,
                      UtcMillis now);

/// How many patients of an owner are neither deleted nor dead.
[[nodiscard]] std::int64_t living_patients(Connection& connection, const std::string& owner_id);

/// `values` in the order of fields_of(table). A bill also takes the node's next provisional number.
void insert_row(Connection& connection, ChartTable table, const std::string& id, const std::string& clinic_id,
                const std::vector<Value>& values, UtcMillis now);
void update_row(Connection& connection, ChartTable table, const std::string& id, const std::vector<Value>& values,
                UtcMillis now);
/// Sets or clears deleted_at (of a price: active).
void set_deleted(Connection& connection, ChartTable table, const std::string& id, bool deleted, UtcMillis now);
/// Deletes the row for good, a bill with its items and record links. The schema's rules decide whether that may be.
void hard_delete(Connection& connection, ChartTable table, const std::string& id);

/// Patients and bills of `loser` go to `survivor`; the loser is soft-deleted and remembers whom it was merged into.
void merge_owners(Connection& connection, const std::string& loser, const std::string& survivor, UtcMillis now);

/// totalPatients, totalOwners, todayAppointments, recentRecords as JSON text, from one snapshot.
[[nodiscard]] Result<std::string> dashboard(Database& database, const Reach& reach);

/// True when the file answers a query.
[[nodiscard]] Status ping(Database& database);

}  // namespace vetchart::edge
