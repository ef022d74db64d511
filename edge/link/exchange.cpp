#include "edge/link/exchange.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "edge/link/runner.h"
#include "sync/engine/clock_offset.h"

namespace vetchart::edge {
namespace {

constexpr int kPageRows = 2000;

/// The line gave way under the call, or was too slow for it: a smaller one may get through.
bool is_cut(const Error& error) {
    return error.code == Errc::unavailable &&
           (error.slug == "line_cut" || error.slug == "too_slow" || error.slug == "tls_failed");
}

}  // namespace

Error error_of(const Refusal& refusal) {
    Errc code = Errc::internal;
    if (refusal.status == 401 || refusal.status == 403) code = Errc::forbidden;
    if (refusal.status == 409 || refusal.status == 426) code = Errc::conflict;
    // Central's sentence stays out: only its code is known to hold nothing of a row.
    return Error{code, "central refuses: " + refusal.code + " (" + std::to_string(refusal.status) + ")", refusal.code};
}

Exchange::Exchange(SyncStore& store, CentralClient& client, ExchangeHooks hooks)
    : store_(store), client_(client), hooks_(std::move(hooks)) {}

UtcMillis Exchange::corrected_now() const { return hooks_.now() + store_.link.clock_offset(); }

Result<std::vector<std::string>> Exchange::scope() {
    const UtcMillis asked = hooks_.now();
    const Instant began = hooks_.monotonic();
    got_further_ = was_cut_ = false;
    const auto answer = client_.me();
    was_cut_ = !answer && is_cut(answer.error());
    if (!answer) return answer.error();
    if (answer->is_refused()) return error_of(answer->refusal());
    const sync::MeReply& me = answer->reply();
    const auto took = hooks_.monotonic() - began;
    const UtcMillis answered = hooks_.now();
    VC_TRY(store_.lives.set_scope(me.clinics));
    std::int64_t offset_ms = store_.link.clock_offset().count();
    if (const auto measure = sync::measure_clock(me.server_time, asked, answered, took)) {
        offset_ms = sync::settle_offset(offset_ms, *measure);
    }
    VC_TRY(store_.link.note_contact(offset_ms, answered + std::chrono::milliseconds(offset_ms)));
    std::vector<std::string> clinics;
    for (const auto& clinic : me.clinics) {
        if (clinic.state == "active") clinics.push_back(clinic.id);
    }
    return clinics;
}

Result<Exchange::Pushed> Exchange::push() {
    got_further_ = was_cut_ = false;
    VC_TRY(store_.log.seal());
    VC_TRY(hooks_.head_moved());
    const bool again = cut_batch_count_ > 0;
    const std::size_t size_before = push_size_.bytes();
    VC_TRY_ASSIGN(sync::PushRequest request,
                  store_.log.next_push(again ? sync::kBatchBytesMax : push_size_.bytes(),
                                       again ? cut_batch_count_ : sync::kBatchTransactionsMax));
    if (request.transactions.empty()) return Pushed{};
    const std::string incarnation = request.incarnation;
    bool forked = false;
    const auto reply = send(request, forked);
    // As it was, unless it got smaller.
    const bool goes_on = !reply && was_cut_ && (got_further_ || (again && push_size_.bytes() >= size_before));
    cut_batch_count_ = goes_on ? request.transactions.size() : 0;
    if (!reply) {
        // Central took nothing as far as this node knows; if it did, the repeat is answered from what was stored.
        if (!goes_on) VC_TRY(store_.log.not_sent());
        return reply.error();
    }
    if (forked) return Pushed{0, true};
    VC_TRY(store_.log.acknowledge(incarnation, *reply, corrected_now()));
    return Pushed{static_cast<int>(reply->results.size()), !reply->results.empty()};
}

/// One call whose size is `size`'s to choose: what became of it decides the next size.
template <class T>
Result<Answer<T>> Exchange::timed(sync::PieceSize& size, const std::function<Result<Answer<T>>()>& call) {
    const Instant began = hooks_.monotonic();
    auto answer = call();
    got_further_ = !answer && client_.moved();
    was_cut_ = !answer && is_cut(answer.error());
    const auto took = hooks_.monotonic() - began;
    if (answer) {
        size.arrived(took);
    } else if (was_cut_) {
        size.cut(took, got_further_);
    }
    return answer;
}

Result<sync::PushReply> Exchange::send(const sync::PushRequest& request, bool& forked) {
    const std::int64_t first_seq = request.transactions.front().first_seq;
    const bool goes_on = staged_ && staged_->incarnation == request.incarnation && staged_->first_seq == first_seq &&
                         staged_->through > 0;
    // The parts that central has stay, also when a larger one would do by now; only when not even the first one came
    // through they are cut smaller.
    auto parts = sync::split_parts(request, goes_on ? staged_->part_bytes : push_size_.bytes());
    if (parts.size() == 1) return send_one(std::move(parts.front()), forked);
    if (!goes_on) staged_ = Staged{request.incarnation, first_seq, push_size_.bytes(), 0};
    return send_parts(parts, forked);
}

Result<sync::PushReply> Exchange::send_parts(const std::vector<sync::PushRequest>& parts, bool& forked) {
    while (true) {
        const auto reply = send_one(parts[std::min(staged_->through, parts.size() - 1)], forked);
        // Central dropped the parts it had, or they were never all there: from the first one again.
        if (!reply && reply.error().code != Errc::unavailable) staged_.reset();
        if (!reply || forked) return reply;
        ++staged_->through;
        if (reply->staged && staged_->through < parts.size()) continue;
        staged_.reset();
        return reply;
    }
}

Result<sync::PushReply> Exchange::send_one(sync::PushRequest request, bool& forked) {
    request.health.sent_at = format_utc(hooks_.now());
    VC_TRY_ASSIGN(auto answer, timed<sync::PushReply>(push_size_, [&] { return client_.push(request); }));
    if (!answer.is_refused()) return std::move(answer).reply();
    if (answer.refusal().code != "fork") return error_of(answer.refusal());
    VC_TRY(begin_new_life(request.incarnation, answer.refusal()));
    forked = true;
    return sync::PushReply{};
}

Status Exchange::begin_new_life(const std::string& incarnation, const Refusal& refusal) {
    const auto last_common = refusal.details.find("lastCommon");
    if (last_common == refusal.details.end()) return Error{Errc::internal, "a fork without lastCommon", "malformed"};
    spdlog::warn("sync: central knows another past after {} of incarnation {}: a new incarnation begins",
                 last_common->second, incarnation);
    VC_TRY(store_.lives.fork(incarnation, last_common->second, draw_node_code(hooks_.rng)));
    return hooks_.head_moved();
}

Result<bool> Exchange::pull(const std::string& clinic) {
    got_further_ = was_cut_ = false;
    VC_TRY_ASSIGN(const auto cursors, store_.inbox.cursors());
    const auto cursor = std::find_if(cursors.begin(), cursors.end(),
                                     [&](const ClinicCursor& known) { return known.clinic_id == clinic; });
    if (cursor == cursors.end()) return false;
    sync::PullRequest request;
    request.clinic = clinic;
    request.position = cursor->position;
    request.after = cursor->after;
    request.limit = kPageRows;
    request.count = !cursor->position && !cursor->after;
    auto cut = cut_page_bytes_.extract(clinic);
    const std::size_t size_before = pull_size_.bytes();
    request.bytes = cut ? cut.mapped() : size_before;
    const auto answer = timed<sync::PullReply>(pull_size_, [&] { return client_.pull(request); });
    if (!answer) {
        const bool goes_on = got_further_ || (cut && pull_size_.bytes() >= size_before);
        if (was_cut_ && goes_on) cut_page_bytes_[clinic] = request.bytes;
        return answer.error();
    }
    if (answer->is_refused()) return error_of(answer->refusal());
    VC_TRY(store_.inbox.store_page(answer->reply(), corrected_now()));
    // Applying the last page sealed what was unsealed.
    if (!answer->reply().more) VC_TRY(hooks_.head_moved());
    return answer->reply().more;
}

}  // namespace vetchart::edge
