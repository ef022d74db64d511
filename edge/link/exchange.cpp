#include "edge/link/exchange.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "edge/link/runner.h"
#include "sync/engine/clock_offset.h"

namespace vetchart::edge {
namespace {

constexpr int kPageRows = 2000;

std::optional<std::int64_t> integer_at(const sync::Json& details, const char* key) {
    if (!details.is_object()) return std::nullopt;
    const auto found = details.find(key);
    if (found == details.end() || !found->is_number_integer()) return std::nullopt;
    return found->get<std::int64_t>();
}

}  // namespace

Error error_of(const Refusal& refusal) {
    Errc code = Errc::internal;
    if (refusal.status == 401 || refusal.status == 403) code = Errc::forbidden;
    if (refusal.status == 409 || refusal.status == 426) code = Errc::conflict;
    // Central's sentence stays out: only its code is known to hold nothing of a row.
    return Error{code, "central refuses: " + refusal.error.code + " (" + std::to_string(refusal.status) + ")",
                 refusal.error.code};
}

Exchange::Exchange(SyncStore& store, CentralClient& client, std::function<UtcMillis()> now,
                   std::function<Status()> head_moved)
    : store_(store), client_(client), now_(std::move(now)), head_moved_(std::move(head_moved)) {}

UtcMillis Exchange::corrected_now() const { return now_() + store_.clock_offset(); }

Result<std::vector<std::string>> Exchange::scope() {
    const UtcMillis asked = now_();
    const auto began = std::chrono::steady_clock::now();
    VC_TRY_ASSIGN(const auto answer, client_.me());
    if (answer.refusal) return error_of(*answer.refusal);
    const auto took = std::chrono::steady_clock::now() - began;
    const UtcMillis answered = now_();
    VC_TRY(store_.set_scope(answer.reply->clinics));
    std::int64_t offset_ms = store_.clock_offset().count();
    if (const auto measure = sync::measure_clock(answer.reply->server_time, asked, answered,
                                                 std::chrono::duration_cast<std::chrono::milliseconds>(took))) {
        offset_ms = sync::settle_offset(offset_ms, *measure);
    }
    VC_TRY(store_.note_contact(offset_ms, answered + std::chrono::milliseconds(offset_ms)));
    std::vector<std::string> clinics;
    for (const auto& clinic : answer.reply->clinics) {
        if (clinic.state == "active") clinics.push_back(clinic.id);
    }
    return clinics;
}

Result<Exchange::Pushed> Exchange::push() {
    VC_TRY(store_.seal());
    VC_TRY(head_moved_());
    VC_TRY_ASSIGN(sync::PushRequest request, store_.next_push(sync::kBatchBytesMax, sync::kBatchTransactionsMax));
    if (request.transactions.empty()) return Pushed{};
    const std::string incarnation = request.incarnation;
    bool forked = false;
    const auto reply = send(request, forked);
    if (!reply) {
        // Central took nothing as far as this node knows; if it did, the repeat is answered from what was stored.
        VC_TRY(store_.not_sent());
        return reply.error();
    }
    if (forked) return Pushed{0, true};
    VC_TRY(store_.acknowledge(incarnation, *reply, corrected_now()));
    return Pushed{static_cast<int>(reply->results.size()), !reply->results.empty()};
}

Result<sync::PushReply> Exchange::send(const sync::PushRequest& request, bool& forked) {
    sync::PushReply last;
    for (auto& part : sync::split_parts(request, sync::kBatchBytesMax)) {
        part.health.sent_at = format_utc(now_());
        VC_TRY_ASSIGN(auto answer, client_.push(part));
        if (answer.refusal && answer.refusal->error.code == "fork") {
            VC_TRY(begin_new_life(request.incarnation, *answer.refusal));
            forked = true;
            return last;
        }
        if (answer.refusal) return error_of(*answer.refusal);
        last = std::move(*answer.reply);
    }
    return last;
}

Status Exchange::begin_new_life(const std::string& incarnation, const Refusal& refusal) {
    const auto last_common = integer_at(refusal.error.details, "lastCommon");
    if (!last_common) return Error{Errc::internal, "a fork without lastCommon", "malformed"};
    spdlog::warn("sync: central knows another past after {} of incarnation {}: a new incarnation begins", *last_common,
                 incarnation);
    VC_TRY(store_.fork(incarnation, *last_common, draw_node_code()));
    return head_moved_();
}

Result<bool> Exchange::pull(const std::string& clinic) {
    VC_TRY_ASSIGN(const auto cursors, store_.cursors());
    const auto cursor =
        std::find_if(cursors.begin(), cursors.end(), [&](const ClinicCursor& one) { return one.clinic_id == clinic; });
    if (cursor == cursors.end()) return false;
    sync::PullRequest request;
    request.clinic = clinic;
    request.position = cursor->position;
    request.after = cursor->after;
    request.limit = kPageRows;
    VC_TRY_ASSIGN(const auto answer, client_.pull(request));
    if (answer.refusal) return error_of(*answer.refusal);
    VC_TRY(store_.take_page(*answer.reply, corrected_now()));
    // Applying the last page sealed what was unsealed.
    if (!answer.reply->more) VC_TRY(head_moved_());
    return answer.reply->more;
}

}  // namespace vetchart::edge
