#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace vetchart::load {

/// One request that a person's page makes.
struct Call {
    std::string name;  ///< The row of the table it is counted under.
    std::string method, path, body;
};

struct Plan {
    std::string url, token;
    double rate = 200;  ///< Requests a second.
    std::chrono::seconds length{30};
    int connections = 32;
    /// Request i is calls[i % calls.size()]: the mix is its shares of this list, which is shuffled already.
    std::vector<Call> calls;
};

/// What came of one request. Its time runs from when it was due, so one that had to wait for a connection has waited.
struct Sample {
    std::size_t call = 0;  ///< Index into Plan::calls.
    double took_ms = 0;
    int status = 0;  ///< 0: no answer.
    std::uint64_t bytes = 0;
};

/// Sends request i at start + i / rate, whatever became of those before (an open loop: a server that falls behind is
/// not waited for), over kept-alive connections, each with a thread of its own.
[[nodiscard]] std::vector<Sample> run_plan(const Plan& plan);

/// Prints a table of `samples`, a row each name and one of all. True when all of them hold: p95 and p99 below the two
/// bounds (milliseconds), and fewer than 1 % failed.
[[nodiscard]] bool report(const Plan& plan, const std::vector<Sample>& samples, double p95_max, double p99_max);

}  // namespace vetchart::load
