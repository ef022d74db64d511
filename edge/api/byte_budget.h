#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace vetchart::edge {

/// A bound on bytes that many requests hold at once. Thread-safe.
class ByteBudget {
public:
    explicit ByteBudget(std::size_t most) : most_(most) {}
    ByteBudget(const ByteBudget&) = delete;
    ByteBudget& operator=(const ByteBudget&) = delete;

    /// A part of the budget, given back at the end of its life. The budget must outlive it.
    class Hold {
    public:
        Hold(ByteBudget& owner, std::size_t bytes) : owner_(&owner), bytes_(bytes) {}
        ~Hold() {
            if (owner_ != nullptr) owner_->used_ -= bytes_;
        }
        Hold(Hold&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), bytes_(other.bytes_) {}
        Hold& operator=(Hold&& other) noexcept {
            std::swap(owner_, other.owner_);
            std::swap(bytes_, other.bytes_);
            return *this;
        }

    private:
        ByteBudget* owner_;
        std::size_t bytes_;
    };

    /// Takes a part of the budget. nullopt: there is not so much left.
    [[nodiscard]] std::optional<Hold> take(std::size_t bytes) {
        std::size_t used = used_;
        do {
            if (bytes > most_ - used) return std::nullopt;
        } while (!used_.compare_exchange_weak(used, used + bytes));
        return Hold(*this, bytes);
    }

private:
    const std::size_t most_;
    std::atomic<std::size_t> used_{0};
};

}  // namespace vetchart::edge
