#include "tests/parity/engines.h"

#include <stdexcept>

#include "central/store/migrate.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {

Engines::Engines() : url_(PrivatePostgres::instance().new_database()) {
    const auto database = edge::Database::open(sqlite_file(), test::chance());
    if (!database) throw std::runtime_error(database.error().context);
    central::MigrateOptions options;
    options.url = url_;
    const auto migrated = central::migrate(options);
    if (!migrated) throw std::runtime_error(migrated.error().context);
}

Engines::~Engines() = default;

}  // namespace vetchart::test
