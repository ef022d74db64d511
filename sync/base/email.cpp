#include "sync/base/email.h"

#include <algorithm>

#include "sync/base/text.h"
#include "sync/base/text_fold.h"

namespace vetchart {
namespace {

constexpr std::size_t kBytesMax = 254;

}  // namespace

bool is_email(std::string_view text) {
    const auto at = text.find('@');
    const bool visible = std::none_of(text.begin(), text.end(), [](unsigned char c) { return c <= 0x20 || c == 0x7f; });
    return visible && text.size() <= kBytesMax && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos;
}

std::string normal_email(std::string_view given) { return ascii_lower(nfc(trim_blanks(given))); }

Result<std::string> read_email(std::string_view given) {
    std::string email = normal_email(given);
    if (is_email(email)) return email;
    return Error{Errc::invalid_input, "the e-mail address must look like name@example.org", "bad_email"};
}

}  // namespace vetchart
