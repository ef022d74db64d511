#include "edge/api/replay_stream.h"

#include <algorithm>

namespace vetchart::edge {

ssize_t ReplayStream::read(char* to, std::size_t size) {
    const bool in_head = at_ < head_.size();
    const std::string& from = in_head ? head_ : body_;
    const std::size_t begin = in_head ? at_ : at_ - head_.size();
    const std::size_t take = std::min(size, from.size() - begin);
    std::copy_n(from.data() + begin, take, to);
    at_ += take;
    return static_cast<ssize_t>(take);
}

ssize_t ReplayStream::write(const char* from, std::size_t size) {
    has_answered_ = true;
    return connection_.write({from, size}) ? static_cast<ssize_t>(size) : -1;
}

}  // namespace vetchart::edge
