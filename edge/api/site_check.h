#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/api/http.h"

/// Keeps other sites' pages out, which reach this node through the browser of someone here: under a name of theirs that
/// they made to point here (DNS rebinding), or by a form or script of theirs that would change something.
namespace vetchart::edge {

/// The names under which this node is asked. Immutable after its making.
class OwnNames {
public:
    OwnNames() = default;
    /// `listen`: the address that is listened on. `names`: the setting `hosts`. `behind_proxy`: the listening address
    /// is the proxy's business, so any address will do.
    OwnNames(const std::string& listen, const std::vector<std::string>& names, bool behind_proxy);

    /// True when the node may be asked as `host`, with or without a port. An address in numbers is nobody's name and
    /// will do; on a node for this computer alone only its own addresses will.
    [[nodiscard]] bool has(std::string_view host) const;

    /// True when `host` is one of the names of the setting.
    [[nodiscard]] bool is_set(std::string_view host) const;

private:
    std::vector<std::string> names_, set_;
    bool any_address_ = false;
};

/// Refuses (421) a request under a foreign name; nullopt: it may go on.
[[nodiscard]] std::optional<Response> refuse_other_name(const OwnNames& names, std::string_view host);

/// Refuses (403) a change that a page of another origin sends; nullopt: it may go on. A browser says whose page it is,
/// by Sec-Fetch-Site or Origin, and no page can change that. `allowed` are origins whose pages may.
[[nodiscard]] std::optional<Response> refuse_other_origin(const OwnNames& names, const Request& request,
                                                          const std::vector<std::string>& allowed);

}  // namespace vetchart::edge
