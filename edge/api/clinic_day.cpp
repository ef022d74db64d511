#include "edge/api/clinic_day.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "edge/api/zone_rule.h"

namespace vetchart::edge {
namespace {

// GCC 12 has no std::chrono time zones, and localtime() only knows the zone of the process. This reads the system's
// zone file (RFC 8536) as far as offsets go. Debian's hold every transition to 2037; a "slim" one only those that its
// rule, at the end of the file, does not tell.
struct Zone {
    std::vector<std::int64_t> starts;   ///< Unix seconds, ascending.
    std::vector<std::int64_t> offsets;  ///< Seconds east of UTC from the start with the same index.
    std::int64_t first_offset = 0;      ///< Before the first start.
    std::optional<ZoneRule> rule;       ///< From the last start on.
};

constexpr std::size_t kHeaderSize = 44;
constexpr std::size_t kZonesMax = 64;
constexpr std::size_t kFileBytesMax = 1U << 20U;

std::int64_t big_endian(std::string_view bytes) {
    std::uint64_t value = (static_cast<unsigned char>(bytes.front()) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
}

struct Counts {
    std::size_t utc, standard, leap, time, type, chars;
};

std::optional<Counts> read_counts(std::string_view data) {
    if (data.size() < kHeaderSize || !data.starts_with("TZif")) return std::nullopt;
    const auto at = [&](std::size_t i) {
        return std::min(kFileBytesMax, static_cast<std::size_t>(big_endian(data.substr(20 + 4 * i, 4)) & 0xffffffff));
    };
    return Counts{at(0), at(1), at(2), at(3), at(4), at(5)};
}

/// The rule in the line after the second block; without one the last transition holds for ever.
bool read_rule(std::string_view data, const Counts& counts, Zone& zone) {
    const std::size_t block =
        counts.time * 9 + counts.type * 6 + counts.chars + counts.leap * 12 + counts.standard + counts.utc;
    if (block > data.size()) return false;
    data.remove_prefix(block);
    if (data.size() < 2 || data.front() != '\n') return data.empty();
    const std::string_view text = data.substr(1, data.find('\n', 1) - 1);
    if (text.empty()) return true;
    zone.rule = ZoneRule::parse(text);
    return zone.rule.has_value();
}

std::optional<Zone> parse_zone(std::string_view data) {
    const auto first = read_counts(data);
    if (!first || data[4] < '2') return std::nullopt;
    // The second block repeats the first with 64-bit times.
    const std::size_t skip =
        kHeaderSize + first->time * 5 + first->type * 6 + first->chars + first->leap * 8 + first->standard + first->utc;
    if (skip > data.size()) return std::nullopt;
    data.remove_prefix(skip);
    const auto counts = read_counts(data);
    if (!counts || counts->type == 0) return std::nullopt;
    data.remove_prefix(kHeaderSize);
    if (data.size() < counts->time * 9 + counts->type * 6) return std::nullopt;
    const std::string_view indexes = data.substr(counts->time * 8, counts->time);
    const std::string_view types = data.substr(counts->time * 9, counts->type * 6);
    const auto offset = [&](std::size_t type) { return big_endian(types.substr(type * 6, 4)); };
    Zone zone;
    zone.first_offset = offset(0);
    for (std::size_t i = 0; i < counts->time; ++i) {
        const auto type = static_cast<std::size_t>(static_cast<unsigned char>(indexes[i]));
        if (type >= counts->type) return std::nullopt;
        zone.starts.push_back(big_endian(data.substr(i * 8, 8)));
        zone.offsets.push_back(offset(type));
    }
    if (!read_rule(data, *counts, zone)) return std::nullopt;
    return zone;
}

/// False for a name that would leave the folder of the zones.
bool is_zone_name(const std::string& name) {
    constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    return !name.empty() && name.size() <= 100 && name.front() != '/' &&
           name.find_first_not_of(kAllowed) == std::string::npos;
}

/// Area/Place: what central takes, too. Neither `EST5EDT` and `CET`, which are rules and no places, nor `posixrules`,
/// `localtime` and `right/..`, which are files beside the zones (docs/schema.md, "Time zones").
bool has_zone_form(const std::string& name) {
    if (!is_zone_name(name) || name.find('/') == std::string::npos || name.back() == '/') return false;
    for (std::size_t at = 0; at != std::string::npos; at = name.find('/', at + 1)) {
        const char first = name[at == 0 ? 0 : at + 1];
        if (first < 'A' || first > 'Z') return false;
    }
    return true;
}

std::optional<Zone> read_zone(const std::string& name) {
    if (!is_zone_name(name)) return std::nullopt;
    const char* folder = std::getenv("TZDIR");
    const auto path = std::filesystem::path(folder != nullptr ? folder : "/usr/share/zoneinfo") / name;
    // `Europe` is a folder, and reading a folder throws.
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(path, unknown)) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    const std::string data((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (data.size() > kFileBytesMax) return std::nullopt;
    return parse_zone(data);
}

std::int64_t offset_at(const Zone& zone, std::int64_t seconds) {
    const auto next = std::upper_bound(zone.starts.begin(), zone.starts.end(), seconds);
    if (next == zone.starts.end() && zone.rule) return zone.rule->offset_at(seconds);
    if (next == zone.starts.begin()) return zone.first_offset;
    return zone.offsets[static_cast<std::size_t>(next - zone.starts.begin()) - 1];
}

}  // namespace

bool is_known_zone(const std::string& timezone) {
    return timezone == "UTC" || (has_zone_form(timezone) && read_zone(timezone));
}

bool has_zone_data() {
    constexpr std::array kEverywhere = {"UTC", "Etc/UTC", "Europe/Berlin", "America/New_York"};
    return std::any_of(kEverywhere.begin(), kEverywhere.end(), [](const char* name) { return read_zone(name); });
}

std::string clinic_day(const std::string& timezone, UtcMillis now) {
    static std::mutex lock;
    static std::map<std::string, Zone> zones;
    const std::lock_guard guard(lock);
    auto found = zones.find(timezone);
    if (found == zones.end()) {
        if (zones.size() >= kZonesMax) zones.clear();
        found = zones.emplace(timezone, read_zone(timezone).value_or(Zone{})).first;
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    return format_utc(now + std::chrono::seconds(offset_at(found->second, seconds))).substr(0, 10);
}

}  // namespace vetchart::edge
