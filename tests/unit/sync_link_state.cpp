#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "sync/engine/link_state.h"

using namespace vetchart;
using namespace vetchart::sync;

TEST_CASE("link state: each has a name of its own that is read back, and what to do where waiting does not help",
          "[sync]") {
    std::set<std::string> names;
    for (const LinkState state : kLinkStates) {
        CHECK(parse_link_state(to_string(state)) == state);
        CHECK(names.insert(std::string(to_string(state))).second);
        if (!heals_by_waiting(state)) CHECK(advice(state).size() > 20);
    }
    CHECK(parse_link_state("") == LinkState::working);
    CHECK(parse_link_state("of another version") == LinkState::trouble);
}

TEST_CASE("link state: what heals by waiting and what does not is told apart by the code of the failure", "[sync]") {
    const auto state = [](const char* slug, Errc code = Errc::unavailable) {
        return to_string(link_state_of(Error{code, "", slug}));
    };
    CHECK(state("no_connection") == "no_network");
    CHECK(state("line_cut") == "no_network");
    CHECK(state("http_502") == "central_away");
    CHECK(state("too_many_lives") == "central_away");
    CHECK(state("too_slow") == "central_away");
    CHECK(state("tls_untrusted") == "certificate_unknown");
    CHECK(state("tls_wrong_name") == "certificate_name");
    CHECK(state("tls_expired") == "certificate_expired");
    CHECK(state("tls_not_yet_valid") == "clock");
    CHECK(state("tls_clock") == "clock");
    CHECK(state("not_central") == "not_central");
    CHECK(state("proxy_refused") == "proxy");
    CHECK(state("node_key_missing", Errc::conflict) == "key_missing");
    CHECK(state("ca_unusable", Errc::conflict) == "authority_file");
    CHECK(state("node_revoked", Errc::forbidden) == "revoked");
    CHECK(state("node_unknown", Errc::forbidden) == "forbidden");
    CHECK(state("clinic_forbidden", Errc::forbidden) == "forbidden");
    CHECK(state("schema_unsupported", Errc::conflict) == "version");
    CHECK(state("gap", Errc::conflict) == "refused");
    CHECK(state("database_moved", Errc::corrupt) == "damaged");
    CHECK(state("out_of_space", Errc::out_of_space) == "disk");
    CHECK(state("", Errc::internal) == "trouble");
}
