#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edge/store/file/database.h"
#include "edge/store/rows/charts.h"
#include "sync/base/time.h"

/// Staff and clinic rows as the API shows and edits them. Functions that take a Connection run inside
/// Database::write or ::snapshot and may throw SQLite::Exception there. No password hash is ever part of an answer.
namespace vetchart::edge {

/// The staff as a JSON array, by name.
[[nodiscard]] Result<std::string> list_staff(Database& database, const Reach& reach);
/// The active veterinarians as `[{id, clinicId, name}]`, by name: everyone may pick from them.
[[nodiscard]] Result<std::string> list_vets(Database& database, const Reach& reach);
[[nodiscard]] std::optional<std::string> find_staff_row(Connection& connection, const std::string& id,
                                                        const Reach& reach);
/// Values in the order of fields_of(ChartTable::staff).
void insert_staff(Connection& connection, const std::string& id, const std::string& clinic_id,
                  const std::vector<Value>& values, const std::string& password_hash, UtcMillis now);
void set_staff_password(Connection& connection, const std::string& id, const std::string& hash, UtcMillis now);
/// True when the clinic has an active administrator: it must always have one.
[[nodiscard]] bool has_admin(Connection& connection, const std::string& clinic_id);

}  // namespace vetchart::edge
