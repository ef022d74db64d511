#include <cctype>

#include "edge/api/router.h"
#include "sync/base/decimal.h"

namespace vetchart::edge {
namespace {

/// JSON Schema of one writable field, from the rules of fields_of().
Json field_schema(const ChartField& field) {
    Json schema{{"description", field.label}};
    switch (field.kind) {
        case FieldKind::integer:
            schema.update({{"type", "integer"}, {"minimum", field.least}, {"maximum", field.most}});
            break;
        case FieldKind::milli:
        case FieldKind::cents: schema["type"] = "number"; break;
        case FieldKind::flag: schema["type"] = "boolean"; break;
        case FieldKind::roles: schema.update({{"type", "array"}, {"items", {{"type", "string"}}}}); break;
        case FieldKind::day: schema.update({{"type", "string"}, {"format", "date"}}); break;
        case FieldKind::instant: schema.update({{"type", "string"}, {"format", "date-time"}}); break;
        case FieldKind::reference: schema.update({{"type", "string"}, {"format", "uuid"}}); break;
        case FieldKind::name:
        case FieldKind::email:
        case FieldKind::text: schema.update({{"type", "string"}, {"maxLength", field.most}}); break;
        case FieldKind::time: schema.update({{"type", "string"}, {"pattern", "^\\d\\d:\\d\\d$"}}); break;
        case FieldKind::choice:
        case FieldKind::any_case: {
            schema["type"] = "string";
            std::string_view rest = field.choices;
            while (!rest.empty()) {
                const std::size_t end = std::min(rest.find('|'), rest.size());
                schema["enum"].push_back(rest.substr(0, end));
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
            break;
        }
    }
    if (field.nullable) schema["nullable"] = true;
    return schema;
}

Json table_schema(ChartTable table) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const ChartField& field : fields_of(table)) {
        properties[std::string(field.json)] = field_schema(field);
        if (!field.nullable && field.fallback == nullptr) required.push_back(field.json);
    }
    if (table == ChartTable::bill) {
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

Json operation_of(const Route& route) {
    const std::string status = route.method == "POST" && route.table ? "201" : "200";
    Json operation{{"summary", route.summary}, {"parameters", path_parameters(route.pattern)}};
    operation["responses"] = {{status, {{"description", "Done"}}},
                              {"default", {{"$ref", "#/components/responses/Error"}}}};
    if (route.access == Access::user || route.access == Access::admin)
        operation["security"] = {{{"bearer", Json::array()}}};
    if (route.has_body) {
        Json schema{{"type", "object"}};
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
