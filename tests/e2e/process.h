#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace vetchart::e2e {

/// How long a condition may take before a test fails; generous, for a busy machine with two cores.
inline constexpr std::chrono::seconds kPatience{60};

/// Looks at `condition` until it holds; false when `patience` is over first.
[[nodiscard]] bool eventually(const std::function<bool()>& condition, std::chrono::seconds patience = kPatience);

/// A program of ours as a child process: its output is gathered, its pid is kept, and it never outlives the test (it is
/// killed with the thread that started it, so start only from the test's own thread). Its destructor kills it.
class Process {
public:
    /// Starts `argv` (argv[0] is the file) with `environment` ("NAME=value") on top of our own. Throws
    /// std::runtime_error.
    explicit Process(const std::vector<std::string>& argv, const std::vector<std::string>& environment = {});
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// The URL of its line `listening on URL`. Throws with its output when it ends or `patience` is over before.
    std::string wait_listening(std::chrono::seconds patience = kPatience);
    /// SIGTERM; returns the exit status. Throws when it has not ended after `patience`.
    int terminate(std::chrono::seconds patience = kPatience);
    /// Waits for an end of its own; returns the exit status. Throws as terminate() does.
    int wait_end(std::chrono::seconds patience = kPatience);
    void signal(int number);
    /// SIGKILL, and waits for the end.
    void kill();
    [[nodiscard]] bool alive();
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] std::string output();

private:
    void gather(int pipe);

    pid_t pid_ = -1;
    std::mutex lock_;
    std::condition_variable changed_;
    std::string output_;
    std::optional<int> status_;
    std::thread reader_;
};

}  // namespace vetchart::e2e
