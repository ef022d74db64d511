#pragma once

#include <optional>
#include <string>

#include "edge/store/file/database.h"

/// Staff members as charts name them: by a row's id, and by a printed name. Inside a transaction; may throw
/// SQLite::Exception.
namespace vetchart::edge {

struct NamedStaff {
    std::string id, clinic_id;
    std::string name;  ///< As it is printed: first and last name.
};

/// nullopt: no staff row has this id.
[[nodiscard]] std::optional<NamedStaff> find_staff(Connection& connection, const std::string& id);

/// The one active staff member of the clinic who has the printed name, in any spelling (bare_name.h). nullopt: nobody
/// has it, or several have.
[[nodiscard]] std::optional<NamedStaff> staff_of_name(Connection& connection, const std::string& clinic_id,
                                                      const std::string& printed);

}  // namespace vetchart::edge
