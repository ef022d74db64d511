#include "central/api/wire_connection.h"

#include <netinet/tcp.h>

#include "central/api/message.h"
#include "host/identity.h"

namespace vetchart::central {
namespace {

constexpr int kUnsentBytesMax = 16 << 10;

}  // namespace

void Connection::bound_unsent() const {
    ::setsockopt(socket(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytesMax, sizeof(kUnsentBytesMax));
}

std::string peer_of(WireStream& stream, const Request& request, bool behind_proxy) {
    if (behind_proxy) {
        if (auto forwarded = forwarded_peer(request)) return *forwarded;
    }
    boost::system::error_code ignored;
    const auto endpoint = stream.socket().socket().remote_endpoint(ignored);
    return ignored ? std::string() : endpoint.address().to_string();
}

boost::asio::ssl::context context_of(const host::Identity& identity) {
    const auto context = identity.context();
    SSL_CTX_up_ref(context.get());
    return boost::asio::ssl::context(context.get());
}

}  // namespace vetchart::central
