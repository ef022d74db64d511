#include <catch2/catch.hpp>

#include "sync/base/error_codes.h"

namespace vetchart {

TEST_CASE("error codes: what can be repeated is 503, and only the inside is 500", "[base][errors]") {
    CHECK(http_status_of(Errc::invalid_input) == 422);
    CHECK(http_status_of(Errc::not_found) == 404);
    CHECK(http_status_of(Errc::conflict) == 409);
    CHECK(http_status_of(Errc::forbidden) == 403);
    for (const Errc again : {Errc::busy, Errc::unavailable, Errc::outcome_unknown, Errc::out_of_space}) {
        CHECK(http_status_of(again) == 503);
    }
    CHECK(http_status_of(Errc::corrupt) == 500);
    CHECK(http_status_of(Errc::internal) == 500);
}

TEST_CASE("error codes: a command ends as docs/operations.md says, whichever program it is of", "[base][errors]") {
    CHECK(exit_code_of(Error{Errc::invalid_input, "--listen: x", "config"}) == kExitConfiguration);
    CHECK(exit_code_of(Error{Errc::invalid_input, "no such role"}) == kExitUsage);
    CHECK(exit_code_of(Error{Errc::corrupt, "damaged"}) == kExitDamaged);
    CHECK(exit_code_of(Error{Errc::unavailable, "no line"}) == kExitUnreachable);
    for (const Errc other : {Errc::not_found, Errc::conflict, Errc::busy, Errc::outcome_unknown, Errc::out_of_space,
                             Errc::forbidden, Errc::internal}) {
        CHECK(exit_code_of(Error{other, "x"}) == kExitFailed);
    }
}

}  // namespace vetchart
