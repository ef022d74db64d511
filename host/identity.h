#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "sync/base/result.h"

namespace vetchart::host {

/// The certificate and key a server shows, taken anew when their files change. Thread-safe.
///
/// A renewal replaces two files, one after the other: a certificate is used only with the key that fits it, and what
/// cannot be used leaves the former pair in place.
class Identity {
public:
    /// Loads both files. Errors: invalid_input `tls_files`.
    [[nodiscard]] static Result<std::unique_ptr<Identity>> load(const std::filesystem::path& certificate,
                                                                const std::filesystem::path& key);

    /// The context for one new connection; those that are open keep the one they began with.
    [[nodiscard]] std::shared_ptr<SSL_CTX> context() const;
    /// Loads the files when they are others than at the last look, or `anyway`; says in the log what is in use, or why
    /// the former stays. Costs two calls of stat.
    void refresh(bool anyway);
    /// When the certificate in use ends, in seconds since 1970.
    [[nodiscard]] std::int64_t ends_at() const;

private:
    Identity(std::filesystem::path certificate, std::filesystem::path key);

    /// A context, and what the log and the metrics tell of its certificate.
    struct Loaded {
        std::shared_ptr<SSL_CTX> context;
        std::int64_t ends_at = 0;
    };
    [[nodiscard]] Result<Loaded> read() const;
    [[nodiscard]] std::string stamp() const;
    void use(Loaded loaded);

    const std::filesystem::path certificate_, key_;
    mutable std::mutex lock_;
    Loaded loaded_;      ///< Under lock_.
    std::string stamp_;  ///< The files' stamp at the last look; under lock_.
};

}  // namespace vetchart::host
