#include "edge/link/push_parts.h"

#include <utility>

namespace vetchart::edge {
namespace {

constexpr std::size_t kChangeOverhead = 256;  ///< Names, ids and numbers around a change's two images.

std::size_t size_of(const sync::Change& change) {
    const auto dumped = [](const sync::Json& json) {
        return json.is_null() ? 0 : json.dump(-1, ' ', false, sync::Json::error_handler_t::replace).size();
    };
    return kChangeOverhead + dumped(change.old_values) + dumped(change.new_values);
}

}  // namespace

std::vector<sync::PushRequest> split_into_parts(sync::PushRequest request, std::size_t bytes_max) {
    std::vector<sync::PushRequest> parts;
    if (request.transactions.size() != 1) {
        parts.push_back(std::move(request));
        return parts;
    }
    std::vector<sync::Change> changes = std::move(request.transactions.front().changes);
    request.transactions.front().changes.clear();
    std::size_t size = 0;
    for (auto& change : changes) {
        const std::size_t added = size_of(change);
        if (parts.empty() || size + added > bytes_max) {
            parts.push_back(request);
            size = 0;
        }
        size += added;
        parts.back().transactions.front().changes.push_back(std::move(change));
    }
    if (parts.empty()) parts.push_back(std::move(request));
    if (parts.size() > 1) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            parts[i].part = sync::Part{static_cast<int>(i), static_cast<int>(parts.size())};
        }
    }
    return parts;
}

}  // namespace vetchart::edge
