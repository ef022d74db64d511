#include "edge/store/rows/charts_match.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "edge/store/file/bind.h"
#include "edge/store/file/search_words.h"
#include "edge/store/rows/charts_sql.h"

namespace vetchart::edge {
namespace {

const std::string& hits_sql() {
    static const std::string text = joined(
        "SELECT count(*),json_group_array(row_id) FILTER (WHERE kind='owner'),json_group_array(row_id) FILTER (WHERE "
        "kind='patient'),json_group_array(row_id) FILTER (WHERE kind='bill') FROM (SELECT x.kind,x.row_id FROM "
        "search_index CROSS JOIN search_doc x ON x.doc=search_index.rowid WHERE search_index MATCH ?8 AND ",
        kScopeMany, " LIMIT ?4)");
    return text;
}

}  // namespace

SearchHits find_hits(Connection& connection, std::string_view text, const Reach& reach) {
    SearchHits hits;
    const std::string expression = search_expression(text, Match::beginning);
    if (expression.empty()) return hits;
    SQLite::Statement& row = connection.statement(hits_sql());
    const ResetGuard guard(row);
    Bind bind(row);
    bind.reach(reach);
    bind.at(4, std::int64_t{kSearchHitsMax + 1});
    bind.at(8, expression);
    if (!row.executeStep() || row.getColumn(0).getInt() == 0) return hits;
    if (row.getColumn(0).getInt() > kSearchHitsMax) {
        hits.extent = SearchHits::Extent::common;
        return hits;
    }
    hits.extent = SearchHits::Extent::few;
    hits.owners = row.getColumn(1).getString();
    hits.patients = row.getColumn(2).getString();
    hits.bills = row.getColumn(3).getString();
    return hits;
}

}  // namespace vetchart::edge
