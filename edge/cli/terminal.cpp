#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "edge/cli/commands.h"
#include "sync/base/error_codes.h"

namespace vetchart::edge {
namespace {

/// Keeps a terminal's echo off for as long as it lives.
class Silence {
public:
    explicit Silence(const std::string& prompt) {
        if (::isatty(STDIN_FILENO) == 0 || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        std::cerr << prompt << ": " << std::flush;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        active_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    ~Silence() {
        if (!active_) return;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        std::cerr << "\n";
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

private:
    termios before_{};
    bool active_ = false;
};

}  // namespace

int fail(const Error& error) {
    const std::string text = error.context.empty() ? std::string(to_string(error.code)) : error.context;
    std::cerr << "vetchart-edge: " << text << (error.slug.empty() ? "" : " [" + error.slug + "]") << "\n";
    return exit_code_of(error);
}

Result<std::string> read_password(const std::string& prompt) {
    const Silence silence(prompt);
    std::string line;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
        if (line.size() >= kPasswordBytesMax) {
            return Error{Errc::invalid_input, "the password is longer than 1024 bytes", "weak_password"};
        }
        line.push_back(static_cast<char>(c));
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) return Error{Errc::invalid_input, "a password is expected on standard input", "weak_password"};
    return line;
}

}  // namespace vetchart::edge
