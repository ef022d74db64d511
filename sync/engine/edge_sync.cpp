#include "sync/engine/edge_sync.h"

#include <algorithm>
#include <utility>

namespace vetchart::sync {
namespace {

constexpr int kDoublingsMax = 16;
/// While there is more to push, a pull waits so many times as long as the last one took.
constexpr int kPushShare = 4;
constexpr std::chrono::milliseconds kAfterCut{50};
constexpr int kCutsForgiven = 3;

}  // namespace

EdgeSync::EdgeSync(const EdgeSyncOptions& options) : options_(options), jitter_(options.seed) {}

void EdgeSync::want_round() {
    push_wanted_ = true;
    pulls_ = clinics_;
}

void EdgeSync::on_committed() { push_wanted_ = true; }

void EdgeSync::on_woken(const std::vector<std::string>& clinics) {
    for (const std::string& clinic : clinics) {
        if (clinics_.contains(clinic)) pulls_.insert(clinic);
    }
}

void EdgeSync::on_asked(Instant now) {
    scope_wanted_ = true;
    not_before_ = now;
    want_round();
}

void EdgeSync::finish_well() {
    under_way_.reset();
    contacted_ = true;
    failures_ = 0;
    cuts_in_row_ = 0;
}

void EdgeSync::on_scope_done(const std::vector<std::string>& clinics, Instant now) {
    finish_well();
    scope_wanted_ = false;
    clinics_ = std::set<std::string>(clinics.begin(), clinics.end());
    sweep_at_ = now + options_.sweep;
    want_round();
}

void EdgeSync::on_push_done(int sent, bool more) {
    finish_well();
    if (more) push_wanted_ = true;
    pushed_ = sent > 0;
    // What was accepted comes back by the feed: bill numbers, merged values, and the version that settles it.
    if (sent > 0) pulls_.insert(clinics_.begin(), clinics_.end());
}

void EdgeSync::on_pull_done(const std::string& clinic, bool more, Instant now) {
    finish_well();
    pull_ended_ = now;
    if (!more) pulls_.erase(clinic);
}

void EdgeSync::drop_step() {
    if (under_way_ && under_way_->step == Step::push) push_wanted_ = true;
    under_way_.reset();
}

bool EdgeSync::on_cut(Instant now, bool further) {
    cuts_in_row_ = further ? 0 : cuts_in_row_ + 1;
    if (cuts_in_row_ > kCutsForgiven) {
        on_failed(now);
        return false;
    }
    if (further) failures_ = 0;
    again_ = under_way_;
    drop_step();
    not_before_ = now + kAfterCut;
    return true;
}

void EdgeSync::on_failed(Instant now) {
    drop_step();
    const int doublings = std::min(failures_, kDoublingsMax);
    failures_ += 1;
    const auto whole = std::min(options_.retry_first * (std::int64_t{1} << doublings), options_.retry_max);
    const auto half = whole / 2;
    const auto spread = static_cast<std::uint32_t>(half.count()) + 1;
    not_before_ = now + half + std::chrono::milliseconds(draw_below(jitter_, spread));
}

std::optional<EdgeSync::Action> EdgeSync::next_action(Instant now) {
    if (under_way_) return std::nullopt;
    if (now >= sweep_at_) scope_wanted_ = true;
    wake_at_ = sweep_at_;
    const bool wanted = scope_wanted_ || push_wanted_ || !pulls_.empty();
    if (!wanted) return std::nullopt;
    if (now < not_before_) {
        wake_at_ = not_before_;
        return std::nullopt;
    }
    if (again_) {
        under_way_ = std::exchange(again_, std::nullopt);
        if (under_way_->step == Step::push) push_wanted_ = false;
        if (under_way_->step == Step::pull) pull_began_ = now;
    } else if (scope_wanted_) {
        under_way_ = Action{Step::scope, {}};
    } else if (push_wanted_ && !pull_has_its_turn(now)) {
        push_wanted_ = false;
        under_way_ = Action{Step::push, {}};
    } else {
        begin_pull(now);
    }
    return under_way_;
}

bool EdgeSync::pull_has_its_turn(Instant now) const {
    return pushed_ && !pulls_.empty() && now - pull_ended_ >= kPushShare * (pull_ended_ - pull_began_);
}

void EdgeSync::begin_pull(Instant now) {
    auto next = pulls_.upper_bound(last_pulled_);
    if (next == pulls_.end()) next = pulls_.begin();
    last_pulled_ = *next;
    pushed_ = false;
    pull_began_ = now;
    under_way_ = Action{Step::pull, last_pulled_};
}

bool EdgeSync::settled() const { return !under_way_ && !scope_wanted_ && !push_wanted_ && pulls_.empty(); }

}  // namespace vetchart::sync
