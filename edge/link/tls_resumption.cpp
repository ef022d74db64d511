#include "edge/link/tls_resumption.h"

namespace vetchart::edge {
namespace {

int index_in_context() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

}  // namespace

TlsResumption::TlsResumption(SSL_CTX* context) : context_(context) {
    SSL_CTX_set_ex_data(context, index_in_context(), this);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &keep);
    SSL_CTX_set_info_callback(context, &look);
}

TlsResumption::~TlsResumption() { SSL_CTX_set_ex_data(context_, index_in_context(), nullptr); }

TlsResumption* TlsResumption::of(const SSL* ssl) {
    return static_cast<TlsResumption*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), index_in_context()));
}

/// Keeps a copy of the session: OpenSSL makes that of a connection that was cut "not resumable", and a cut is when it
/// is wanted. Returns 0: the session that was shown stays OpenSSL's.
int TlsResumption::keep(SSL* ssl, SSL_SESSION* session) {
    if (TlsResumption* self = of(ssl)) self->session_.reset(SSL_SESSION_dup(session));
    return 0;
}

void TlsResumption::look(const SSL* ssl, int where, int /*value*/) {
    TlsResumption* self = of(ssl);
    if (self == nullptr) return;
    if ((where & SSL_CB_HANDSHAKE_START) != 0 && self->session_ && SSL_is_init_finished(ssl) == 0) {
        const std::unique_ptr<SSL_SESSION, Free> copy(SSL_SESSION_dup(self->session_.get()));
        SSL_set_session(const_cast<SSL*>(ssl), copy.get());
    }
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0) self->resumed_ = SSL_session_reused(ssl) != 0;
}

}  // namespace vetchart::edge
