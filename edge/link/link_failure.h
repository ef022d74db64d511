#pragma once

#include <httplib.h>

#include <optional>
#include <string>

#include "sync/base/result.h"

namespace vetchart::edge {

/// An error of Errc::unavailable with a code of docs/errors.md.
[[nodiscard]] Error unavailable(std::string context, std::string slug);

/// How a call ended that brought no answer.
struct LostCall {
    httplib::Error error = httplib::Error::Unknown;
    long verify_result = 0;  ///< X509_V_OK where the certificate itself was believed.
    bool in_time = true;     ///< False: it was given up for its slowness.
};

/// What a call that brought no answer means, in the codes that sync::link_state_of knows (docs/errors.md). Takes what
/// OpenSSL has queued as errors on this thread: clear it before the call (ERR_clear_error).
[[nodiscard]] Error failure_of(const LostCall& call);

/// The error of an answer that cannot be central's: each of central's carries a digest. nullopt: it may be central's,
/// or a gateway's in front of it, which says 502 or 504 without a digest.
[[nodiscard]] std::optional<Error> foreign_answer(int status, const std::string& digest);

}  // namespace vetchart::edge
