#include "central/api/hq_failure.h"

#include <spdlog/spdlog.h>

#include <cctype>

#include "sync/base/error_codes.h"

namespace vetchart::central {
namespace {

constexpr int kUnprocessable = 422;

/// What a command says behind the program's name, as a page says it.
std::string as_sentence(std::string text) {
    if (text.empty()) return text;
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text.back() == '.' ? text : text + '.';
}

}  // namespace

Response hq_failure(const Error& error) {
    const std::string sentence = as_sentence(error.context);
    if (error.slug == "report_timeout") return error_response(503, error.slug, sentence);
    if (error.slug == "report_too_large") return error_response(kUnprocessable, error.slug, sentence);
    if (error.slug == "bad_range" || error.slug == "bad_cursor") return error_response(400, error.slug, sentence);
    if (error.slug == "bad_id") return error_response(404, "owner_unknown", "No owner has this id.");
    if (error.slug == "bad_reason") return error_response(kUnprocessable, error.slug, sentence);
    if (error.slug == "action_unavailable" || error.slug == "decision_refused") {
        return error_response(409, error.slug, sentence);
    }
    if (error.slug == "action_unknown" || error.slug == "bad_value")
        return error_response(kUnprocessable, error.slug, sentence);
    const int status = http_status_of(error.code);
    if (error.code == Errc::not_found) return error_response(status, error.slug, sentence);
    if (error.code == Errc::invalid_input) return error_response(status, "invalid_value", "A value is refused.");
    if (status == 503) {
        spdlog::warn("{}: {}", to_string(error.code), error.context);
        return error_response(status, to_string(error.code), "Central cannot do it now. Try again.");
    }
    spdlog::error("{}: {}", to_string(error.code), error.context);
    return error_response(500, "internal", "Central failed. Its log says why.");
}

}  // namespace vetchart::central
