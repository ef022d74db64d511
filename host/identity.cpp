#include "host/identity.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <ctime>
#include <utility>

#include "host/stamp.h"
#include "sync/base/time.h"

namespace vetchart::host {
namespace {

/// Allows TLS 1.3, and of TLS 1.2 the suites that encrypt and authenticate in one step with keys of the moment.
bool set_versions_and_ciphers(SSL_CTX* context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK") == 1;
}

/// Refuses a key with a passphrase, instead of asking a terminal that nobody sits at.
int no_passphrase(char*, int, int, void*) { return 0; }

Error unusable(const std::filesystem::path& file) {
    std::array<char, 256> text{};
    const unsigned long code = ERR_get_error();
    ERR_error_string_n(code, text.data(), text.size());
    ERR_clear_error();
    return Error{Errc::invalid_input,
                 "the TLS certificate or its key cannot be used: " + file.string() + (code == 0 ? "" : ": ") +
                     (code == 0 ? "" : text.data()),
                 "tls_files"};
}

std::int64_t end_of(SSL_CTX* context) {
    const X509* certificate = SSL_CTX_get0_certificate(context);
    std::tm end{};
    if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return 0;
    return timegm(&end);
}

}  // namespace

Identity::Identity(std::filesystem::path certificate, std::filesystem::path key)
    : certificate_(std::move(certificate)), key_(std::move(key)) {}

Result<std::unique_ptr<Identity>> Identity::load(const std::filesystem::path& certificate,
                                                 const std::filesystem::path& key) {
    std::unique_ptr<Identity> identity(new Identity(certificate, key));
    identity->stamp_ = identity->stamp();
    VC_TRY_ASSIGN(Loaded loaded, identity->read());
    identity->use(std::move(loaded));
    return identity;
}

std::shared_ptr<SSL_CTX> Identity::context() const {
    const std::lock_guard guard(lock_);
    return loaded_.context;
}

std::int64_t Identity::ends_at() const {
    const std::lock_guard guard(lock_);
    return loaded_.ends_at;
}

void Identity::refresh(bool anyway) {
    // The stamp is taken before the files are read: what changes meanwhile has another stamp at the next look.
    const std::string found = stamp();
    {
        const std::lock_guard guard(lock_);
        if (!anyway && found == stamp_) return;
        stamp_ = found;
    }
    auto loaded = read();
    if (loaded) return use(std::move(*loaded));
    spdlog::error("{}; the one in use stays, until {}", loaded.error().context,
                  format_utc(UtcMillis(std::chrono::seconds(ends_at()))));
}

Result<Identity::Loaded> Identity::read() const {
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context || !set_versions_and_ciphers(context.get())) return Error{Errc::internal, "no TLS context"};
    ERR_clear_error();
    for (const auto& file : {certificate_, key_}) {
        if (!is_small_file(file)) return unusable(file);
    }
    SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
    SSL_CTX_set_options(context.get(),
                        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Without this each of thousands of idle long polls keeps some 34 KiB of empty buffers.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_.c_str()) != 1) return unusable(certificate_);
    if (SSL_CTX_use_PrivateKey_file(context.get(), key_.c_str(), SSL_FILETYPE_PEM) != 1) return unusable(key_);
    if (SSL_CTX_check_private_key(context.get()) != 1) return unusable(key_);
    return Loaded{context, end_of(context.get())};
}

std::string Identity::stamp() const { return stamp_of(certificate_) + stamp_of(key_); }

void Identity::use(Loaded loaded) {
    const auto end = UtcMillis(std::chrono::seconds(loaded.ends_at));
    const bool over = end < std::chrono::system_clock::now();
    spdlog::log(over ? spdlog::level::warn : spdlog::level::info, "the TLS certificate {} is in use; it {} {}",
                certificate_.string(), over ? "ended" : "ends", format_utc(end));
    const std::lock_guard guard(lock_);
    loaded_ = std::move(loaded);
}

}  // namespace vetchart::host
