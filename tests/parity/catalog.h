#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace vetchart::test {

/// What a catalog says of the synced tables, one fact a line, in words that are the same for both engines:
///     patient.owner_id text null
///     patient enum gender female,male,unknown
///     patient check patient_age_check
///     patient index patient_clinic_id_owner_id_idx (clinic_id, owner_id)
///     owner unique owner_clinic_id_email_key (clinic_id, email) where deleted_at IS NULL
///     patient key patient_owner_id_fkey (clinic_id, owner_id) to owner (clinic_id, id) on delete null
/// `on delete refused` for SQLite stands only where the foreign key and the parent's BEFORE DELETE trigger both say it.
///
/// Left out, since only one engine can say it: checks of form for what is a type of its own in PostgreSQL (uuid, enum,
/// boolean) and those that only refuse NUL; central's own column bill.received_at.
using Catalog = std::set<std::string>;

[[nodiscard]] Catalog sqlite_catalog(const std::filesystem::path& file);
[[nodiscard]] Catalog postgres_catalog(const std::string& url);
/// The same of sync/catalogue, which says nothing of indexes that are no rule, nor of checks over several columns.
[[nodiscard]] Catalog said_catalog();

}  // namespace vetchart::test
