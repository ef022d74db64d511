#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "central/api/central_api.h"
#include "edge/link/transport.h"
#include "sync/wire/messages.h"

namespace vetchart::test {

/// A line in one process: a node's bytes go to central's handlers and the answer's come back, as far as its faults let
/// them. As over a real line, central keeps what came of a push that was cut.
class Line : public edge::Transport {
public:
    /// How many bytes of the bodies of one call get through before the line is cut.
    struct Fate {
        std::size_t request_bytes = std::numeric_limits<std::size_t>::max();
        std::size_t answer_bytes = std::numeric_limits<std::size_t>::max();  ///< 0: no head either.
    };

    explicit Line(central::CentralApi& central) : central_(central) {}

    [[nodiscard]] edge::Delivery call(const edge::LineRequest& request) override;
    [[nodiscard]] std::chrono::milliseconds quiet() override { return {}; }
    void interrupt() override { interrupted_ = true; }

    std::function<Fate(const edge::LineRequest&)> fate;  ///< Asked before each call; none: all get through.
    int page_rows_max = 0;                               ///< Not 0: a page has no more rows than these.
    std::vector<sync::TransactionResult> results;        ///< What central decided, in the order of its answers.
    std::size_t bytes = 0;                               ///< Of bodies, both ways, as they went over the line.

private:
    [[nodiscard]] central::Request arrived_at_central(const edge::LineRequest& request) const;
    void note_results(const central::Response& response);

    central::CentralApi& central_;
    bool interrupted_ = false;
};

}  // namespace vetchart::test
