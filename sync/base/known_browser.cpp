#include "sync/base/known_browser.h"

#include <algorithm>

#include "sync/base/hmac.h"
#include "sync/base/json.h"
#include "sync/base/jwt.h"
#include "sync/base/text.h"

namespace vetchart {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMarkSize = 16;

}  // namespace

std::string cookie_in(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        std::string_view cookie = header.substr(0, header.find(';'));
        header.remove_prefix(std::min(header.size(), cookie.size() + 1));
        cookie.remove_prefix(std::min(cookie.size(), cookie.find_first_not_of(' ')));
        if (cookie.size() > name.size() && cookie.starts_with(name) && cookie[name.size()] == '=') {
            return std::string(cookie.substr(name.size() + 1));
        }
    }
    return {};
}

KnownBrowser::KnownBrowser(std::string_view cookie, std::string key) : key_(std::move(key)) {
    JwtFault fault{};
    const auto text = verify_jwt(cookie, key_, fault);
    const Json payload = text ? Json::parse(*text, nullptr, false) : Json();
    if (!payload.is_object() || !payload.value("id", Json()).is_string() || !payload.value("names", Json()).is_array())
        return;
    id_ = payload["id"].get<std::string>();
    for (const Json& mark : payload["names"]) {
        if (mark.is_string()) marks_.push_back(mark.get<std::string>());
    }
}

std::string KnownBrowser::mark_of(std::string_view name) const {
    return to_hex(hmac_sha256(key_, "name\n" + ascii_lower(trim_blanks(name)))).substr(0, kMarkSize);
}

std::string KnownBrowser::device_of(std::string_view name) const {
    return std::find(marks_.begin(), marks_.end(), mark_of(name)) == marks_.end() ? std::string() : id_;
}

void KnownBrowser::remember(const std::vector<std::string>& names, Rng& rng) {
    if (id_.empty()) id_ = random_token(rng, kIdBytes);
    std::vector<std::string> marks;
    const auto add = [&marks](const std::string& mark) {
        if (std::find(marks.begin(), marks.end(), mark) == marks.end()) marks.push_back(mark);
    };
    for (const std::string& name : names) add(mark_of(name));
    for (const std::string& mark : marks_) add(mark);
    if (marks.size() > kNamesMax) marks.resize(kNamesMax);
    marks_ = std::move(marks);
}

std::string KnownBrowser::cookie() const { return sign_jwt(Json{{"id", id_}, {"names", marks_}}.dump(), key_); }

}  // namespace vetchart
