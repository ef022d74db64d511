#include "sync/engine/piece_size.h"

#include <algorithm>

namespace vetchart::sync {

void PieceSize::arrived(std::chrono::milliseconds took) {
    took += spent_;
    spent_ = {};
    cuts_in_row_ = 0;
    if (took > kLongest) return;
    const std::size_t step = bytes_ < threshold_ ? std::min(bytes_, threshold_ - bytes_) : bytes_ / 8 + 1;
    bytes_ = std::min(bytes_ + step, bytes_max_);
}

void PieceSize::cut(std::chrono::milliseconds took, bool kept) {
    if (kept) {
        spent_ += took;
        cuts_in_row_ = 0;
        return;
    }
    if (++cuts_in_row_ <= kCutsForgiven) return;
    spent_ = {};
    bytes_ = std::max(bytes_ / 2, kLeast);
    threshold_ = std::max(bytes_, kLeast);
}

}  // namespace vetchart::sync
