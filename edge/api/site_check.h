#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/api/http.h"

/// What a page of another site must not reach through the browser of someone at this computer: no name of its own that
/// it made to point here (DNS rebinding), and no form or script of its own that changes something.
namespace vetchart::edge {

/// The names under which this node is asked. Immutable after its making.
class OwnNames {
public:
    OwnNames() = default;
    /// `listen`: the address that is listened on. `names`: the setting `hosts`. `behind_proxy`: the listening address
    /// is the proxy's business, so any address will do.
    OwnNames(const std::string& listen, const std::vector<std::string>& names, bool behind_proxy);

    /// `host`: with or without a port. An address in numbers cannot be another site's name; on a node for this computer
    /// alone only its own addresses do.
    [[nodiscard]] bool has(std::string_view host) const;

    /// `host` is one of the names of the setting.
    [[nodiscard]] bool is_set(std::string_view host) const;

private:
    std::vector<std::string> names_, set_;
    bool any_address_ = false;
};

/// The refusal of a request under a foreign name (421), or nullopt.
[[nodiscard]] std::optional<Response> refuse_other_name(const OwnNames& names, std::string_view host);

/// The refusal of a change that a page of another origin sends (403), or nullopt: a browser says whose page it is, by
/// Sec-Fetch-Site or Origin, and no page can change that. `allowed`: origins whose pages may.
[[nodiscard]] std::optional<Response> refuse_other_origin(const OwnNames& names, const Request& request,
                                                          const std::vector<std::string>& allowed);

}  // namespace vetchart::edge
