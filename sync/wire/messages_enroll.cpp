#include <sodium.h>

#include <algorithm>
#include <vector>

#include "sync/base/uuid.h"
#include "sync/model/fields.h"
#include "sync/wire/messages.h"

namespace vetchart::sync {
namespace {

constexpr std::size_t kInvitationSizeMax = 4000;

constexpr std::int64_t kSchemaVersionMax = 10000;

bool is_printable(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// True for a text with control characters, which would steer the terminal of whoever reads it.
bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
}

std::vector<ScopedClinic> read_clinics(const Json& list, Fields& outer) {
    std::vector<ScopedClinic> clinics;
    for (const Json& json : list) {
        Fields fields(json);
        ScopedClinic clinic;
        clinic.id = fields.text("id", 36);
        clinic.code = fields.text("code", 16);
        clinic.name = fields.text("name", 1000);
        clinic.state = fields.optional_text("state", 20).value_or("active");
        if (!fields.error() && !parse_uuid(clinic.id)) fields.fail("a clinic's id is no id");
        outer.join(fields);
        clinics.push_back(std::move(clinic));
    }
    return clinics;
}

Json write_clinics(const std::vector<ScopedClinic>& clinics) {
    Json list = Json::array();
    for (const ScopedClinic& clinic : clinics) {
        list.push_back({{"id", clinic.id}, {"code", clinic.code}, {"name", clinic.name}, {"state", clinic.state}});
    }
    return list;
}

std::string base64url(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.resize(text.find('\0'));
    return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                         text.size(), nullptr, &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    if (failed != 0 || end != text.data() + text.size()) return std::nullopt;
    bytes.resize(size);
    return bytes;
}

}  // namespace

bool is_node_code(std::string_view text) {
    constexpr std::size_t kSize = 5;
    return text.size() == kSize && std::all_of(text.begin(), text.end(),
                                               [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

std::string to_json(const EnrollRequest& message) {
    return Json{{"token", message.token},
                {"nodeName", message.node_name},
                {"nodeCode", message.node_code},
                {"incarnation", message.incarnation},
                {"schemaVersion", message.schema_version},
                {"appVersion", message.app_version}}
        .dump();
}

Result<EnrollRequest> parse_enroll_request(std::string_view text) {
    VC_TRY_ASSIGN(const Json json, parse_json(text));
    Fields fields(json);
    EnrollRequest message;
    message.token = fields.text("token", 200);
    message.node_name = fields.text("nodeName", 400);
    message.node_code = fields.text("nodeCode", 16);
    message.incarnation = fields.text("incarnation", 36);
    message.app_version = fields.text("appVersion", 50);
    const std::int64_t schema_version = fields.integer("schemaVersion", 1);
    if (schema_version > kSchemaVersionMax) fields.fail("schemaVersion is out of range");
    message.schema_version = static_cast<int>(std::min<std::int64_t>(schema_version, kSchemaVersionMax));
    if (!fields.error() && !parse_uuid(message.incarnation)) fields.fail("incarnation is no id");
    if (!fields.error() && !is_printable(message.app_version)) fields.fail("appVersion has other characters");
    if (!fields.error() && has_control(message.node_name)) fields.fail("nodeName has control characters");
    if (fields.error()) return *fields.error();
    return message;
}

std::string to_json(const EnrollReply& message) {
    return Json{{"nodeId", message.node_id},
                {"secret", message.secret},
                {"serverTime", message.server_time},
                {"clinics", write_clinics(message.clinics)},
                {"epoch", message.epoch}}
        .dump();
}

Result<EnrollReply> parse_enroll_reply(std::string_view text) {
    VC_TRY_ASSIGN(const Json json, parse_json(text));
    Fields fields(json);
    EnrollReply message;
    message.node_id = fields.text("nodeId", 36);
    message.secret = fields.text("secret", 200);
    message.server_time = fields.text("serverTime", 40);
    message.clinics = read_clinics(fields.array("clinics"), fields);
    message.epoch = fields.integer("epoch");
    if (fields.error()) return *fields.error();
    return message;
}

std::string to_json(const MeReply& message) {
    return Json{{"nodeId", message.node_id},
                {"name", message.name},
                {"state", message.state},
                {"serverTime", message.server_time},
                {"clinics", write_clinics(message.clinics)},
                {"epoch", message.epoch}}
        .dump();
}

Result<MeReply> parse_me_reply(std::string_view text) {
    VC_TRY_ASSIGN(const Json json, parse_json(text));
    Fields fields(json);
    MeReply message;
    message.node_id = fields.text("nodeId", 36);
    message.name = fields.text("name", 1000);
    message.state = fields.text("state", 20);
    message.server_time = fields.text("serverTime", 40);
    message.clinics = read_clinics(fields.array("clinics"), fields);
    message.epoch = fields.integer("epoch");
    if (fields.error()) return *fields.error();
    return message;
}

std::string to_json(const ErrorReply& message) {
    Json json = message.details.is_object() ? message.details : Json::object();
    json["error"] = message.message;
    json["message"] = message.message;
    json["code"] = message.code;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const Refusal& refusal) {
    return to_json(ErrorReply{refusal.code, refusal.sentence, Json(refusal.details)});
}

Result<Refusal> parse_refusal(int status, std::string_view text) {
    VC_TRY_ASSIGN(const Json json, parse_json(text));
    Fields fields(json);
    Refusal refusal{status, fields.text("code", 100), fields.text("message", 20000)};
    if (fields.error()) return *fields.error();
    for (const auto& [name, value] : json.items()) {
        if (value.is_number_integer()) refusal.details[name] = value.get<std::int64_t>();
    }
    return refusal;
}

std::string to_text(const Invitation& invitation) {
    Json json{{"v", 1}, {"t", invitation.token}, {"u", invitation.url}};
    if (invitation.ca_sha256) json["f"] = *invitation.ca_sha256;
    return base64url(json.dump());
}

Result<Invitation> parse_invitation(std::string_view text) {
    const auto wrong = [] { return Error{Errc::invalid_input, "this is no enrolment token", "token_invalid"}; };
    if (text.size() > kInvitationSizeMax) return wrong();
    const auto bytes = from_base64url(text);
    if (!bytes) return wrong();
    const auto json = parse_json(*bytes);
    if (!json) return wrong();
    Fields fields(json.value());
    Invitation invitation;
    const std::int64_t version = fields.integer("v", 1);
    invitation.token = fields.text("t", 200);
    invitation.url = fields.text("u", 1000);
    invitation.ca_sha256 = fields.optional_text("f", 64);
    if (fields.error() || version != 1) return wrong();
    return invitation;
}

}  // namespace vetchart::sync
