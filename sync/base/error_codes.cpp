#include "sync/base/error_codes.h"

namespace vetchart {

int http_status_of(Errc code) {
    switch (code) {
        case Errc::invalid_input: return 422;
        case Errc::not_found: return 404;
        case Errc::conflict: return 409;
        case Errc::forbidden: return 403;
        case Errc::busy:
        case Errc::unavailable:
        case Errc::outcome_unknown:
        case Errc::out_of_space: return 503;
        case Errc::corrupt:
        case Errc::internal: break;
    }
    return 500;
}

int exit_code_of(const Error& error) {
    if (error.slug == "config") return kExitConfiguration;
    switch (error.code) {
        case Errc::invalid_input: return kExitUsage;
        case Errc::corrupt: return kExitDamaged;
        case Errc::unavailable: return kExitUnreachable;
        case Errc::not_found:
        case Errc::conflict:
        case Errc::busy:
        case Errc::outcome_unknown:
        case Errc::out_of_space:
        case Errc::forbidden:
        case Errc::internal: break;
    }
    return kExitFailed;
}

}  // namespace vetchart
