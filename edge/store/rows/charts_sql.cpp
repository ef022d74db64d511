#include "edge/store/rows/charts_sql.h"

#include "sync/base/result.h"

namespace vetchart::edge {
namespace {

using sync::Column;
using sync::ColumnKind;

/// A patient's own weight is a measurement of this day; one without a day came with the row.
std::string own_weight_day(std::string_view t) {
    return joined("coalesce(", t, ".weighed_on,substr(", t, ".created_at,1,10))");
}

/// The medical record of patient `t` whose weight is newer than the patient's own: of the newest visit that has one, as
/// `wx` beside a patient `x`, as `wp` beside a patient `p`. The unary plus keeps the planner on the patient's index.
std::string weighed_join(std::string_view t) {
    return joined(" LEFT JOIN medical_record w", t, " ON w", t,
                  ".rowid=(SELECT w.rowid FROM medical_record w WHERE w.clinic_id=", t,
                  ".clinic_id AND w.patient_id=", t,
                  ".id AND w.weight_milli IS NOT NULL AND w.deleted_at IS NULL AND (", t,
                  ".weight_milli IS NULL OR w.visit_date>", own_weight_day(t),
                  ") ORDER BY +w.visit_date DESC,w.visited_at DESC,w.created_at DESC,w.id DESC LIMIT 1)");
}

std::string weight_value(std::string_view t, std::string_view column) {
    if (column != "weighed_on") return joined("coalesce(w", t, ".", column, ",", t, ".", column, ")");
    return joined("CASE WHEN w", t, ".rowid IS NOT NULL THEN w", t, ".visit_date WHEN ", t,
                  ".weight_milli IS NOT NULL THEN ", own_weight_day(t), " END");
}

/// A sent bill past its due day is shown as overdue at once; central's sweep stores it later.
std::string bill_status(std::string_view t) {
    return joined("CASE WHEN ", t, ".status='sent' AND ", t, ".due_date<json_extract(?2,'$.\"'||", t,
                  ".clinic_id||'\"') THEN 'overdue' ELSE ", t, ".status END");
}

/// What is shown of a column: mostly what is stored.
std::string shown_value(std::string_view table, const Column& column, std::string_view t) {
    const std::string stored = joined(t, ".", column.name);
    if (table == "patient") {
        const bool is_weight = column.name == "weight_milli" || column.name == "weight_unit";
        if (is_weight || column.name == "weighed_on") return weight_value(t, column.name);
        if (column.name == "gender") return joined("upper(substr(", stored, ",1,1))||substr(", stored, ",2)");
    }
    if (table == "bill") {
        if (column.name == "status") return bill_status(t);
        if (column.name == "bill_number") return joined("coalesce(", stored, ",", t, ".provisional_number)");
    }
    return column.null_is_empty ? joined("coalesce(", stored, ",'')") : stored;
}

/// How JsonRow writes it.
std::string_view ending_of(ColumnKind kind) {
    switch (kind) {
        case ColumnKind::cents: return ":cents";
        case ColumnKind::milli: return ":milli";
        case ColumnKind::flag: return ":bool";
        case ColumnKind::roles: return ":json";
        case ColumnKind::id:
        case ColumnKind::reference:
        case ColumnKind::name:
        case ColumnKind::text:
        case ColumnKind::email:
        case ColumnKind::secret:
        case ColumnKind::choice:
        case ColumnKind::any_case:
        case ColumnKind::day:
        case ColumnKind::instant:
        case ColumnKind::time:
        case ColumnKind::integer: break;
    }
    return "";
}

std::string member(std::string_view table, const Column& column, std::string_view t) {
    return joined("'", column.json, ending_of(column.kind), "',", shown_value(table, column, t));
}

/// The row `t` inside another one; null when it is not there.
std::string embedded(std::string_view table, std::string_view t, const std::string& more = {}) {
    return joined(",'", sync::table_of(table).json, "{',", t, ".id,", members_of(table, t), more, ",'}',NULL");
}

/// What state a person's work on the row is in (docs/architecture.md: sync_item, sync_base, sync_txn).
std::string sync_state(std::string_view table) {
    return joined(",'syncState',CASE WHEN EXISTS(SELECT 1 FROM sync_item i WHERE i.table_name='", table,
                  "' AND i.row_id=x.id AND i.status='open' AND i.kind<>'notice') THEN 'attention' ELSE "
                  "coalesce((SELECT CASE WHEN t.waiting=1 OR t.outcome='held' THEN 'attention' WHEN t.state='settled' "
                  "THEN 'confirmed' WHEN t.state IN ('sent','acknowledged') THEN 'sent' ELSE 'local' END FROM "
                  "sync_base s LEFT JOIN sync_txn t ON t.first_seq=(SELECT max(first_seq) FROM sync_txn WHERE "
                  "first_seq<=s.last_seq) AND t.last_seq>=s.last_seq WHERE s.table_name='",
                  table, "' AND s.row_id=x.id),'confirmed') END");
}

std::string embedded_rows(ChartTable table) {
    switch (table) {
        case ChartTable::patient: return embedded("owner", "o");
        case ChartTable::medical_record:
        case ChartTable::appointment: return embedded("patient", "p", embedded("owner", "o"));
        case ChartTable::bill: return embedded("owner", "o") + embedded("patient", "p") + embedded("appointment", "a");
        default: break;
    }
    return {};
}

std::string joins_of(ChartTable table) {
    switch (table) {
        case ChartTable::patient: return " LEFT JOIN owner o ON o.id=x.owner_id" + weighed_join("x");
        case ChartTable::medical_record:
        case ChartTable::appointment:
            return " LEFT JOIN patient p ON p.id=x.patient_id LEFT JOIN owner o ON o.id=p.owner_id" + weighed_join("p");
        case ChartTable::bill:
            return " LEFT JOIN owner o ON o.id=x.owner_id LEFT JOIN patient p ON p.id=x.patient_id LEFT JOIN "
                   "appointment a ON a.id=x.appointment_id" +
                   weighed_join("p");
        default: break;
    }
    return {};
}

}  // namespace

std::string members_of(std::string_view table, std::string_view alias) {
    std::string members;
    for (const Column& column : sync::table_of(table).columns) {
        if (column.json.empty()) continue;
        if (!members.empty()) members += ',';
        members += member(table, column, alias);
        if (column.name == "provisional_number") {
            members +=
                joined(",'numberStatus',CASE WHEN ", alias, ".bill_number IS NULL THEN 'provisional' ELSE 'final' END");
        }
    }
    return members;
}

std::string item_members(std::string_view alias) {
    std::string members = joined("'id',", alias, ".id");
    for (const Column& column : sync::table_of("bill_item").columns) {
        if (column.writer != sync::Writer::person || column.kind == ColumnKind::reference) continue;
        members += "," + member("bill_item", column, alias);
    }
    return members;
}

const std::string& row_of(ChartTable table) {
    static const auto rows = for_each_table([](ChartTable chart) {
        const std::string_view name = table_name(chart);
        return joined(members_of(name, "x"), embedded_rows(chart), sync_state(name));
    });
    return rows[static_cast<std::size_t>(table)];
}

const std::string& from_of(ChartTable table) {
    static const auto texts =
        for_each_table([](ChartTable chart) { return joined(table_name(chart), " x", joins_of(chart)); });
    return texts[static_cast<std::size_t>(table)];
}

std::string_view live_of(ChartTable table) {
    if (table == ChartTable::service_item) return "(?3 OR x.active=1)";
    VC_ASSERT(catalogue_of(table).find("deleted_at") != nullptr);
    return "(?3 OR x.deleted_at IS NULL)";
}

std::string cents_of(std::string_view amount) {
    return joined("json(printf('%d.%02d',", amount, "/100,", amount, "%100))");
}

std::string owner_text(std::string_view t) {
    return joined("coalesce(", t, ".first_name||' '||", t, ".last_name||' '||coalesce(", t,
                  ".email,'')||' '||coalesce(", t, ".phone,'')||' '||coalesce(replace(replace(", t,
                  ".phone,' ',''),'-',''),''),'')");
}

std::string like_condition(std::string_view text) {
    const std::string folded = joined("vc_fold(", text, ")");
    return joined(" AND ", folded, " LIKE ?9 ESCAPE '\\' AND (?10='%' OR ", folded,
                  " LIKE ?10 ESCAPE '\\') AND (?11='%' OR ", folded, " LIKE ?11 ESCAPE '\\') AND (?12='%' OR ", folded,
                  " LIKE ?12 ESCAPE '\\')");
}

}  // namespace vetchart::edge
