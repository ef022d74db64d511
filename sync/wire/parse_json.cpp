#include "sync/base/text.h"
#include "sync/model/fields.h"
#include "sync/wire/messages.h"

namespace vetchart::sync {
namespace {

/// True when no text in `value` has a NUL, which PostgreSQL's text cannot hold and libpqxx cuts silently.
bool without_nul(const Json& value) {
    if (value.is_string()) return value.get_ref<const std::string&>().find('\0') == std::string::npos;
    if (!value.is_structured()) return true;
    for (const auto& [key, member] : value.items()) {
        if (key.find('\0') != std::string::npos || !without_nul(member)) return false;
    }
    return true;
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
    if (text.size() > kBodyBytesMax) return Error{Errc::invalid_input, "body over the limit", "too_large"};
    if (!is_clean_utf8(text)) return malformed("not UTF-8");
    // The depth is checked first, without building anything: a deep value could not even be destroyed safely.
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kJsonDepthMax) return malformed("nested too deeply");
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    // The library's callback is not used: after every object it walks through all that stand beside it.
    Json value = Json::parse(text, nullptr, false);
    if (value.is_discarded()) return malformed("not JSON");
    if (!without_nul(value)) return malformed("text holds a NUL character");
    return value;
}

}  // namespace vetchart::sync
