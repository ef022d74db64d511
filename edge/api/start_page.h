#pragma once

#include <string_view>

namespace vetchart::edge {

/// edge/web/index.html, embedded at configure time.
[[nodiscard]] std::string_view start_page();

}  // namespace vetchart::edge
