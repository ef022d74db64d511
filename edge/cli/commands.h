#pragma once

#include <functional>
#include <string>

#include "edge/cli/open_node.h"
#include "edge/cli/settings.h"
#include "edge/link/transport.h"
#include "edge/store/people/accounts.h"

/// The commands of vetchart-edge. Each prints its result on standard output (a JSON object with `json`), and what
/// went wrong as one line on standard error, and returns the exit code of docs/api.md.
namespace vetchart::edge {

struct Command {
    Settings settings;
    bool json = false;
    Now now;
    OpenLine open_line;
    Rng& rng;
    std::function<Result<Settings>()> reread{};  ///< The settings as they are now, for SIGHUP.
};

[[nodiscard]] int run_init(const Command& command, FirstAdmin admin);

struct EnrollArguments {
    std::string token;
    std::string into;
};
[[nodiscard]] int run_enroll(const Command& command, const EnrollArguments& arguments);
[[nodiscard]] int run_serve(const Command& command);
[[nodiscard]] int run_sync(const Command& command);
[[nodiscard]] int run_status(const Command& command);
[[nodiscard]] int run_check(const Command& command, bool against_central);
[[nodiscard]] int run_backup(const Command& command, const std::string& file);
[[nodiscard]] int run_restore(const Command& command, const std::string& file);
[[nodiscard]] int run_set_password(const Command& command, const std::string& email);

/// Prints `error` and gives its exit code.
int fail(const Error& error);

/// One line of standard input, without echo on a terminal, `prompt` on standard error then. Errors: invalid_input
/// (nothing there, or over 1024 bytes).
[[nodiscard]] Result<std::string> read_password(const std::string& prompt);

}  // namespace vetchart::edge
