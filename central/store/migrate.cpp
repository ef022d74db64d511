#include "central/store/migrate.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <pqxx/pqxx>
#include <utility>

#include "central/store/audit.h"
#include "central/store/migrate_legacy.h"
#include "central/store/migrate_refusals.h"
#include "central/store/migrate_report.h"
#include "central/store/migrate_rules.h"
#include "central/store/pool.h"
#include "schema/embedded.h"
#include "sync/base/digest.h"

namespace vetchart::central {
namespace {

/// A composite SET NULL (0008) needs it.
constexpr int kServerVersionMin = 150000;
constexpr int kLockTimeoutMax = 86400;
constexpr std::size_t kCodeSizeMin = 2, kCodeSizeMax = 16, kCurrencySize = 3;

/// Whatever the database, the role or the environment say otherwise.
constexpr const char* kSession = R"(
SET client_min_messages = warning; SET statement_timeout = 0; SET lock_timeout = 0; SET search_path = public;
SET idle_in_transaction_session_timeout = 0; SET default_transaction_read_only = off;
SET default_transaction_isolation = 'read committed'; SET row_security = off; SET client_encoding = 'UTF8';
SET TIME ZONE 'UTC'; SET DateStyle = 'ISO'; SET standard_conforming_strings = on; SET extra_float_digits = 1;
SET bytea_output = 'hex'; SET array_nulls = on; SET transform_null_equals = off; SET quote_all_identifiers = off;
SET check_function_bodies = on; SET vetchart.clock = '')";
constexpr const char* kTryLock = "SELECT pg_try_advisory_xact_lock(hashtextextended('vetchart migrate', 0))";
constexpr const char* kLock = "SELECT pg_advisory_xact_lock(hashtextextended('vetchart migrate', 0))";
constexpr const char* kServer =
    "SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'), pg_is_in_recovery()";
constexpr const char* kHasBooks = "SELECT to_regclass('public.schema_migration') IS NOT NULL";
/// Schemas of before the files were cut anew had no rules of their own.
constexpr const char* kBeforeTheCut =
    "SELECT to_regclass('public.schema_migration') IS NOT NULL AND to_regclass('public.schema_rule') IS NULL";
/// Before the books are there any login can take the lock, and hold it: so it is named. Afterwards the books' own lock
/// counts, which takes a right.
constexpr const char* kHolder = R"(
SELECT format('%s (pid %s%s)', a.usename, a.pid, coalesce(', ' || nullif(a.application_name, ''), ''))
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('vetchart migrate', 0) LIMIT 1)";
constexpr const char* kTryBooks = "LOCK TABLE public.schema_migration IN SHARE ROW EXCLUSIVE MODE NOWAIT";
constexpr const char* kLockBooks = "LOCK TABLE public.schema_migration IN SHARE ROW EXCLUSIVE MODE";
constexpr const char* kApplied = R"(
SELECT number, name, checksum, to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
FROM schema_migration ORDER BY number)";
constexpr const char* kParameters =
    "SELECT set_config('vetchart.legacy_clinic', $1, true), set_config('vetchart.currency', $2, true), "
    "set_config('vetchart.timezone', $3, true)";
/// The form that is_time_zone() of the schema asks for.
constexpr const char* kKnowsZone =
    "SELECT $1 COLLATE \"C\" ~ '^(UTC|[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)+)$' "
    "AND EXISTS (SELECT FROM pg_timezone_names WHERE name = $1)";
constexpr const char* kRecord = "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)";
constexpr const char* kLastIssue = "SELECT coalesce(max(id), 0) FROM migration_issue";
/// The columns changed under the planner's feet; a live database should not wait for autovacuum. Not for tables that
/// are empty: told that they are, the planner reads them whole in the triggers of a first large transaction.
constexpr const char* kAnalyze =
    "ANALYZE staff, owner, patient, medical_record, appointment, bill, bill_item, bill_medical_record";

std::string checksum_of(const schema::SqlFile& file) { return to_hex(sha256(file.text)); }

bool all_of(std::string_view text, std::string_view allowed) {
    return text.find_first_not_of(allowed) == std::string_view::npos;
}

Status check_options(const MigrateOptions& options) {
    constexpr std::string_view kCodeLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const auto& code = options.legacy_clinic;
    if (code.size() < kCodeSizeMin || code.size() > kCodeSizeMax || !all_of(code, kCodeLetters)) {
        return Error{Errc::invalid_input, "a clinic code has 2 to 16 characters of A-Z and 0-9", "clinic_code"};
    }
    if (options.currency.size() != kCurrencySize || !all_of(options.currency, kCodeLetters.substr(0, 26))) {
        return Error{Errc::invalid_input, "a currency is three letters (ISO 4217)", "currency"};
    }
    if (options.lock_timeout_s < 1 || options.lock_timeout_s > kLockTimeoutMax) {
        return Error{Errc::invalid_input, "the lock timeout is 1 to 86400 seconds", "lock_timeout"};
    }
    return Done{};
}

Status check_server(pqxx::dbtransaction& transaction, bool to_write) {
    const auto row = transaction.exec1(kServer);
    if (row[0].as<int>() < kServerVersionMin) {
        return Error{Errc::invalid_input, "PostgreSQL 15 or newer is needed", "server_version"};
    }
    if (std::string_view(row[1].c_str()) != "UTF8") {
        return Error{Errc::invalid_input, "the database must be encoded in UTF8", "server_encoding"};
    }
    if (to_write && row[2].as<bool>()) {
        return Error{Errc::unavailable, "this server is a standby: name the primary", "standby"};
    }
    return Done{};
}

/// What the database says was applied, checked against this program's own files.
Result<std::vector<AppliedFile>> read_applied(pqxx::dbtransaction& transaction) {
    std::vector<AppliedFile> applied;
    if (!transaction.exec1(kHasBooks)[0].as<bool>()) return applied;
    if (transaction.exec1(kBeforeTheCut)[0].as<bool>()) {
        return Error{
            Errc::corrupt,
            "this database is of VetChart 0.1, whose schema this program does not know: migrate into a new one",
            "schema_before_cut"};
    }
    const auto files = schema::postgres_tables();
    for (const auto& row : transaction.exec(kApplied)) {
        const std::size_t index = applied.size();
        const auto number = row[0].as<int>();
        if (index >= files.size()) {
            return Error{Errc::corrupt, "the database is newer than this program: it has " + row[1].as<std::string>(),
                         "schema_newer"};
        }
        if (number != files[index].number || row[2].c_str() != checksum_of(files[index])) {
            return Error{Errc::corrupt, "an applied file differs from this program's: " + row[1].as<std::string>(),
                         "schema_changed"};
        }
        applied.push_back({number, row[1].c_str(), row[3].c_str()});
    }
    return applied;
}

/// Lines that the files send with RAISE INFO, as they come.
class Listener : public pqxx::errorhandler {
public:
    Listener(pqxx::connection_base& connection, const std::function<void(const std::string&)>& say)
        : pqxx::errorhandler(connection), say_(say) {}

    bool operator()(const char message[]) noexcept override {
        std::string_view text(message);
        if (!text.starts_with(kMark)) return true;
        text.remove_prefix(kMark.size());
        try {
            say_(std::string(text.substr(0, text.find_last_not_of('\n') + 1)));
        } catch (const std::exception&) {
            return false;  // A line that could not be written is no reason to stop.
        }
        return false;
    }

private:
    static constexpr std::string_view kMark = "INFO:  ";
    const std::function<void(const std::string&)>& say_;
};

/// VC014 is raised by our own files with a sentence for the operator: names of things, never values.
Error error_of_file(std::string_view at) {
    try {
        throw;
    } catch (const pqxx::sql_error& e) {
        const std::string_view text(e.what());
        auto error = error_from_current_exception(at);
        if (e.sqlstate() == "55P03") {
            return Error{Errc::busy,
                         std::string(at) +
                             ": somebody holds a lock on a table (pg_stat_activity says who); nothing was "
                             "changed, run it again",
                         "schema_locked"};
        }
        if (e.sqlstate() != "VC014") return error;
        const auto sentence = text.substr(text.find(error.slug) + error.slug.size() + 2);
        return Error{Errc::conflict, std::string(sentence.substr(0, sentence.find('\n'))), error.slug};
    } catch (...) {
        return error_from_current_exception(at);
    }
}

/// One migration: its transaction, and the file at work, for the error's context.
struct Run {
    const MigrateOptions& options;
    pqxx::work& transaction;
    const std::function<void(const std::string&)>& say;
    std::string at = "migrate";
    MigrateResult result = {};

    void take_lock() {
        if (!transaction.exec1(kHasBooks)[0].as<bool>() && !transaction.exec1(kTryLock)[0].as<bool>()) {
            const auto holder = transaction.exec(kHolder);
            say("another migration is running, waiting for it" +
                (holder.empty() ? "" : ": " + holder[0][0].as<std::string>()));
            transaction.exec(kLock);
        }
        if (!transaction.exec1(kHasBooks)[0].as<bool>() || try_lock_books()) return;
        say("another migration is running, waiting for it");
        transaction.exec(kLockBooks);
    }

    bool try_lock_books() {
        try {
            pqxx::subtransaction savepoint(transaction);
            savepoint.exec(kTryBooks);
            savepoint.commit();
            return true;
        } catch (const pqxx::sql_error& e) {
            if (e.sqlstate() != "55P03") throw;
            return false;
        }
    }

    /// A database without our books: what the old server left is locked before anything is looked at.
    Status meet() {
        VC_TRY(check_privileges(transaction));
        VC_TRY_ASSIGN(const auto found, find_legacy_tables(transaction));
        result.legacy = !found.tables.empty();
        VC_TRY(lock_legacy_tables(transaction, found, options.lock_timeout_s, say));
        std::vector<std::string_view> texts;
        for (const auto& file : schema::postgres_tables()) texts.push_back(file.text);
        for (const auto& file : rule_files()) texts.push_back(file.text);
        VC_TRY(check_free_names(transaction, texts));
        return check_legacy_tables(transaction, found.tables);
    }

    Status apply(const schema::SqlFile& file) {
        at = "migrate " + std::string(file.name);
        transaction.exec(std::string(file.text));
        transaction.exec_params(kRecord, file.number, std::string(file.name), checksum_of(file));
        ++result.applied;
        result.to = file.number;
        if (result.legacy) say("phase " + std::string(file.name));
        if (options.fail_at_phase == file.number) return Error{Errc::internal, at + ": failed as asked"};
        return Done{};
    }

    Status all() {
        VC_TRY(check_server(transaction, true));
        if (!transaction.exec_params1(kKnowsZone, options.timezone)[0].as<bool>()) {
            return Error{Errc::invalid_input, "a time zone is an IANA name, such as America/New_York", "timezone"};
        }
        take_lock();
        VC_TRY_ASSIGN(const auto applied, read_applied(transaction));
        result.from = result.to = applied.empty() ? 0 : applied.back().number;
        const std::int64_t last_issue = applied.empty() ? 0 : transaction.exec1(kLastIssue)[0].as<std::int64_t>();
        if (applied.empty()) VC_TRY(meet());
        // A reader of the reports can hold a lock on what it reads: a live database does not wait for it for ever.
        if (!applied.empty()) {
            transaction.exec("SET LOCAL lock_timeout = '" + std::to_string(options.lock_timeout_s) + "s'");
        }
        transaction.exec_params(kParameters, options.legacy_clinic, options.currency, options.timezone);
        for (const auto& file : schema::postgres_tables().subspan(applied.size())) VC_TRY(apply(file));
        result.replaced = replace_rules(transaction, result.applied > 0, at);
        if (result.legacy) say("phase rules, views and reports");
        if (options.fail_at_phase > result.to) return Error{Errc::internal, "rules: failed as asked"};
        if (result.legacy) transaction.exec(kAnalyze);
        if (result.applied > 0 || result.replaced > 0) {
            audit(transaction, options.actor, "migrate", "schema " + std::to_string(result.to),
                  {{"from", result.from}, {"legacy", result.legacy}});
        }
        result.open = close_doors(transaction);
        count_repairs(transaction, last_issue, result);
        result.logins = count_logins(transaction, options.legacy_clinic);
        return Done{};
    }
};

}  // namespace

int central_schema_version() { return schema::postgres_tables().back().number; }

Result<MigrateResult> migrate(const MigrateOptions& options) {
    VC_TRY(check_options(options));
    std::optional<ReportFile> report;
    if (options.report) {
        VC_TRY_ASSIGN(auto opened, ReportFile::open(*options.report));
        report = std::move(opened);
    }
    const std::function<void(const std::string&)> say =
        options.say ? options.say : [](const std::string& line) { spdlog::info("migrate: {}", line); };
    std::string at = "migrate";
    MigrateResult result;
    try {
        PoolOptions session;
        session.url = options.url;
        session.application_name = "vetchart-central-migrate";
        pqxx::connection connection(connection_string(session));
        connection.set_verbosity(pqxx::connection_base::terse);
        pqxx::nontransaction(connection).exec(kSession);
        Listener listener(connection, say);
        pqxx::work transaction(connection);
        Run run{options, transaction, say};
        try {
            VC_TRY(run.all());
            if (report) VC_TRY(report->write(transaction));
        } catch (...) {
            at = run.at;
            throw;
        }
        if (!options.dry_run) transaction.commit();
        result = std::move(run.result);
    } catch (...) {
        return error_of_file(at);
    }
    if (report) VC_TRY(report->publish());
    return result;
}

namespace {

Result<MigrationStatus> read_status(const std::string& url, bool with_doors) {
    try {
        pqxx::connection connection(url);
        connection.set_verbosity(pqxx::connection_base::terse);
        pqxx::nontransaction(connection).exec(kSession);
        pqxx::read_transaction transaction(connection);
        VC_TRY(check_server(transaction, false));
        MigrationStatus status;
        VC_TRY_ASSIGN(status.applied, read_applied(transaction));
        status.current = status.applied.empty() ? 0 : status.applied.back().number;
        status.latest = central_schema_version();
        if (status.applied.empty()) {
            VC_TRY_ASSIGN(const auto found, find_legacy_tables(transaction));
            status.is_legacy = !found.tables.empty();
        }
        for (const auto& file : schema::postgres_tables().subspan(status.applied.size())) {
            status.pending.emplace_back(file.name);
        }
        if (status.applied.empty()) {
            for (const auto& file : rule_files()) status.pending.push_back(file.name);
        } else {
            for (auto& name : differing_rules(transaction)) status.pending.push_back(std::move(name));
        }
        if (with_doors) status.open = open_doors(transaction);
        return status;
    } catch (...) {
        return error_from_current_exception("read the schema's version");
    }
}

}  // namespace

Result<MigrationStatus> migration_status(const std::string& url) { return read_status(url, true); }

Status require_current_schema(const std::string& url) {
    VC_TRY_ASSIGN(const auto status, read_status(url, false));
    if (status.current == status.latest && !status.is_legacy && status.pending.empty()) return Done{};
    if (status.current == status.latest) {
        return Error{Errc::conflict,
                     "the database has other rules than this program (" + status.pending.front() +
                         "): run `vetchart-central migrate` first",
                     "schema_old"};
    }
    return Error{Errc::conflict,
                 "the database has schema " + std::to_string(status.current) + ", this program needs " +
                     std::to_string(status.latest) + ": run `vetchart-central migrate` first",
                 "schema_old"};
}

}  // namespace vetchart::central
