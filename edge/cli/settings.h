#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "edge/link/node_folder.h"
#include "edge/link/proxy.h"
#include "sync/base/central_url.h"
#include "sync/base/result.h"

namespace vetchart::edge {

/// What a node is told from outside: flags, then VETCHART_* variables, then DIR/edge.toml. Each setting has one
/// name: `tls_cert` is the flag --tls-cert, the variable VETCHART_TLS_CERT and the key `tls_cert`.
struct Settings {
    NodeFolder folder;
    HostPort listen{"127.0.0.1", 8080};
    std::string listen_origin = "the default";
    std::filesystem::path tls_cert;
    std::filesystem::path tls_key;
    bool lan = false;
    bool behind_proxy = false;
    std::string central_url;  ///< Empty: the one the node enrolled with.
    std::filesystem::path ca;
    ProxyRules proxy;                  ///< Setting `proxy` (or "none"), else HTTPS_PROXY and NO_PROXY.
    std::string node_name;             ///< The host's name when nothing is said.
    std::vector<std::string> origins;  ///< Web pages elsewhere that may call the API.
    std::vector<std::string> hosts;    ///< Names under which browsers ask for this node, beside its own.
    std::string metrics = "open";      ///< open, loopback or off: who may read GET /metrics.
    std::string log_level = "info";
    std::chrono::milliseconds sweep{30000};
};

/// Looks a variable up in the environment.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
[[nodiscard]] Environment process_environment();

/// `flags`: what was given on the command line, by setting name. Errors: invalid_input with slug `usage` (a flag,
/// or no --data at all) or `config` (a variable by its name; the file by name, line and key).
[[nodiscard]] Result<Settings> load_settings(const std::map<std::string, std::string>& flags,
                                             const Environment& environment);

/// Where the API may be served: plain HTTP on loopback, with `lan` on private addresses, or behind a proxy; TLS
/// anywhere. The error names the setting that has to change.
[[nodiscard]] Status check_listen(const Settings& settings);

}  // namespace vetchart::edge
