#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/load/fixed_rate.h"

namespace vetchart::load {

/// Makes a small clinic through a node's API: 150 owners, 300 patients, 900 records, 300 appointments, 300 bills.
/// Throws std::runtime_error with the answer that was no success.
void make_small_clinic(const std::string& url, const std::string& token);

/// The old pages' mix against a small clinic: whole lists, as they ask for them.
[[nodiscard]] std::vector<Call> whole_lists(const std::string& url, const std::string& token, std::uint32_t seed);
/// The same mix against a large one: pages of 50, searches, bills by status.
[[nodiscard]] std::vector<Call> pages_of_lists(const std::string& url, const std::string& token, std::uint32_t seed);
/// Headquarters: its pages, a month of each report, and the probes of the old load scripts.
[[nodiscard]] std::vector<Call> headquarters(std::uint32_t seed);

/// Logs in as the old pages do; the token.
[[nodiscard]] std::string log_in(const std::string& url, const std::string& name, const std::string& password);

}  // namespace vetchart::load
