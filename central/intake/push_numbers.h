#pragma once

#include <string>
#include <vector>

#include "central/intake/push_records.h"

/// Provisional numbers under the intake (docs/data-rules.md): a node gives those of its own codes, anything else it
/// sends is renumbered by the bill's trigger and told. Set-based; pqxx's exceptions pass through.
namespace vetchart::central {

/// Before rows of `node_id` are written in this transaction: the bill's trigger knows whose they are. A code that
/// nobody has, on a bill of `batch`, becomes this node's: one of a life that central never heard of (worked alone,
/// restored before it enrolled). A few a node, so that nobody gathers codes.
void claim_numbers(pqxx::dbtransaction& transaction, const std::string& node_id,
                   const std::vector<const sync::Transaction*>& batch);

/// After the rows were written: a notice for each new bill that did not get the number it came with.
void notice_numbers(pqxx::dbtransaction& transaction, std::vector<Taken>& batch);

}  // namespace vetchart::central
