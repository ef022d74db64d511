#include "edge/store/charts_find.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "edge/store/chart_rows.h"
#include "edge/store/charts_bind.h"
#include "edge/store/charts_match.h"
#include "edge/store/charts_sql.h"
#include "sync/base/text.h"

namespace vetchart::edge {
namespace {

// ?1 clinics, ?4 limit, ?8 and ?9 what to match: the very words, and words that begin so. FTS5 gives its rows in the
// order of their numbers, newest first, without looking at the others, so each arm is bounded by its own limit. Of each
// kind four at a time: a person's many animals do not push the person off the list.
#define VC_HITS(grade, words)                                                                                         \
    "SELECT * FROM (SELECT x.doc AS doc,x.kind AS kind," grade                                                        \
    " AS grade FROM search_index CROSS JOIN search_doc x ON x.doc=search_index.rowid WHERE search_index MATCH " words \
    " AND x.gone=0 AND " VC_SCOPE_MANY " ORDER BY search_index.rowid DESC LIMIT 1000)"
constexpr std::string_view kSearch =
    "WITH hit AS (" VC_HITS("0", "?8") " UNION ALL " VC_HITS("1", "?9") "),"
    " single AS (SELECT doc,kind,min(grade) AS grade FROM hit GROUP BY doc),"
    " placed AS (SELECT doc,kind,grade,(row_number() OVER (PARTITION BY grade,kind ORDER BY doc DESC)-1)/4 AS turn"
    " FROM single),"
    " best AS (SELECT doc,row_number() OVER (ORDER BY grade,turn,CASE kind WHEN 'owner' THEN 0 WHEN 'patient' THEN 1"
    " ELSE 2 END,doc DESC) AS place FROM placed ORDER BY place LIMIT ?4)"
    " SELECT json_group_array(json(j)) FROM (SELECT json_object('kind',d.kind,'id',d.row_id,'clinicId',d.clinic_id,"
    "'title',CASE d.kind WHEN 'owner' THEN o.first_name||' '||o.last_name WHEN 'patient' THEN p.name"
    " ELSE coalesce(b.bill_number,b.provisional_number) END,"
    "'detail',CASE d.kind"
    " WHEN 'owner' THEN ltrim(coalesce(o.phone,'')||coalesce(' '||o.email,'')||coalesce(' '||(SELECT"
    " group_concat(name,', ') FROM (SELECT name FROM patient WHERE clinic_id=o.clinic_id AND owner_id=o.id"
    " AND deleted_at IS NULL ORDER BY +created_at LIMIT 4)),''))"
    " WHEN 'patient' THEN p.species||coalesce(', '||nullif(p.breed,''),'')||coalesce(', '||q.first_name||' '"
    "||q.last_name,'')"
    " ELSE coalesce(r.first_name||' '||r.last_name,'')||coalesce(', '||s.name,'') END,"
    "'deceasedOn',p.deceased_on,'deletedAt',NULL) AS j FROM best JOIN search_doc d ON d.doc=best.doc"
    " LEFT JOIN owner o ON d.kind='owner' AND o.id=d.row_id"
    " LEFT JOIN patient p ON d.kind='patient' AND p.id=d.row_id LEFT JOIN owner q ON q.id=p.owner_id"
    " LEFT JOIN bill b ON d.kind='bill' AND b.id=d.row_id"
    " LEFT JOIN owner r ON r.id=b.owner_id LEFT JOIN patient s ON s.id=b.patient_id"
    " ORDER BY best.place)";

// ?5 ?6 first and last day, ?7 veterinarian, ?8 patient.
constexpr std::string_view kSchedule =
    "SELECT '','',x.id," VC_APPOINTMENT_ROW " FROM " VC_APPOINTMENT_FROM " WHERE " VC_SCOPE_MANY " AND " VC_LIVE
    " AND x.date>=?5 AND x.date<=?6 AND (?7='' OR x.veterinarian=?7) AND (?8='' OR x.patient_id=?8)"
    " ORDER BY x.date,x.time NULLS LAST,x.id LIMIT ?4";

// ?5 e-mail, ?6 digits of the phone, ?7 ?8 names; each matches only when given. The index of the search finds the
// candidates (?9), so no owner is looked at twice.
#define VC_BARE_PHONE                                                                                           \
    "replace(replace(replace(replace(replace(replace(replace(coalesce(x.phone,''),' ',''),'-',''),'(',''),')'," \
    "''),'.',''),'/',''),'+','')"
constexpr std::string_view kSimilar =
    "WITH candidate AS MATERIALIZED (SELECT d.row_id FROM search_index CROSS JOIN search_doc d ON "
    "d.doc=search_index.rowid"
    " WHERE search_index MATCH ?9 AND d.kind='owner' AND d.gone=0 LIMIT 500),"
    " judged AS (SELECT x.id AS id,(?5<>'' AND x.email=?5) AS by_email,"
    "(length(?6)>=5 AND " VC_BARE_PHONE "<>'' AND (" VC_BARE_PHONE " LIKE '%'||?6 OR ?6 LIKE '%'||" VC_BARE_PHONE
    ")) AS by_phone,"
    "(?8<>'' AND lower(x.last_name)=lower(?8) AND (?7='' OR lower(substr(x.first_name,1,3))=lower(substr(?7,1,3))))"
    " AS by_name FROM candidate c JOIN owner x ON x.id=c.row_id WHERE " VC_SCOPE_MANY
    " AND x.deleted_at IS NULL)"
    " SELECT json_group_array(json(j)) FROM (SELECT json_object('owner',json_object(" VC_OWNER_ROW
    "),'why',(SELECT json_group_array(value) FROM json_each(json_array(iif(k.by_email,'email',NULL),"
    "iif(k.by_phone,'phone',NULL),iif(k.by_name,'name',NULL))) WHERE value IS NOT NULL)) AS j"
    " FROM judged k JOIN owner x ON x.id=k.id WHERE k.by_email OR k.by_phone OR k.by_name"
    " ORDER BY 4*k.by_email+2*k.by_phone+k.by_name DESC,x.created_at DESC,x.id LIMIT ?4)";

constexpr std::string_view kBalance =
    "SELECT json_object('openBills',count(b.id),'balance'," VC_CENTS("coalesce(sum(b.total_cents),0)")
    ",'overdue'," VC_CENTS(
        "coalesce(sum(iif(b.due_date<json_extract(?2,'$.\"'||x.clinic_id||'\"'),b.total_cents,0)),0)")
    ",'currency',c.currency) FROM owner x JOIN clinic c ON c.id=x.clinic_id LEFT JOIN bill b ON"
    " b.clinic_id=x.clinic_id AND b.owner_id=x.id AND b.deleted_at IS NULL AND b.status IN ('sent','overdue')"
    " WHERE x.id=?8 AND " VC_SCOPE_MANY " GROUP BY x.id";

std::string digits_of(std::string_view phone) {
    std::string digits;
    std::copy_if(phone.begin(), phone.end(), std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
    return digits;
}

/// The last name as it is and the first three letters of the first name: of many namesakes only those alike.
std::string name_expression(const OwnerSketch& sketch) {
    const std::string last = match_expression(sketch.last_name, "");
    std::string_view first = trim_blanks(sketch.first_name);
    std::size_t end = 0;
    for (int letters = 0; end < first.size() && letters < 3; ++letters) {
        do ++end;
        while (end < first.size() && (static_cast<unsigned char>(first[end]) & 0xC0U) == 0x80U);
    }
    const std::string start = match_expression(first.substr(0, end), "*");
    return last.empty() || start.empty() ? last : last + ' ' + start;
}

/// The one text of a statement that `bind` filled; "[]" when there is no row.
template <typename Binder>
Result<std::string> one_text(Database& database, std::string_view sql, const Reach& reach, const Binder& binder) {
    std::string body = "[]";
    auto status = database.snapshot([&](Connection& connection) -> Status {
        SQLite::Statement& row = connection.statement(sql);
        const ResetGuard guard(row);
        Bind bind(row);
        bind.reach(reach);
        binder(bind);
        if (row.executeStep()) body = row.getColumn(0).getString();
        return Done{};
    });
    if (!status) return status.error();
    return body;
}

}  // namespace

Result<std::string> search_charts(Database& database, const std::string& text, const Reach& reach, int limit) {
    const std::string exact = match_expression(text, "");
    if (exact.empty()) return std::string("[]");
    return one_text(database, kSearch, reach, [&](Bind& bind) {
        bind.at(4, std::int64_t{std::clamp(limit, 1, kSearchResultsMax)});
        bind.at(8, exact);
        bind.at(9, match_expression(text, "*"));
    });
}

Result<std::string> schedule(Database& database, const ScheduleQuery& query, const Reach& reach) {
    std::string body = "[";
    auto status = database.snapshot([&](Connection& connection) -> Status {
        ChartRows rows(connection, ChartTable::appointment, kSchedule);
        const ResetGuard guard(rows.statement());
        Bind bind(rows.statement());
        bind.reach(reach);
        bind.at(4, std::int64_t{kScheduleRowsMax});
        bind.at(5, query.from);
        bind.at(6, query.to);
        bind.at(7, query.veterinarian);
        bind.at(8, query.patient_id);
        while (rows.next()) body += (body.size() > 1 ? "," : "") + rows.json();
        return Done{};
    });
    if (!status) return status.error();
    return body + "]";
}

Result<std::string> similar_owners(Database& database, const OwnerSketch& sketch, const Reach& reach) {
    const std::string phone = digits_of(sketch.phone);
    std::string any;
    const auto add = [&any](const std::string& all_of) {
        if (!all_of.empty()) any += (any.empty() ? "(" : " OR (") + all_of + ")";
    };
    add(match_expression(sketch.email, ""));
    add(name_expression(sketch));
    if (phone.size() >= 5) add('"' + phone.substr(phone.size() - 4) + '"');
    if (any.empty()) return std::string("[]");
    return one_text(database, kSimilar, reach, [&](Bind& bind) {
        bind.at(4, std::int64_t{kSimilarOwnersMax});
        bind.at(5, ascii_lower(std::string(trim_blanks(sketch.email))));
        bind.at(6, phone);
        bind.at(7, std::string(trim_blanks(sketch.first_name)));
        bind.at(8, std::string(trim_blanks(sketch.last_name)));
        bind.at(9, any);
    });
}

Result<std::optional<std::string>> owner_balance(Database& database, const std::string& owner_id, const Reach& reach) {
    VC_TRY_ASSIGN(std::string body, one_text(database, kBalance, reach, [&](Bind& bind) { bind.at(8, owner_id); }));
    if (body == "[]") return std::optional<std::string>();
    return std::optional(std::move(body));
}

}  // namespace vetchart::edge
