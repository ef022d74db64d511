#include "sync/model/tables.h"

namespace vetchart::sync {

bool is_central_column(std::string_view table, std::string_view column) {
    return writer_of(table, column) == Writer::central;
}

}  // namespace vetchart::sync
