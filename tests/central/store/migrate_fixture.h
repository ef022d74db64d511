#pragma once

#include <string>

#include "central/store/migrate.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {

/// Options for `url` that print nothing.
central::MigrateOptions quiet_options(const std::string& url);

/// Requires that `url` migrates.
void must_migrate(const std::string& url);

/// Structure and rows as text. pg_dump draws a new token for \restrict in every file; without it a dump repeats.
std::string dump_of(const std::string& url);

/// Rows as psql prints them, without the last line feed.
std::string rows_of(const std::string& url, const std::string& sql);

std::string text_of(const std::filesystem::path& file);

/// An empty legacy database.
std::string empty_legacy_database();

/// Copies the legacy tables, as they are, to schema raw: what problems_of compares with.
void keep_raw(const std::string& url);

/// Everything that tests/data/legacy/oracle.sql finds wrong with the migrated `url`; "" when all is well.
std::string problems_of(const std::string& url);

}  // namespace vetchart::test
