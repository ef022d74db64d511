#include "sync/wire/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace vetchart::sync {
namespace {

constexpr int kGzipWindow = 15 + 16;

struct Inflater {
    z_stream stream{};
    Inflater() { VC_ASSERT(inflateInit2(&stream, kGzipWindow) == Z_OK); }
    ~Inflater() { inflateEnd(&stream); }
};

struct Deflater {
    z_stream stream{};
    Deflater() { VC_ASSERT(deflateInit2(&stream, 5, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK); }
    ~Deflater() { deflateEnd(&stream); }
};

Bytef* input_of(std::string_view bytes) { return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); }

}  // namespace

std::string gzip(std::string_view bytes) {
    Deflater deflater;
    std::string out(deflateBound(&deflater.stream, bytes.size()) + 32, '\0');
    deflater.stream.next_in = input_of(bytes);
    deflater.stream.avail_in = static_cast<uInt>(bytes.size());
    deflater.stream.next_out = reinterpret_cast<Bytef*>(out.data());
    deflater.stream.avail_out = static_cast<uInt>(out.size());
    VC_ASSERT(deflate(&deflater.stream, Z_FINISH) == Z_STREAM_END);
    out.resize(deflater.stream.total_out);
    return out;
}

Result<std::string> gunzip(std::string_view bytes, std::size_t bytes_max) {
    Inflater inflater;
    inflater.stream.next_in = input_of(bytes);
    inflater.stream.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    // The stream's last four bytes say how long it was: a hint, so that nothing is doubled on the way.
    if (bytes.size() > 4) {
        std::size_t hint = 0;
        for (int i = 1; i <= 4; ++i)
            hint = hint << 8 | static_cast<unsigned char>(bytes[bytes.size() - static_cast<std::size_t>(i)]);
        out.reserve(std::min(hint, bytes_max));
    }
    std::array<char, 65536> buffer{};
    for (;;) {
        inflater.stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        inflater.stream.avail_out = static_cast<uInt>(buffer.size());
        const int state = inflate(&inflater.stream, Z_NO_FLUSH);
        const std::size_t size = buffer.size() - inflater.stream.avail_out;
        if (out.size() + size > bytes_max) {
            return Error{Errc::invalid_input, "body over the limit after inflating", "too_large"};
        }
        out.append(buffer.data(), size);
        if (state == Z_STREAM_END) break;
        const bool stuck = state != Z_OK || (inflater.stream.avail_in == 0 && size == 0);
        if (stuck) return Error{Errc::invalid_input, "broken gzip stream", "malformed"};
    }
    if (inflater.stream.avail_in != 0) return Error{Errc::invalid_input, "bytes after the gzip stream", "malformed"};
    return out;
}

}  // namespace vetchart::sync
