#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <nlohmann/json.hpp>

#include "edge/store/file/bind.h"
#include "edge/store/file/search_index.h"
#include "edge/store/rows/chart_rows.h"
#include "edge/store/rows/charts.h"
#include "edge/store/rows/charts_match.h"
#include "edge/store/rows/charts_sql.h"
#include "sync/base/text_fold.h"

namespace vetchart::edge {
namespace {

/// One list in its forms: of one clinic (the index gives the order) or of several; searched by reading the rows
/// (`scan`), the newest of them alone (`newest`), or by what the search index named (`hits`). Without a form of its own
/// for one clinic, that for several is taken.
struct ListSql {
    std::string_view one, many, scan_one, scan_many, newest, hits;
};

/// A page ends with the row that passes so many bytes; what comes after belongs to the next page.
constexpr std::size_t kPageBytes = 4U << 20U;

/// So many of a list's newest rows are read to find what no document names.
constexpr int kFragmentRowsMax = 10000;

#define VC_LIST(row, keys, from, scope, live, more, order) \
    "SELECT " keys ",x.id," row " FROM " from " WHERE " scope " AND " live more " ORDER BY " order " LIMIT ?4"
// Rows that no index gives in their order: the keys are sorted first, and only the rows that are given are made into
// JSON. The join is CROSS, so the rows come as the keys do (tests/edge/api/lists.cpp holds SQLite to it).
#define VC_LIST_SORTED(row, keys, from, scope, live, more, order)                                         \
    "SELECT " keys ",x.id," row " FROM (SELECT x.rowid AS r FROM " from " WHERE " scope " AND " live more \
    " ORDER BY " order " LIMIT ?4) k CROSS JOIN " from " WHERE x.rowid=k.r"
// The first `limit` rows of every clinic (and of every `group`, a table joined by CROSS JOIN), each by an index that
// has the order, and of those the first: a page costs a page of each clinic, however many rows they have.
#define VC_FIRST_OF_EACH(table, group, from, where, order, limit)                                               \
    "(SELECT x.rowid AS r FROM json_each(?1) c CROSS JOIN " group table                                         \
    " x WHERE x.rowid IN (SELECT x.rowid FROM " from " WHERE x.clinic_id=c.value AND " where " ORDER BY " order \
    " LIMIT " limit ") ORDER BY " order " LIMIT " limit ")"
#define VC_LIST_MERGED(row, table, group, keys, from, where, order) \
    "SELECT " keys ",x.id," row                                     \
    " FROM " VC_FIRST_OF_EACH(table, group, from, where, order, "?4") " k CROSS JOIN " from " WHERE x.rowid=k.r"
// ?16: so many of the clinics' newest rows are read.
#define VC_LIST_NEWEST(row, table, keys, from, live, more, order, text)                                        \
    "SELECT " keys ",x.id," row " FROM " VC_FIRST_OF_EACH(                                                     \
        table, "", table " x", "true", order, "?16") " k CROSS JOIN " from " WHERE x.rowid=k.r AND " live more \
    VC_LIKE(text) " ORDER BY " order " LIMIT ?4"
#define VC_LISTS(row, table, keys, from, live, after, order, text, found)                                         \
    {                                                                                                             \
        .one = VC_LIST(row, keys, from, VC_SCOPE_ONE, live, after, order),                                        \
        .many = VC_LIST_MERGED(row, table, "", keys, from, live after, order),                                    \
        .scan_one = VC_LIST(row, keys, from, VC_SCOPE_ONE, live, after VC_LIKE(text), order),                     \
        .scan_many = VC_LIST_MERGED(row, table, "", keys, from, live after VC_LIKE(text), order),                 \
        .newest = VC_LIST_NEWEST(row, table, keys, from, live, after, order, text),                               \
        .hits = VC_LIST_SORTED(row, keys, from, "x.rowid IN (" found ") AND +" VC_SCOPE_MANY, live, after, order) \
    }

// Keys go down and the id up, as the indexes of the list orders do.
#define VC_CREATED_KEYS "x.created_at,''"
#define VC_CREATED_AFTER " AND x.created_at<=?5 AND (x.created_at<?5 OR x.id>?7)"
#define VC_CREATED_ORDER "x.created_at DESC,x.id"
#define VC_VISIT_KEYS "x.visit_date,''"
#define VC_VISIT_AFTER " AND x.visit_date<=?5 AND (x.visit_date<?5 OR x.id>?7)"
#define VC_VISIT_ORDER "x.visit_date DESC,x.id"
// A NULL time sorts last, as '' does: NULLS LAST of the descending order.
#define VC_SLOT_KEYS "x.date,coalesce(x.time,'')"
#define VC_SLOT_AFTER \
    " AND x.date<=?5 AND (x.date<?5 OR coalesce(x.time,'')<?6 OR (coalesce(x.time,'')=?6 AND x.id>?7))"
#define VC_SLOT_ORDER "x.date DESC,x.time DESC NULLS LAST,x.id"

// The rows that SearchHits lead to: ?13 owners, ?14 patients, ?15 bills.
#define VC_HITS_OF(table, list) "SELECT y.rowid FROM json_each(" list ") j CROSS JOIN " table " y ON y.id=j.value"
#define VC_CHILDREN(table, parent, ids)                                            \
    "SELECT y.rowid FROM (" ids ") j CROSS JOIN json_each(?1) c CROSS JOIN " table \
    " y ON y.clinic_id=c.value"                                                    \
    " AND y." parent "=j.value"
#define VC_HIT_OWNERS                                                                  \
    VC_HITS_OF("owner", "?13")                                                         \
    " UNION SELECT y.rowid FROM json_each(?14) j CROSS JOIN patient p ON p.id=j.value" \
    " CROSS JOIN owner y ON y.id=p.owner_id"
#define VC_HIT_PATIENTS \
    VC_HITS_OF("patient", "?14") " UNION " VC_CHILDREN("patient", "owner_id", "SELECT value FROM json_each(?13)")
#define VC_HIT_PATIENT_IDS "SELECT z.id AS value FROM patient z WHERE z.rowid IN (" VC_HIT_PATIENTS ")"
#define VC_HIT_BILLS                                                                                       \
    VC_HITS_OF("bill", "?15")                                                                              \
    " UNION " VC_CHILDREN("bill", "patient_id", "SELECT value FROM json_each(?14)") " UNION " VC_CHILDREN( \
        "bill", "owner_id", "SELECT value FROM json_each(?13)")

constexpr ListSql kOwners =
    VC_LISTS(VC_OWNER_ROW, "owner", VC_CREATED_KEYS, VC_OWNER_FROM, VC_LIVE, VC_CREATED_AFTER, VC_CREATED_ORDER,
             VC_OWNER_TEXT("x") "||' '||coalesce((SELECT group_concat(y.name,' ') FROM patient y"
                                " WHERE y.clinic_id=x.clinic_id AND y.owner_id=x.id AND y.deleted_at IS NULL),'')",
             VC_HIT_OWNERS);
constexpr ListSql kPatients =
    VC_LISTS(VC_PATIENT_ROW, "patient", VC_CREATED_KEYS, VC_PATIENT_FROM, VC_LIVE, VC_CREATED_AFTER, VC_CREATED_ORDER,
             "x.name||' '||" VC_OWNER_TEXT("o"), VC_HIT_PATIENTS);
constexpr ListSql kRecords = VC_LISTS(VC_RECORD_ROW, "medical_record", VC_VISIT_KEYS, VC_RECORD_FROM, VC_LIVE,
                                      VC_VISIT_AFTER, VC_VISIT_ORDER, "coalesce(p.name,'')||' '||" VC_OWNER_TEXT("o"),
                                      VC_CHILDREN("medical_record", "patient_id", VC_HIT_PATIENT_IDS));
constexpr ListSql kAppointments = VC_LISTS(
    VC_APPOINTMENT_ROW, "appointment", VC_SLOT_KEYS, VC_APPOINTMENT_FROM, VC_LIVE, VC_SLOT_AFTER, VC_SLOT_ORDER,
    "coalesce(p.name,'')||' '||" VC_OWNER_TEXT("o"), VC_CHILDREN("appointment", "patient_id", VC_HIT_PATIENT_IDS));
#define VC_BILL_TEXT \
    "coalesce(x.bill_number,'')||' '||x.provisional_number||' '||coalesce(p.name,'')||' '||" VC_OWNER_TEXT("o")
constexpr ListSql kBills = VC_LISTS(VC_BILL_ROW, "bill", VC_CREATED_KEYS, VC_BILL_FROM, VC_LIVE, VC_CREATED_AFTER,
                                    VC_CREATED_ORDER, VC_BILL_TEXT, VC_HIT_BILLS);
// By the status that is shown: a sent bill past its due day counts as overdue. ?17 are the statuses that a bill shown
// so may have; of each the index gives the rows in their order, with the due day.
#define VC_BILL_SHOWN                                                                               \
    " AND CASE WHEN x.status='sent' AND x.due_date<json_extract(?2,'$.\"'||x.clinic_id||'\"') THEN" \
    " 'overdue' ELSE x.status END=?8"
#define VC_BILLS_SHOWN(more)                                                                           \
    VC_LIST_MERGED(VC_BILL_ROW, "bill", "json_each(?17) s CROSS JOIN ", VC_CREATED_KEYS, VC_BILL_FROM, \
                   "x.status=s.value AND " VC_LIVE VC_BILL_SHOWN VC_CREATED_AFTER more, VC_CREATED_ORDER)
constexpr ListSql kBillsShown = {
    .one = {},
    .many = VC_BILLS_SHOWN(""),
    .scan_one = {},
    .scan_many = VC_BILLS_SHOWN(VC_LIKE(VC_BILL_TEXT)),
    .newest = VC_LIST_NEWEST(VC_BILL_ROW, "bill", VC_CREATED_KEYS, VC_BILL_FROM, VC_LIVE VC_BILL_SHOWN,
                             VC_CREATED_AFTER, VC_CREATED_ORDER, VC_BILL_TEXT),
    .hits =
        VC_LIST_SORTED(VC_BILL_ROW, VC_CREATED_KEYS, VC_BILL_FROM, "x.rowid IN (" VC_HIT_BILLS ") AND +" VC_SCOPE_MANY,
                       VC_LIVE VC_BILL_SHOWN, VC_CREATED_AFTER, VC_CREATED_ORDER),
};
// A price list is short and in no search index, so it is always read.
constexpr ListSql kPrices = VC_LISTS(VC_PRICE_ROW, "service_item", VC_CREATED_KEYS, VC_PRICE_FROM, VC_LIVE_PRICE,
                                     VC_CREATED_AFTER, VC_CREATED_ORDER, "x.description", "SELECT NULL");

// One parent's rows are few: the unary plus keeps the planner on the parent's index, away from the list order's.
#define VC_CREATED_AFTER_FEW " AND (+x.created_at<?5 OR (+x.created_at=?5 AND x.id>?7))"
#define VC_CREATED_ORDER_FEW "+x.created_at DESC,x.id"
#define VC_VISIT_AFTER_FEW " AND (+x.visit_date<?5 OR (+x.visit_date=?5 AND x.id>?7))"
#define VC_VISIT_ORDER_FEW "+x.visit_date DESC,x.id"
#define VC_SLOT_AFTER_FEW \
    " AND (+x.date<?5 OR (+x.date=?5 AND (coalesce(x.time,'')<?6 OR (coalesce(x.time,'')=?6 AND x.id>?7))))"
#define VC_SLOT_ORDER_FEW "+x.date DESC,x.time DESC NULLS LAST,x.id"

constexpr std::string_view kRecordsOfPatient =
    VC_LIST_SORTED(VC_RECORD_ROW, VC_VISIT_KEYS, VC_RECORD_FROM, VC_SCOPE_MANY " AND x.patient_id=?8", VC_LIVE,
                   VC_VISIT_AFTER_FEW, VC_VISIT_ORDER_FEW);
constexpr std::string_view kPatientsOfOwner =
    VC_LIST_SORTED(VC_PATIENT_ROW, VC_CREATED_KEYS, VC_PATIENT_FROM, VC_SCOPE_MANY " AND x.owner_id=?8", VC_LIVE,
                   VC_CREATED_AFTER_FEW, VC_CREATED_ORDER_FEW);
constexpr std::string_view kAppointmentsOfPatient =
    VC_LIST_SORTED(VC_APPOINTMENT_ROW, VC_SLOT_KEYS, VC_APPOINTMENT_FROM, VC_SCOPE_MANY " AND x.patient_id=?8", VC_LIVE,
                   VC_SLOT_AFTER_FEW, VC_SLOT_ORDER_FEW);
constexpr std::string_view kBillsOfOwner =
    VC_LIST_SORTED(VC_BILL_ROW, VC_CREATED_KEYS, VC_BILL_FROM, VC_SCOPE_MANY " AND x.owner_id=?8", VC_LIVE,
                   VC_CREATED_AFTER_FEW, VC_CREATED_ORDER_FEW);
constexpr std::string_view kBillsOfPatient =
    VC_LIST_SORTED(VC_BILL_ROW, VC_CREATED_KEYS, VC_BILL_FROM, VC_SCOPE_MANY " AND x.patient_id=?8", VC_LIVE,
                   VC_CREATED_AFTER_FEW, VC_CREATED_ORDER_FEW);

const ListSql& lists_of(ChartTable table) {
    switch (table) {
        case ChartTable::owner: return kOwners;
        case ChartTable::patient: return kPatients;
        case ChartTable::medical_record: return kRecords;
        case ChartTable::appointment: return kAppointments;
        case ChartTable::bill: return kBills;
        case ChartTable::service_item: return kPrices;
        case ChartTable::staff:
        case ChartTable::clinic: break;
    }
    VC_ASSERT(!"a table without a list");
    return kOwners;
}

std::string_view of_parent_sql(const ListQuery& query) {
    if (query.table == ChartTable::medical_record) return kRecordsOfPatient;
    if (query.table == ChartTable::patient) return kPatientsOfOwner;
    if (query.table == ChartTable::appointment) return kAppointmentsOfPatient;
    return query.filter == ListQuery::Filter::owner ? kBillsOfOwner : kBillsOfPatient;
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
std::string_view search_sql(const ListSql& lists, const ListQuery& query, const Reach& reach,
                            SearchHits::Extent extent) {
    const bool indexed = query.table != ChartTable::service_item;
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
    const ListSql& lists = by_status ? kBillsShown : lists_of(query.table);
    const bool of_parent = query.filter != ListQuery::Filter::none && !by_status;
    const bool search = !of_parent && !query.search.empty();
    // The index is asked before the statement is borrowed, since that takes a statement of its own.
    // While the index is behind, rows are met one by one: slower, and nothing is missing.
    SearchHits hits;
    if (search && is_search_behind(connection)) hits.extent = SearchHits::Extent::common;
    if (search && hits.extent == SearchHits::Extent::none) hits = find_hits(connection, query.search, reach);
    std::string_view sql = reach.clinic_ids.size() == 1 && !lists.one.empty() ? lists.one : lists.many;
    if (search) sql = search_sql(lists, query, reach, hits.extent);
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
