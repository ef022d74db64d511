#include "central/api/wire_stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace vetchart::central {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

template <class Stream>
class StreamOf : public WireStream {
public:
    template <class... Args>
    explicit StreamOf(Args&&... args) : stream_(std::forward<Args>(args)...) {}

    asio::awaitable<error_code> handshake() override {
        error_code error;
        if constexpr (kIsTls) {
            std::tie(error) = co_await stream_.async_handshake(asio::ssl::stream_base::server, kNoThrow);
        }
        co_return error;
    }
    asio::awaitable<ReadResult> read_some(asio::mutable_buffer buffer) override {
        const auto [error, size] = co_await stream_.async_read_some(buffer, kNoThrow);
        co_return ReadResult{error, size};
    }
    asio::awaitable<ReadResult> write_some(asio::const_buffer buffer) override {
        const auto [error, size] = co_await stream_.async_write_some(buffer, kNoThrow);
        co_return ReadResult{error, size};
    }
    asio::awaitable<void> shutdown() override {
        if constexpr (kIsTls) (void)co_await stream_.async_shutdown(kNoThrow);
        error_code ignored;
        socket().socket().shutdown(tcp::socket::shutdown_send, ignored);
    }
    beast::tcp_stream& socket() override {
        if constexpr (kIsTls) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }

private:
    static constexpr bool kIsTls = !std::is_same_v<Stream, beast::tcp_stream>;
    Stream stream_;
};

}  // namespace

std::unique_ptr<WireStream> make_wire_stream(beast::tcp_stream socket, asio::ssl::context* context) {
    if (context == nullptr) return std::make_unique<StreamOf<beast::tcp_stream>>(std::move(socket));
    return std::make_unique<StreamOf<asio::ssl::stream<beast::tcp_stream>>>(std::move(socket), *context);
}

}  // namespace vetchart::central
