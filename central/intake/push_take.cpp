#include "central/intake/push_take.h"

#include <pqxx/pqxx>

#include "central/intake/push_rows.h"

namespace vetchart::central {
namespace {

Taken taken_as(const sync::Transaction& transaction, sync::Decision decision) {
    Taken taken;
    taken.transaction = &transaction;
    taken.outcome = decision.conflicts.empty() ? sync::Outcome::applied : sync::Outcome::merged;
    taken.decision = std::move(decision);
    return taken;
}

/// Writes in a savepoint. False: the data rules refuse it (`verdict` says which).
bool try_write(pqxx::work& transaction, const sync::Decision& decision, Error* verdict) {
    try {
        transaction.exec0("SAVEPOINT intake");
        write_rows(transaction, decision);
        transaction.exec0("RELEASE SAVEPOINT intake");
        return true;
    } catch (const pqxx::sql_error&) {
        const Error error = error_from_current_exception("push");
        const bool about_data = error.code == Errc::conflict || error.code == Errc::invalid_input;
        if (!about_data) throw;
        transaction.exec0("ROLLBACK TO SAVEPOINT intake");
        if (verdict != nullptr) *verdict = error;
        return false;
    }
}

/// What is kept of a decision once its rows are handed on: the images, most of it, are in the rows.
sync::Decision without_images(const sync::Decision& decision) {
    sync::Decision kept{std::nullopt,      {},         decision.conflicts, decision.reopened_bills, decision.notices,
                        decision.stripped, decision.at};
    kept.writes.reserve(decision.writes.size());
    for (const sync::RowWrite& write : decision.writes) {
        kept.writes.push_back({write.key, write.clinic_id, write.kind, nullptr, write.columns});
    }
    return kept;
}

/// The clean way: the whole batch as one net effect. Empty: it does not go together.
std::vector<Taken> take_together(pqxx::work& transaction, const std::vector<const sync::Transaction*>& fresh,
                                 sync::Picture picture) {
    std::vector<Taken> taken;
    std::vector<sync::Decision> decisions;
    for (const sync::Transaction* one : fresh) {
        decisions.push_back(sync::decide(*one, picture));
        if (decisions.back().hold) return {};
        sync::take(decisions.back(), picture);
        taken.push_back(taken_as(*one, without_images(decisions.back())));
    }
    const auto all = sync::combine(std::move(decisions));
    if (!all || !try_write(transaction, *all, nullptr)) return {};
    return taken;
}

std::string in_words(const std::string& rule) {
    if (rule == "unknown_timezone") return "Central knows no such time zone. One is Europe/Berlin.";
    return "Central's rules refuse it: " + rule + ".";
}

Taken held_as(const sync::Transaction& transaction, const sync::Decision& decision, const Error& verdict) {
    Taken held;
    held.transaction = &transaction;
    held.outcome = sync::Outcome::held;
    held.code = decision.hold ? decision.hold->code : verdict.slug;
    held.reason = decision.hold ? decision.hold->reason : in_words(verdict.slug);
    return held;
}

}  // namespace

std::vector<Taken> take_one_by_one(pqxx::work& transaction, const std::vector<const sync::Transaction*>& fresh,
                                   sync::Picture& picture, bool all_bind) {
    std::vector<Taken> taken;
    for (const sync::Transaction* one : fresh) {
        sync::Decision decision = sync::decide(*one, picture);
        Error verdict;
        bool stands = !decision.hold && try_write(transaction, decision, &verdict);
        // Another clinic's bill took the same printed number in this moment: it is seen now, and `/2` is added.
        if (!stands && verdict.slug == "bill_provisional_number_key") {
            stands = try_write(transaction, decision, &verdict);
        }
        if (stands) {
            sync::take(decision, picture);
            taken.push_back(taken_as(*one, std::move(decision)));
            continue;
        }
        taken.push_back(held_as(*one, decision, verdict));
        const Taken& held = taken.back();
        if (all_bind || sync::holds_dependents(held.code)) {
            sync::block_written(*one, {held.code, held.reason}, picture);
        }
    }
    return taken;
}

std::vector<Taken> take_transactions(pqxx::work& transaction, const std::vector<const sync::Transaction*>& fresh,
                                     sync::Picture picture) {
    std::vector<Taken> taken = take_together(transaction, fresh, picture);
    return taken.empty() ? take_one_by_one(transaction, fresh, picture) : taken;
}

}  // namespace vetchart::central
