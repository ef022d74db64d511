#pragma once

#include <string>
#include <utility>

#include "sync/model/change.h"

/// What the tests of decide() write.
namespace vetchart::test {

/// The clinic of all of them.
inline const std::string kClinic = "c1";

inline sync::Change change(sync::Op op, const std::string& table, const std::string& id, sync::Json old_values,
                           sync::Json new_values, std::int64_t version = 0) {
    sync::Change made;
    made.table = table;
    made.row_id = id;
    made.clinic_id = kClinic;
    made.op = op;
    made.row_version = version;
    made.old_values = std::move(old_values);
    made.new_values = std::move(new_values);
    return made;
}

}  // namespace vetchart::test
