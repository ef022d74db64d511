#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>

namespace vetchart {

/// Central's no to a node: nothing was changed (docs/sync-protocol.md, Errors).
struct Refusal {
    int status = 0;                                    ///< Of HTTP.
    std::string code;                                  ///< For programs (docs/errors.md).
    std::string sentence;                              ///< For a person.
    std::map<std::string, std::int64_t> details = {};  ///< `lastSeq`, `lastCommon`, where the code has them.
};

/// What the other side said, once it could be asked at all (that is Result): a reply or a refusal, never both. Asking
/// for the absent one is a bug and stops the process. `R` is a Refusal, or one that tells its own side more.
template <class T, class R = Refusal>
class [[nodiscard]] Answer {
public:
    Answer(T reply) : state_(std::in_place_index<0>, std::move(reply)) {}      // NOLINT(google-explicit-constructor)
    Answer(R refusal) : state_(std::in_place_index<1>, std::move(refusal)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool is_refused() const { return state_.index() == 1; }

    [[nodiscard]] T& reply() & { return std::get<0>(state_); }
    [[nodiscard]] const T& reply() const& { return std::get<0>(state_); }
    /// By value: a reference into a temporary would not outlive the statement.
    [[nodiscard]] T reply() && { return std::get<0>(std::move(state_)); }
    [[nodiscard]] const R& refusal() const& { return std::get<1>(state_); }
    [[nodiscard]] R refusal() && { return std::get<1>(std::move(state_)); }

private:
    std::variant<T, R> state_;
};

}  // namespace vetchart
