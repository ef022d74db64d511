#include <cctype>

#include "edge/api/handlers.h"
#include "edge/api/paging.h"
#include "edge/api/router.h"
#include "sync/base/decimal.h"
#include "sync/engine/item_actions.h"

namespace vetchart::edge {
namespace {

/// JSON Schema of one writable field, from the rules of fields_of().
Json field_schema(const sync::Column& field) {
    Json schema{{"description", field.label}};
    switch (field.kind) {
        case sync::ColumnKind::integer:
            schema.update({{"type", "integer"}, {"minimum", field.least}, {"maximum", field.most}});
            break;
        case sync::ColumnKind::milli:
        case sync::ColumnKind::cents: schema["type"] = "number"; break;
        case sync::ColumnKind::flag: schema["type"] = "boolean"; break;
        case sync::ColumnKind::roles: schema.update({{"type", "array"}, {"items", {{"type", "string"}}}}); break;
        case sync::ColumnKind::day: schema.update({{"type", "string"}, {"format", "date"}}); break;
        case sync::ColumnKind::instant: schema.update({{"type", "string"}, {"format", "date-time"}}); break;
        case sync::ColumnKind::reference: schema.update({{"type", "string"}, {"format", "uuid"}}); break;
        case sync::ColumnKind::name:
        case sync::ColumnKind::email:
        case sync::ColumnKind::text: schema.update({{"type", "string"}, {"maxLength", field.most}}); break;
        case sync::ColumnKind::time: schema.update({{"type", "string"}, {"pattern", "^\\d\\d:\\d\\d$"}}); break;
        case sync::ColumnKind::choice:
        case sync::ColumnKind::any_case: schema.update({{"type", "string"}, {"enum", sync::choices_of(field)}}); break;
        // No field of a person's.
        case sync::ColumnKind::id:
        case sync::ColumnKind::secret: break;
    }
    if (field.nullable) schema["nullable"] = true;
    return schema;
}

Json table_schema(ChartTable table) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const sync::Column& field : fields_of(table)) {
        properties[std::string(field.json)] = field_schema(field);
        if (!field.nullable && field.fallback == nullptr) required.push_back(field.json);
    }
    if (table == ChartTable::bill) {
        properties["reopenReason"] = {{"type", "string"}, {"maxLength", 500}};
        properties["items"] = {{"type", "array"}, {"items", {{"type", "object"}}}};
        properties["medicalRecordIds"] = {{"type", "array"}, {"items", {{"type", "string"}, {"format", "uuid"}}}};
    }
    return Json{{"type", "object"}, {"properties", properties}, {"required", required}};
}

Json path_parameters(std::string_view pattern) {
    Json parameters = Json::array();
    for (std::size_t open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{', open + 1)) {
        const std::size_t close = pattern.find('}', open);
        parameters.push_back({{"name", pattern.substr(open + 1, close - open - 1)},
                              {"in", "path"},
                              {"required", true},
                              {"schema", {{"type", "string"}}}});
    }
    return parameters;
}

Json parameter(const char* place, const char* name, const char* type, const char* description) {
    return {{"name", name}, {"in", place}, {"schema", {{"type", type}}}, {"description", description}};
}

/// The parameters of a list, as read_paging() and list_charts() take them.
void add_list_parameters(Json& parameters) {
    Json limit = parameter("query", "limit", "integer", "Page of so many rows; Link names the next one");
    limit["schema"].update({{"minimum", 1}, {"maximum", kLimitMax}});
    parameters.push_back(std::move(limit));
    parameters.push_back(parameter("query", "q", "string", "Beginnings of names, phones, e-mails, bill numbers"));
    parameters.push_back(parameter("query", "cursor", "string", "Where the next page begins, from Link"));
    parameters.push_back(parameter("query", "includeDeleted", "boolean", "Deleted rows too (administrators)"));
}

/// Those of list_schedule().
void add_calendar_parameters(Json& parameters) {
    parameters.push_back(parameter("query", "from", "string", "The calendar: its first day, YYYY-MM-DD"));
    parameters.push_back(parameter("query", "to", "string", "Its last day"));
    parameters.push_back(parameter("query", "veterinarian", "string", "Of whom, by the name in any spelling"));
    parameters.push_back(parameter("query", "veterinarianId", "string", "Of whom, by the staff member's id"));
    parameters.push_back(parameter("query", "patientId", "string", "Of one patient"));
}

Json parameters_of(const Route& route) {
    Json parameters = path_parameters(route.pattern);
    if (route.handler == list_charts) add_list_parameters(parameters);
    if (route.handler == list_charts && route.table == ChartTable::bill) {
        parameters.push_back(parameter("query", "status", "string", "Bills shown with this status, overdue included"));
    }
    if (route.handler == list_charts && route.table == ChartTable::appointment) add_calendar_parameters(parameters);
    if (route.handler == get_attention) {
        Json status = parameter("query", "status", "string", "open (as said nothing), resolved or all");
        status["schema"]["enum"] = {"open", "resolved", "all"};
        parameters.push_back(std::move(status));
    }
    if (route.handler == delete_chart) {
        parameters.push_back(parameter("query", "hard", "boolean", "For good (administrators)"));
        if (route.table == ChartTable::owner) {
            parameters.push_back(parameter("query", "withPatients", "string", "keep: also with living patients"));
        }
    }
    if (route.method == "PUT" || route.handler == delete_chart) {
        parameters.push_back(parameter("header", "If-Match", "string", "The ETag of the row as it was read"));
    }
    if (route.method == "POST" && route.access == Access::user) {
        parameters.push_back(parameter("header", "Idempotency-Key", "string", "The same key gives the same answer"));
    }
    return parameters;
}

std::string status_of(const Route& route) {
    if (route.handler == logout) return "204";
    if (route.handler == enroll_at_setup || route.handler == enroll_node_of_page) return "202";
    if (route.handler == set_up || route.handler == back_up_node) return "201";
    return route.method == "POST" && route.table && route.has_body ? "201" : "200";
}

/// The body of act_on_attention().
Json decision_schema() {
    Json actions = Json::array();
    for (const sync::ItemAction action : sync::kItemActions) actions.push_back(name_of(action));
    return {{"type", "object"},
            {"required", {"action"}},
            {"properties",
             {{"action", {{"type", "string"}, {"enum", actions}}},
              {"value", {{"description", "setValue: as `mine` has it; editAndRetry: an object of columns"}}},
              {"version", {{"type", "integer"}, {"description", "Of the item as it was seen"}}}}}};
}

Json operation_of(const Route& route) {
    const std::string status = status_of(route);
    Json operation{{"summary", route.summary}, {"parameters", parameters_of(route)}};
    operation["responses"] = {{status, {{"description", "Done"}}},
                              {"default", {{"$ref", "#/components/responses/Error"}}}};
    if (route.access == Access::user || route.access == Access::admin)
        operation["security"] = {{{"bearer", Json::array()}}};
    if (route.has_body) {
        Json schema{{"type", "object"}};
        if (route.handler == act_on_attention) schema = decision_schema();
        if (route.table) schema = {{"$ref", "#/components/schemas/" + std::string(table_name(*route.table))}};
        operation["requestBody"] = {{"required", true}, {"content", {{"application/json", {{"schema", schema}}}}}};
    }
    return operation;
}

Json error_schema() {
    const Json text{{"type", "string"}};
    return Json{{"type", "object"},
                {"properties",
                 {{"error", text},
                  {"message", text},
                  {"code", text},
                  {"fields", {{"type", "object"}}},
                  {"fieldCodes", {{"type", "object"}}}}}};
}

}  // namespace

Json openapi() {
    Json document{{"openapi", "3.0.3"}, {"info", {{"title", "VetChart node"}, {"version", VETCHART_VERSION}}}};
    for (const Route& route : routes()) {
        std::string method(route.method);
        for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        document["paths"][std::string(route.pattern)][method] = operation_of(route);
        if (!route.table) continue;
        Json& schema = document["components"]["schemas"][std::string(table_name(*route.table))];
        if (schema.is_null()) schema = table_schema(*route.table);
    }
    document["components"]["securitySchemes"]["bearer"] = {{"type", "http"}, {"scheme", "bearer"}};
    document["components"]["responses"]["Error"] = {{"description", "What went wrong"},
                                                    {"content", {{"application/json", {{"schema", error_schema()}}}}}};
    return document;
}

}  // namespace vetchart::edge
