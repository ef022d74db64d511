#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <cstddef>
#include <memory>
#include <string_view>

/// Only for central/api/server.cpp: the byte level of a connection, TLS or plain, behind one type, so that the HTTP
/// part is compiled once (docs/adr/0005).
namespace boost::asio::ssl {
class context;
}

namespace vetchart::central {

struct ReadResult {
    boost::system::error_code error;
    std::size_t size = 0;
};

/// Bytes of one connection. Deadlines are those of socket(): its expires_after ends any of these with an error.
class WireStream {
public:
    virtual ~WireStream() = default;
    virtual boost::asio::awaitable<boost::system::error_code> handshake() = 0;
    virtual boost::asio::awaitable<ReadResult> read_some(boost::asio::mutable_buffer buffer) = 0;
    virtual boost::asio::awaitable<ReadResult> write_some(boost::asio::const_buffer buffer) = 0;
    /// Tells the peer that no more comes.
    virtual boost::asio::awaitable<void> shutdown() = 0;
    virtual boost::beast::tcp_stream& socket() = 0;
};

/// Makes the stream of a socket; with a null `context` it is plain.
std::unique_ptr<WireStream> make_wire_stream(boost::beast::tcp_stream socket, boost::asio::ssl::context* context);

}  // namespace vetchart::central
