#include "sync/catalogue/row_key.h"

#include "sync/base/uuid.h"
#include "sync/catalogue/catalogue.h"

namespace vetchart::sync {

std::string_view key_part(std::string_view row_id, std::size_t index) {
    const std::size_t start = index * (kKeyPartSize + 1);
    if (start >= row_id.size()) return {};
    return row_id.substr(start, kKeyPartSize);
}

bool is_row_id(std::string_view table, std::string_view row_id) {
    const Table* known = find_table(table);
    if (known == nullptr || row_id.size() != known->key.size() * (kKeyPartSize + 1) - 1) return false;
    for (std::size_t i = 0; i < known->key.size(); ++i) {
        if (!parse_uuid(key_part(row_id, i))) return false;
        if (i > 0 && row_id[i * (kKeyPartSize + 1) - 1] != kKeySeparator) return false;
    }
    return true;
}

}  // namespace vetchart::sync
