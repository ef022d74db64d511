#include "edge/link/ca_fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "sync/base/digest.h"

namespace vetchart::edge {
namespace {

using Clock = std::chrono::steady_clock;

struct Free {
    void operator()(SSL_CTX* value) const { SSL_CTX_free(value); }
    void operator()(SSL* value) const { SSL_free(value); }
    void operator()(BIO* value) const { BIO_free(value); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Error unreachable(const char* what) { return Error{Errc::unavailable, what, "no_connection"}; }

/// Names the server in the handshake (SNI), unless it is an address. OpenSSL's macro for this is an old-style cast.
void name_server(SSL* ssl, const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    const bool numeric =
        inet_pton(AF_INET, host.c_str(), address.data()) == 1 || inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
    if (numeric) return;
    std::string name = host;
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

bool handshake(SSL* ssl, int socket, Clock::time_point deadline) {
    while (true) {
        const int result = SSL_connect(ssl);
        if (result == 1) return true;
        const int wanted = SSL_get_error(ssl, result);
        if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE) return false;
        if (!PlainSocket::wait_ready(socket, wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline)) return false;
    }
}

std::string der_digest(X509* certificate) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate, &bytes);
    if (size <= 0) return {};
    const std::string_view der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    std::string digest = to_hex(sha256(der));
    OPENSSL_free(bytes);
    return digest;
}

std::string pem_of(X509* certificate) {
    const Owned<BIO> memory(BIO_new(BIO_s_mem()));
    if (!memory || PEM_write_bio_X509(memory.get(), certificate) != 1) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

Result<std::string> fetch_ca(const CentralUrl& url, const std::string& fingerprint, std::chrono::milliseconds timeout,
                             const std::optional<ProxyAddress>& proxy) {
    const auto deadline = Clock::now() + timeout;
    const Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
    if (!context) return Error{Errc::internal, "no TLS context"};
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    const PlainSocket socket(proxy ? PlainSocket::connect(proxy->host, proxy->port, deadline)
                                   : PlainSocket::connect(url.host, url.port, deadline));
    if (socket.get() < 0) return proxy ? proxy_unreachable(*proxy) : unreachable("central cannot be reached");
    if (proxy) VC_TRY(open_tunnel(socket.get(), *proxy, url, deadline));
    const Owned<SSL> ssl(SSL_new(context.get()));
    if (!ssl || SSL_set_fd(ssl.get(), socket.get()) != 1) return Error{Errc::internal, "no TLS session"};
    name_server(ssl.get(), url.host);
    if (!handshake(ssl.get(), socket.get(), deadline)) return unreachable("the TLS handshake with central failed");
    const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl.get());
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        X509* certificate = sk_X509_value(chain, i);
        if (der_digest(certificate) == fingerprint && X509_check_ca(certificate) > 0) {
            std::string pem = pem_of(certificate);
            if (!pem.empty()) return pem;
        }
    }
    return Error{Errc::forbidden,
                 "the server does not show the CA certificate that the invitation names; give it with --ca FILE",
                 "ca_not_shown"};
}

}  // namespace vetchart::edge
