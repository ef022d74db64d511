#include "sync/base/password_form.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace vetchart {
namespace {

constexpr std::size_t kBcryptSize = 60;
constexpr std::size_t kArgonSizeMax = 127;  // libsodium's buffer, less its end.
constexpr int kArgonKibibytesMin = 8;
constexpr std::size_t kSaltSizeMin = 11;  // 8 bytes as base64 without padding, and as many as libsodium takes.
constexpr std::size_t kSaltSizeMax = 64;
constexpr std::size_t kHashSizeMin = 22;
constexpr std::size_t kHashSizeMax = 86;

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBcrypt64 = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool is_made_of(std::string_view text, std::string_view alphabet) {
    return text.find_first_not_of(alphabet) == std::string_view::npos;
}

bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

/// Reads a whole number in its one form, without leading zeros.
std::optional<int> take_number(std::string_view& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || text.front() == '0' || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool is_argon2id(std::string_view hash) {
    if (hash.size() > kArgonSizeMax || !take(hash, "$argon2id$v=19$m=")) return false;
    const auto kibibytes = take_number(hash);
    if (!kibibytes || *kibibytes < kArgonKibibytesMin || *kibibytes > kArgonKibibytesMax) return false;
    if (!take(hash, ",t=")) return false;
    const auto passes = take_number(hash);
    if (!passes || *passes > kArgonPassesMax || !take(hash, ",p=1$")) return false;
    const std::string_view salt = hash.substr(0, hash.find('$'));
    if (salt.size() < kSaltSizeMin || salt.size() > kSaltSizeMax || !is_made_of(salt, kBase64)) return false;
    hash.remove_prefix(salt.size());
    return take(hash, "$") && hash.size() >= kHashSizeMin && hash.size() <= kHashSizeMax && is_made_of(hash, kBase64);
}

bool is_bcrypt(std::string_view hash) {
    if (hash.size() != kBcryptSize || !(take(hash, "$2a$") || take(hash, "$2b$") || take(hash, "$2y$"))) return false;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!is_digit(hash[0]) || !is_digit(hash[1]) || hash[2] != '$') return false;
    const int cost = (hash[0] - '0') * 10 + (hash[1] - '0');
    return cost >= kBcryptCostMin && cost <= kBcryptCostMax && is_made_of(hash.substr(3), kBcrypt64);
}

}  // namespace

PasswordForm password_form(std::string_view hash) {
    if (is_argon2id(hash)) return PasswordForm::argon2id;
    return is_bcrypt(hash) ? PasswordForm::bcrypt : PasswordForm::none;
}

}  // namespace vetchart
