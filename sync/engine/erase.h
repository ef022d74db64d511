#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sync/model/change.h"

/// What an erasure of owners does to the changes a node sends later (docs/retention.md). Pure.
namespace vetchart::sync {

/// What stands in a required name after an erasure, in both engines.
inline constexpr const char* kErased = "(erased)";

/// A patient that an erased owner has or had.
struct ErasedPatient {
    bool still_theirs = false;   ///< The erased owner has it now: every snapshot in its records is theirs.
    bool changes_hands = false;  ///< The batch gives it to another, or takes it from one: a snapshot may be of either.
};

/// A person who was not erased: a snapshot may go on carrying their name and phone.
struct Person {
    std::string first_name, last_name, phone;  ///< No phone: empty.
};

/// The erased owners and their patients, as far as a batch names them.
struct Erasures {
    std::set<std::string> owners;
    std::map<std::string, ErasedPatient> patients;
    std::map<std::string, Person> people;  ///< By owner id: whoever has a snapshot's name, and whom the batch edits.
    std::map<std::string, std::set<std::string>> known_names;  ///< Their names, each with every phone beside it.
};

/// Adds what `batch` itself tells: patients given to an erased owner or taken from one, and the names that other
/// owners get. Call when `owners`, `patients` and `people` are filled, for the earlier work of the same node first.
void note_batch(const std::vector<Transaction>& batch, Erasures& erasures);

/// `transaction` without the erased persons' values: an update of them vanishes, an insert or delete carries
/// kErased (or NULL, or an empty address) in their place. Other columns, and the digest, stay as they were sent.
/// Moved in and out, its changes stay where they are in memory.
[[nodiscard]] Transaction without_erased(Transaction transaction, const Erasures& erasures);

}  // namespace vetchart::sync
