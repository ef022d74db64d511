#pragma once

#include <string>
#include <vector>

#include "central/accept/batch.h"
#include "central/accept/decided.h"
#include "central/store/pool.h"

/// Provisional bill numbers: a node gives those of its own codes; any other that it sends is renumbered by the bill's
/// trigger, and a notice tells of it. Set-based; pqxx's exceptions pass through.
namespace vetchart::central {

/// Before rows of `node_id` are written in this database transaction: tells the bill's trigger whose they are. A code
/// that nobody has, on a bill of `batch`, becomes this node's: it is of a life that central never heard of (of a node
/// that worked alone, or was restored before it enrolled). A few a node, so that nobody gathers codes.
void claim_numbers(pqxx::dbtransaction& db, const std::string& node_id, const Batch& batch);

/// After the rows were written: adds a notice for each new bill that did not get the number it came with.
void notice_numbers(pqxx::dbtransaction& db, std::vector<Decided>& batch);

}  // namespace vetchart::central
