#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/support/temp_dir.h"

namespace vetchart::e2e {

/// One daemon on loopback over plain HTTP, without the other: a node that nobody has set up, or central without
/// clinics.
class LoneDaemon {
public:
    /// `more`: further arguments of `serve`. `before`: a program that becomes the daemon (prlimit ...).
    static std::unique_ptr<LoneDaemon> node(const std::vector<std::string>& more = {},
                                            const std::vector<std::string>& before = {});
    static std::unique_ptr<LoneDaemon> central(const std::vector<std::string>& more = {});

    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] Process& process() { return *process_; }
    /// How many requests were answered so far, of whatever kind; asking is one more.
    [[nodiscard]] int answered() const;
    /// A line of a node's /proc/PID/status, in kB.
    [[nodiscard]] long status_kb(const std::string& name) const;

private:
    void start(const std::vector<std::string>& argv, const std::vector<std::string>& environment);

    test::TempDir folder_;
    std::unique_ptr<Process> process_;
    std::string url_;
    int port_ = 0;
};

}  // namespace vetchart::e2e
