#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sync/base/result.h"

namespace vetchart::host {

/// The authorities a client believes: a PEM file that may hold several, and may change while they do. Not thread-safe,
/// and it outlives every connection of the contexts it guards.
///
/// Each authority is tried alone. A renewed CA has the name of the former, and OpenSSL, which looks by name, would take
/// the first of the two and stop at its signature.
class Trust {
public:
    explicit Trust(std::filesystem::path file);

    /// Reads the file when it is another than at the last look. True: who is believed has changed, so connections made
    /// before are to be closed. A file that holds no certificate is logged and changes nothing.
    [[nodiscard]] bool refresh();
    /// Makes connections of `context` verify by this from now on; hostnames are the caller's to check.
    void guard(SSL_CTX* context);

    [[nodiscard]] std::size_t count() const { return authorities_.size(); }

private:
    using Authority = std::shared_ptr<X509>;
    static int verify(X509_STORE_CTX* presented, void* trust);
    [[nodiscard]] int verify_by(const Authority& authority, X509_STORE_CTX* presented) const;

    std::filesystem::path file_;
    std::string stamp_;
    std::vector<Authority> authorities_;
};

/// Reads the certificates of a PEM file. Errors: invalid_input `ca_unusable` (it has none, or cannot be read).
[[nodiscard]] Result<std::vector<std::shared_ptr<X509>>> read_certificates(const std::filesystem::path& file);

}  // namespace vetchart::host
