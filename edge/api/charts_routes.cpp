#include "edge/api/body.h"
#include "edge/api/charts_write.h"
#include "edge/api/errors.h"
#include "edge/api/handlers.h"
#include "edge/api/paging.h"
#include "edge/api/patient_weight.h"
#include "edge/api/router.h"
#include "sync/base/uuid.h"

namespace vetchart::edge {
namespace {

ChartTable table_of(const Request& request) {
    VC_ASSERT(request.route->table.has_value());
    return *request.route->table;
}

bool asks_for_deleted(const Request& request) { return request.query_value("includeDeleted") == "true"; }

/// What the request may see; nullopt: it asks for deleted rows and its person is no administrator.
std::optional<Reach> reach_of(const Request& request, const Session& session, UtcMillis now) {
    if (!asks_for_deleted(request)) return session.reach(now);
    if (!session.is_admin_somewhere()) return std::nullopt;
    Reach reach = session.admin_reach(now);
    reach.include_deleted = true;
    return reach;
}

bool is_bill_status(const std::string& text) {
    Json fault;
    const auto fields = fields_of(ChartTable::bill);
    return read_value(fields[field_index(ChartTable::bill, "status")], text, fault).has_value();
}

ListQuery query_of(const Request& request) {
    ListQuery query;
    query.table = table_of(request);
    query.search = request.query_value("q");
    if (request.params.contains("ownerId")) {
        query.filter = ListQuery::Filter::owner;
        query.filter_id = request.param("ownerId");
    } else if (request.params.contains("patientId")) {
        query.filter = ListQuery::Filter::patient;
        query.filter_id = request.param("patientId");
    } else if (query.table == ChartTable::patient && request.query.contains("ownerId")) {
        query.filter = ListQuery::Filter::owner;
        query.filter_id = request.query_value("ownerId");
    } else if (query.table == ChartTable::appointment && request.query.contains("patientId")) {
        query.filter = ListQuery::Filter::patient;
        query.filter_id = request.query_value("patientId");
    } else if (query.table == ChartTable::bill && request.query.contains("status")) {
        query.filter = ListQuery::Filter::status;
        query.filter_id = request.query_value("status");
    }
    return query;
}

Response streamed(Context& context, const ListQuery& query, const Reach& reach) {
    auto stream = RowStream::open(context.database, query, reach);
    if (!stream) return from_error(stream.error());
    Response response;
    response.stream = std::move(*stream);
    return response;
}

bool may_delete(const Session& session, ChartTable table, const std::string& clinic_id) {
    return table != ChartTable::medical_record || session.is_admin(clinic_id) ||
           session.has_role(clinic_id, "veterinarian");
}

/// Refuses to delete an owner with living patients: the call has to say (withPatients=keep) that this is meant.
std::optional<Response> refuse_patients(std::int64_t living) {
    if (living == 0) return std::nullopt;
    return error_response(409, "has_patients",
                          "Cannot delete an owner with living patients (" + std::to_string(living) +
                              "). Give them another owner first, or delete with withPatients=keep to leave them as "
                              "they are.");
}

Response changed(Context& context, const Request& request, Connection& connection, const Session& session,
                 const Json& sent) {
    const ChartTable table = table_of(request);
    const std::string& id = request.param("id");
    const Reach reach = session.reach(context.now());
    const auto stored = load_row(connection, table, id, reach);
    if (!stored) return not_found(table_label(table));
    const std::string shown = find_row(connection, table, id, reach).value_or("{}");
    if (auto refusal = refuse_stale(request, sent, shown)) return std::move(*refusal);
    const Json body = with_printed_names(connection, table, sent, &stored->values);
    Json errors = Json::object();
    auto values = read_fields(table, body, &stored->values, errors);
    if (!errors.empty()) return invalid_fields(errors);
    match_printed_names(connection, table, stored->clinic_id, body, &stored->values, values);
    if (table == ChartTable::patient) {
        settle_own_weight(body, Json::parse(shown), &stored->values, today_of(reach, stored->clinic_id), values);
    }
    if (auto refusal = refuse_parents(connection, table, stored->clinic_id, values, &stored->values)) {
        return std::move(*refusal);
    }
    if (values != stored->values) {
        update_row(connection, table, id, values, context.now());
        if (table == ChartTable::medical_record) {
            settle_record_weight(connection, values, &stored->values, context.now());
        }
    }
    return answer_row(connection, table, id, reach, 200);
}

}  // namespace

Response list_charts(Context& context, const Request& request, const Session& session) {
    const auto reach = reach_of(request, session, context.now());
    if (!reach) return forbidden("Only an administrator sees deleted entries.");
    if (table_of(request) == ChartTable::appointment && request.query.contains("from")) {
        return list_schedule(context, request, *reach);
    }
    ListQuery query = query_of(request);
    if (query.filter == ListQuery::Filter::status && !is_bill_status(query.filter_id)) {
        return error_response(400, "bad_status", "status must be draft, sent, paid, overdue or cancelled.");
    }
    Paging paging;
    if (auto refusal = read_paging(request, paging)) return std::move(*refusal);
    if (!paging.limit) return streamed(context, query, *reach);
    if (paging.after) query.after = *paging.after;
    auto page = list_page(context.database, query, *reach, *paging.limit);
    if (!page) return from_error(page.error());
    Response response = json_response(200, std::move(page->rows));
    if (page->next) response.headers.emplace_back("Link", next_link(request, *paging.limit, *page->next));
    return response;
}

Response get_chart(Context& context, const Request& request, const Session& session) {
    const auto reach = reach_of(request, session, context.now());
    if (!reach) return forbidden("Only an administrator sees deleted entries.");
    return read_rows(context, [&](Connection& connection) {
        return answer_row(connection, table_of(request), request.param("id"), *reach, 200);
    });
}

Response create_chart(Context& context, const Request& request, const Session& session) {
    Json sent;
    if (auto refusal = parse_body(request, sent)) return std::move(*refusal);
    const ChartTable table = table_of(request);
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        const Json body = with_printed_names(connection, table, sent, nullptr);
        Json errors = Json::object();
        auto values = read_fields(table, body, nullptr, errors);
        if (!errors.empty()) return invalid_fields(errors);
        Response refusal;
        const auto clinic_id = choose_clinic(connection, session, table, body, values, refusal);
        if (!clinic_id) return refusal;
        match_printed_names(connection, table, *clinic_id, body, nullptr, values);
        if (auto refused = refuse_parents(connection, table, *clinic_id, values, nullptr)) return std::move(*refused);
        const std::string id = new_row_id(context.database.rng(), context.now());
        const Reach reach = session.reach(context.now());
        if (table == ChartTable::patient) settle_own_weight(body, {}, nullptr, today_of(reach, *clinic_id), values);
        insert_row(connection, table, id, *clinic_id, values, context.now());
        if (table == ChartTable::medical_record) settle_record_weight(connection, values, nullptr, context.now());
        return answer_row(connection, table, id, reach, 201);
    });
}

Response replace_chart(Context& context, const Request& request, const Session& session) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    return write_rows(context, request, session,
                      [&](Connection& connection) { return changed(context, request, connection, session, body); });
}

Response delete_chart(Context& context, const Request& request, const Session& session) {
    const ChartTable table = table_of(request);
    const std::string& id = request.param("id");
    const bool hard = request.query_value("hard") == "true";
    if (hard && !session.is_admin_somewhere()) return forbidden("Only an administrator deletes for good.");
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        Reach reach = session.reach(context.now());
        reach.include_deleted = hard;
        const auto stored = load_row(connection, table, id, reach);
        if (!stored) return not_found(table_label(table));
        if (hard && !session.is_admin(stored->clinic_id)) return forbidden("Only an administrator deletes for good.");
        if (!may_delete(session, table, stored->clinic_id)) {
            return forbidden("Only veterinarians and administrators delete medical records.");
        }
        if (auto refusal =
                refuse_stale(request, Json::object(), find_row(connection, table, id, reach).value_or("{}"))) {
            return std::move(*refusal);
        }
        if (table == ChartTable::owner && request.query_value("withPatients") != "keep") {
            if (auto refusal = refuse_patients(living_patients(connection, id))) return std::move(*refusal);
        }
        if (hard) {
            hard_delete(connection, table, id);
        } else if (!stored->deleted) {
            set_deleted(connection, table, id, true, context.now());
        }
        return message_response("The " + std::string(table_label(table)) + " was deleted.");
    });
}

Response restore_chart(Context& context, const Request& request, const Session& session) {
    const ChartTable table = table_of(request);
    const std::string& id = request.param("id");
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        Reach reach = session.reach(context.now());
        reach.include_deleted = true;
        const auto stored = load_row(connection, table, id, reach);
        if (!stored) return not_found(table_label(table));
        if (!may_delete(session, table, stored->clinic_id)) {
            return forbidden("Only veterinarians and administrators restore medical records.");
        }
        if (stored->deleted) set_deleted(connection, table, id, false, context.now());
        return answer_row(connection, table, id, reach, 200);
    });
}

Response set_appointment_status(Context& context, const Request& request, const Session& session) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    const std::string& id = request.param("id");
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        const Reach reach = session.reach(context.now());
        auto stored = load_row(connection, ChartTable::appointment, id, reach);
        if (!stored) return not_found(table_label(ChartTable::appointment));
        const std::size_t index = field_index(ChartTable::appointment, "status");
        Json fault = required_fault("Status");
        std::optional<Value> status;
        if (given(body, "status"))
            status = read_value(fields_of(ChartTable::appointment)[index], body["status"], fault);
        if (!status) return invalid_fields(Json{{"status", fault}});
        if (stored->values[index] != *status) {
            stored->values[index] = *status;
            update_row(connection, ChartTable::appointment, id, stored->values, context.now());
        }
        return answer_row(connection, ChartTable::appointment, id, reach, 200);
    });
}

Response merge_owner(Context& context, const Request& request, const Session& session) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    const std::string& loser = request.param("id");
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        const Reach reach = session.reach(context.now());
        const auto from = load_row(connection, ChartTable::owner, loser, reach);
        if (!from) return not_found("owner");
        const std::string survivor =
            given(body, "into") && body["into"].is_string() ? body["into"].get<std::string>() : "";
        const auto into = load_row(connection, ChartTable::owner, survivor, reach);
        if (!into || into->clinic_id != from->clinic_id || survivor == loser) {
            return invalid_fields(Json{{"into", "Name another owner of the same clinic."}});
        }
        merge_owners(connection, loser, survivor, context.now());
        return answer_row(connection, ChartTable::owner, survivor, reach, 200);
    });
}

Response get_dashboard(Context& context, const Request&, const Session& session) {
    auto body = dashboard(context.database, session.reach(context.now()));
    return body ? json_response(200, std::move(*body)) : from_error(body.error());
}

}  // namespace vetchart::edge
