#include "edge/link/control.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "edge/store/file/files.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<Errc, 10> kAllErrc = {
    Errc::invalid_input,   Errc::not_found,    Errc::conflict, Errc::busy,      Errc::unavailable,
    Errc::outcome_unknown, Errc::out_of_space, Errc::corrupt,  Errc::forbidden, Errc::internal};

class Descriptor {
public:
    explicit Descriptor(int value = -1) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    [[nodiscard]] int get() const { return value_; }
    [[nodiscard]] bool ok() const { return value_ >= 0; }

private:
    int value_;
};

Error system_error(const char* what) {
    return Error{Errc::internal, std::string(what) + ": " + std::generic_category().message(errno)};
}

/// A socket's address through the open folder, since the path of a socket ends at 107 bytes and a folder's need not.
struct SocketAddress {
    Descriptor folder;
    sockaddr_un address{};
};

Result<SocketAddress> address_of(const NodeFolder& folder) {
    SocketAddress result;
    result.folder = Descriptor(::open(folder.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!result.folder.ok()) return system_error("open the folder");
    const std::string path = "/proc/self/fd/" + std::to_string(result.folder.get()) + "/control.sock";
    result.address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), std::begin(result.address.sun_path));
    return result;
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

/// Waits until `descriptor` is ready for `events`. False: the deadline passed, or `stop` was signalled.
bool wait_ready(int descriptor, short events, Clock::time_point deadline, int stop) {
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        std::array<pollfd, 2> watched{pollfd{descriptor, events, 0}, pollfd{stop, POLLIN, 0}};
        const int ready =
            ::poll(watched.data(), stop >= 0 ? 2 : 1, static_cast<int>(std::min<std::int64_t>(left, 60000)));
        if (ready < 0 && errno != EINTR) return false;
        if (ready <= 0) continue;
        if (stop >= 0 && watched[1].revents != 0) return false;
        return true;
    }
}

/// Reads one line, without its end. nullopt: the socket was closed, or the line is too long or too late.
std::optional<std::string> read_line(int socket, Clock::time_point deadline, int stop) {
    std::string line;
    std::array<char, 4096> piece{};
    while (line.size() <= kControlBytesMax) {
        if (!wait_ready(socket, POLLIN, deadline, stop)) return std::nullopt;
        const ssize_t got = ::recv(socket, piece.data(), piece.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got <= 0) return std::nullopt;
        const std::string_view read(piece.data(), static_cast<std::size_t>(got));
        const auto end = read.find('\n');
        line.append(read.substr(0, end));
        if (end != std::string_view::npos) return line;
    }
    return std::nullopt;
}

bool write_line(int socket, std::string line, Clock::time_point deadline, int stop) {
    line += '\n';
    std::string_view left = line;
    while (!left.empty()) {
        if (!wait_ready(socket, POLLOUT, deadline, stop)) return false;
        const ssize_t sent = ::send(socket, left.data(), left.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (sent < 0) return false;
        left.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

sync::Json reply_of(const Result<sync::Json>& result) {
    if (!result) {
        return {{"ok", false},
                {"error", result.error().context},
                {"code", result.error().slug},
                {"errc", to_string(result.error().code)}};
    }
    sync::Json reply = result->is_object() ? *result : sync::Json::object();
    reply["ok"] = true;
    return reply;
}

Result<sync::Json> result_of(const sync::Json& reply) {
    if (!reply.is_object()) return Error{Errc::unavailable, "the daemon's answer is no object"};
    if (reply.value("ok", sync::Json()) == sync::Json(true)) return reply;
    const auto text = [&](const char* key) {
        const auto found = reply.find(key);
        return found != reply.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    Error error{Errc::internal, text("error"), text("code")};
    for (const Errc code : kAllErrc) {
        if (text("errc") == to_string(code)) error.code = code;
    }
    return error;
}

}  // namespace

struct ControlServer::Impl {
    Descriptor listener;
    Descriptor stop;
    std::filesystem::path path;
    ControlHandler handler;
    std::chrono::milliseconds line_timeout{};
    std::vector<std::thread> workers;

    void work() {
        std::array<pollfd, 2> watched{pollfd{listener.get(), POLLIN, 0}, pollfd{stop.get(), POLLIN, 0}};
        while (true) {
            if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
            if (watched[1].revents != 0) return;
            // The listener does not block: of several workers woken by one client, one gets it.
            const Descriptor client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (client.ok()) answer(client.get());
        }
    }

    void answer(int client) const {
        auto line = read_line(client, Clock::now() + line_timeout, stop.get());
        Result<sync::Json> result = Error{Errc::invalid_input, "one line of JSON was expected", "malformed"};
        if (line) {
            auto request = sync::parse_json(*line);
            if (request && request->is_object()) result = handler(*request);
        }
        // The answer of a request that was carried out goes out also while the daemon stops.
        const std::string text = reply_of(result).dump(-1, ' ', false, sync::Json::error_handler_t::replace);
        if (!write_line(client, text, Clock::now() + line_timeout, -1)) {
            spdlog::info("control: a client left before its answer");
        }
    }
};

ControlServer::ControlServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<ControlServer>> ControlServer::start(const NodeFolder& folder, ControlHandler handler,
                                                            std::chrono::milliseconds line_timeout) {
    VC_TRY_ASSIGN(const SocketAddress address, address_of(folder));
    auto impl = std::make_unique<Impl>();
    impl->path = folder.control_socket();
    impl->handler = std::move(handler);
    impl->line_timeout = line_timeout;
    impl->stop = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    impl->listener = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!impl->stop.ok() || !impl->listener.ok()) return system_error("make the control socket");
    ::unlink(impl->path.c_str());
    // On Linux the socket file takes the descriptor's mode: it is 0600 from the first moment.
    if (::fchmod(impl->listener.get(), S_IRUSR | S_IWUSR) != 0) return system_error("protect the control socket");
    if (::bind(impl->listener.get(), generic(address.address), sizeof(address.address)) != 0 ||
        ::chmod(impl->path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(impl->listener.get(), 16) != 0) {
        return system_error("bind the control socket");
    }
    VC_TRY(give_to_owner(impl->path, folder.root));
    for (int i = 0; i < kControlWorkers; ++i) impl->workers.emplace_back([raw = impl.get()] { raw->work(); });
    return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

ControlServer::~ControlServer() {
    const std::uint64_t signal = 1;
    if (::write(impl_->stop.get(), &signal, sizeof(signal)) < 0) spdlog::error("control: cannot signal the stop");
    for (auto& worker : impl_->workers) worker.join();
    ::unlink(impl_->path.c_str());
}

Result<sync::Json> control_call(const NodeFolder& folder, const sync::Json& request,
                                std::chrono::milliseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    const Error no_daemon{Errc::not_found, "no daemon listens in " + folder.root.string(), "no_daemon"};
    const auto address = address_of(folder);
    if (!address) return no_daemon;
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.ok()) return system_error("make a socket");
    if (::connect(socket.get(), generic(address->address), sizeof(address->address)) != 0) return no_daemon;
    if (!write_line(socket.get(), request.dump(), deadline, -1)) {
        return Error{Errc::unavailable, "the daemon does not take the request", "control_timeout"};
    }
    const auto line = read_line(socket.get(), deadline, -1);
    if (!line) return Error{Errc::unavailable, "no answer from the daemon in time", "control_timeout"};
    VC_TRY_ASSIGN(const sync::Json reply, sync::parse_json(*line));
    return result_of(reply);
}

}  // namespace vetchart::edge
