#include "host/trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <utility>

#include "host/stamp.h"
#include "sync/base/time.h"

namespace vetchart::host {
namespace {

struct Free {
    void operator()(X509_STORE* value) const { X509_STORE_free(value); }
    void operator()(X509_STORE_CTX* value) const { X509_STORE_CTX_free(value); }
    void operator()(STACK_OF(X509) * value) const { sk_X509_free(value); }
    void operator()(std::FILE* value) const { (void)std::fclose(value); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

bool is_about_time(int result) {
    return result == X509_V_ERR_CERT_HAS_EXPIRED || result == X509_V_ERR_CERT_NOT_YET_VALID;
}

std::string end_of(const X509* certificate) {
    std::tm end{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return "?";
    return format_utc(UtcMillis(std::chrono::seconds(timegm(&end))));
}

}  // namespace

Result<std::vector<std::shared_ptr<X509>>> read_certificates(const std::filesystem::path& file) {
    std::vector<std::shared_ptr<X509>> found;
    if (const Owned<std::FILE> stream{is_small_file(file) ? std::fopen(file.c_str(), "re") : nullptr}) {
        while (X509* certificate = PEM_read_X509(stream.get(), nullptr, nullptr, nullptr))
            found.emplace_back(certificate, X509_free);
        ERR_clear_error();
    }
    if (!found.empty()) return found;
    return Error{Errc::invalid_input, file.string() + " holds no certificate", "ca_unusable"};
}

Trust::Trust(std::filesystem::path file) : file_(std::move(file)) { (void)refresh(); }

bool Trust::refresh() {
    std::string found = stamp_of(file_);
    if (found == stamp_) return false;
    stamp_ = std::move(found);
    auto read = read_certificates(file_);
    if (!read) {
        spdlog::error("{}; who was believed before still is", read.error().context);
        return false;
    }
    authorities_ = std::move(*read);
    for (const auto& authority : authorities_)
        spdlog::info("{}: an authority until {}", file_.string(), end_of(authority.get()));
    return true;
}

void Trust::guard(SSL_CTX* context) { SSL_CTX_set_cert_verify_callback(context, verify, this); }

int Trust::verify(X509_STORE_CTX* presented, void* trust) {
    const auto& self = *static_cast<const Trust*>(trust);
    int result = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    for (const Authority& authority : self.authorities_) {
        const int found = self.verify_by(authority, presented);
        // The authority that signed it gives a better reason than those that never heard of it.
        if (found == X509_V_OK || !is_about_time(result)) result = found;
        if (result == X509_V_OK) break;
    }
    X509_STORE_CTX_set_error(presented, result);
    return result == X509_V_OK ? 1 : 0;
}

int Trust::verify_by(const Authority& authority, X509_STORE_CTX* presented) const {
    const Owned<X509_STORE> store(X509_STORE_new());
    const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
    // The other authorities may be links between this one and the server, but not the end of the chain.
    const STACK_OF(X509)* shown = X509_STORE_CTX_get0_untrusted(presented);
    const Owned<STACK_OF(X509)> links(shown == nullptr ? sk_X509_new_null() : sk_X509_dup(shown));
    if (!store || !context || !links || X509_STORE_add_cert(store.get(), authority.get()) != 1) {
        return X509_V_ERR_OUT_OF_MEM;
    }
    for (const Authority& other : authorities_) {
        if (other != authority) sk_X509_push(links.get(), other.get());
    }
    if (X509_STORE_CTX_init(context.get(), store.get(), X509_STORE_CTX_get0_cert(presented), links.get()) != 1 ||
        X509_STORE_CTX_set_default(context.get(), "ssl_server") != 1) {
        return X509_V_ERR_OUT_OF_MEM;
    }
    if (X509_verify_cert(context.get()) == 1) return X509_V_OK;
    const int error = X509_STORE_CTX_get_error(context.get());
    return error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
}

}  // namespace vetchart::host
