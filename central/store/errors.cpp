#include <pqxx/pqxx>
#include <string>
#include <typeinfo>

#include "central/store/pool.h"

namespace vetchart::central {
namespace {

/// The rule's own name from `ERROR:  slug: sentence`, as our triggers raise it; empty when there is none.
std::string slug_of_rule(std::string_view message) {
    const auto start = message.find_first_not_of("ERROR: ");
    if (start == std::string_view::npos) return {};
    message.remove_prefix(start);
    const std::string_view slug = message.substr(0, message.find(':'));
    const bool well_formed = slug.size() < message.size() &&
                             slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string_view::npos;
    return well_formed ? std::string(slug) : std::string();
}

/// `key` of the first `what "key"` in a message of PostgreSQL.
std::string quoted_after(std::string_view message, std::string_view what) {
    const auto at = message.find(std::string(what) + " \"");
    if (at == std::string_view::npos) return {};
    message.remove_prefix(at + what.size() + 2);
    const auto end = message.find('"');
    return end == std::string_view::npos ? std::string() : std::string(message.substr(0, end));
}

/// The name of the constraint. The primary message of class 23 holds no values; its DETAIL does, and is left out.
std::string constraint_of(std::string_view message) {
    if (auto name = quoted_after(message, "constraint"); !name.empty()) return name;
    const auto column = quoted_after(message, "column");
    return column.empty() ? std::string() : quoted_after(message, "relation") + "_" + column + "_not_null";
}

Error from_sql_error(const std::string& prefix, const pqxx::sql_error& e) {
    const std::string& state = e.sqlstate();
    const std::string context = prefix + "SQLSTATE " + (state.empty() ? "unknown" : state);
    const std::string family = state.substr(0, 2);
    if (family == "VC") {
        const auto slug = slug_of_rule(e.what());
        return Error{Errc::conflict, context + " " + slug, slug};
    }
    if (family == "23") {
        const auto constraint = constraint_of(e.what());
        return Error{Errc::conflict, context + " " + constraint, constraint};
    }
    if (family == "22") return Error{Errc::invalid_input, context, "invalid_value"};
    if (family == "40" || state == "55P03" || state == "57014") return Error{Errc::busy, context, "busy"};
    if (state == "53100") return Error{Errc::out_of_space, context};
    // 25006 comes from a demoted primary, which now only reads; the next connection finds the new one.
    if (family == "08" || family == "53" || state.starts_with("57P") || state == "25006") {
        return Error{Errc::unavailable, context};
    }
    // The program does not fit its schema; the names that are missing are ours and no data.
    if (family == "42") return Error{Errc::internal, context + " " + quoted_after(e.what(), "relation")};
    return Error{Errc::internal, context};
}

}  // namespace

Error error_from_current_exception(std::string_view operation) {
    const std::string prefix = std::string(operation) + ": ";
    try {
        throw;
    } catch (const pqxx::in_doubt_error&) {
        return Error{Errc::outcome_unknown, prefix + "the connection was lost during COMMIT"};
    } catch (const pqxx::statement_completion_unknown&) {  // Derives from transaction_rollback: before it.
        return Error{Errc::outcome_unknown, prefix + "SQLSTATE 40003"};
    } catch (const pqxx::transaction_rollback&) {  // Serialization failure, deadlock; not an sql_error.
        return Error{Errc::busy, prefix + "SQLSTATE class 40", "busy"};
    } catch (const pqxx::broken_connection&) {
        return Error{Errc::unavailable, prefix + "the connection to the database was lost"};
    } catch (const pqxx::insufficient_privilege&) {  // The one sql_error that libpqxx 6 makes without its SQLSTATE.
        return Error{Errc::internal, prefix + "SQLSTATE 42501: the database role lacks a right"};
    } catch (const pqxx::sql_error& e) {
        return from_sql_error(prefix, e);
    } catch (const std::exception& e) {
        // what() is not logged, since a conversion error quotes the value.
        return Error{Errc::internal, prefix + typeid(e).name()};
    }
}

}  // namespace vetchart::central
