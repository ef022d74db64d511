#include "sync/base/http_request.h"

#include <algorithm>

namespace vetchart {
namespace {

constexpr std::size_t kSizeDigitsMax = 8;
constexpr std::size_t kSpareBytesMax = 16U << 10U;
constexpr HttpFault kTooLarge{413, "too_large", "The request is too large."};

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::size_t HttpChunks::take(std::string_view bytes, std::string& out) {
    std::size_t used = 0;
    while (used < bytes.size() && state_ != State::done && !fault_) {
        if (state_ == State::data) {
            const std::size_t piece = std::min(left_, bytes.size() - used);
            out.append(bytes.substr(used, piece));
            used += piece;
            left_ -= piece;
            if (left_ == 0) state_ = State::data_end;
        } else {
            take_line_byte(bytes[used++]);
        }
    }
    return used;
}

void HttpChunks::take_line_byte(char byte) {
    const bool after_cr = !line_.empty() && line_.back() == '\r';
    if (byte == '\n') {
        if (!after_cr) {
            fault_ = HttpFault{};
            return;
        }
        line_.pop_back();
        end_line();
        return line_.clear();
    }
    if (state_ != State::data_end) ++spare_bytes_;
    const bool control = static_cast<unsigned char>(byte) < 0x20 && byte != '\r' && byte != '\t';
    if (after_cr || control || byte == '\x7f' || (state_ == State::data_end && byte != '\r') ||
        spare_bytes_ > kSpareBytesMax) {
        fault_ = HttpFault{};
        return;
    }
    line_ += byte;
}

void HttpChunks::end_line() {
    switch (state_) {
        case State::size: return read_size();
        case State::data_end: state_ = State::size; return;
        case State::trailer:
            if (line_.empty()) {
                state_ = State::done;
            } else if (!is_http_field(line_)) {
                fault_ = HttpFault{};
            }
            return;
        case State::data:
        case State::done: return;
    }
}

void HttpChunks::read_size() {
    std::size_t digits = 0, size = 0;
    for (; digits < line_.size() && hex_value(line_[digits]) >= 0; ++digits) {
        if (digits == kSizeDigitsMax) break;
        size = size * 16 + static_cast<std::size_t>(hex_value(line_[digits]));
    }
    const bool ends = digits == line_.size() || line_[digits] == ';';
    if (digits == 0 || !ends) {
        fault_ = HttpFault{};
        return;
    }
    // A size and its end are no spare bytes: a body may come in as many chunks as it has bytes.
    spare_bytes_ -= digits + 1;
    if (size > most_ - total_) {
        fault_ = kTooLarge;
        return;
    }
    total_ += size;
    left_ = size;
    state_ = size == 0 ? State::trailer : State::data;
}

std::size_t HttpRequestReader::take(std::string_view bytes) {
    switch (state_) {
        case State::head: return take_head(bytes);
        case State::body: return take_body(bytes);
        case State::done:
        case State::refused: break;
    }
    return 0;
}

std::size_t HttpRequestReader::take_head(std::string_view bytes) {
    const std::size_t used = scanner_.take(bytes);
    if (scanner_.fault()) {
        refuse(*scanner_.fault());
    } else if (scanner_.done()) {
        state_ = head().body == HttpBody::none ? State::done : State::body;
        if (head().body == HttpBody::length && head().length > body_bytes_max_) refuse(kTooLarge);
    }
    return used;
}

std::size_t HttpRequestReader::take_body(std::string_view bytes) {
    if (head().body == HttpBody::chunked) {
        const std::size_t used = chunks_.take(bytes, body_);
        if (chunks_.fault()) refuse(*chunks_.fault());
        if (chunks_.done()) state_ = State::done;
        return used;
    }
    const std::size_t used = std::min(bytes.size(), body_bytes_most() - body_.size());
    body_.append(bytes.substr(0, used));
    if (body_.size() == body_bytes_most()) state_ = State::done;
    return used;
}

std::size_t HttpRequestReader::body_bytes_most() const {
    return head().body == HttpBody::chunked ? body_bytes_max_ : static_cast<std::size_t>(head().length);
}

void HttpRequestReader::refuse(const HttpFault& fault) {
    fault_ = fault;
    state_ = State::refused;
}

}  // namespace vetchart
