#pragma once

#include <cstdint>
#include <string>

#include "sync/base/rng.h"
#include "sync/base/time.h"
#include "sync/engine/decide.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

/// From which life of which node transactions came, and when they are accepted.
struct Receipt {
    std::string node_id;
    std::int64_t incarnation_id = 0;
    UtcMillis now;
    Rng& rng;  ///< The ids of items are drawn from it.
};

/// One transaction of a batch, and what central made of it.
struct Decided {
    const sync::Transaction* transaction = nullptr;  ///< Never null; of the batch, which must outlive this.
    sync::Decision decision;                         ///< The images of its writes may be gone: they are in the rows.
    sync::Outcome outcome = sync::Outcome::applied;
    std::string code, reason;  ///< Of a held one.
    std::string item_id;       ///< Of a held one its item, of a merged one the first of its conflicts; else empty.
};

}  // namespace vetchart::central
