#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/catalogue/catalogue.h"
#include "sync/model/change.h"

/// What a bill says is decided as one: its amounts, owner, patient, status, items and records, which are the columns of
/// Group::bill. A change that touches a bill's group carries the digest of the group as its writer saw it; central
/// compares it with the group that it has. Node and central make the digest by the one function here. Pure,
/// thread-safe. Source: docs/adr/0012-one-decider.md; docs/sync-protocol.md, push.
namespace vetchart::sync {

/// A bill and the rows that belong to it.
struct BillGroup {
    Json bill;  ///< Its image, of which the columns of the group are read; null: there is no such bill.
    /// Table, row id, image: every row of a part table that names the bill. Of a table whose group is its key (the
    /// joins) the row id counts alone.
    std::map<std::string, std::map<std::string, Json, std::less<>>, std::less<>> parts;
};

/// SHA-256 of the group's canonical text: `{"bill":{column:value,..},"parts":{table:{row id:{column:value,..}}}}`, keys
/// sorted, no blanks, a table without rows left out. The status sent is told as overdue is: the daily sweep of central
/// alone tells them apart. Equal for equal content, whatever the order of rows and columns was.
[[nodiscard]] Digest digest_of(const BillGroup& group);

/// The column by which a row of `table` names the bill whose group it is a part of; nullptr: its rows are parts of
/// none.
[[nodiscard]] const Column* bill_reference(const Table& table);

/// True when `column` of `table` is in the digest (or, in a part's key, says which row of the group it is).
[[nodiscard]] bool is_group_column(std::string_view table, std::string_view column);

/// The bill that a row of a part table names: by its key where the reference is in it, else by the image. Empty: none.
[[nodiscard]] std::string bill_named_by(const Table& table, std::string_view row_id, const Json& image);

/// The bills whose groups `change` touches by itself: that of a bill by an update of a column of its group or a delete,
/// those of an item by what it was and what it is, that of a join. Two where an item moves, the old one first. Neither
/// the insert of a bill is in it (nobody can have seen its group), nor an update of a bill's status alone: that counts
/// when something else in the transaction touches the group (touches_status).
/// `bill_before`: the bill that the row named before the change, read for an update of an item that does not move.
[[nodiscard]] std::vector<std::string> bills_touched(const Change& change, const std::string& bill_before);

/// True for an update of a bill's status, which is a part of the group when its transaction touches the group
/// elsewhere.
[[nodiscard]] bool touches_status(const Change& change);

/// The digest of the group of `bill_id` before `transaction`, as its writer saw it: the first that a change of it
/// carries. nullopt: the transaction inserts the bill, it touches nothing of the group, or its node knows no digests.
[[nodiscard]] std::optional<Digest> digest_seen(const Transaction& transaction, const std::string& bill_id);

}  // namespace vetchart::sync
