#include "edge/api/errors.h"

#include <spdlog/spdlog.h>

#include <array>
#include <optional>
#include <string_view>

#include "sync/base/error_codes.h"
#include "sync/catalogue/catalogue.h"

namespace vetchart::edge {
namespace {

struct RefusedRule {
    std::string_view slug;
    int status;
    std::string_view sentence;
};

/// How the slugs of both schemas' rule triggers are answered: status, and a sentence for a person.
constexpr std::array kRules = {
    RefusedRule{"still_referenced", 409, "This cannot be deleted: other entries still refer to it."},
    RefusedRule{"orphan", 422, "This refers to an entry that does not exist in this clinic."},
    RefusedRule{"foreign_key", 422, "This refers to an entry that does not exist in this clinic."},
    RefusedRule{"bill_closed", 422, "A paid or cancelled bill keeps its items and records. Reopen it first."},
    RefusedRule{
        "bill_issued", 409,
        "A bill that was issued is never deleted, and keeps its items, amounts, owner and patient. Cancel it and make "
        "a copy."},
    RefusedRule{"cancel_reason", 422, "A bill is cancelled with a reason."},
    RefusedRule{"immutable", 422, "This value cannot be changed."},
    RefusedRule{"number_by_central", 422, "Only central gives bill numbers."},
    RefusedRule{"replace_refused", 409, "An entry with this key exists already."},
    RefusedRule{"value_refused", 422, "A value is of the wrong type or too large."},
    RefusedRule{"already_set_up", 409, "This node has been set up already."},
    RefusedRule{"weak_password", 422, "A password has at least 8 characters."},
    RefusedRule{"bad_email", 422, "This is not an e-mail address."},
    RefusedRule{"not_enrolled", 503, "This node works alone: it has not been enrolled with central."},
    RefusedRule{"node_key_missing", 503,
                "This node has lost its key for central. Enroll it again; the work is saved here."},
    RefusedRule{"node_key_unusable", 503,
                "This node's key for central is damaged. Enroll it again; the work is saved here."},
    RefusedRule{"node_key_other", 503, "The key in this node's folder is another node's. The work is saved here."},
    RefusedRule{"ca_unusable", 503, "This node's file of central's CA is damaged. The work is saved here."},
};

struct Taken {
    std::string_view column, code, json, sentence;
};

constexpr std::array kTaken = {
    Taken{"owner.email", "email_taken", "email", "Another owner has this e-mail address."},
    Taken{"staff.email", "email_taken", "email", "Another staff member has this e-mail address."},
    Taken{"staff.username", "username_taken", "username", "Another staff member has this user name."},
    Taken{"clinic.code", "code_taken", "code", "Another clinic has this code."},
};

/// Answers a slug such as `unique:owner.clinic_id,owner.email`: the last column says what is taken.
Response unique_taken(std::string_view columns) {
    const std::string_view last = columns.substr(columns.find_last_of(',') + 1);
    for (const Taken& taken : kTaken) {
        if (!last.ends_with(taken.column.substr(taken.column.find('.'))) ||
            !columns.starts_with(taken.column.substr(0, taken.column.find('.')))) {
            continue;
        }
        return error_response(409, std::string(taken.code), std::string(taken.sentence),
                              Json{{std::string(taken.json), std::string(taken.sentence)}});
    }
    return error_response(409, "taken", "An entry with this value exists already.");
}

struct Place {
    std::string_view table, column;
};

/// The column that a slug such as `patient_age_check`, `not_null:patient.age` or `wrong_type:patient.age` names.
std::optional<Place> place_of(std::string_view slug) {
    if (slug.ends_with("_check")) {
        slug.remove_suffix(6);
        std::optional<Place> place;
        for (const sync::Table& table : sync::tables()) {
            // Of bill and bill_item the longer one is meant.
            if (!slug.starts_with(table.name) || slug.size() <= table.name.size()) continue;
            if (!place || place->table.size() < table.name.size()) {
                place = Place{table.name, slug.substr(table.name.size() + 1)};
            }
        }
        return place;
    }
    if (!slug.starts_with("not_null:") && !slug.starts_with("wrong_type:")) return std::nullopt;
    slug.remove_prefix(slug.find(':') + 1);
    const std::size_t dot = slug.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    return Place{slug.substr(0, dot), slug.substr(dot + 1)};
}

Response refused_value(const Place& place) {
    const sync::Column* column = sync::find_column(place.table, place.column);
    const bool is_field = column != nullptr && column->writer == sync::Writer::person;
    std::string name(is_field ? column->json : place.column);
    std::string label(is_field ? column->label : place.column);
    if (place.table == "bill_item") name = "items", label = "An item's " + std::string(place.column);
    return invalid_fields(Json{{name, label + " has a value that is not allowed."}});
}

Response conflict_response(const Error& error) {
    const std::string_view slug = error.slug;
    if (slug.starts_with("unique:")) return unique_taken(slug.substr(7));
    for (const RefusedRule& rule : kRules) {
        if (rule.slug == slug) return error_response(rule.status, error.slug, std::string(rule.sentence));
    }
    if (const auto place = place_of(slug)) return refused_value(*place);
    spdlog::warn("refused by an unknown rule: {}", error.slug);
    return error_response(422, "refused", "A rule of the data refuses this.");
}

/// A field's part of `fieldCodes`: what its fault says beside the sentence.
Json machine_form(const Json& fault, const std::string& code) {
    if (!fault.is_object()) return Json{{"code", code == "invalid_fields" ? "invalid" : code}};
    Json form = fault;
    form.erase("sentence");
    return form;
}

const Json& sentence_of(const Json& fault) { return fault.is_object() ? fault.at("sentence") : fault; }

}  // namespace

Response error_response(int status, const std::string& code, const std::string& sentence, const Json& fields) {
    Json body{{"error", sentence}, {"message", sentence}, {"code", code}, {"fields", Json::object()}};
    for (const auto& [name, fault] : fields.items()) {
        body["fields"][name] = sentence_of(fault);
        body["fieldCodes"][name] = machine_form(fault, code);
    }
    return json_response(status, body);
}

Response invalid_fields(const Json& fields) {
    std::string sentence;
    for (const auto& [name, text] : fields.items()) {
        if (!sentence.empty()) sentence += ' ';
        sentence += sentence_of(text).get<std::string>();
    }
    return error_response(422, "invalid_fields", sentence, fields);
}

Response unknown_timezone() {
    return invalid_fields(Json{{"timezone", "There is no such time zone. One is Europe/Berlin."}});
}

Response not_found(std::string_view what) {
    return error_response(404, "not_found", "There is no such " + std::string(what) + ".");
}

Response forbidden(const std::string& sentence) { return error_response(403, "forbidden", sentence); }

Response stale(const Json& mine, const std::string& current) {
    const std::string sentence = "Somebody changed this meanwhile. Look at both versions and save again.";
    Json body{{"error", sentence}, {"message", sentence}, {"code", "stale"}, {"fields", Json::object()}};
    body["mine"] = mine;
    body["current"] = Json::parse(current, nullptr, false);
    Response response = json_response(409, body);
    response.headers.emplace_back("ETag", etag_of(current));
    return response;
}

bool is_own_trouble(const Error& error) {
    return error.slug == "not_enrolled" || error.slug == "ca_unusable" || error.slug.starts_with("node_key_");
}

Response from_error(const Error& error) {
    const int status = http_status_of(error.code);
    switch (error.code) {
        case Errc::invalid_input:
        case Errc::conflict: return conflict_response(error);
        case Errc::not_found: return not_found("entry");
        case Errc::forbidden: return forbidden("You are not allowed to do this.");
        case Errc::busy: return error_response(status, "busy", "The database is busy. Try again in a moment.");
        case Errc::unavailable:
            if (is_own_trouble(error)) return conflict_response(error);
            return error_response(status, "central_unreachable", "Central cannot be reached. Your work is saved here.");
        case Errc::outcome_unknown:
            return error_response(status, "outcome_unknown",
                                  "It is not known whether this was done. Look before repeating.");
        case Errc::out_of_space:
            spdlog::error("nothing can be written: {}", error.context);
            if (error.slug == "disk_unwritable") {
                return error_response(status, error.slug, "The disk of this node takes no writes. Nothing was saved.");
            }
            return error_response(status, "out_of_space", "The disk of this node is full. Nothing was saved.");
        case Errc::corrupt:
            if (error.slug == "database_moved") {
                return error_response(503, error.slug,
                                      "The database of this node was removed or replaced. Nothing was saved.");
            }
            break;
        case Errc::internal: break;
    }
    spdlog::error("{}: {}", to_string(error.code), error.context);
    return error_response(status, "internal", "Something went wrong inside. Nothing was changed.");
}

}  // namespace vetchart::edge
