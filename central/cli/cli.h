#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "central/store/pool.h"
#include "sync/base/error_codes.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

/// The commands of vetchart-central (docs/api.md). No clock, socket or database is built here: main.cpp hands them in.
namespace vetchart::central {

struct ServeCommand {
    PoolOptions pool;
    std::string host;
    std::uint16_t port = 0;
    std::optional<std::filesystem::path> tls_cert, tls_key;
    bool behind_proxy = false;
    std::size_t connections_max = 10000;
    std::string metrics = "open";  ///< open, loopback or off: who may read GET /metrics.
    std::string log_level;         ///< As --log-level was given: a level, or @FILE.
};

/// The level that `given` names: itself, or the first line of FILE where it is @FILE. Errors: invalid_input.
[[nodiscard]] Result<std::string> read_log_level(const std::string& given);

struct Environment {
    std::function<UtcMillis()> now;
    std::function<int(const ServeCommand&, Rng&)> serve;  ///< Until SIGTERM; returns the exit code.
    Rng& rng;
};

/// Parses and runs one command; returns the exit code. Never throws.
[[nodiscard]] int run_command(int argc, char** argv, const Environment& environment);

}  // namespace vetchart::central
