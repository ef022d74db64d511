#include "edge/link/compare.h"

#include "edge/link/exchange.h"

namespace vetchart::edge {
namespace {

Status compare_clinic(FeedComparison& comparison, CentralClient& client, const ClinicCursor& cursor) {
    comparison.begin(cursor.clinic_id, cursor.position ? cursor.position->version : 0);
    sync::PullRequest request;
    request.clinic = cursor.clinic_id;
    while (true) {
        VC_TRY_ASSIGN(const auto answer, client.pull(request));
        if (answer.is_refused()) return error_of(answer.refusal());
        const sync::PullReply& page = answer.reply();
        VC_TRY(comparison.compare(page.rows));
        if (!page.more) break;
        if (page.rows.empty()) return Error{Errc::internal, "a page without rows says there is more"};
        const auto& last = page.rows.back();
        request.after = sync::PageKey{last.version, last.table, last.id};
    }
    return comparison.finish();
}

}  // namespace

Status compare_with_central(Database& database, SyncStore& store, CentralClient& client, CheckReport& report) {
    VC_TRY_ASSIGN(const auto cursors, store.inbox.cursors());
    FeedComparison comparison(database, report);
    for (const auto& cursor : cursors) {
        if (cursor.state == "active") VC_TRY(compare_clinic(comparison, client, cursor));
    }
    return Done{};
}

}  // namespace vetchart::edge
