#include "edge/store/file/database.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <string>
#include <utility>

#include "edge/store/file/derived.h"
#include "edge/store/file/files.h"
#include "edge/store/file/migrate.h"
#include "edge/store/file/opened_files.h"
#include "edge/store/file/search_index.h"
#include "sync/base/digest.h"
#include "sync/base/json.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kMarkerBytes = 16;

// This reads sqlite_sequence and not max(seq), which misses rows that were written and removed again.
constexpr const char* kLogHead = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change_log'), 0)";
constexpr const char* kClockOffset = "SELECT clock_offset_ms FROM sync_control";
constexpr const char* kSetMarker = "UPDATE sync_control SET txn = ?1, actor = ?2";
// Both are read back and written by single statements of an apply.
constexpr const char* kRowsToApply =
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM sync_inbox LIMIT ?1)) +"
    " (SELECT count(*) FROM (SELECT 1 FROM sync_base LIMIT ?1))";
constexpr const char* kClearMarker = "UPDATE sync_control SET txn = NULL, actor = NULL";

std::int64_t log_head(Connection& connection) {
    SQLite::Statement& query = connection.statement(kLogHead);
    query.executeStep();
    const std::int64_t head = query.getColumn(0).getInt64();
    query.reset();
    return head;
}

/// Reads the clock's offset from the file, the one place that has it.
void follow_clock(Connection& connection, NodeClock& clock) {
    SQLite::Statement& query = connection.statement(kClockOffset);
    if (query.executeStep()) clock.set_offset(std::chrono::milliseconds(query.getColumn(0).getInt64()));
    query.reset();
}

/// Rolls back, unless SQLite did so itself after an error: a second ROLLBACK would be an error.
void roll_back(Connection& connection) noexcept {
    connection.reset_statements();
    connection.raw().tryExec("ROLLBACK");
}

Error moved_error(const std::string& sentence) {
    return Error{Errc::corrupt, sentence + ": nothing more is written", "database_moved"};
}

}  // namespace

ReadLease::ReadLease(Database& owner, std::unique_ptr<Connection> connection)
    : owner_(&owner), connection_(std::move(connection)) {}

ReadLease::~ReadLease() {
    if (connection_) owner_->give_back(std::move(connection_));
}

Database::Database(std::filesystem::path file, Rng* rng) : file_(std::move(file)), rng_(rng) {
    idle_.reserve(kIdleReaders);
}

Database::~Database() {
    // Readers are closed first: the last connection checkpoints and removes the WAL, which only a writer can.
    idle_.clear();
    // When the files are no longer at their names nothing is written or removed: others may stand there.
    if (writer_ && damage()) {
        sqlite3_db_config(writer_->raw().getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    writer_.reset();
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, Rng& rng, Past past) {
    try {
        VC_TRY_ASSIGN(const DatabaseFile found, look_at_database(file));
        // A reader looks first: opening for writing would change the file before anybody knows what it is.
        if (found == DatabaseFile::present) {
            Connection reader(file, true);
            VC_TRY(check_is_ours(reader, past));
        } else if (past == Past::proven) {
            return Error{Errc::corrupt, file.string() + " is missing or empty", "database_missing"};
        }
        // Charts and password hashes are for the node's own user, whatever folder the file is put in.
        if (const Status made = make_private_file(file, file.parent_path()); !made && made.error().slug != "exists") {
            return made.error();
        }
        std::unique_ptr<Database> database(new Database(file, &rng));
        database->writer_ = std::make_unique<Connection>(file, false, database->clock_.vfs(), &rng);
        VC_TRY(migrate(*database->writer_, file));
        follow_clock(*database->writer_, database->clock_);
        settle_derived(*database->writer_);
        VC_TRY_ASSIGN(database->files_, OpenedFiles::of(*database->writer_, file));
        return database;
    } catch (...) {
        return error_from_current_exception("open database");
    }
}

Rng& Database::rng() {
    VC_ASSERT(rng_ != nullptr);
    return *rng_;
}

Result<std::unique_ptr<Database>> Database::open_read_only(const std::filesystem::path& file) {
    try {
        std::unique_ptr<Database> database(new Database(file, nullptr));
        auto connection = std::make_unique<Connection>(file, true, database->clock_.vfs());
        VC_TRY(check_schema(*connection));
        follow_clock(*connection, database->clock_);
        database->give_back(std::move(connection));
        return database;
    } catch (...) {
        return error_from_current_exception("open database for reading");
    }
}

ReadLease Database::read() {
    {
        const std::lock_guard lock(pool_lock_);
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return {*this, std::move(connection)};
        }
    }
    // Nobody must read another file that took the name.
    const auto moved = files_ ? files_->moved() : std::nullopt;
    if (moved) throw DatabaseMoved(*moved);
    return {*this, std::make_unique<Connection>(file_, true, clock_.vfs())};
}

void Database::give_back(std::unique_ptr<Connection> connection) {
    connection->reset_statements();
    // A lease that ended inside a transaction must not hand its snapshot to the next reader.
    connection->raw().tryExec("ROLLBACK");
    const std::lock_guard lock(pool_lock_);
    if (idle_.size() < kIdleReaders) idle_.push_back(std::move(connection));
}

Status Database::write(const Actor& actor, const std::function<Status(Connection&)>& work) {
    return run_write(Mode::captured, Size::usual, actor, work);
}

Status Database::apply(const std::function<Status(Connection&)>& work, Size size) {
    return run_write(Mode::applying, size, {}, work);
}

Status Database::maintain(const std::function<Status(Connection&)>& work, Size size) {
    return run_write(Mode::plain, size, {}, work);
}

void Database::choose_scratch(Mode mode, Size size) {
    if (mode == Mode::applying && size == Size::usual) {
        SQLite::Statement& rows = writer_->statement(kRowsToApply);
        rows.bind(1, kBulkRows + 1);
        if (rows.executeStep() && rows.getColumn(0).getInt() > kBulkRows) size = Size::bulk;
        rows.reset();
    }
    writer_->keep_scratch_in(size == Size::bulk ? Scratch::files : Scratch::memory);
}

Status Database::run_write(Mode mode, Size size, const Actor& actor, const std::function<Status(Connection&)>& work) {
    if (rng_ == nullptr) return Error{Errc::internal, "write to a database opened for reading", "internal"};
    if (const auto known = damage()) return *known;
    bool log_grew = false;
    {
        const std::unique_lock lock(write_lock_, kWriteWait);
        if (!lock.owns_lock()) return Error{Errc::busy, "another write holds the database", "database_busy"};
        VC_TRY(write_or_mend(mode, size, actor, work, log_grew));
    }
    if (log_grew && mode != Mode::applying) tell_listeners();
    return Done{};
}

Status Database::write_or_mend(Mode mode, Size size, const Actor& actor, const std::function<Status(Connection&)>& work,
                               bool& log_grew) {
    for (bool is_second = false;; is_second = true) {
        try {
            choose_scratch(mode, size);
            return write_once(mode, actor, work, log_grew);
        } catch (...) {
            // The error is read before the rollback, which would overwrite what the connection knows of it.
            Error error = error_from_current_exception("write");
            roll_back(*writer_);
            // An error of the file may mean that it was removed or replaced under this process.
            VC_TRY(verify_files());
            if (is_second || !mend_locked(std::current_exception())) return error;
        }
    }
}

bool Database::mend_locked(const std::exception_ptr& failure) {
    if (!may_be_derived_fault(failure)) return false;
    try {
        // An index that is made anew is sorted in files, however small the write was that met the damage.
        writer_->keep_scratch_in(Scratch::files);
        return !mend_derived(*writer_, is_index_fault(failure), {}).empty();
    } catch (...) {
        spdlog::error("{}", error_from_current_exception("make derived data anew").context);
        roll_back(*writer_);
        return false;
    }
}

bool Database::mend_after(const std::exception_ptr& failure) {
    if (rng_ == nullptr || damage() || !may_be_derived_fault(failure)) return false;
    const std::unique_lock lock(write_lock_, kWriteWait);
    if (!lock.owns_lock()) return false;
    // It is opened anew also where another thread has just mended the file: it keeps what it read of the old schema.
    (void)mend_locked(failure);
    const std::lock_guard pool(pool_lock_);
    idle_.clear();
    return true;
}

Status Database::mend(const std::vector<DerivedFault>& faults) {
    if (rng_ == nullptr) return Error{Errc::internal, "write to a database opened for reading", "internal"};
    if (const auto known = damage()) return *known;
    const std::unique_lock lock(write_lock_, kWriteWait);
    if (!lock.owns_lock()) return Error{Errc::busy, "another write holds the database", "database_busy"};
    try {
        writer_->keep_scratch_in(Scratch::files);
        mend_derived(*writer_, false, faults);
        return verify_files();
    } catch (...) {
        Error error = error_from_current_exception("make derived data anew");
        roll_back(*writer_);
        return error;
    }
}

Status Database::write_once(Mode mode, const Actor& actor, const std::function<Status(Connection&)>& work,
                            bool& log_grew) {
    Connection& connection = *writer_;
    connection.exec("BEGIN IMMEDIATE");
    follow_clock(connection, clock_);
    const std::int64_t head_before = log_head(connection);
    if (mode == Mode::captured) {
        SQLite::Statement& marker = connection.statement(kSetMarker);
        marker.bind(1, random_token(connection.rng(), kMarkerBytes));
        marker.bind(2, nlohmann::json(actor).dump());
        marker.exec();
    } else if (mode == Mode::applying) {
        connection.exec("PRAGMA defer_foreign_keys = ON; UPDATE sync_control SET applying = 1");
    }
    if (Status done = work(connection); !done) {
        roll_back(connection);
        return done;
    }
    if (mode == Mode::captured) {
        connection.statement(kClearMarker).exec();
    } else if (mode == Mode::applying) {
        connection.exec("UPDATE sync_control SET applying = 0");
    }
    fold_marked(connection, kFoldInWrite);
    log_grew = log_head(connection) > head_before;
    follow_clock(connection, clock_);
    connection.reset_statements();
    if (Status here = verify_files(); !here) {
        roll_back(connection);
        return here;
    }
    connection.exec("COMMIT");
    // The files are looked at once more: what was committed into files that are gone is not told as saved.
    return verify_files();
}

Status Database::verify_files() {
    const std::lock_guard lock(damage_lock_);
    if (!damage_ && files_) {
        if (const auto trouble = files_->trouble(*writer_)) damage_ = moved_error(*trouble);
    }
    if (damage_) return *damage_;
    return Done{};
}

Status Database::check_files() {
    // A writer that holds the lock looks at the files itself, so a refusal need not wait for somebody else's write.
    const std::unique_lock lock(write_lock_, std::try_to_lock);
    if (!lock.owns_lock()) return Done{};
    return verify_files();
}

std::optional<Error> Database::damage() const {
    const std::lock_guard lock(damage_lock_);
    return damage_;
}

Status Database::rescue(const std::filesystem::path& target) {
    const std::unique_lock lock(write_lock_, kWriteWait);
    if (!lock.owns_lock()) return Error{Errc::busy, "another write holds the database", "database_busy"};
    VC_TRY(make_private_file(target, target.parent_path()));
    try {
        {
            SQLite::Database copy(target.string(), SQLite::OPEN_READWRITE);
            SQLite::Backup(copy, writer_->raw()).executeStep(-1);
            copy.exec("PRAGMA journal_mode = DELETE");
        }
        return sync_file(target);
    } catch (...) {
        const Error error = error_from_current_exception("rescue the database");
        std::error_code ignored;
        std::filesystem::remove(target, ignored);
        return error;
    }
}

Status Database::snapshot(const std::function<Status(Connection&)>& work) {
    for (bool is_second = false;; is_second = true) {
        try {
            ReadLease lease = read();
            lease->exec("BEGIN DEFERRED");
            // give_back() ends the transaction, whatever happens.
            return work(*lease);
        } catch (...) {
            Error error = error_from_current_exception("read");
            if (is_second || !mend_after(std::current_exception())) return error;
        }
    }
}

void Database::on_commit(std::function<void()> listener) {
    const std::lock_guard lock(listeners_lock_);
    listeners_.push_back(std::move(listener));
}

void Database::tell_listeners() {
    std::vector<std::function<void()>> listeners;
    {
        const std::lock_guard lock(listeners_lock_);
        listeners = listeners_;
    }
    for (const auto& listener : listeners) listener();
}

}  // namespace vetchart::edge
