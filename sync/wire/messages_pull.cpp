#include <algorithm>

#include "sync/base/uuid.h"
#include "sync/model/fields.h"
#include "sync/wire/messages.h"

namespace vetchart::sync {
namespace {

constexpr std::size_t kClinicsMax = 200;
constexpr int kWaitMsMax = 55000;

std::optional<Position> read_position(const Json& json, Fields& outer) {
    if (json.is_null()) return std::nullopt;
    Fields fields(json);
    Position position;
    position.version = fields.integer("version");
    position.token = fields.text("token", 36);
    outer.join(fields);
    return position;
}

Json write_position(const Position& position) { return {{"version", position.version}, {"token", position.token}}; }

}  // namespace

std::string to_json(const PullRequest& message) {
    Json json{{"clinic", message.clinic},
              {"position", nullptr},
              {"after", nullptr},
              {"limit", message.limit},
              {"bytes", message.bytes}};
    if (message.count) json["count"] = true;
    if (message.position) json["position"] = write_position(*message.position);
    if (message.after) {
        json["after"] = {
            {"version", message.after->version}, {"table", message.after->table}, {"id", message.after->id}};
    }
    return json.dump();
}

Result<PullRequest> parse_pull_request(std::string_view text) {
    VC_TRY_ASSIGN(const Json json, parse_json(text));
    Fields fields(json);
    PullRequest message;
    message.clinic = fields.text("clinic", 36);
    if (!fields.error() && !parse_uuid(message.clinic)) fields.fail("clinic is no id");
    message.position = read_position(fields.any("position"), fields);
    if (message.position && !parse_uuid(message.position->token)) fields.fail("token is no id");
    const std::int64_t limit = fields.integer("limit", 1);
    if (limit > kPageRowsMax) fields.fail("limit is over " + std::to_string(kPageRowsMax));
    message.limit = static_cast<int>(std::min<std::int64_t>(limit, kPageRowsMax));
    if (!fields.any("bytes").is_null()) {
        const auto bytes = static_cast<std::size_t>(fields.integer("bytes", 1));
        message.bytes = std::min(bytes, kBatchBytesMax);
    }
    if (!fields.any("count").is_null()) message.count = fields.boolean("count");
    if (const Json& after = fields.any("after"); !after.is_null()) {
        Fields key(after);
        message.after = PageKey{key.integer("version"), key.text("table", 64), key.text("id", 80)};
        fields.join(key);
    }
    if (fields.error()) return *fields.error();
    return message;
}

std::string to_json(const PullReply& message) {
    Json rows = Json::array();
    for (const FeedRow& row : message.rows) {
        rows.push_back({{"table", row.table}, {"id", row.id}, {"version", row.version}, {"image", row.image}});
    }
    Json json{{"clinic", message.clinic}, {"rows", std::move(rows)}, {"more", message.more}};
    if (message.position) json["position"] = write_position(*message.position);
    if (message.feed_rows) json["feedRows"] = *message.feed_rows;
    return json.dump();
}

Result<PullReply> parse_pull_reply(std::string_view text) {
    VC_TRY_ASSIGN(Json json, parse_json(text));
    Fields fields(json);
    PullReply message;
    message.clinic = fields.text("clinic", 36);
    message.more = fields.boolean("more");
    message.position = read_position(fields.any("position"), fields);
    if (!fields.any("feedRows").is_null()) message.feed_rows = fields.integer("feedRows");
    for (const Json& item : fields.array("rows")) {
        Fields row_fields(item);
        FeedRow row;
        row.table = row_fields.text("table", 64);
        row.id = row_fields.text("id", 80);
        row.version = row_fields.integer("version");
        row.image = row_fields.any("image");
        if (!row.image.is_null() && !row.image.is_object()) row_fields.fail("image is no row");
        fields.join(row_fields);
        if (fields.error()) break;
        message.rows.push_back(std::move(row));
    }
    if (!fields.error() && !message.more && !message.position) fields.fail("the last page has no position");
    if (fields.error()) return *fields.error();
    return message;
}

std::string to_json(const WaitRequest& message) {
    Json clinics = Json::object();
    for (const auto& [clinic, version] : message.clinics) clinics[clinic] = version;
    return Json{{"clinics", std::move(clinics)}, {"timeoutMs", message.timeout_ms}}.dump();
}

Result<WaitRequest> parse_wait_request(std::string_view text) {
    VC_TRY_ASSIGN(const Json json, parse_json(text));
    Fields fields(json);
    WaitRequest message;
    const Json& clinics = fields.object("clinics");
    if (clinics.size() > kClinicsMax) fields.fail("too many clinics");
    for (const auto& [clinic, version] : clinics.items()) {
        if (!parse_uuid(clinic) || !version.is_number_integer())
            fields.fail("clinics must be ids with versions");
        else
            message.clinics[clinic] = version.get<std::int64_t>();
    }
    const std::int64_t timeout = fields.integer("timeoutMs", 1);
    if (timeout > kWaitMsMax) fields.fail("timeoutMs is over " + std::to_string(kWaitMsMax));
    message.timeout_ms = static_cast<int>(std::min<std::int64_t>(timeout, kWaitMsMax));
    if (fields.error()) return *fields.error();
    return message;
}

std::string to_json(const WaitReply& message) { return Json{{"changed", message.changed}}.dump(); }

Result<WaitReply> parse_wait_reply(std::string_view text) {
    VC_TRY_ASSIGN(const Json json, parse_json(text));
    Fields fields(json);
    WaitReply message;
    for (const Json& clinic : fields.array("changed")) {
        if (!clinic.is_string())
            fields.fail("changed must be ids");
        else
            message.changed.push_back(clinic.get<std::string>());
    }
    if (fields.error()) return *fields.error();
    return message;
}

}  // namespace vetchart::sync
