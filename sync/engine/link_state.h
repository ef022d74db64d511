#pragma once

#include <array>
#include <string_view>

#include "sync/base/result.h"

namespace vetchart::sync {

/// What stands between a node and central, as a person has to know it: one value for all that helps in the same way.
/// The order is that of kLinkStates; docs/operations.md has the sentences beside their causes.
enum class LinkState {
    working,              ///< The last step that ended, ended well.
    alone,                ///< The node has no central.
    connecting,           ///< Since the program's start no step has ended yet.
    not_running,          ///< Told by a command beside a folder whose program does not run.
    no_network,           ///< No route, no name, refused, a line that was cut.
    central_away,         ///< Central is busy, has trouble of its own, or does not finish an answer.
    clock,                ///< This computer's clock is wrong by more than five minutes.
    certificate_unknown,  ///< Whoever answers shows a certificate of an authority that is not believed.
    certificate_name,     ///< The certificate is for another name.
    certificate_expired,  ///< It has run out.
    not_central,          ///< Something else answers: a log-in page of the network, a filter.
    proxy,                ///< The proxy wants a login or refuses.
    key_missing,          ///< node.key is gone, damaged or another's.
    authority_file,       ///< ca.pem is damaged.
    revoked,              ///< Headquarters took the node away.
    forbidden,            ///< Central does not know the node, or not for this clinic.
    version,              ///< The two programs are too far apart.
    refused,              ///< Central refuses for another reason, such as a restored backup.
    damaged,              ///< The node's database is damaged or was taken away.
    disk,                 ///< The disk is full or takes no writes.
    trouble,              ///< Anything else: the log has it.
};

inline constexpr std::array kLinkStates{LinkState::working,
                                        LinkState::alone,
                                        LinkState::connecting,
                                        LinkState::not_running,
                                        LinkState::no_network,
                                        LinkState::central_away,
                                        LinkState::clock,
                                        LinkState::certificate_unknown,
                                        LinkState::certificate_name,
                                        LinkState::certificate_expired,
                                        LinkState::not_central,
                                        LinkState::proxy,
                                        LinkState::key_missing,
                                        LinkState::authority_file,
                                        LinkState::revoked,
                                        LinkState::forbidden,
                                        LinkState::version,
                                        LinkState::refused,
                                        LinkState::damaged,
                                        LinkState::disk,
                                        LinkState::trouble};

/// The name in the status, the metric and the node's file: the enumerator's.
[[nodiscard]] std::string_view to_string(LinkState state);
/// A name of another version is `trouble`; an empty one `working`.
[[nodiscard]] LinkState parse_link_state(std::string_view name);

/// What a failed step means, by the error's code (`slug`, docs/errors.md) and kind.
[[nodiscard]] LinkState link_state_of(const Error& error);

/// True when it ends by itself: it is said calmly, and nobody has to do anything.
[[nodiscard]] bool heals_by_waiting(LinkState state);

/// True when no answer of central's came at all: then the time of its last answer tells since when.
[[nodiscard]] bool is_lost_line(LinkState state);

/// One sentence on what it is and what to do, in English; empty while all is well. The clinic's app says the same in
/// its three languages (web/src/clinic/i18n, `link.*`).
[[nodiscard]] std::string_view advice(LinkState state);

}  // namespace vetchart::sync
