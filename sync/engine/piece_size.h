#pragma once

#include <chrono>
#include <cstddef>

namespace vetchart::sync {

/// How many bytes the next page or batch shall have on a line that may be slow and may be cut at any moment. It grows
/// with every piece that arrives and halves when it is cut again and again without anything being kept, as TCP's window
/// does (RFC 5681): doubled up to half of what was lost last, by an eighth beyond it. A piece that goes on where it was
/// cut loses nothing, and a cut now and then may hit a handshake: smaller ones would only cost round trips. Pure, not
/// thread-safe.
class PieceSize {
public:
    static constexpr std::size_t kFirst = 64U << 10U;
    static constexpr std::size_t kLeast = 512;  ///< A single row or change is sent whole, however large it is.
    /// A piece that took longer than this is not followed by a larger one: a person sees progress, and a cut costs
    /// little.
    static constexpr std::chrono::milliseconds kLongest{8000};
    /// So many cuts in a row, with nothing kept, do not make the pieces smaller.
    static constexpr int kCutsForgiven = 2;

    explicit PieceSize(std::size_t bytes_max) : bytes_max_(bytes_max), threshold_(bytes_max) {}

    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    /// A piece of about bytes() is through; its last call took so long.
    void arrived(std::chrono::milliseconds took);
    /// The line was cut, or the call too slow, before the piece was through. `kept`: it goes on from there.
    void cut(std::chrono::milliseconds took, bool kept);

private:
    std::size_t bytes_max_;
    std::size_t threshold_;
    std::size_t bytes_ = kFirst;
    int cuts_in_row_ = 0;                 ///< Cuts in a row of which nothing was kept.
    std::chrono::milliseconds spent_{0};  ///< Time spent on the present piece in cut calls.
};

}  // namespace vetchart::sync
