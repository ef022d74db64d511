#include "tests/support/slow_line.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <list>
#include <random>
#include <string>
#include <thread>

namespace vetchart::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPiece = 1024;
constexpr int kSocketBuffer = 4096;
constexpr milliseconds kMakeUp{100};

/// A connection's two sockets, near (the client's) and far (the server's).
struct Pair {
    explicit Pair(asio::io_context& io) : near_side(io), far_side(io) {}
    tcp::socket near_side, far_side;

    void reset() {
        for (tcp::socket* socket : {&near_side, &far_side}) {
            error_code ignored;
            socket->set_option(asio::socket_base::linger(true, 0), ignored);
            socket->close(ignored);
        }
    }
};

}  // namespace

class SlowLine::Impl {
public:
    Impl(std::uint16_t server_port, LineOptions options)
        : options_(options), random_(options.seed), server_port_(server_port) {
        acceptor_.set_option(asio::socket_base::receive_buffer_size(kSocketBuffer));
        asio::co_spawn(io_, accept(), asio::detached);
        asio::co_spawn(io_, cut_now_and_then(), asio::detached);
        thread_ = std::thread([this] { io_.run(); });
    }
    ~Impl() {
        asio::post(io_, [this] {
            for (const auto& pair : pairs_) pair->reset();
            io_.stop();
        });
        thread_.join();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] LineStats stats() const { return {up_, down_, connections_, cuts_}; }
    void change(const LineOptions& options) {
        asio::post(io_, [this, options] { options_ = options; });
    }

private:
    using Shared = std::shared_ptr<Pair>;  ///< Both directions hold it.
    /// What is on its way in one direction, with the time it arrives; no bytes: the end of the stream.
    struct Flight {
        explicit Flight(asio::io_context& io) : changed(io) {}
        std::deque<std::pair<Clock::time_point, std::string>> pieces;
        asio::steady_timer changed;
    };

    milliseconds one_way() {
        const auto spread = options_.jitter.count() / 2;
        const auto off = spread > 0 ? std::uniform_int_distribution<std::int64_t>(-spread, spread)(random_) : 0;
        return std::max(milliseconds(0), options_.round_trip / 2 + milliseconds(off));
    }

    asio::awaitable<void> reach(Clock::time_point when) {
        asio::steady_timer timer(io_, when);
        (void)co_await timer.async_wait(kNoThrow);
    }

    asio::awaitable<void> accept() {
        while (true) {
            auto pair = std::make_shared<Pair>(io_);
            auto [error] = co_await acceptor_.async_accept(pair->near_side, kNoThrow);
            if (error) co_return;
            ++connections_;
            pairs_.push_back(pair);
            asio::co_spawn(io_, begin(pair), asio::detached);
        }
    }

    asio::awaitable<void> begin(Shared pair) {
        // The kernel has answered the client's SYN at once; on the line that is a round trip.
        co_await reach(Clock::now() + options_.round_trip);
        const tcp::endpoint server(asio::ip::address_v4::loopback(), server_port_);
        auto [error] = co_await pair->far_side.async_connect(server, kNoThrow);
        if (error) co_return drop(pair);
        error_code ignored;
        pair->far_side.set_option(tcp::no_delay(true), ignored);
        pair->near_side.set_option(tcp::no_delay(true), ignored);
        pair->far_side.set_option(asio::socket_base::receive_buffer_size(kSocketBuffer), ignored);
        relay(pair, pair->near_side, pair->far_side, up_free_, up_);
        relay(pair, pair->far_side, pair->near_side, down_free_, down_);
    }

    void relay(const Shared& pair, tcp::socket& from, tcp::socket& to, Clock::time_point& free,
               std::atomic<std::uint64_t>& count) {
        const auto flight = std::make_shared<Flight>(io_);
        asio::co_spawn(io_, take(pair, from, flight, free), asio::detached);
        asio::co_spawn(io_, deliver(pair, to, flight, count), asio::detached);
    }

    /// Bytes enter the line at its rate; while they do, the sender waits.
    asio::awaitable<void> take(Shared pair, tcp::socket& from, std::shared_ptr<Flight> flight,
                               Clock::time_point& free) {
        std::string piece(kPiece, '\0');
        while (true) {
            auto [error, size] = co_await from.async_read_some(asio::buffer(piece), kNoThrow);
            if (error && error != asio::error::eof) co_return drop(pair);
            const auto cost = std::chrono::microseconds(size * 1000000 / options_.bytes_per_second);
            // On a busy machine this wakes late, and then makes up for what the line could have carried meanwhile.
            free = std::max(free, Clock::now() - kMakeUp) + cost;
            auto arrives = free + one_way();
            if (!flight->pieces.empty()) arrives = std::max(arrives, flight->pieces.back().first);
            const bool ended = error == asio::error::eof;
            flight->pieces.emplace_back(arrives, ended ? std::string() : piece.substr(0, size));
            flight->changed.cancel();
            if (ended) co_return;
            co_await reach(free);
        }
    }

    asio::awaitable<void> deliver(Shared pair, tcp::socket& to, std::shared_ptr<Flight> flight,
                                  std::atomic<std::uint64_t>& count) {
        while (true) {
            while (flight->pieces.empty() && to.is_open()) {
                flight->changed.expires_after(std::chrono::seconds(1));
                (void)co_await flight->changed.async_wait(kNoThrow);
            }
            if (!to.is_open()) co_return;
            co_await reach(flight->pieces.front().first);
            if (!to.is_open()) co_return;
            const std::string piece = std::move(flight->pieces.front().second);
            flight->pieces.pop_front();
            error_code ignored;
            if (piece.empty()) {
                to.shutdown(tcp::socket::shutdown_send, ignored);
                co_return;
            }
            auto [error, size] = co_await asio::async_write(to, asio::buffer(piece), kNoThrow);
            if (error) co_return drop(pair);
            count += size;
        }
    }

    void drop(const Shared& pair) {
        pair->reset();
        pairs_.remove(pair);
    }

    asio::awaitable<void> cut_now_and_then() {
        while (true) {
            const auto least = options_.cut_after_least.count();
            const auto most = std::max(least, options_.cut_after_most.count());
            const bool cuts = most > 0;
            const auto wait = cuts ? std::uniform_int_distribution<std::int64_t>(least, most)(random_) : 100;
            co_await reach(Clock::now() + milliseconds(wait));
            if (!cuts || options_.cut_after_most.count() == 0) continue;
            if (!pairs_.empty()) ++cuts_;
            for (const auto& pair : pairs_) pair->reset();
            pairs_.clear();
        }
    }

    LineOptions options_;
    std::mt19937_64 random_;
    std::uint16_t server_port_;
    asio::io_context io_{1};
    tcp::acceptor acceptor_{io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::uint16_t port_ = acceptor_.local_endpoint().port();
    std::list<Shared> pairs_;
    Clock::time_point up_free_{}, down_free_{};
    std::atomic<std::uint64_t> up_{0}, down_{0};
    std::atomic<int> connections_{0}, cuts_{0};
    std::thread thread_;
};

SlowLine::SlowLine(std::uint16_t server_port, LineOptions options)
    : impl_(std::make_unique<Impl>(server_port, options)) {}
SlowLine::~SlowLine() = default;
std::uint16_t SlowLine::port() const { return impl_->port(); }
LineStats SlowLine::stats() const { return impl_->stats(); }
void SlowLine::change(const LineOptions& options) { impl_->change(options); }

}  // namespace vetchart::test
