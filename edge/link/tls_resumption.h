#pragma once

#include <openssl/ssl.h>

#include <memory>

namespace vetchart::edge {

/// Lets a client's connections take up the last TLS session they had, which saves the certificates and a signature of
/// every handshake after a cut (RFC 8446, 2.2). The HTTP library makes its SSL objects itself and has no place to give
/// one a session, so it is given when the handshake begins. Not thread-safe: one connection at a time.
class TlsResumption {
public:
    /// `context` is a client's and must not outlive this.
    explicit TlsResumption(SSL_CTX* context);
    ~TlsResumption();
    TlsResumption(const TlsResumption&) = delete;
    TlsResumption& operator=(const TlsResumption&) = delete;

    /// Forgets the session, so that the next handshake is a whole one: whoever vouched for it is believed no more.
    void forget() { session_.reset(); }

    /// True when the last handshake took up an earlier session.
    [[nodiscard]] bool resumed() const { return resumed_; }

private:
    static int keep(SSL* ssl, SSL_SESSION* session);
    static void look(const SSL* ssl, int where, int value);
    static TlsResumption* of(const SSL* ssl);

    struct Free {
        void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
    };
    SSL_CTX* context_;
    std::unique_ptr<SSL_SESSION, Free> session_;
    bool resumed_ = false;
};

}  // namespace vetchart::edge
