#include "edge/cli/settings.h"

#include <toml++/toml.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <utility>

#include "edge/store/file/files.h"
#include "sync/base/text.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kSettingsFileMax = 256U << 10U;

enum class Kind { text, path, flag, number, list };

struct Known {
    const char* name;
    Kind kind;
};

constexpr std::array<Known, 14> kKnown = {{{"listen", Kind::text},
                                           {"tls_cert", Kind::path},
                                           {"tls_key", Kind::path},
                                           {"lan", Kind::flag},
                                           {"behind_proxy", Kind::flag},
                                           {"central_url", Kind::text},
                                           {"ca", Kind::path},
                                           {"proxy", Kind::text},
                                           {"node_name", Kind::text},
                                           {"origins", Kind::list},
                                           {"hosts", Kind::list},
                                           {"metrics", Kind::text},
                                           {"log_level", Kind::text},
                                           {"sweep_seconds", Kind::number}}};

/// A setting as text, and where it was said.
struct Said {
    std::string value;
    std::string origin;
    bool by_flag = false;
};
using AllSaid = std::map<std::string, Said>;

Error wrong(const Said& said, const std::string& what) {
    return Error{Errc::invalid_input, said.origin + ": " + what, said.by_flag ? "usage" : "config"};
}

const Known* known(std::string_view name) {
    for (const Known& entry : kKnown) {
        if (name == entry.name) return &entry;
    }
    return nullptr;
}

std::string variable_of(std::string_view name) {
    std::string result = "VETCHART_";
    for (const char c : name) result += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return result;
}

std::string flag_of(std::string_view name) {
    std::string result = "--";
    for (const char c : name) result += c == '_' ? '-' : c;
    return result;
}

/// The value of a key of the file as text; a list's members are separated by commas.
std::optional<std::string> text_of(const toml::node& node, Kind kind) {
    switch (kind) {
        case Kind::text:
        case Kind::path:
            if (const auto* text = node.as_string()) return text->get();
            return std::nullopt;
        case Kind::flag:
            if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
            return std::nullopt;
        case Kind::number:
            if (const auto* number = node.as_integer()) return std::to_string(number->get());
            return std::nullopt;
        case Kind::list: {
            const auto* list = node.as_array();
            if (list == nullptr) return std::nullopt;
            std::string joined;
            for (const auto& member : *list) {
                const auto* text = member.as_string();
                if (text == nullptr) return std::nullopt;
                joined += (joined.empty() ? "" : ",") + text->get();
            }
            return joined;
        }
    }
    return std::nullopt;
}

const char* expected(Kind kind) {
    switch (kind) {
        case Kind::text: return "a text in quotes is expected";
        case Kind::path: return "the name of a file in quotes is expected";
        case Kind::flag: return "true or false is expected";
        case Kind::number: return "a whole number is expected";
        case Kind::list: return "a list of texts is expected";
    }
    return "";
}

Result<toml::table> parse_toml(const std::filesystem::path& file, const std::string& text) {
    try {
        return toml::parse(std::string_view(text), file.string());
    } catch (const toml::parse_error& error) {
        return Error{
            Errc::invalid_input,
            file.string() + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description()),
            "config"};
    }
}

Status read_file(const NodeFolder& folder, AllSaid& said) {
    const auto file = folder.settings();
    auto text = read_small_file(file, kSettingsFileMax);
    if (!text && text.error().code == Errc::not_found) return Done{};
    if (!text) return Error{Errc::invalid_input, text.error().context, "config"};
    VC_TRY_ASSIGN(const toml::table table, parse_toml(file, *text));
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        const Said where{{}, file.string() + ":" + std::to_string(node.source().begin.line) + ": " + name, false};
        const Known* setting = known(name);
        if (setting == nullptr) return wrong(where, "there is no such setting");
        auto value = text_of(node, setting->kind);
        if (!value) return wrong(where, expected(setting->kind));
        // A relative name in the file means beside the file.
        if (setting->kind == Kind::path && !value->empty()) value = (folder.root / *value).string();
        said[name] = Said{std::move(*value), where.origin, false};
    }
    return Done{};
}

void read_environment(const Environment& environment, AllSaid& said) {
    for (const Known& setting : kKnown) {
        const std::string variable = variable_of(setting.name);
        if (auto value = environment(variable); value && !value->empty()) {
            said[setting.name] = Said{std::move(*value), variable, false};
        }
    }
}

void read_flags(const std::map<std::string, std::string>& flags, AllSaid& said) {
    for (const auto& [name, value] : flags) {
        if (known(name) != nullptr) said[name] = Said{value, flag_of(name), true};
    }
}

Result<bool> flag_value(const Said& said) {
    const std::string text = ascii_lower(said.value);
    if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
    if (text == "false" || text == "0" || text == "no" || text == "off") return false;
    return wrong(said, "true or false is expected");
}

Result<std::chrono::milliseconds> sweep_value(const Said& said) {
    int seconds = 0;
    const char* last = said.value.data() + said.value.size();
    const auto [end, error] = std::from_chars(said.value.data(), last, seconds);
    if (error != std::errc{} || end != last || seconds < 1 || seconds > 60) {
        return wrong(said, "a number of seconds from 1 to 60 is expected");
    }
    return std::chrono::milliseconds(std::chrono::seconds(seconds));
}

/// The proxy's setting, else the variable that all programs share: in lower case, as curl wants it, or in capitals.
Status read_proxy(const AllSaid& said, const Environment& environment, ProxyRules& rules) {
    if (const auto own = said.find("proxy"); own != said.end() && !own->second.value.empty()) {
        rules.off = ascii_lower(own->second.value) == "none";
        if (rules.off) return Done{};
        auto proxy = parse_proxy(own->second.value);
        if (!proxy) return wrong(own->second, proxy.error().context);
        rules.own = std::move(*proxy);
        return Done{};
    }
    for (const char* name : {"no_proxy", "NO_PROXY"}) {
        if (auto hosts = environment(name); hosts && rules.exceptions.empty()) rules.exceptions = std::move(*hosts);
    }
    for (const char* name : {"https_proxy", "HTTPS_PROXY"}) {
        const auto value = environment(name);
        if (!value || value->empty()) continue;
        auto proxy = parse_proxy(*value);
        if (!proxy) return wrong(Said{{}, name, false}, proxy.error().context);
        rules.shared = std::move(*proxy);
        return Done{};
    }
    return Done{};
}

std::vector<std::string> list_value(const std::string& text) {
    std::vector<std::string> members;
    std::istringstream stream(text);
    for (std::string member; std::getline(stream, member, ',');) {
        const auto trimmed = trim_blanks(member);
        if (!trimmed.empty()) members.emplace_back(trimmed);
    }
    return members;
}

bool is_log_level(const std::string& text) {
    for (const char* level : {"debug", "info", "warn", "error"}) {
        if (text == level) return true;
    }
    return false;
}

Status apply(const std::string& name, const Said& said, Settings& settings) {
    if (name == "listen") {
        const auto address = parse_host_port(said.value);
        if (!address) return wrong(said, address.error().context);
        settings.listen = *address;
        settings.listen_origin = said.origin;
    } else if (name == "tls_cert" || name == "tls_key" || name == "ca") {
        (name == "ca" ? settings.ca : name == "tls_cert" ? settings.tls_cert : settings.tls_key) = said.value;
    } else if (name == "lan" || name == "behind_proxy") {
        VC_TRY_ASSIGN((name == "lan" ? settings.lan : settings.behind_proxy), flag_value(said));
    } else if (name == "central_url") {
        if (const auto url = parse_central_url(said.value); !url) return wrong(said, url.error().context);
        settings.central_url = said.value;
    } else if (name == "node_name") {
        if (!is_clean_utf8(said.value) || code_point_count(said.value) > 100) {
            return wrong(said, "a name of at most 100 characters is expected");
        }
        settings.node_name = said.value;
    } else if (name == "origins") {
        settings.origins = list_value(said.value);
    } else if (name == "hosts") {
        settings.hosts = list_value(said.value);
    } else if (name == "metrics") {
        if (said.value != "open" && said.value != "loopback" && said.value != "off") {
            return wrong(said, "open, loopback or off is expected");
        }
        settings.metrics = said.value;
    } else if (name == "log_level") {
        if (!is_log_level(said.value)) return wrong(said, "debug, info, warn or error is expected");
        settings.log_level = said.value;
    } else if (name == "sweep_seconds") {
        VC_TRY_ASSIGN(settings.sweep, sweep_value(said));
    }
    return Done{};
}

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "node";
    return std::string(name.data()).substr(0, 100);
}

}  // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr) return std::nullopt;
        return std::string(value);
    };
}

Result<Settings> load_settings(const std::map<std::string, std::string>& flags, const Environment& environment) {
    Settings settings;
    const auto data = flags.find("data");
    const auto variable = environment("VETCHART_DATA");
    std::string root = data != flags.end() ? data->second : variable.value_or("");
    if (root.empty()) return Error{Errc::invalid_input, "--data DIR (or VETCHART_DATA) is needed", "usage"};
    while (root.size() > 1 && root.back() == '/') root.pop_back();
    settings.folder.root = root;
    settings.node_name = host_name();
    AllSaid said;
    VC_TRY(read_file(settings.folder, said));
    read_environment(environment, said);
    read_flags(flags, said);
    for (const auto& [name, setting] : said) VC_TRY(apply(name, setting, settings));
    VC_TRY(read_proxy(said, environment, settings.proxy));
    if (settings.tls_cert.empty() != settings.tls_key.empty()) {
        const Said& half = settings.tls_cert.empty() ? said["tls_key"] : said["tls_cert"];
        return wrong(half, "tls_cert and tls_key go together");
    }
    return settings;
}

Status check_listen(const Settings& settings) {
    const std::string& host = settings.listen.host;
    if (!settings.tls_cert.empty() || is_loopback_host(host) || settings.behind_proxy) return Done{};
    if (settings.lan && is_private_host(host)) return Done{};
    const std::string why =
        settings.lan
            ? " is not a private address of this computer: plain HTTP is not served on it"
            : " is not loopback: give --tls-cert and --tls-key, or --lan for a private address, or --behind-proxy";
    const bool by_flag = settings.listen_origin.rfind("--", 0) == 0;
    return Error{Errc::invalid_input, settings.listen_origin + ": " + host + why, by_flag ? "usage" : "config"};
}

}  // namespace vetchart::edge
