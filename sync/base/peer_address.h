#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vetchart {

/// True for 127.0.0.0/8 and ::1, also written as IPv4 within IPv6.
[[nodiscard]] bool is_loopback_address(std::string_view address);

/// The key under which attempts from one place are counted: an IPv4 address (also one written within IPv6), or the /64
/// of an IPv6 one, which one line has. Text that is no address stands for itself, shortened.
[[nodiscard]] std::string address_block(std::string_view address);

/// The last entry of an X-Forwarded-For header, the one that the last proxy wrote: everything before it came from
/// outside. nullopt: it is no address. A port and brackets are left off.
[[nodiscard]] std::optional<std::string> last_forwarded(std::string_view header);

}  // namespace vetchart
