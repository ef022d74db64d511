#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace vetchart {

/// The kinds of expected failure. Each has a row in docs/errors.md: HTTP status, retry or not, what to do.
enum class Errc {
    invalid_input,  ///< The caller's fault; trying again unchanged cannot help.
    not_found,
    conflict,         ///< A rule or a unique value of the data refuses it; `slug` names the rule.
    busy,             ///< A lock was not free in time, or the database asks for a repeat: try again.
    unavailable,      ///< The other side cannot be reached.
    outcome_unknown,  ///< A commit was sent and no answer came: only an idempotent repeat decides.
    out_of_space,
    corrupt,  ///< Damaged database or unknown schema version.
    forbidden,
    internal,
};

/// An expected failure. `context` is for the log: ids and names of things, never clinical content or
/// credentials. `slug` is the stable machine name that the API shows as `code` (docs/errors.md).
struct Error {
    Errc code = Errc::internal;
    std::string context;
    std::string slug = {};
};

[[nodiscard]] const char* to_string(Errc code);

/// A value or an Error (std::expected is C++23). Asking for the absent one is a bug and stops the process.
template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] T& value() & { return std::get<0>(state_); }
    [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
    /// By value: a reference into a temporary would not outlive the statement (a range-for over it, say).
    [[nodiscard]] T value() && { return std::get<0>(std::move(state_)); }
    [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

private:
    std::variant<T, Error> state_;
};

/// The value of a step that only succeeds or fails.
using Done = std::monostate;
using Status = Result<Done>;

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace vetchart

/// Stops the process at a bug, also in release. No input, network or disk may ever reach it.
#define VC_ASSERT(expression) ((expression) ? void(0) : ::vetchart::assertion_failed(#expression, __FILE__, __LINE__))

/// Leaves the function with the error of `expression`, a Result; else goes on.
#define VC_TRY(expression)                                                          \
    do {                                                                            \
        if (auto vc_result_ = (expression); !vc_result_) return vc_result_.error(); \
    } while (false)

#define VC_CONCAT_INNER(a, b) a##b
#define VC_CONCAT(a, b) VC_CONCAT_INNER(a, b)
/// `VC_TRY_ASSIGN(auto rows, read())` : declares `rows`, or leaves the function with the error.
#define VC_TRY_ASSIGN(declaration, expression)                                            \
    auto VC_CONCAT(vc_result_, __LINE__) = (expression);                                  \
    if (!VC_CONCAT(vc_result_, __LINE__)) return VC_CONCAT(vc_result_, __LINE__).error(); \
    declaration = std::move(VC_CONCAT(vc_result_, __LINE__)).value()  // NOLINT(bugprone-macro-parentheses): it declares
