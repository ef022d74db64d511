#include "sync/base/http_head.h"

#include <algorithm>
#include <array>

#include "sync/base/text.h"

namespace vetchart {
namespace {

constexpr std::size_t kMethodBytesMax = 32;
constexpr std::size_t kLengthDigitsMax = 18;
constexpr std::array<std::string_view, 7> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

constexpr HttpFault kUriTooLong{414, "uri_too_long", "The address is too long."};
constexpr HttpFault kHeadTooLarge{431, "head_too_large", "The head of the request is too large."};
constexpr HttpFault kMethodUnknown{501, "not_implemented", "This server has no such method."};
constexpr HttpFault kCodingUnknown{501, "not_implemented", "A body may come chunked or with its length."};
constexpr HttpFault kVersionUnknown{505, "version_unsupported", "This server speaks HTTP/1.1."};
constexpr HttpFault kExpectationUnknown{417, "expectation_failed", "Nothing but 100-continue can be expected."};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// True for the characters of a host and its port; any other is in nobody's name, and a trap for comparisons.
bool is_authority(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-._~:[]").find(c) != std::string_view::npos;
    });
}

bool lists(std::string_view value, std::string_view token) {
    while (!value.empty()) {
        const auto comma = value.find(',');
        if (ascii_lower(trim(value.substr(0, comma))) == token) return true;
        value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
    }
    return false;
}

}  // namespace

bool is_http_token_char(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_http_field(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) return false;
    const auto name = line.substr(0, colon), value = line.substr(colon + 1);
    return std::all_of(name.begin(), name.end(), is_http_token_char) &&
           std::none_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; });
}

std::string_view HttpHead::field(std::string_view name) const {
    const auto at = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
    return at == fields.end() ? std::string_view() : std::string_view(at->second);
}

std::size_t HttpHeadScanner::take(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && !done_ && !fault_) take_byte(bytes[used++]);
    return used;
}

void HttpHeadScanner::refuse(const HttpFault& fault) {
    if (!fault_) fault_ = fault;
}

void HttpHeadScanner::take_byte(char byte) {
    if (++taken_ > limits_.head_bytes) return refuse(kHeadTooLarge);
    const bool after_cr = !line_.empty() && line_.back() == '\r';
    if (byte == '\n') {
        if (!after_cr) return refuse({});
        line_.pop_back();
        end_line();
        return line_.clear();
    }
    // This refuses a CR that ends no line, and every other control character.
    if (after_cr || (is_control(byte) && byte != '\r' && byte != '\t')) return refuse({});
    line_ += byte;
    if (!has_request_line_ && byte != '\r') {
        const bool in_method = line_.find(' ') == std::string::npos;
        // It is not HTTP at all (a TLS greeting on the plain port, say), so no line is waited for.
        if (in_method && (!is_http_token_char(byte) || line_.size() > kMethodBytesMax)) return refuse({});
    }
    if (line_.size() > limits_.line_bytes) refuse(has_request_line_ ? kHeadTooLarge : kUriTooLong);
}

void HttpHeadScanner::end_line() {
    if (!has_request_line_) {
        // RFC 9112, 2.2: one empty line before a request is let pass.
        if (!line_.empty()) return read_request_line(line_);
        if (skipped_blank_) refuse({});
        skipped_blank_ = true;
        return;
    }
    if (line_.empty()) return end_head();
    read_field(line_);
}

void HttpHeadScanner::read_request_line(std::string_view line) {
    has_request_line_ = true;
    const auto first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == 0 || first == last) return refuse({});
    const auto version = line.substr(last + 1);
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
        !is_digit(version[7])) {
        return refuse({});
    }
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(kVersionUnknown);
    head_.is_http_1_0 = version == "HTTP/1.0";
    head_.method = line.substr(0, first);
    if (std::find(kMethods.begin(), kMethods.end(), head_.method) == kMethods.end()) return refuse(kMethodUnknown);
    read_target(line.substr(first + 1, last - first - 1));
}

void HttpHeadScanner::read_target(std::string_view target) {
    if (target.find_first_of(" \t#") != std::string_view::npos) return refuse({});
    if (target == "*" && head_.method == "OPTIONS") {
        head_.target = target;
        return;
    }
    const std::string scheme = ascii_lower(target.substr(0, 8));
    if (scheme.starts_with("http://") || scheme.starts_with("https://")) {
        target.remove_prefix(scheme.starts_with("https://") ? 8 : 7);
        const auto end = std::min(target.find_first_of("/?"), target.size());
        authority_ = target.substr(0, end);
        target.remove_prefix(end);
        if (authority_.empty() || !is_authority(authority_)) return refuse({});
        head_.target = target.starts_with('/') ? "" : "/";
    } else if (!target.starts_with('/')) {
        return refuse({});
    }
    head_.target += target;
}

void HttpHeadScanner::read_field(std::string_view line) {
    // A line that begins with a blank is refused too: a field that goes on (obs-fold) is two things to two readers.
    if (!is_http_field(line)) return refuse({});
    if (head_.fields.size() >= limits_.field_count) return refuse(kHeadTooLarge);
    const auto colon = line.find(':');
    std::string_view value = line.substr(colon + 1);
    std::string name = ascii_lower(line.substr(0, colon));
    // Blanks around a value do not belong to it; a tab in this field has been used to hide it from one of two readers.
    if (name == "transfer-encoding" && value.find('\t') != std::string_view::npos) return refuse({});
    head_.fields.emplace_back(std::move(name), std::string(trim(value)));
}

void HttpHeadScanner::end_head() {
    read_host();
    read_body_length();
    read_connection();
    done_ = !fault_;
}

void HttpHeadScanner::read_host() {
    std::size_t count = 0;
    for (const auto& [name, value] : head_.fields) {
        if (name != "host") continue;
        ++count;
        head_.host = value;
    }
    if (count > 1 || (count == 0 && !head_.is_http_1_0) || !is_authority(head_.host)) return refuse({});
    if (authority_.empty()) return;
    if (count != 0 && ascii_lower(authority_) != ascii_lower(head_.host)) return refuse({});
    head_.host = authority_;
}

void HttpHeadScanner::read_body_length() {
    std::size_t lengths = 0, codings = 0;
    for (const auto& [name, value] : head_.fields) {
        if (name == "content-length") {
            ++lengths;
            if (value.empty() || value.size() > kLengthDigitsMax || !std::all_of(value.begin(), value.end(), is_digit))
                return refuse({});
            head_.body = HttpBody::length;
            head_.length = std::stoull(value);
        } else if (name == "transfer-encoding") {
            ++codings;
            if (ascii_lower(value) != "chunked") refuse(kCodingUnknown);
        }
    }
    if (lengths + codings > 1 || (codings > 0 && head_.is_http_1_0)) fault_ = HttpFault{};
    if (codings > 0) head_.body = HttpBody::chunked;
    if (head_.body == HttpBody::length && head_.length == 0) head_.body = HttpBody::none;
}

void HttpHeadScanner::read_connection() {
    head_.keep_alive = !head_.is_http_1_0;
    for (const auto& [name, value] : head_.fields) {
        if (name == "connection" && lists(value, "close")) head_.keep_alive = false;
        if (name != "expect" || head_.is_http_1_0) continue;
        if (ascii_lower(value) != "100-continue") return refuse(kExpectationUnknown);
        head_.expects_continue = true;
    }
}

}  // namespace vetchart
