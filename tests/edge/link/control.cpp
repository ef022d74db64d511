#include "edge/link/control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temp_dir.h"

using namespace vetchart;
using namespace vetchart::edge;
using namespace std::chrono_literals;

namespace {

Result<sync::Json> echo(const sync::Json& request) {
    if (request.contains("fail")) return Error{Errc::forbidden, "no", "no_such_right"};
    return sync::Json{{"echo", request.value("text", std::string())}};
}

/// A client that sends what it is told and nothing else.
class RawClient {
public:
    explicit RawClient(const NodeFolder& folder) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = folder.control_socket().string();
        std::copy(path.begin(), path.end(), std::begin(address.sun_path));
        REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    }
    ~RawClient() { ::close(socket_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool send(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// Reads all that comes until the server closes, or until the deadline.
    std::string read_all(std::chrono::milliseconds timeout) const {
        const auto deadline = std::chrono::steady_clock::now() + timeout;
        std::string text;
        std::array<char, 4096> piece{};
        while (std::chrono::steady_clock::now() < deadline) {
            pollfd watched{socket_, POLLIN, 0};
            if (::poll(&watched, 1, 100) <= 0) continue;
            const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
            if (got <= 0) return text;
            text.append(piece.data(), static_cast<std::size_t>(got));
        }
        FAIL("the server kept the connection open");
        return text;
    }

private:
    int socket_;
};

}  // namespace

TEST_CASE("control: a request is answered, an error comes over with its kind and slug", "[edge][control]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path()};
    const auto server = ControlServer::start(folder, echo);
    REQUIRE(server.ok());
    struct stat info {};
    REQUIRE(::stat(folder.control_socket().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600U);
    const auto answer = control_call(folder, {{"text", "hello\n\"you\""}}, 5s);
    REQUIRE(answer.ok());
    CHECK(answer->value("echo", std::string()) == "hello\n\"you\"");
    const auto refused = control_call(folder, {{"fail", 1}}, 5s);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::forbidden);
    CHECK(refused.error().slug == "no_such_right");
    CHECK(refused.error().context == "no");
}

TEST_CASE("control: without a daemon the call says so at once", "[edge][control]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path()};
    CHECK(control_call(folder, {{"text", "x"}}, 5s).error().slug == "no_daemon");
    { REQUIRE(ControlServer::start(folder, echo).ok()); }
    CHECK_FALSE(std::filesystem::exists(folder.control_socket()));
    CHECK(control_call(NodeFolder{temp / "missing"}, {{"text", "x"}}, 5s).error().slug == "no_daemon");
}

TEST_CASE("control: a folder's name longer than a socket path may be", "[edge][control]") {
    const test::TempDir temp;
    const NodeFolder folder{temp / std::string(150, 'l')};
    REQUIRE(make_folder(folder).ok());
    const auto server = ControlServer::start(folder, echo);
    REQUIRE(server.ok());
    CHECK(control_call(folder, {{"text", "x"}}, 5s).ok());
}

TEST_CASE("control: garbage is answered with an error and harms nobody", "[edge][control]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path()};
    const auto server = ControlServer::start(folder, echo);
    REQUIRE(server.ok());
    const std::vector<std::string> lines = {"\n", "nonsense\n", "[1]\n", std::string("\0\xff\n", 3),
                                            std::string(200000, '[') + "\n"};
    for (const auto& line : lines) {
        const RawClient client(folder);
        REQUIRE(client.send(line));
        CHECK(client.read_all(10s).find("\"ok\":false") != std::string::npos);
    }
    CHECK(control_call(folder, {{"text", "x"}}, 5s).ok());
}

TEST_CASE("control: a line without end is cut off at the bound", "[edge][control]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path()};
    const auto server = ControlServer::start(folder, echo);
    REQUIRE(server.ok());
    const RawClient client(folder);
    // The server stops reading somewhere past the bound and closes: the rest cannot be sent.
    const bool all = client.send(std::string(4 * kControlBytesMax, 'a'));
    CHECK_FALSE(all);
    CHECK(control_call(folder, {{"text", "x"}}, 5s).ok());
}

TEST_CASE("control: silent clients on every worker delay others no longer than the line timeout", "[edge][control]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path()};
    const auto server = ControlServer::start(folder, echo, 300ms);
    REQUIRE(server.ok());
    std::vector<std::unique_ptr<RawClient>> silent;
    for (int i = 0; i < kControlWorkers; ++i) {
        silent.push_back(std::make_unique<RawClient>(folder));
        REQUIRE(silent.back()->send("{\"text\""));
    }
    CHECK(control_call(folder, {{"text", "x"}}, 10s).ok());
    for (const auto& client : silent) CHECK(client->read_all(10s).find("\"ok\":false") != std::string::npos);
}

TEST_CASE("control: stopping waits for the request being answered and delivers its answer", "[edge][control]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path()};
    std::promise<void> inside;
    std::promise<void> go_on;
    auto server = ControlServer::start(folder, [&](const sync::Json&) -> Result<sync::Json> {
        inside.set_value();
        go_on.get_future().wait();
        return sync::Json{{"done", true}};
    });
    REQUIRE(server.ok());
    auto call = std::async(std::launch::async, [&] { return control_call(folder, {{"text", "x"}}, 20s); });
    REQUIRE(inside.get_future().wait_for(10s) == std::future_status::ready);
    auto stop = std::async(std::launch::async, [&] { server->reset(); });
    CHECK(stop.wait_for(50ms) == std::future_status::timeout);
    go_on.set_value();
    CHECK(stop.wait_for(10s) == std::future_status::ready);
    CHECK(call.get().ok());
}
