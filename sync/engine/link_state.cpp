#include "sync/engine/link_state.h"

#include <algorithm>

namespace vetchart::sync {
namespace {

struct Word {
    LinkState state;
    std::string_view name;
    bool heals;
    std::string_view advice;
};

constexpr std::array kWords{
    Word{LinkState::working, "working", true, ""},
    Word{LinkState::alone, "alone", true, ""},
    Word{LinkState::connecting, "connecting", true, ""},
    Word{LinkState::not_running, "not_running", false,
         "VetChart does not run in this folder: start it, and it sends what waits."},
    Word{LinkState::no_network, "no_network", true,
         "There is no way to central at the moment. Work goes on here and is sent when there is one again."},
    Word{LinkState::central_away, "central_away", true,
         "Central does not answer at the moment. Work goes on here and is sent when it does again."},
    Word{LinkState::clock, "clock", false,
         "The clock of this computer is wrong: set date, time and time zone, and let them be set by the network."},
    Word{LinkState::certificate_unknown, "certificate_unknown", false,
         "Who answers cannot prove to be central: open a web page to see whether this network wants a log-in; else "
         "ask headquarters for the present ca.pem."},
    Word{LinkState::certificate_name, "certificate_name", false,
         "The certificate is for another name than central's address: headquarters has to look at both."},
    Word{LinkState::certificate_expired, "certificate_expired", false,
         "Central's certificate has run out: headquarters has to renew it. Look whether the date of this computer is "
         "right."},
    Word{LinkState::not_central, "not_central", false,
         "Something else answers in central's place, such as the log-in page of a guest network: open a web page and "
         "log in there, or use another network."},
    Word{LinkState::proxy, "proxy", false,
         "The proxy of this network does not let the connection through: whoever looks after the network has to allow "
         "it."},
    Word{LinkState::key_missing, "key_missing", false,
         "The key of this computer for central is missing or damaged: put node.key back, or enroll it again."},
    Word{LinkState::authority_file, "authority_file", false,
         "The file ca.pem of this computer is damaged: put that of central's authority there."},
    Word{LinkState::revoked, "revoked", false,
         "Headquarters has revoked this computer. What is here stays readable; ask headquarters."},
    Word{LinkState::forbidden, "forbidden", false,
         "Central does not know this computer, or not for this clinic: ask headquarters, which may invite it anew."},
    Word{LinkState::version, "version", false,
         "The versions of VetChart here and at central are too far apart: update this computer, central first."},
    Word{LinkState::refused, "refused", false,
         "Central does not take what this computer sends: headquarters has to look. Everything stays saved here."},
    Word{LinkState::damaged, "damaged", false,
         "The database of this computer is damaged or was taken away: start VetChart anew, and restore a backup if it "
         "says so."},
    Word{LinkState::disk, "disk", false, "The disk of this computer takes no more writes: make room on it."},
    Word{LinkState::trouble, "trouble", false, "The exchange with central fails on this computer: its log says why."},
};
static_assert(kWords.size() == kLinkStates.size());

const Word& word_of(LinkState state) { return kWords[static_cast<std::size_t>(state)]; }

struct Slug {
    std::string_view slug;
    LinkState state;
};

constexpr std::array kSlugs{
    Slug{"no_connection", LinkState::no_network},
    Slug{"line_cut", LinkState::no_network},
    Slug{"proxy_unreachable", LinkState::no_network},
    Slug{"too_slow", LinkState::central_away},
    Slug{"interrupted", LinkState::central_away},
    Slug{"busy", LinkState::central_away},
    Slug{"tls_untrusted", LinkState::certificate_unknown},
    Slug{"tls_wrong_name", LinkState::certificate_name},
    Slug{"tls_expired", LinkState::certificate_expired},
    Slug{"tls_not_yet_valid", LinkState::clock},
    Slug{"tls_clock", LinkState::clock},
    Slug{"tls_failed", LinkState::central_away},
    Slug{"not_central", LinkState::not_central},
    Slug{"proxy_refused", LinkState::proxy},
    Slug{"ca_unusable", LinkState::authority_file},
    Slug{"node_revoked", LinkState::revoked},
    Slug{"node_unknown", LinkState::forbidden},
    Slug{"unknown_table", LinkState::version},
    Slug{"unknown_column", LinkState::version},
    Slug{"database_busy", LinkState::central_away},
};

}  // namespace

std::string_view to_string(LinkState state) { return word_of(state).name; }

LinkState parse_link_state(std::string_view name) {
    if (name.empty()) return LinkState::working;
    const auto found = std::find_if(kWords.begin(), kWords.end(), [&](const Word& word) { return word.name == name; });
    return found == kWords.end() ? LinkState::trouble : found->state;
}

LinkState link_state_of(const Error& error) {
    const std::string_view slug = error.slug;
    if (slug.starts_with("node_key_")) return LinkState::key_missing;
    if (slug.starts_with("schema_") || slug.starts_with("version_") || slug == "http_426") return LinkState::version;
    const auto found =
        std::find_if(kSlugs.begin(), kSlugs.end(), [&](const Slug& known) { return known.slug == slug; });
    if (found != kSlugs.end()) return found->state;
    switch (error.code) {
        case Errc::unavailable:
        case Errc::busy:
        case Errc::outcome_unknown: return LinkState::central_away;
        case Errc::forbidden: return LinkState::forbidden;
        case Errc::corrupt: return LinkState::damaged;
        case Errc::out_of_space: return LinkState::disk;
        case Errc::conflict: return LinkState::refused;
        case Errc::invalid_input:
        case Errc::not_found:
        case Errc::internal: break;
    }
    return LinkState::trouble;
}

bool heals_by_waiting(LinkState state) { return word_of(state).heals; }

bool is_lost_line(LinkState state) {
    switch (state) {
        case LinkState::no_network:
        case LinkState::central_away:
        case LinkState::clock:
        case LinkState::certificate_unknown:
        case LinkState::certificate_name:
        case LinkState::certificate_expired:
        case LinkState::not_central:
        case LinkState::proxy: return true;
        case LinkState::working:
        case LinkState::alone:
        case LinkState::connecting:
        case LinkState::not_running:
        case LinkState::key_missing:
        case LinkState::authority_file:
        case LinkState::revoked:
        case LinkState::forbidden:
        case LinkState::version:
        case LinkState::refused:
        case LinkState::damaged:
        case LinkState::disk:
        case LinkState::trouble: break;
    }
    return false;
}

std::string_view advice(LinkState state) { return word_of(state).advice; }

}  // namespace vetchart::sync
