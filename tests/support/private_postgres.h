#pragma once

#include <string>

#include "tests/support/temp_dir.h"

namespace vetchart::test {

/// A PostgreSQL cluster of the test program's own: initdb in a temporary folder, a UNIX socket, no TCP, no fsync.
/// One per process, started at first use, stopped at exit. A missing server fails the test, never skips it.
class PrivatePostgres {
public:
    static PrivatePostgres& instance();

    /// Creates an empty database with a name of its own; returns its conninfo.
    std::string new_database();
    /// A copy of `template_url`'s database (no session may be open on it); returns the copy's conninfo.
    std::string copy_database(const std::string& template_url);
    /// Runs SQL with psql (ON_ERROR_STOP); returns standard output (unaligned, tuples only), throws with stderr.
    std::string psql(const std::string& url, const std::string& sql);
    [[nodiscard]] const std::string& socket_dir() const { return socket_dir_; }

private:
    PrivatePostgres();
    ~PrivatePostgres();
    void create(const std::string& statement);

    TempDir folder_;
    std::string socket_dir_;
    int next_ = 0;
};

/// Runs a shell command; returns its standard output; throws std::runtime_error with the output when it fails.
std::string run(const std::string& command);

}  // namespace vetchart::test
