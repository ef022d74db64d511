#include "tests/support/connect_proxy.h"

#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <list>
#include <mutex>
#include <thread>

namespace vetchart::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

struct Way {
    explicit Way(asio::io_context& io) : client(io), server(io) {}
    tcp::socket client, server;

    void reset() {
        for (tcp::socket* socket : {&client, &server}) {
            error_code ignored;
            socket->set_option(asio::socket_base::linger(true, 0), ignored);
            socket->close(ignored);
        }
    }
};

asio::awaitable<void> carry(std::shared_ptr<Way> way, tcp::socket& from, tcp::socket& to) {
    std::array<char, 16384> piece{};
    while (true) {
        auto [error, size] = co_await from.async_read_some(asio::buffer(piece), kNoThrow);
        if (error) break;
        auto [write_error, written] = co_await asio::async_write(to, asio::buffer(piece.data(), size), kNoThrow);
        if (write_error || written != size) break;
    }
    error_code ignored;
    way->client.close(ignored);
    way->server.close(ignored);
}

}  // namespace

class ConnectProxy::Impl {
public:
    Impl(std::string authorization, int refusal) : authorization_(std::move(authorization)), refusal_(refusal) {
        asio::co_spawn(io_, accept(), asio::detached);
        thread_ = std::thread([this] { io_.run(); });
    }
    ~Impl() {
        asio::post(io_, [this] { io_.stop(); });
        thread_.join();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] int opened() const { return opened_; }
    [[nodiscard]] std::vector<std::string> asked() const {
        const std::lock_guard guard(lock_);
        return asked_;
    }
    void cut() {
        asio::post(io_, [this] {
            for (const auto& way : ways_) way->reset();
            ways_.clear();
        });
    }

private:
    asio::awaitable<void> accept() {
        while (true) {
            auto way = std::make_shared<Way>(io_);
            auto [error] = co_await acceptor_.async_accept(way->client, kNoThrow);
            if (error) co_return;
            asio::co_spawn(io_, serve(way), asio::detached);
        }
    }

    asio::awaitable<void> serve(std::shared_ptr<Way> way) {
        asio::streambuf buffer(16384);
        auto [error, size] = co_await asio::async_read_until(way->client, buffer, "\r\n\r\n", kNoThrow);
        if (error) co_return;
        const std::string head(static_cast<const char*>(buffer.data().data()), size);
        const std::string target = head.substr(8, head.find(' ', 8) - 8);
        {
            const std::lock_guard guard(lock_);
            asked_.push_back(target);
        }
        int status = refusal_ != 0 ? refusal_ : 200;
        const bool known = head.find("Proxy-Authorization: " + authorization_ + "\r\n") != std::string::npos;
        if (!authorization_.empty() && !known) status = 407;
        if (status == 200) {
            const auto port = static_cast<std::uint16_t>(std::stoi(target.substr(target.rfind(':') + 1)));
            auto [refused] = co_await way->server.async_connect({asio::ip::address_v4::loopback(), port}, kNoThrow);
            if (refused) status = 502;
        }
        const std::string answer = "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 0\r\n\r\n";
        const std::string plain = "HTTP/1.1 200 X\r\n\r\n";
        (void)co_await asio::async_write(way->client, asio::buffer(status == 200 ? plain : answer), kNoThrow);
        if (status != 200) co_return;
        ++opened_;
        ways_.push_back(way);
        asio::co_spawn(io_, carry(way, way->client, way->server), asio::detached);
        asio::co_spawn(io_, carry(way, way->server, way->client), asio::detached);
    }

    const std::string authorization_;
    const int refusal_;
    asio::io_context io_{1};
    tcp::acceptor acceptor_{io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::uint16_t port_ = acceptor_.local_endpoint().port();
    std::list<std::shared_ptr<Way>> ways_;
    mutable std::mutex lock_;
    std::vector<std::string> asked_;  ///< Under lock_.
    std::atomic<int> opened_{0};
    std::thread thread_;
};

ConnectProxy::ConnectProxy(std::string authorization, int refusal)
    : impl_(std::make_unique<Impl>(std::move(authorization), refusal)) {}
ConnectProxy::~ConnectProxy() = default;
std::uint16_t ConnectProxy::port() const { return impl_->port(); }
std::string ConnectProxy::url(const std::string& user) const {
    return "http://" + (user.empty() ? "" : user + "@") + "127.0.0.1:" + std::to_string(port());
}
std::vector<std::string> ConnectProxy::asked() const { return impl_->asked(); }
int ConnectProxy::opened() const { return impl_->opened(); }
void ConnectProxy::cut() { impl_->cut(); }

}  // namespace vetchart::test
