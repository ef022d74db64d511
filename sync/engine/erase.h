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
    bool still_theirs = false;        ///< The owner is theirs now: every record's snapshot is the person's.
    std::string erased_at;            ///< format_utc; records written before it may carry the person's name.
    std::optional<std::string> name;  ///< The present owner's, when that is somebody else: not to be taken away.
};

/// The erased owners and their patients, as far as a batch names them.
struct Erasures {
    std::set<std::string> owners;
    std::map<std::string, ErasedPatient> patients;
};

/// Adds the patients that `batch` itself gives to an erased owner.
void note_patients(const std::vector<Transaction>& batch, Erasures& erasures);

/// `transaction` without the erased persons' values: an update of them vanishes, an insert or delete carries
/// kErased (or NULL, or an empty address) in their place. Other columns, and the digest, stay as they were sent.
[[nodiscard]] Transaction without_erased(const Transaction& transaction, const Erasures& erasures);

}  // namespace vetchart::sync
