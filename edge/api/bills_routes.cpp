#include <algorithm>

#include "edge/api/bill_body.h"
#include "edge/api/body.h"
#include "edge/api/charts_write.h"
#include "edge/api/errors.h"
#include "edge/api/handlers.h"
#include "sync/base/text.h"
#include "sync/base/uuid.h"

namespace vetchart::edge {
namespace {

constexpr ChartTable kBill = ChartTable::bill;
constexpr std::size_t kReasonMax = 500;
constexpr std::size_t kNotesMax = 20000;

/// Refuses new links to records that are missing, deleted or of another clinic; links of before are not looked at.
std::optional<Response> refuse_records(Connection& connection, const std::string& clinic_id, const BillContent& bill,
                                       const BillContent* stored) {
    for (const std::string& id : bill.record_ids) {
        if (stored != nullptr &&
            std::find(stored->record_ids.begin(), stored->record_ids.end(), id) != stored->record_ids.end()) {
            continue;
        }
        std::string record_clinic;
        const ParentState state = parent_state(connection, ChartTable::medical_record, id, record_clinic);
        if (state == ParentState::missing || record_clinic != clinic_id) {
            const std::string sentence = "A medical record was not found.";
            return error_response(422, "orphan", sentence, Json{{"medicalRecordIds", sentence}});
        }
        if (state == ParentState::deleted) {
            const std::string sentence = "A medical record has been deleted. Restore it first.";
            return error_response(422, "parent_deleted", sentence, Json{{"medicalRecordIds", sentence}});
        }
    }
    return std::nullopt;
}

void write_parts(Connection& connection, const std::string& id, const std::string& clinic_id, const BillContent& bill,
                 UtcMillis now) {
    replace_items(connection, id, clinic_id, bill.items, now);
    replace_record_links(connection, id, clinic_id, bill.record_ids, now);
}

/// The bill as stored, with its parts.
BillContent stored_content(Connection& connection, const std::string& id, const StoredRow& row) {
    return {row.values, load_items(connection, id, row.clinic_id), load_record_links(connection, id),
            was_issued(connection, id)};
}

bool is_past_due(const StoredRow& row, const std::string& today) {
    const Value& status = row.values[field_index(kBill, "status")];
    const Value& due = row.values[field_index(kBill, "due_date")];
    return status == Value(std::string("sent")) && due < Value(today);
}

/// Writes what changed. Items move only before the bill is issued, links only while it is open: so they are written
/// before a status that closes the bill, and after one that opens it again.
void write_change(Connection& connection, const std::string& id, const std::string& clinic_id,
                  const BillContent& stored, const BillContent& bill, UtcMillis now) {
    const bool parts_changed = stored.items != bill.items || stored.record_ids != bill.record_ids;
    const bool reopens = is_closed(stored.values) && !is_closed(bill.values);
    if (parts_changed && !reopens) write_parts(connection, id, clinic_id, bill, now);
    // The row is written also when only a part changed: its time and sync state stand for the whole bill.
    update_row(connection, kBill, id, bill.values, now);
    if (parts_changed && reopens) write_parts(connection, id, clinic_id, bill, now);
}

bool may_take_back(const Session& session, const std::string& clinic_id) {
    return session.is_admin(clinic_id) || session.has_role(clinic_id, "veterinarian");
}

/// Refuses to take back a paid bill without a reason or by someone who may not. The reason is that of a cancellation
/// or `reopenReason`; it is kept as a line of the bill's notes.
std::optional<Response> take_back(const Session& session, const Json& body, const std::string& clinic_id,
                                  const std::string& today, const BillContent& stored, BillContent& bill) {
    if (!has_status(stored.values, "paid") || has_status(bill.values, "paid")) return std::nullopt;
    const bool cancels = has_status(bill.values, "cancelled");
    const std::string_view field = cancels ? "cancelReason" : "reopenReason";
    const std::string reason(trim_blanks(text_of(body, field)));
    if (reason.empty() || code_point_count(reason) > kReasonMax) {
        const std::string sentence =
            "This bill is paid. It goes back only with a reason of 1 to 500 characters (" + std::string(field) + ").";
        return error_response(409, "bill_paid", sentence, Json{{std::string(field), sentence}});
    }
    if (!may_take_back(session, clinic_id)) {
        return forbidden("Only veterinarians and administrators take back a paid bill.");
    }
    Value& notes = bill.values[field_index(kBill, "notes")];
    const auto* before = std::get_if<std::string>(&notes);
    const std::string status = std::get<std::string>(bill.values[field_index(kBill, "status")]);
    const std::string line = today + " paid -> " + status + " (" + session.email + "): " + reason;
    notes = before == nullptr || before->empty() ? line : *before + "\n" + line;
    if (code_point_count(std::get<std::string>(notes)) <= kNotesMax) return std::nullopt;
    return invalid_fields(Json{{"notes", "The notes have no room for the reason: at most 20,000 characters."}});
}

Response changed(Context& context, const Request& request, Connection& connection, const Session& session,
                 const Json& body) {
    const std::string& id = request.param("id");
    const Reach reach = session.reach(context.now());
    const auto row = load_row(connection, kBill, id, reach);
    if (!row) return not_found(table_label(kBill));
    if (auto refusal = refuse_stale(request, body, find_row(connection, kBill, id, reach).value_or("{}"))) {
        return std::move(*refusal);
    }
    const BillContent stored = stored_content(connection, id, *row);
    const std::string today = today_of(reach, row->clinic_id);
    Json errors = Json::object();
    BillContent bill = read_bill(body, &stored, is_past_due(*row, today), today, errors);
    if (!errors.empty()) return invalid_fields(errors);
    if (auto refusal = refuse_issued(stored, bill)) return std::move(*refusal);
    if (auto refusal = take_back(session, body, row->clinic_id, today, stored, bill)) return std::move(*refusal);
    if (auto refusal = refuse_parents(connection, kBill, row->clinic_id, bill.values, &stored.values)) {
        return std::move(*refusal);
    }
    if (auto refusal = refuse_records(connection, row->clinic_id, bill, &stored)) return std::move(*refusal);
    if (!(bill == stored)) write_change(connection, id, row->clinic_id, stored, bill, context.now());
    return answer_row(connection, kBill, id, reach, 200);
}

}  // namespace

Response create_bill(Context& context, const Request& request, const Session& session) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    return write_rows(context, request, session, [&](Connection& connection) -> Response {
        const Reach reach = session.reach(context.now());
        const std::string first_clinic = session.staff.front().clinic_id;
        Json errors = Json::object();
        BillContent bill = read_bill(body, nullptr, false, today_of(reach, first_clinic), errors);
        if (!errors.empty()) return invalid_fields(errors);
        Response refusal;
        const auto clinic_id = choose_clinic(connection, session, kBill, body, bill.values, refusal);
        if (!clinic_id) return refusal;
        if (auto refused = refuse_parents(connection, kBill, *clinic_id, bill.values, nullptr))
            return std::move(*refused);
        if (auto refused = refuse_records(connection, *clinic_id, bill, nullptr)) return std::move(*refused);
        const std::string id = new_row_id(context.database.rng(), context.now());
        // A bill takes items only until it is issued or closed, so it is born a draft.
        std::vector<Value> values = bill.values;
        values[field_index(kBill, "status")] = std::string("draft");
        insert_row(connection, kBill, id, *clinic_id, values, context.now());
        write_parts(connection, id, *clinic_id, bill, context.now());
        if (values != bill.values) update_row(connection, kBill, id, bill.values, context.now());
        return answer_row(connection, kBill, id, reach, 201);
    });
}

Response replace_bill(Context& context, const Request& request, const Session& session) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    return write_rows(context, request, session,
                      [&](Connection& connection) { return changed(context, request, connection, session, body); });
}

}  // namespace vetchart::edge
