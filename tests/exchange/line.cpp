#include "tests/exchange/line.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>

#include "edge/link/link_failure.h"
#include "sync/base/digest.h"
#include "sync/wire/gzip.h"

namespace vetchart::test {
namespace {

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

std::string header_of(const central::Response& response, std::string_view name) {
    for (const auto& [at, value] : response.headers) {
        if (at == name) return value;
    }
    return {};
}

void set_header(central::Request& request, std::string_view name, const std::string& value) {
    for (auto& [at, old] : request.headers) {
        if (at == name) old = value;
    }
}

/// The same pull with pages of no more than `rows`.
void ask_for_less(central::Request& request, int rows) {
    auto message = sync::parse_pull_request(request.body);
    if (!message) return;
    message->limit = std::min(message->limit, rows);
    request.body = sync::to_json(*message);
    set_header(request, "x-body-sha256", to_hex(sha256(request.body)));
}

}  // namespace

central::Request Line::arrived_at_central(const edge::LineRequest& request) const {
    central::Request result;
    result.method = request.method;
    result.path = request.path;
    result.body = request.body;
    for (const auto& [name, value] : request.headers) result.headers.emplace_back(lower_case(name), value);
    result.peer = "127.0.0.1";
    if (request.path == "/sync/v1/pull" && page_rows_max > 0) ask_for_less(result, page_rows_max);
    return result;
}

void Line::note_results(const central::Response& response) {
    std::optional<std::string> body = response.body;
    if (header_of(response, "Content-Encoding") == "gzip") {
        auto inflated = sync::gunzip(response.body, sync::kBodyBytesMax);
        body = inflated ? std::optional(*inflated) : std::nullopt;
    }
    if (response.status != 200 || !body) return;
    if (const auto reply = sync::parse_push_reply(*body)) {
        results.insert(results.end(), reply->results.begin(), reply->results.end());
    }
}

edge::Delivery Line::call(const edge::LineRequest& request) {
    edge::Delivery delivery;
    if (interrupted_) {
        delivery.failure = edge::unavailable("the call was ended", "interrupted");
        return delivery;
    }
    const Fate fated = fate ? fate(request) : Fate{};
    central::Request arrived = arrived_at_central(request);
    delivery.acknowledged = std::min(arrived.body.size(), fated.request_bytes);
    bytes += delivery.acknowledged;
    if (arrived.body.size() > fated.request_bytes) {
        arrived.body.resize(fated.request_bytes);
        central_.keep_cut(arrived);
        delivery.failure = edge::unavailable("the line was cut while sending", "line_cut");
        return delivery;
    }
    central::Response response = central_.handle(arrived);
    if (response.deferred) response = response.deferred->finish();
    const bool whole = response.body.size() <= fated.answer_bytes && fated.answer_bytes > 0;
    if (request.path == "/sync/v1/push" && whole) note_results(response);
    if (!whole) {
        delivery.failure = edge::unavailable("the line was cut while reading", "line_cut");
        response.body.resize(std::min(response.body.size(), fated.answer_bytes));
    }
    if (fated.answer_bytes == 0) return delivery;
    bytes += response.body.size();
    delivery.answer = {response.status, header_of(response, "Content-Encoding"),
                       header_of(response, sync::kBodyDigestHeader), header_of(response, sync::kBodyOffsetHeader),
                       std::move(response.body)};
    return delivery;
}

}  // namespace vetchart::test
