#include "edge/store/rows/charts_find.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <vector>

#include "edge/store/file/bare_name.h"
#include "edge/store/file/bind.h"
#include "edge/store/file/search_index.h"
#include "edge/store/file/search_words.h"
#include "edge/store/rows/chart_rows.h"
#include "edge/store/rows/charts_match.h"
#include "edge/store/rows/charts_people.h"
#include "edge/store/rows/charts_sql.h"
#include "sync/base/email.h"
#include "sync/base/json.h"
#include "sync/base/text_fold.h"

namespace vetchart::edge {
namespace {

// ?1 clinics, ?4 limit, ?8 and ?9 what to match: the very words, and words that begin so. FTS5 gives its rows in the
// order of their numbers, newest first, without looking at the others, so each arm is bounded by its own limit. Of each
// kind four at a time: a person's many animals do not push the person off the list.
std::string hits_of(std::string_view grade, std::string_view words) {
    return joined(
        "SELECT * FROM (SELECT x.doc AS doc,x.kind AS kind,", grade,
        " AS grade FROM search_index CROSS JOIN search_doc x ON x.doc=search_index.rowid WHERE search_index MATCH ",
        words, " AND x.gone=0 AND ", kScopeMany, " ORDER BY search_index.rowid DESC LIMIT 1000)");
}
constexpr std::string_view kBestHits =
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
const std::string& search_sql() {
    static const std::string text =
        joined("WITH hit AS (", hits_of("0", "?8"), " UNION ALL ", hits_of("1", "?9"), "),", kBestHits);
    return text;
}

// ?5 ?6 first and last day, ?7 the veterinarian's bare name (empty: everyone's), ?8 patient, ?9 the veterinarian's ids.
const std::string& schedule_sql() {
    static const std::string text =
        joined("SELECT '','',x.id,", row_of(ChartTable::appointment), " FROM ", from_of(ChartTable::appointment),
               " WHERE ", kScopeMany, " AND ", live_of(ChartTable::appointment),
               " AND x.date>=?5 AND x.date<=?6 AND (?7='' OR iif(x.veterinarian_id IS NULL,"
               "vc_bare_name(x.veterinarian)=?7,x.veterinarian_id IN (SELECT value FROM json_each(?9)))) AND (?8='' OR "
               "x.patient_id=?8) ORDER BY x.date,x.time NULLS LAST,x.id LIMIT ?4");
    return text;
}
// ?7 the bare name. Whoever has left the staff is among them.
const std::string& namesakes_sql() {
    static const std::string text = joined("SELECT json_group_array(x.id) FROM staff x WHERE ", kScopeMany,
                                           " AND vc_bare_name(x.first_name||' '||x.last_name)=?7");
    return text;
}

/// Whose appointments a schedule shows.
struct Person {
    std::string bare_name;  ///< Empty: everyone's.
    std::string ids = "[]";
};

/// No printed name is this bare one.
constexpr const char* kNoName = "-";

Person person_of(Connection& connection, const ScheduleQuery& query, const Reach& reach) {
    Person person;
    if (!query.veterinarian_id.empty()) {
        person.ids = nlohmann::json::array({query.veterinarian_id}).dump();
        person.bare_name = kNoName;
        const auto member = find_staff(connection, query.veterinarian_id);
        if (!member) return person;
        // A name that two people of the clinic have is neither's without an id.
        const auto alone = staff_of_name(connection, member->clinic_id, member->name);
        if (alone && alone->id == member->id) person.bare_name = bare_name(member->name);
        return person;
    }
    if (query.veterinarian.empty()) return person;
    person.bare_name = bare_name(query.veterinarian);
    if (person.bare_name.empty()) person.bare_name = kNoName;
    SQLite::Statement& row = connection.statement(namesakes_sql());
    const ResetGuard guard(row);
    Bind bind(row);
    bind.reach(reach);
    bind.at(7, person.bare_name);
    if (row.executeStep()) person.ids = row.getColumn(0).getString();
    return person;
}

// ?8: what the index is asked for. The candidates are judged one by one (same_person, same_phone).
const std::string& candidates_sql() {
    static const std::string text = joined(
        "SELECT x.id,x.first_name,x.last_name,coalesce(x.email,''),coalesce(x.phone,''),x.created_at FROM search_index "
        "CROSS JOIN search_doc d ON d.doc=search_index.rowid JOIN owner x ON x.id=d.row_id WHERE search_index MATCH ?8 "
        "AND d.kind='owner' AND d.gone=0 AND x.deleted_at IS NULL AND ",
        kScopeMany, " ORDER BY search_index.rowid DESC LIMIT 500");
    return text;
}
// ?8: [{id, why}] in the order of the answer.
const std::string& judged_sql() {
    static const std::string text = joined(
        "SELECT json_group_array(json(j)) FROM (SELECT json_object('owner',json_object(", row_of(ChartTable::owner),
        "),'why',json(k.value->'$.why')) AS j FROM json_each(?8) k JOIN owner x ON x.id=k.value->>'$.id' ORDER BY "
        "k.key)");
    return text;
}

const std::string& balance_sql() {
    static const std::string text =
        joined("SELECT json_object('openBills',count(b.id),'balance',", cents_of("coalesce(sum(b.total_cents),0)"),
               ",'overdue',",
               cents_of("coalesce(sum(iif(b.due_date<json_extract(?2,'$.\"'||x.clinic_id||'\"'),b.total_cents,0)),0)"),
               ",'currency',c.currency) FROM owner x JOIN clinic c ON c.id=x.clinic_id LEFT JOIN bill b ON "
               "b.clinic_id=x.clinic_id AND b.owner_id=x.id AND b.deleted_at IS NULL AND b.status IN "
               "('sent','overdue') WHERE x.id=?8 AND ",
               kScopeMany, " GROUP BY x.id");
    return text;
}

/// An owner who may be the one about to be entered, and what speaks for it.
struct Candidate {
    std::string id, created_at;
    bool by_email = false, by_phone = false, by_name = false;

    [[nodiscard]] int weight() const { return (by_email ? 4 : 0) + (by_phone ? 2 : 0) + (by_name ? 1 : 0); }
    [[nodiscard]] nlohmann::json json() const {
        nlohmann::json why = nlohmann::json::array();
        if (by_email) why.push_back("email");
        if (by_phone) why.push_back("phone");
        if (by_name) why.push_back("name");
        return {{"id", id}, {"why", why}};
    }
};

std::vector<Candidate> judged(SQLite::Statement& rows, const OwnerSketch& sketch) {
    const std::string email = normal_email(sketch.email);
    const std::string phone = phone_digits(sketch.phone);
    std::vector<Candidate> all;
    while (rows.executeStep()) {
        Candidate candidate{rows.getColumn(0).getString(), rows.getColumn(5).getString()};
        candidate.by_email = !email.empty() && rows.getColumn(3).getString() == email;
        candidate.by_phone = same_phone(phone, phone_digits(rows.getColumn(4).getString()));
        candidate.by_name = same_person({sketch.first_name, sketch.last_name},
                                        {rows.getColumn(1).getString(), rows.getColumn(2).getString()});
        if (candidate.weight() > 0) all.push_back(std::move(candidate));
    }
    std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
        if (a.weight() != b.weight()) return a.weight() > b.weight();
        return a.created_at != b.created_at ? a.created_at > b.created_at : a.id < b.id;
    });
    if (all.size() > kSimilarOwnersMax) all.resize(kSimilarOwnersMax);
    return all;
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

Result<SearchAnswer> search_charts(Database& database, const std::string& text, const Reach& reach, int limit) {
    SearchAnswer answer;
    const std::string exact = search_expression(text, Match::word);
    if (exact.empty()) return answer;
    // Little that a shell wrote, or that a load left, is folded now; where it is much, the answer says so.
    VC_TRY_ASSIGN(answer.complete, catch_up_with_search(database));
    const auto ask = [&](const std::string& words, const std::string& beginnings) {
        return one_text(database, search_sql(), reach, [&](Bind& bind) {
            bind.at(4, std::int64_t{std::clamp(limit, 1, kSearchResultsMax)});
            bind.at(8, words);
            bind.at(9, beginnings);
        });
    };
    VC_TRY_ASSIGN(answer.results, ask(exact, search_expression(text, Match::beginning)));
    if (answer.results != "[]") return answer;
    std::string near;
    VC_TRY(database.snapshot([&](Connection& connection) -> Status {
        near = near_expression(connection, text);
        return Done{};
    }));
    if (near.empty()) return answer;
    VC_TRY_ASSIGN(answer.results, ask(near, near));
    answer.near = answer.results != "[]";
    return answer;
}

Result<std::string> schedule(Database& database, const ScheduleQuery& query, const Reach& reach) {
    std::string body = "[";
    auto status = database.snapshot([&](Connection& connection) -> Status {
        const Person person = person_of(connection, query, reach);
        ChartRows rows(connection, ChartTable::appointment, schedule_sql());
        const ResetGuard guard(rows.statement());
        Bind bind(rows.statement());
        bind.reach(reach);
        bind.at(4, std::int64_t{kScheduleRowsMax});
        bind.at(5, query.from);
        bind.at(6, query.to);
        bind.at(7, person.bare_name);
        bind.at(8, query.patient_id);
        bind.at(9, person.ids);
        while (rows.next()) body += (body.size() > 1 ? "," : "") + rows.json();
        return Done{};
    });
    if (!status) return status.error();
    return body + "]";
}

Result<std::string> similar_owners(Database& database, const OwnerSketch& sketch, const Reach& reach) {
    std::string any;
    const auto add = [&any](const std::string& all_of) {
        if (!all_of.empty()) any += (any.empty() ? "(" : " OR (") + all_of + ")";
    };
    add(search_expression(sketch.email, Match::word));
    add(person_expression({sketch.first_name, sketch.last_name}));
    add(phone_expression(sketch.phone));
    if (any.empty()) return std::string("[]");
    VC_TRY_ASSIGN([[maybe_unused]] const bool complete, catch_up_with_search(database));
    std::string body;
    VC_TRY(database.snapshot([&](Connection& connection) -> Status {
        SQLite::Statement& rows = connection.statement(candidates_sql());
        const ResetGuard guard(rows);
        Bind bind(rows);
        bind.reach(reach);
        bind.at(8, any);
        nlohmann::json best = nlohmann::json::array();
        for (const Candidate& candidate : judged(rows, sketch)) best.push_back(candidate.json());
        SQLite::Statement& answer = connection.statement(judged_sql());
        const ResetGuard answered(answer);
        Bind(answer).at(8, best.dump());
        if (answer.executeStep()) body = answer.getColumn(0).getString();
        return Done{};
    }));
    return body;
}

Result<std::optional<std::string>> owner_balance(Database& database, const std::string& owner_id, const Reach& reach) {
    VC_TRY_ASSIGN(std::string body,
                  one_text(database, balance_sql(), reach, [&](Bind& bind) { bind.at(8, owner_id); }));
    if (body == "[]") return std::optional<std::string>();
    return std::optional(std::move(body));
}

}  // namespace vetchart::edge
