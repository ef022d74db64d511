#include "sync/base/peer_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace vetchart {
namespace {

constexpr std::size_t kTextMax = 64;

using Bytes = std::array<std::uint8_t, 16>;

/// The address as IPv6; an IPv4 address is mapped into it.
std::optional<Bytes> parse(std::string_view text) {
    if (text.size() > kTextMax || text.find('\0') != std::string_view::npos) return std::nullopt;
    const std::string address(text.substr(0, text.find('%')));
    Bytes bytes{};
    if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return bytes;
    bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (::inet_pton(AF_INET, address.c_str(), bytes.data() + 12) == 1) return bytes;
    return std::nullopt;
}

bool is_mapped(const Bytes& bytes) {
    constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

std::string text_of(int family, const void* bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_ntop(family, bytes, text.data(), text.size()) == nullptr ? std::string() : std::string(text.data());
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

bool is_loopback_address(std::string_view address) {
    const auto bytes = parse(address);
    if (!bytes) return false;
    if (is_mapped(*bytes)) return (*bytes)[12] == 127;
    return std::all_of(bytes->begin(), bytes->end() - 1, [](std::uint8_t byte) { return byte == 0; }) &&
           bytes->back() == 1;
}

std::string address_block(std::string_view address) {
    auto bytes = parse(address);
    if (!bytes) return std::string(address.substr(0, kTextMax));
    if (is_mapped(*bytes)) return text_of(AF_INET, bytes->data() + 12);
    std::fill(bytes->begin() + 8, bytes->end(), std::uint8_t{0});
    return text_of(AF_INET6, bytes->data()) + "/64";
}

std::optional<std::string> last_forwarded(std::string_view header) {
    if (const auto comma = header.rfind(','); comma != std::string_view::npos) header.remove_prefix(comma + 1);
    std::string_view entry = trimmed(header);
    if (entry.starts_with('[')) {
        entry = entry.substr(1, entry.find(']') - 1);
    } else if (std::count(entry.begin(), entry.end(), ':') == 1) {
        entry = entry.substr(0, entry.find(':'));
    }
    if (!parse(entry)) return std::nullopt;
    return std::string(entry);
}

}  // namespace vetchart
