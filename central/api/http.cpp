#include "central/api/http.h"

#include <chrono>

#include "sync/base/attempts.h"
#include "sync/base/digest.h"
#include "sync/wire/gzip.h"
#include "sync/wire/messages.h"

namespace vetchart::central {
namespace {

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
    response.headers.emplace_back("X-Body-SHA256", to_hex(sha256(response.body)));
    if (!accepts_gzip || response.body.size() < kGzipBytesMin) return;
    response.body = sync::gzip(response.body);
    response.headers.emplace_back("Content-Encoding", "gzip");
}

bool accepts_gzip(const Request& request) {
    // `gzip;q=0` is nobody's: a node says gzip or says nothing.
    return request.header("accept-encoding").find("gzip") != std::string_view::npos;
}

}  // namespace vetchart::central
