#include "central/api/http.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "sync/base/attempts.h"
#include "sync/base/digest.h"
#include "sync/wire/gzip.h"
#include "sync/wire/messages.h"

namespace vetchart::central {
namespace {

constexpr const char* kDigestHeader = "X-Body-SHA256";
constexpr std::size_t kGzipBytesMin = 1024;
constexpr std::chrono::seconds kRetrySoon{2};

}  // namespace

Response error_response(int status, std::string_view code, std::string_view message) {
    Response response;
    response.status = status;
    response.body = sync::to_json(sync::ErrorReply{std::string(code), std::string(message), {}});
    if (status == 503 || status == 429) {
        const std::chrono::seconds wait = status == 503 ? kRetrySoon : AttemptCounter::kWindow;
        response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
    }
    return response;
}

void seal(Response& response, bool accepts_gzip) {
    response.headers.emplace_back(kDigestHeader, to_hex(sha256(response.body)));
    if (!accepts_gzip || response.body.size() < kGzipBytesMin) return;
    response.body = sync::gzip(response.body);
    response.headers.emplace_back("Content-Encoding", "gzip");
}

void leave_out_what_arrived(const Request& request, Response& response) {
    const std::string_view offset_text = request.header("x-resume-offset");
    std::size_t offset = 0;
    const auto [end, error] = std::from_chars(offset_text.data(), offset_text.data() + offset_text.size(), offset);
    if (error != std::errc{} || end != offset_text.data() + offset_text.size()) return;
    const auto sealed = std::find_if(response.headers.begin(), response.headers.end(),
                                     [](const auto& header) { return header.first == kDigestHeader; });
    const bool same = sealed != response.headers.end() && sealed->second == request.header("x-resume-sha256");
    if (!same || offset == 0 || offset > response.body.size()) return;
    response.body.erase(0, offset);
    response.headers.emplace_back(sync::kBodyOffsetHeader, std::to_string(offset));
}

bool accepts_gzip(const Request& request) {
    // `gzip;q=0` is not read: a node says gzip or says nothing.
    return request.header("accept-encoding").find("gzip") != std::string_view::npos;
}

}  // namespace vetchart::central
