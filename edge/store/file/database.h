#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "edge/store/file/node_clock.h"
#include "sync/base/result.h"
#include "sync/base/rng.h"
#include "sync/base/time.h"

namespace SQLite {
class Database;
class Exception;
class Statement;
}  // namespace SQLite

namespace vetchart::edge {

struct DerivedFault;

/// The schema this program brings a file to: the number of the last file in schema/sqlite.
[[nodiscard]] int edge_schema_version();

/// Whether the folder proves that its database was in use before; an empty database is then a lost one.
enum class Past { none, proven };

/// Where SQLite keeps what it needs for a moment: statement journals, sorts, tables of one statement. In memory they
/// cost nothing, but have no bound of their own; in files they cost several writes a row.
enum class Scratch { files, memory };

/// One SQLite connection with its prepared statements, all pragmas of docs/adr/0002 set. Not thread-safe: it
/// belongs to whoever holds the lease or the write. Throws SQLite::Exception inside store/ only.
class Connection {
public:
    /// `vfs`: NodeClock::vfs(), or null for the computer's own clock. `rng`: null where nothing is drawn.
    Connection(const std::filesystem::path& file, bool read_only, const char* vfs = nullptr, Rng* rng = nullptr);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// The cached statement of `sql`, reset and unbound. `sql` must outlive the connection (a constexpr string).
    /// Two uses of the same text at once are a bug; keep it no longer than the rows are read.
    [[nodiscard]] SQLite::Statement& statement(std::string_view sql);
    /// Runs statements without parameters.
    void exec(const char* sql);
    /// Moves scratch, which is in files at first. Call it outside a transaction: a journal stays where it is at BEGIN.
    void keep_scratch_in(Scratch where);
    /// Ends every read still in progress, so that the connection holds no snapshot of the past.
    void reset_statements() noexcept;
    [[nodiscard]] SQLite::Database& raw() { return *database_; }
    /// What ids of new rows are drawn from. Not of a connection for reading.
    [[nodiscard]] Rng& rng();

private:
    std::unique_ptr<SQLite::Database> database_;
    Rng* rng_;
    struct Cache;
    std::unique_ptr<Cache> cache_;
    Scratch scratch_ = Scratch::files;
};

/// A read connection on loan; goes back to the pool at the end of its life.
class ReadLease {
public:
    ReadLease(class Database& owner, std::unique_ptr<Connection> connection);
    ~ReadLease();
    ReadLease(ReadLease&&) = default;
    ReadLease& operator=(ReadLease&&) = delete;
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }

private:
    class Database* owner_;
    std::unique_ptr<Connection> connection_;
};

/// Whose hand writes: the person's staff id in each clinic. Empty: nobody's.
using Actor = std::map<std::string, std::string>;

/// The node's SQLite file. Thread-safe. One writer at a time (a timed lock), readers beside it (WAL), each on a
/// connection of its own.
class Database {
public:
    /// How much one statement of a write may touch. Bulk is whatever grows with the file (a first load, an index built
    /// anew): its scratch is in files. That of every other write is in memory, a few pages a row.
    enum class Size { usual, bulk };

    /// Opens or creates `file`; brings it to edge_schema_version() in one transaction, after keeping a copy
    /// `<file>.before-<N>` of an existing older one; (re)creates the capture triggers from the tables' columns.
    /// Errors: corrupt (damaged, of a newer schema, or empty where `past` is proven; nothing is written then),
    /// out_of_space, internal. `rng` must outlive it.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, Rng& rng,
                                                                Past past = Past::none);
    /// Opens an existing file for reading, beside a running daemon. Never migrates: an older or newer schema is
    /// corrupt.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open_read_only(const std::filesystem::path& file);
    ~Database();

    [[nodiscard]] const std::filesystem::path& file() const { return file_; }
    /// What whoever writes here draws from. Not of a database opened for reading.
    [[nodiscard]] Rng& rng();

    /// A read connection from the pool (made when none is idle; at most kIdleReaders are kept).
    [[nodiscard]] ReadLease read();

    /// Runs `work` in BEGIN IMMEDIATE .. COMMIT as one captured transaction of `actor`, whose staff id each change
    /// carries: that of its own clinic. `work` returns Status; an error, or an exception, rolls all of it back. After a
    /// commit that wrote change_log, every listener of on_commit() is called, outside the lock. Errors: those of
    /// `work`; conflict with the rule's slug; busy after kWriteWait; out_of_space; internal.
    [[nodiscard]] Status write(const Actor& actor, const std::function<Status(Connection&)>& work);

    /// Like write(), but nothing is captured and rules, snapshot and capture triggers are off
    /// (sync_control.applying = 1 inside). For applying a pull only. It is bulk by itself when more than kBulkRows
    /// wait in the inbox or are to be replayed.
    [[nodiscard]] Status apply(const std::function<Status(Connection&)>& work, Size size = Size::usual);

    /// A write to the node's own tables (state, inbox, cursor): no transaction marker; triggers on as usual.
    [[nodiscard]] Status maintain(const std::function<Status(Connection&)>& work, Size size = Size::usual);

    /// Runs a read in one DEFERRED transaction (a snapshot) with exceptions turned into errors. `work` runs a second
    /// time when derived data was damaged and made anew meanwhile; so does that of the writes.
    [[nodiscard]] Status snapshot(const std::function<Status(Connection&)>& work);

    /// What is added to this computer's clock to have the corrected one: the file's, as of the last write. Thread-safe.
    [[nodiscard]] std::chrono::milliseconds clock_offset() const { return clock_.offset(); }

    void on_commit(std::function<void()> listener);

    /// Makes anew what `faults` name and find_plain_faults() finds (edge/store/file/derived.h). Errors: those of a
    /// write.
    [[nodiscard]] Status mend(const std::vector<DerivedFault>& faults);
    /// After a read failed: true when that may have been damage of derived data, which is made anew now; then reading
    /// again, on another connection, is worth it. write(), apply(), maintain() and snapshot() do so themselves, once.
    [[nodiscard]] bool mend_after(const std::exception_ptr& failure);

    /// Looks whether the database's files are still those that were opened; every write does, before it commits and
    /// before it is told as done. Once one was removed, replaced or overwritten, every write and new reader fails with
    /// corrupt `database_moved`, for good: only opening the folder anew helps.
    [[nodiscard]] Status check_files();
    /// What check_files() or a write found; nullopt while all is well. Thread-safe, costs nothing.
    [[nodiscard]] std::optional<Error> damage() const;
    /// Copies all that was committed here to the new file `target`, through the open handles: also what has no name
    /// any more. Errors: those of copy_database.
    [[nodiscard]] Status rescue(const std::filesystem::path& target);

    static constexpr std::chrono::seconds kWriteWait{5};
    static constexpr std::size_t kIdleReaders = 16;
    static constexpr int kBulkRows = 1000;

private:
    friend class ReadLease;
    Database(std::filesystem::path file, Rng* rng);
    void give_back(std::unique_ptr<Connection> connection);
    enum class Mode { captured, applying, plain };
    Status run_write(Mode mode, Size size, const Actor& actor, const std::function<Status(Connection&)>& work);
    Status write_or_mend(Mode mode, Size size, const Actor& actor, const std::function<Status(Connection&)>& work,
                         bool& log_grew);
    bool mend_locked(const std::exception_ptr& failure);
    void choose_scratch(Mode mode, Size size);
    Status write_once(Mode mode, const Actor& actor, const std::function<Status(Connection&)>& work, bool& log_grew);
    void tell_listeners();
    Status verify_files();

    std::filesystem::path file_;
    Rng* rng_;         ///< Null: opened for reading.
    NodeClock clock_;  ///< Outlives the connections.
    std::timed_mutex write_lock_;
    std::unique_ptr<Connection> writer_;
    std::unique_ptr<class OpenedFiles> files_;  ///< Set for a database opened for writing.
    mutable std::mutex damage_lock_;
    std::optional<Error> damage_;
    std::mutex pool_lock_;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::mutex listeners_lock_;
    std::vector<std::function<void()>> listeners_;
};

/// Thrown inside store/ by a read whose file is no longer the one that was opened.
class DatabaseMoved : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The one place where SQLite's exceptions end. Maps the extended result code, and the slug of a rule trigger's
/// message (`slug: sentence`) or the name of a failed CHECK / unique index, to an Error of this program.
/// Call only from a catch block.
[[nodiscard]] Error error_from_current_exception(std::string_view operation);

/// SQLite's extended code. An exception that our own code throws with a text carries the plain code only.
[[nodiscard]] int extended_code_of(const SQLite::Exception& e);

}  // namespace vetchart::edge
