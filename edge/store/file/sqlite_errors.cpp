#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <exception>
#include <string>
#include <string_view>
#include <typeinfo>

#include "edge/store/file/database.h"

namespace vetchart::edge {
namespace {

/// What follows `prefix` in `message`, without blanks ("owner.clinic_id, owner.email" to
/// "owner.clinic_id,owner.email").
std::string names_after(std::string_view message, std::string_view prefix) {
    const auto at = message.find(prefix);
    std::string names;
    if (at == std::string_view::npos) return names;
    for (const char c : message.substr(at + prefix.size())) {
        if (c != ' ') names += c;
    }
    return names;
}

/// Cuts "cannot store TEXT value in INTEGER column patient.age" down to "patient.age".
std::string last_word(std::string_view message) { return std::string(message.substr(message.rfind(' ') + 1)); }

/// A rule trigger's "slug: sentence". The trigger that refuses OR REPLACE meets plain inserts first, so for this
/// program, which never replaces, its "<columns> is taken" is the violation of that unique key.
std::string slug_of_rule(std::string_view message) {
    std::string slug(message.substr(0, message.find(": ")));
    constexpr std::string_view kTaken = " is taken";
    if (slug != "replace_refused" || !message.ends_with(kTaken)) return slug;
    message.remove_suffix(kTaken.size());
    return "unique:" + last_word(message);
}

std::string slug_of_constraint(int extended_code, std::string_view message) {
    switch (extended_code) {
        case SQLITE_CONSTRAINT_TRIGGER: return slug_of_rule(message);
        case SQLITE_CONSTRAINT_CHECK: return names_after(message, "CHECK constraint failed: ");
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID: return "unique:" + names_after(message, "UNIQUE constraint failed: ");
        case SQLITE_CONSTRAINT_NOTNULL: return "not_null:" + names_after(message, "NOT NULL constraint failed: ");
        case SQLITE_CONSTRAINT_DATATYPE: return "wrong_type:" + last_word(message);
        case SQLITE_CONSTRAINT_FOREIGNKEY: return "foreign_key";
        default: return "constraint";
    }
}

/// True when the file system takes no writes for another reason than being full.
bool is_refused_write(int extended_code) {
    switch (extended_code) {
        case SQLITE_IOERR_WRITE:
        case SQLITE_IOERR_FSYNC:
        case SQLITE_IOERR_DIR_FSYNC:
        case SQLITE_IOERR_TRUNCATE:
        case SQLITE_IOERR_DELETE:
        case SQLITE_IOERR_SHMOPEN:
        case SQLITE_IOERR_SHMSIZE:
        case SQLITE_IOERR_SHMMAP: return true;
        default: return false;
    }
}

Error error_from_sqlite(const SQLite::Exception& e, std::string_view operation) {
    const std::string context = std::string(operation) + ": " + e.what();
    const int extended = extended_code_of(e);
    switch (extended & 0xff) {
        case SQLITE_CONSTRAINT: return Error{Errc::conflict, context, slug_of_constraint(extended, e.what())};
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return Error{Errc::busy, context, "database_busy"};
        case SQLITE_FULL: return Error{Errc::out_of_space, context, "out_of_space"};
        case SQLITE_READONLY:
        case SQLITE_PERM: return Error{Errc::out_of_space, context, "disk_unwritable"};
        case SQLITE_IOERR:
            if (is_refused_write(extended)) return Error{Errc::out_of_space, context, "disk_unwritable"};
            return Error{Errc::internal, context, "disk_failed"};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return Error{Errc::corrupt, context, "database_damaged"};
        case SQLITE_TOOBIG:
        case SQLITE_MISMATCH: return Error{Errc::invalid_input, context, "value_refused"};
        default: return Error{Errc::internal, context, "internal"};
    }
}

}  // namespace

int extended_code_of(const SQLite::Exception& e) {
    return e.getExtendedErrorCode() >= 0 ? e.getExtendedErrorCode() : e.getErrorCode();
}

Error error_from_current_exception(std::string_view operation) {
    try {
        throw;
    } catch (const SQLite::Exception& e) {
        return error_from_sqlite(e, operation);
    } catch (const DatabaseMoved& e) {
        return Error{Errc::corrupt, e.what(), "database_moved"};
    } catch (const std::bad_alloc&) {
        return Error{Errc::internal, std::string(operation) + ": out of memory", "internal"};
    } catch (const std::exception& e) {
        // what() is left out: a parse error quotes the value.
        return Error{Errc::internal, std::string(operation) + ": " + typeid(e).name(), "internal"};
    } catch (...) {
        return Error{Errc::internal, std::string(operation) + ": unknown exception", "internal"};
    }
}

}  // namespace vetchart::edge
