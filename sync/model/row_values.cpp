#include "sync/model/row_values.h"

namespace vetchart::sync {

const Json& value_in(const Json& image, std::string_view column) {
    static const Json kNull;
    if (!image.is_object()) return kNull;
    const auto found = image.find(column);
    return found == image.end() ? kNull : *found;
}

bool is_set(const Json& image, std::string_view column) { return !value_in(image, column).is_null(); }

std::string text_in(const Json& image, std::string_view column) {
    const Json& value = value_in(image, column);
    return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace vetchart::sync
