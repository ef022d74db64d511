#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <array>

#include "edge/store/file/bind.h"
#include "edge/store/file/search_index.h"
#include "edge/store/rows/chart_rows.h"
#include "edge/store/rows/charts.h"
#include "edge/store/rows/charts_match.h"
#include "edge/store/rows/charts_sql.h"
#include "sync/base/json.h"
#include "sync/base/text_fold.h"

namespace vetchart::edge {
namespace {

/// One list in its forms: of one clinic (the index gives the order) or of several; searched by reading the rows
/// (`scan`), the newest of them alone (`newest`), or by what the search index named (`hits`; empty for a list that is
/// in no index). Without a form of its own for one clinic, that for several is taken.
struct ListSql {
    std::string one, many, scan_one, scan_many, newest, hits;
};

/// A page ends with the row that passes so many bytes; what comes after belongs to the next page.
constexpr std::size_t kPageBytes = 4U << 20U;

/// So many of a list's newest rows are read to find what no document names.
constexpr int kFragmentRowsMax = 10000;

/// The order of a list, and where a page of it goes on. Keys go down and the id up, as the indexes of the list orders
/// do.
struct ListOrder {
    std::string_view keys, after, order;
};
constexpr ListOrder kByCreation{"x.created_at,''", " AND x.created_at<=?5 AND (x.created_at<?5 OR x.id>?7)",
                                "x.created_at DESC,x.id"};
constexpr ListOrder kByVisit{"x.visit_date,''", " AND x.visit_date<=?5 AND (x.visit_date<?5 OR x.id>?7)",
                             "x.visit_date DESC,x.id"};
// A NULL time sorts last, as '' does: NULLS LAST of the descending order.
constexpr ListOrder kBySlot{
    "x.date,coalesce(x.time,'')",
    " AND x.date<=?5 AND (x.date<?5 OR coalesce(x.time,'')<?6 OR (coalesce(x.time,'')=?6 AND x.id>?7))",
    "x.date DESC,x.time DESC NULLS LAST,x.id"};
// One parent's rows are few: the unary plus keeps the planner on the parent's index, away from the list order's.
constexpr ListOrder kFewByCreation{kByCreation.keys, " AND (+x.created_at<?5 OR (+x.created_at=?5 AND x.id>?7))",
                                   "+x.created_at DESC,x.id"};
constexpr ListOrder kFewByVisit{kByVisit.keys, " AND (+x.visit_date<?5 OR (+x.visit_date=?5 AND x.id>?7))",
                                "+x.visit_date DESC,x.id"};
constexpr ListOrder kFewBySlot{
    kBySlot.keys,
    " AND (+x.date<?5 OR (+x.date=?5 AND (coalesce(x.time,'')<?6 OR (coalesce(x.time,'')=?6 AND x.id>?7))))",
    "+x.date DESC,x.time DESC NULLS LAST,x.id"};

/// Makes the statements of one list; `live` is the condition that all its rows meet.
class ListMaker {
public:
    ListMaker(ChartTable table, const ListOrder& order, std::string live)
        : table_(table_name(table)),
          row_(joined("SELECT ", order.keys, ",x.id,", row_of(table))),
          from_(from_of(table)),
          order_(order),
          live_(std::move(live)) {}

    [[nodiscard]] std::string plain(std::string_view scope, std::string_view more = "") const {
        return joined(row_, " FROM ", from_, " WHERE ", scope, " AND ", live_, order_.after, more, " ORDER BY ",
                      order_.order, " LIMIT ?4");
    }
    /// Rows that no index gives in their order: the keys are sorted first, and only the rows that are given are made
    /// into JSON. The join is CROSS, so the rows come as the keys do (tests/edge/api/lists.cpp holds SQLite to it).
    [[nodiscard]] std::string sorted(std::string_view scope) const {
        return joined(row_, " FROM (SELECT x.rowid AS r FROM ", from_, " WHERE ", scope, " AND ", live_, order_.after,
                      " ORDER BY ", order_.order, " LIMIT ?4) k CROSS JOIN ", from_, " WHERE x.rowid=k.r");
    }
    /// The first rows of every clinic, and of every `group` (a table joined by CROSS JOIN), merged.
    [[nodiscard]] std::string merged(std::string_view more = "", std::string_view group = "",
                                     std::string_view group_scope = "") const {
        return joined(row_, " FROM ", first_of_each(group, from_, joined(group_scope, live_, order_.after, more), "?4"),
                      " k CROSS JOIN ", from_, " WHERE x.rowid=k.r");
    }
    /// ?16: so many of the clinics' newest rows are read.
    [[nodiscard]] std::string newest(std::string_view text) const {
        return joined(row_, " FROM ", first_of_each("", joined(table_, " x"), "true", "?16"), " k CROSS JOIN ", from_,
                      " WHERE x.rowid=k.r AND ", live_, order_.after, like_condition(text), " ORDER BY ", order_.order,
                      " LIMIT ?4");
    }
    /// The rows that `found`, a SELECT of row numbers, names.
    [[nodiscard]] std::string hits(std::string_view found) const {
        return sorted(joined("x.rowid IN (", found, ") AND +", kScopeMany));
    }
    /// `text`: what `q` looks at in a row.
    [[nodiscard]] ListSql all(std::string_view text, std::string_view found) const {
        const std::string like = like_condition(text);
        return {.one = plain(kScopeOne),
                .many = merged(),
                .scan_one = plain(kScopeOne, like),
                .scan_many = merged(like),
                .newest = newest(text),
                .hits = hits(found)};
    }

private:
    /// The first `limit` rows of every clinic and group, each by an index that has the order, and of those the first: a
    /// page costs a page of each clinic, however many rows they have.
    [[nodiscard]] std::string first_of_each(std::string_view group, std::string_view from, std::string_view where,
                                            std::string_view limit) const {
        const std::string end = joined(" ORDER BY ", order_.order, " LIMIT ", limit);
        return joined("(SELECT x.rowid AS r FROM json_each(?1) c CROSS JOIN ", group, table_,
                      " x WHERE x.rowid IN (SELECT x.rowid FROM ", from, " WHERE x.clinic_id=c.value AND ", where, end,
                      ")", end, ")");
    }

    std::string_view table_;
    std::string row_;
    std::string_view from_;
    ListOrder order_;
    std::string live_;
};

// The rows that SearchHits lead to: ?13 owners, ?14 patients, ?15 bills.
std::string hits_of(std::string_view table, std::string_view list) {
    return joined("SELECT y.rowid FROM json_each(", list, ") j CROSS JOIN ", table, " y ON y.id=j.value");
}
std::string children_of(std::string_view table, std::string_view parent, std::string_view ids) {
    return joined("SELECT y.rowid FROM (", ids, ") j CROSS JOIN json_each(?1) c CROSS JOIN ", table,
                  " y ON y.clinic_id=c.value AND y.", parent, "=j.value");
}
constexpr std::string_view kHitOwnerIds = "SELECT value FROM json_each(?13)";
std::string hit_owners() {
    return joined(hits_of("owner", "?13"),
                  " UNION SELECT y.rowid FROM json_each(?14) j CROSS JOIN patient p ON p.id=j.value CROSS JOIN owner y "
                  "ON y.id=p.owner_id");
}
std::string hit_patients() {
    return joined(hits_of("patient", "?14"), " UNION ", children_of("patient", "owner_id", kHitOwnerIds));
}
std::string hit_children(std::string_view table) {
    return children_of(table, "patient_id",
                       joined("SELECT z.id AS value FROM patient z WHERE z.rowid IN (", hit_patients(), ")"));
}
std::string hit_bills() {
    return joined(hits_of("bill", "?15"), " UNION ",
                  children_of("bill", "patient_id", "SELECT value FROM json_each(?14)"), " UNION ",
                  children_of("bill", "owner_id", kHitOwnerIds));
}

// What `q` looks at in a row.
std::string text_of_owner() {
    return joined(owner_text("x"),
                  "||' '||coalesce((SELECT group_concat(y.name,' ') FROM patient y WHERE y.clinic_id=x.clinic_id AND "
                  "y.owner_id=x.id AND y.deleted_at IS NULL),'')");
}
std::string text_of_visit() { return joined("coalesce(p.name,'')||' '||", owner_text("o")); }
std::string text_of_bill() {
    return joined("coalesce(x.bill_number,'')||' '||x.provisional_number||' '||coalesce(p.name,'')||' '||",
                  owner_text("o"));
}

ListMaker maker(ChartTable table, const ListOrder& order) { return {table, order, std::string(live_of(table))}; }

/// The column that a list without a search index is searched by.
std::string_view first_name_of(ChartTable table) {
    const auto fields = fields_of(table);
    const auto found = std::ranges::find(fields, sync::ColumnKind::name, &sync::Column::kind);
    VC_ASSERT(found != fields.end());
    return found->name;
}

ListSql make_lists(ChartTable table) {
    switch (table) {
        case ChartTable::owner: return maker(table, kByCreation).all(text_of_owner(), hit_owners());
        case ChartTable::patient:
            return maker(table, kByCreation).all(joined("x.name||' '||", owner_text("o")), hit_patients());
        case ChartTable::medical_record:
            return maker(table, kByVisit).all(text_of_visit(), hit_children("medical_record"));
        case ChartTable::appointment: return maker(table, kBySlot).all(text_of_visit(), hit_children("appointment"));
        case ChartTable::bill: return maker(table, kByCreation).all(text_of_bill(), hit_bills());
        // Accounts and clinics have lists of their own.
        case ChartTable::staff:
        case ChartTable::clinic: return {};
        default: break;
    }
    // Any other list (prices) is short and in no search index, so it is always read.
    ListSql lists = maker(table, kByCreation).all(joined("x.", first_name_of(table)), "SELECT NULL");
    lists.hits.clear();
    return lists;
}

const ListSql& lists_of(ChartTable table) {
    static const auto all = [] {
        std::array<ListSql, kChartTables> made;
        for (std::size_t i = 0; i < kChartTables; ++i) made[i] = make_lists(static_cast<ChartTable>(i));
        return made;
    }();
    const ListSql& lists = all[static_cast<std::size_t>(table)];
    VC_ASSERT(!lists.many.empty());
    return lists;
}

/// Bills by the status that is shown: a sent bill past its due day counts as overdue. ?17 are the statuses that a bill
/// shown so may have; of each the index gives the rows in their order, with the due day.
const ListSql& bills_shown() {
    static const ListSql lists = [] {
        const ListMaker shown(
            ChartTable::bill, kByCreation,
            joined(live_of(ChartTable::bill),
                   " AND CASE WHEN x.status='sent' AND x.due_date<json_extract(?2,'$.\"'||x.clinic_id||'\"') THEN "
                   "'overdue' ELSE x.status END=?8"));
        constexpr std::string_view kStatuses = "json_each(?17) s CROSS JOIN ";
        constexpr std::string_view kOfStatus = "x.status=s.value AND ";
        return ListSql{.one = {},
                       .many = shown.merged("", kStatuses, kOfStatus),
                       .scan_one = {},
                       .scan_many = shown.merged(like_condition(text_of_bill()), kStatuses, kOfStatus),
                       .newest = shown.newest(text_of_bill()),
                       .hits = shown.hits(hit_bills())};
    }();
    return lists;
}

/// The rows of one parent.
std::string_view of_parent_sql(const ListQuery& query) {
    const auto rows_of = [](ChartTable table, const ListOrder& order, std::string_view parent) {
        return maker(table, order).sorted(joined(kScopeMany, " AND x.", parent, "=?8"));
    };
    static const std::string records = rows_of(ChartTable::medical_record, kFewByVisit, "patient_id");
    static const std::string patients = rows_of(ChartTable::patient, kFewByCreation, "owner_id");
    static const std::string appointments = rows_of(ChartTable::appointment, kFewBySlot, "patient_id");
    static const std::string bills_of_owner = rows_of(ChartTable::bill, kFewByCreation, "owner_id");
    static const std::string bills_of_patient = rows_of(ChartTable::bill, kFewByCreation, "patient_id");
    if (query.table == ChartTable::medical_record) return records;
    if (query.table == ChartTable::patient) return patients;
    if (query.table == ChartTable::appointment) return appointments;
    return query.filter == ListQuery::Filter::owner ? bills_of_owner : bills_of_patient;
}

/// The stored statuses of bills that are shown with this one, as a JSON array.
std::string stored_statuses(const std::string& shown) {
    return shown == "overdue" ? R"(["overdue","sent"])" : nlohmann::json::array({shown}).dump();
}

/// Makes kSearchWords patterns of folded words; unused ones match everything. A text without a word matches nothing.
std::array<std::string, kSearchWords> search_patterns(std::string_view search) {
    std::array<std::string, kSearchWords> patterns;
    patterns.fill("%");
    std::size_t count = 0;
    for (const FoldedWord& word : fold_words(search, kSearchWords)) patterns[count++] = "%" + word.text + "%";
    if (count == 0 && !search.empty()) patterns[0] = "-";
    return patterns;
}

/// Chooses how to search. The rows that the index names are given. What it does not know may be inside of a word, and
/// is looked for in the newest rows. A word that is too common to name all its rows is met by reading in list order.
std::string_view search_sql(const ListSql& lists, const Reach& reach, SearchHits::Extent extent) {
    const bool indexed = !lists.hits.empty();
    if (indexed && extent == SearchHits::Extent::few) return lists.hits;
    if (indexed && extent == SearchHits::Extent::none) return lists.newest;
    return reach.clinic_ids.size() == 1 && !lists.scan_one.empty() ? lists.scan_one : lists.scan_many;
}

/// Asks the index, after folding what a shell wrote if that is little; else prepare() reads the rows themselves.
Status catch_up_for(Database& database, const ListQuery& query) {
    if (query.search.empty()) return Done{};
    if (const auto complete = catch_up_with_search(database); !complete) return complete.error();
    return Done{};
}

std::unique_ptr<ChartRows> prepare(Connection& connection, const ListQuery& query, const Reach& reach, int limit) {
    const bool by_status = query.filter == ListQuery::Filter::status;
    const ListSql& lists = by_status ? bills_shown() : lists_of(query.table);
    const bool of_parent = query.filter != ListQuery::Filter::none && !by_status;
    const bool search = !of_parent && !query.search.empty();
    // The index is asked before the statement is borrowed, since that takes a statement of its own.
    // While the index is behind, rows are met one by one: slower, and nothing is missing.
    SearchHits hits;
    if (search && is_search_behind(connection)) hits.extent = SearchHits::Extent::common;
    if (search && hits.extent == SearchHits::Extent::none) hits = find_hits(connection, query.search, reach);
    std::string_view sql = reach.clinic_ids.size() == 1 && !lists.one.empty() ? lists.one : lists.many;
    if (search) sql = search_sql(lists, reach, hits.extent);
    if (of_parent) sql = of_parent_sql(query);
    auto rows = std::make_unique<ChartRows>(connection, query.table, sql);
    Bind bind(rows->statement());
    bind.reach(reach);
    if (sql == lists.one || sql == lists.scan_one) bind.at(1, reach.clinic_ids.front());
    bind.at(4, std::int64_t{limit});
    bind.at(5, query.after.first);
    bind.at(6, query.after.second);
    bind.at(7, query.after.id);
    bind.at(8, query.filter_id);
    const auto patterns = search_patterns(query.search);
    for (std::size_t i = 0; i < patterns.size(); ++i) bind.at(9 + static_cast<int>(i), patterns[i]);
    bind.at(13, hits.owners);
    bind.at(14, hits.patients);
    bind.at(15, hits.bills);
    bind.at(16, std::int64_t{kFragmentRowsMax});
    if (by_status) bind.at(17, stored_statuses(query.filter_id));
    return rows;
}

}  // namespace

Result<ListPage> list_page(Database& database, const ListQuery& query, const Reach& reach, int limit) {
    ListPage page;
    page.rows = "[";
    VC_TRY(catch_up_for(database, query));
    auto status = database.snapshot([&](Connection& connection) -> Status {
        const auto rows = prepare(connection, query, reach, limit + 1);
        const ResetGuard guard(rows->statement());
        ListKey last;
        for (int count = 0; rows->next(); ++count) {
            // The page is full, or so long that the rest is for another one: its memory has a bound.
            if (count == limit || (count > 0 && page.rows.size() >= kPageBytes)) {
                page.next = last;
                break;
            }
            if (count > 0) page.rows += ",\n";
            page.rows += rows->json();
            last = rows->key();
        }
        return Done{};
    });
    if (!status) return status.error();
    page.rows += "]";
    return page;
}

RowStream::RowStream(ReadLease lease) : lease_(std::move(lease)) {}

RowStream::~RowStream() {
    // An unfinished statement would keep its snapshot, and with it the write-ahead log, for ever.
    if (rows_ != nullptr) rows_->statement().tryReset();
}

Result<std::unique_ptr<RowStream>> RowStream::open(Database& database, const ListQuery& query, const Reach& reach) {
    VC_TRY(catch_up_for(database, query));
    for (bool is_second = false;; is_second = true) {
        try {
            std::unique_ptr<RowStream> stream(new RowStream(database.read()));
            stream->rows_ = prepare(*stream->lease_, query, reach, -1);
            return stream;
        } catch (const std::exception&) {
            Error error = error_from_current_exception("list");
            if (is_second || !database.mend_after(std::current_exception())) return error;
        }
    }
}

Result<bool> RowStream::next(std::string& piece) {
    piece.clear();
    try {
        while (piece.size() < kPieceBytes) {
            if (!rows_->next()) {
                piece += started_ ? "]" : "[]";
                return false;
            }
            piece += started_ ? ",\n" : "[";
            piece += rows_->json();
            started_ = true;
        }
        return true;
    } catch (const std::exception&) {
        return error_from_current_exception("list");
    }
}

}  // namespace vetchart::edge
