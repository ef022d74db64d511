#include "sync/base/result.h"

#include <cstdio>
#include <cstdlib>

namespace vetchart {

const char* to_string(Errc code) {
    switch (code) {
        case Errc::invalid_input: return "invalid_input";
        case Errc::not_found: return "not_found";
        case Errc::conflict: return "conflict";
        case Errc::busy: return "busy";
        case Errc::unavailable: return "unavailable";
        case Errc::outcome_unknown: return "outcome_unknown";
        case Errc::out_of_space: return "out_of_space";
        case Errc::corrupt: return "corrupt";
        case Errc::forbidden: return "forbidden";
        case Errc::internal: return "internal";
    }
    return "internal";
}

void assertion_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "vetchart: bug: %s is false (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace vetchart
