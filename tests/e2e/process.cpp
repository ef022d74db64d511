#include "tests/e2e/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace vetchart::e2e {
namespace {

constexpr int kLookEveryMs = 25;
constexpr std::string_view kListening = "listening on ";

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

/// Our own environment with `more` on top. environ is read before the fork: after it only exec is safe.
std::vector<std::string> environment_with(const std::vector<std::string>& more) {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        bool replaced = false;
        for (const auto& added : more) replaced = replaced || text.starts_with(added.substr(0, added.find('=') + 1));
        if (!replaced) result.push_back(text);
    }
    result.insert(result.end(), more.begin(), more.end());
    return result;
}

/// The URL of the line, once the line is whole.
std::optional<std::string> listening_url(const std::string& output) {
    for (auto at = output.find(kListening); at != std::string::npos; at = output.find(kListening, at + 1)) {
        if (at != 0 && output[at - 1] != '\n') continue;
        const auto start = at + kListening.size();
        const auto end = output.find('\n', start);
        if (end == std::string::npos) return std::nullopt;
        auto url = output.substr(start, output.find_first_of(" \n", start) - start);
        if (url.ends_with('/')) url.pop_back();
        return url;
    }
    return std::nullopt;
}

}  // namespace

bool eventually(const std::function<bool()>& condition, std::chrono::seconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        poll(nullptr, 0, kLookEveryMs);  // the pace of looking: another process's state gives no event to wait for
    }
    return true;
}

Process::Process(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
    auto arguments = argv;
    auto variables = environment_with(environment);
    const auto argument_pointers = pointers(arguments);
    const auto variable_pointers = pointers(variables);
    std::array<int, 2> pipe{};
    if (pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("no fork");
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(nothing, STDIN_FILENO);
        dup2(pipe[1], STDOUT_FILENO);
        dup2(pipe[1], STDERR_FILENO);
        execve(argument_pointers[0], argument_pointers.data(), variable_pointers.data());
        _exit(127);
    }
    close(pipe[1]);
    reader_ = std::thread([this, end = pipe[0]] { gather(end); });
}

Process::~Process() {
    kill();
    reader_.join();
}

void Process::gather(int pipe) {
    std::array<char, 4096> buffer{};
    ssize_t size = 0;
    while ((size = read(pipe, buffer.data(), buffer.size())) > 0) {
        const std::lock_guard hold(lock_);
        output_.append(buffer.data(), static_cast<std::size_t>(size));
        changed_.notify_all();
    }
    close(pipe);
    // Waits without reaping, then reaps under the lock: whoever signals under the lock never hits another process.
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    const std::lock_guard hold(lock_);
    int status = 0;
    waitpid(pid_, &status, 0);
    status_ = status;
    changed_.notify_all();
}

std::string Process::wait_listening(std::chrono::seconds patience) {
    std::unique_lock hold(lock_);
    std::optional<std::string> url;
    changed_.wait_for(hold, patience, [&] { return (url = listening_url(output_)) || status_; });
    if (!url) throw std::runtime_error("does not listen:\n" + output_);
    return *url;
}

int Process::terminate(std::chrono::seconds patience) {
    signal(SIGTERM);
    return wait_end(patience);
}

void Process::signal(int number) {
    const std::lock_guard hold(lock_);
    if (!status_) ::kill(pid_, number);
}

int Process::wait_end(std::chrono::seconds patience) {
    std::unique_lock hold(lock_);
    if (!changed_.wait_for(hold, patience, [&] { return status_.has_value(); })) {
        throw std::runtime_error("does not end:\n" + output_);
    }
    return WIFEXITED(*status_) ? WEXITSTATUS(*status_) : 128 + WTERMSIG(*status_);
}

void Process::kill() {
    std::unique_lock hold(lock_);
    if (!status_) ::kill(pid_, SIGKILL);
    changed_.wait(hold, [&] { return status_.has_value(); });
}

bool Process::alive() {
    const std::lock_guard hold(lock_);
    return !status_;
}

std::string Process::output() {
    const std::lock_guard hold(lock_);
    return output_;
}

}  // namespace vetchart::e2e
