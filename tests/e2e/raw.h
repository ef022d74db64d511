#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/http.h"

namespace vetchart::e2e {

/// Sends bytes as they are to a plain HTTP server on loopback and returns all that comes back until it closes.
/// After `patience` it returns what came so far, with `closed` false. Safe in several threads.
struct RawAnswer {
    std::string bytes;
    bool closed = false;
};
[[nodiscard]] RawAnswer exchange_raw(int port, std::string_view bytes, int patience_ms = 20000);

/// The answers in `bytes`, one after the other; interim ones (100) are left out. An answer that is cut, or bytes that
/// are none, end the list with a reply of status 0. `first_is_head`: the first one has no body.
[[nodiscard]] std::vector<Reply> split_answers(std::string_view bytes, bool first_is_head = false);

/// The port of `http://host:port`.
[[nodiscard]] int port_of(const std::string& url);

}  // namespace vetchart::e2e
