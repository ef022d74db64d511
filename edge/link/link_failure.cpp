#include "edge/link/link_failure.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace vetchart::edge {
namespace {

constexpr int kProxyLogin = 407;
constexpr int kNetworkLogin = 511;
constexpr int kTooMany = 429;

/// True when the peer speaks another protocol than TLS, or a TLS too old: then it is not central.
bool speaks_otherwise() {
    bool otherwise = false;
    while (const unsigned long error = ERR_get_error()) {
        if (ERR_GET_LIB(error) != ERR_LIB_SSL) continue;
        switch (ERR_GET_REASON(error)) {
            case SSL_R_WRONG_VERSION_NUMBER:
            case SSL_R_HTTP_REQUEST:
            case SSL_R_HTTPS_PROXY_REQUEST:
            case SSL_R_PACKET_LENGTH_TOO_LONG:
            case SSL_R_UNKNOWN_PROTOCOL:
            case SSL_R_UNSUPPORTED_PROTOCOL:
            case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: otherwise = true; break;
            default: break;
        }
    }
    return otherwise;
}

Error certificate_failure(long verify_result) {
    switch (verify_result) {
        case X509_V_OK: return unavailable("central's certificate is for another name", "tls_wrong_name");
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return unavailable("central's certificate is not valid yet by this clock", "tls_not_yet_valid");
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return unavailable("central's certificate has run out by this clock", "tls_expired");
        default: break;
    }
    return unavailable(
        std::string("central's certificate does not verify: ") + X509_verify_cert_error_string(verify_result),
        "tls_untrusted");
}

}  // namespace

Error unavailable(std::string context, std::string slug) {
    return Error{Errc::unavailable, std::move(context), std::move(slug)};
}

Error failure_of(const LostCall& call) {
    if (!call.in_time) return unavailable("central did not answer in time", "too_slow");
    switch (call.error) {
        case httplib::Error::Connection: return unavailable("no connection", "no_connection");
        case httplib::Error::ConnectionTimeout: return unavailable("no connection in time", "no_connection");
        case httplib::Error::Read: return unavailable("the line was cut while reading", "line_cut");
        case httplib::Error::Write: return unavailable("the line was cut while sending", "line_cut");
        case httplib::Error::Canceled: return unavailable("the call was ended", "line_cut");
        case httplib::Error::SSLLoadingCerts: return unavailable("the CA file cannot be read", "ca_unusable");
        case httplib::Error::SSLServerVerification: return certificate_failure(call.verify_result);
        case httplib::Error::SSLConnection:
            if (speaks_otherwise()) return unavailable("who answers does not speak TLS", "not_central");
            return unavailable("the TLS handshake did not end", "tls_failed");
        case httplib::Error::Success:
        case httplib::Error::Unknown:
        case httplib::Error::BindIPAddress:
        case httplib::Error::ExceedRedirectCount:
        case httplib::Error::UnsupportedMultipartBoundaryChars:
        case httplib::Error::Compression: break;
    }
    return unavailable("the HTTP exchange failed", "no_connection");
}

std::optional<Error> foreign_answer(int status, const std::string& digest) {
    const std::string said = "an answer with status " + std::to_string(status);
    if (status == kProxyLogin) return unavailable(said + ": the proxy wants a login", "proxy_refused");
    if (!digest.empty()) return std::nullopt;
    if (status == kTooMany || (status >= 500 && status != kNetworkLogin)) return std::nullopt;
    return unavailable(said + " and no digest: it is not central's", "not_central");
}

}  // namespace vetchart::edge
