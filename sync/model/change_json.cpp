#include "sync/model/change_json.h"

#include "sync/base/uuid.h"

namespace vetchart::sync {
namespace {

constexpr std::size_t kColumnsMax = 64;
constexpr std::size_t kGroupsMax = 2;  // An item moves from one bill to another.

/// The values of a change: null, or an object of names to strings, integers and null.
bool is_row_values(const Json& values) {
    if (values.is_null()) return true;
    if (!values.is_object() || values.size() > kColumnsMax) return false;
    for (const Json& value : values) {
        const bool fits = value.is_null() || value.is_string() ||
                          (value.is_number_integer() &&
                           !(value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}));
        if (!fits) return false;
    }
    return true;
}

bool values_fit_op(const Change& change) {
    switch (change.op) {
        case Op::insert: return change.old_values.is_null() && change.new_values.is_object();
        case Op::update: return change.old_values.is_object() && change.new_values.is_object();
        case Op::remove: return change.old_values.is_object() && change.new_values.is_null();
    }
    return false;
}

/// The member, moved out: a batch of rows is in memory once.
Json move_member(Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? Json() : std::move(*found);
}

Json groups_json(const Change& change) {
    Json groups = Json::object();
    for (const auto& [bill_id, digest] : change.groups) groups[bill_id] = to_hex(digest);
    return groups;
}

/// Digests of bills' groups from a change's member, which is absent in most.
void read_groups(Change& change, Fields& fields) {
    const Json& groups = fields.any("groups");
    if (groups.is_null()) return;
    if (!groups.is_object() || groups.size() > kGroupsMax) return fields.fail("groups are no digests of bills");
    for (const auto& [bill_id, text] : groups.items()) {
        const auto digest = text.is_string() ? digest_from_hex(text.get_ref<const std::string&>()) : std::nullopt;
        if (!digest || !parse_uuid(bill_id)) return fields.fail("groups are no digests of bills");
        change.groups.emplace(bill_id, *digest);
    }
}

void append_canonical(std::string& text, const Change& change) {
    text += Json::array(
                {change.seq, change.table, change.row_id, change.clinic_id, to_string(change.op), change.row_version})
                .dump();
    text.back() = ',';  // The list's bracket: two members follow.
    text.append(change.old_values.dump()).append(",").append(change.new_values.dump());
    if (!change.groups.empty()) text.append(",").append(groups_json(change).dump());
    text += ']';
}

}  // namespace

void append_change(std::string& text, const Change& change) {
    text += Json{{"seq", change.seq},          {"table", change.table},
                 {"id", change.row_id},        {"clinicId", change.clinic_id},
                 {"op", to_string(change.op)}, {"version", change.row_version}}
                .dump();
    text.back() = ',';  // The head's brace: two members follow.
    text.append("\"old\":").append(change.old_values.dump());
    text.append(",\"new\":").append(change.new_values.dump());
    if (!change.groups.empty()) text.append(",\"groups\":").append(groups_json(change).dump());
    text += '}';
}

std::string changes_json(const std::vector<Change>& changes) {
    std::string text = "[";
    for (const Change& change : changes) {
        if (text.size() > 1) text += ',';
        append_change(text, change);
    }
    return text + "]";
}

Change read_change(Json& json, Fields& outer) {
    Fields fields(json);
    Change change;
    change.seq = fields.integer("seq", 1);
    change.table = fields.text("table", 64);
    change.row_id = fields.text("id", 80);
    change.clinic_id = fields.text("clinicId", 36);
    change.row_version = fields.integer("version");
    const auto op = parse_op(fields.text("op", 10));
    if (!op) fields.fail("op is unknown");
    change.op = op.value_or(Op::update);
    read_groups(change, fields);
    if (!fields.error()) {
        change.old_values = move_member(json, "old");
        change.new_values = move_member(json, "new");
    }
    if (!is_row_values(change.old_values) || !is_row_values(change.new_values)) fields.fail("old or new is no row");
    if (!values_fit_op(change)) fields.fail("old and new do not fit op");
    if (!parse_uuid(change.clinic_id)) fields.fail("clinicId is no id");
    outer.join(fields);
    return change;
}

Result<std::vector<Change>> parse_changes(std::string_view text) {
    Json list = Json::parse(text, nullptr, false);
    if (!list.is_array()) return malformed("no list of changes");
    static const Json kNothing = Json::object();
    Fields fields(kNothing);
    std::vector<Change> changes;
    changes.reserve(list.size());
    for (Json& json : list) {
        changes.push_back(read_change(json, fields));
        if (fields.error()) return *fields.error();
    }
    return changes;
}

std::string canonical_bytes(const Transaction& transaction) {
    std::string text = "{\"actor\":" + actor_json(transaction).dump();
    if (transaction.adopted) text += ",\"adopted\":true";
    text += ",\"at\":" + Json(transaction.at).dump() + ",\"changes\":[";
    bool first = true;
    for (const Change& change : transaction.changes) {
        if (!first) text += ',';
        append_canonical(text, change);
        first = false;
    }
    text += "],\"firstSeq\":" + std::to_string(transaction.first_seq) +
            ",\"lastSeq\":" + std::to_string(transaction.last_seq) +
            ",\"schemaVersion\":" + std::to_string(transaction.schema_version) + "}";
    return text;
}

}  // namespace vetchart::sync
