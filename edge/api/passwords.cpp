#include "edge/api/passwords.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <sodium.h>

#include <array>
#include <cstring>
#include <memory>

#include "edge/api/errors.h"
#include "sync/base/password_form.h"
#include "sync/base/text_fold.h"

namespace vetchart::edge {
namespace {

constexpr int kRetryAfterSeconds = 5;

bool argon2_matches(const std::string& hash, const std::string& password) {
    // libsodium reads a fixed-size buffer; password_form() has seen to the size.
    std::array<char, crypto_pwhash_STRBYTES> text{};
    std::memcpy(text.data(), hash.data(), hash.size());
    return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

bool bcrypt_matches(const std::string& hash, const std::string& password) {
    // A NUL is refused: bcrypt would end the password there.
    if (password.find('\0') != std::string::npos) return false;
    const auto data = std::make_unique<crypt_data>();
    const char* made = crypt_r(password.c_str(), hash.c_str(), data.get());
    return made != nullptr && std::strlen(made) == hash.size() && CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
}

/// The hash of a password that was thrown away, with the costs that hash_password() has.
constexpr const char* kNobody =
    "$argon2id$v=19$m=65536,t=2,p=1$cGuWQyAg/PEXFn87vJhDcA$FnT6QNn6oBOlIpnb0V2npKY3O8Y8KUU6ImagEUat+iU";

PasswordCheck check_as_it_is(const PasswordWork::Turn& turn, const StaffLogin& staff, const std::string& password) {
    const std::string& hash = staff.local_hash.empty() ? staff.password_hash : staff.local_hash;
    switch (password_form(hash)) {
        case PasswordForm::argon2id: return {argon2_matches(hash, password), false};
        case PasswordForm::bcrypt: return {bcrypt_matches(hash, password), password.size() <= kBcryptPasswordBytes};
        case PasswordForm::none: break;
    }
    check_nobody(turn, password);
    return {};
}

}  // namespace

PasswordWork::Turn::~Turn() {
    if (work_ == nullptr) return;
    {
        const std::lock_guard guard(work_->lock_);
        --work_->at_work_;
    }
    work_->freed_.notify_one();
}

bool PasswordWork::Turn::may_go_on() const {
    const std::lock_guard guard(work_->lock_);
    return !work_->stopping_ && std::chrono::steady_clock::now() - began_ < kTurnMax;
}

std::optional<PasswordWork::Turn> PasswordWork::take() {
    std::unique_lock guard(lock_);
    if (stopping_ || (at_work_ >= kAtOnceMax && waiting_ >= kWaitingMax)) return std::nullopt;
    ++waiting_;
    const bool free = freed_.wait_for(guard, kPatience, [this] { return stopping_ || at_work_ < kAtOnceMax; });
    --waiting_;
    if (!free || stopping_) return std::nullopt;
    ++at_work_;
    return std::optional<Turn>(std::in_place, *this);
}

void PasswordWork::stop() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
    }
    freed_.notify_all();
}

Response too_many_passwords() {
    Response response = error_response(503, "busy", "Too many logins at once. Try again in a few seconds.");
    response.headers.emplace_back("Retry-After", std::to_string(kRetryAfterSeconds));
    return response;
}

PasswordCheck check_password(const PasswordWork::Turn& turn, const StaffLogin& staff, const std::string& given) {
    const std::string password = nfc(given);
    const PasswordCheck found = check_as_it_is(turn, staff, password);
    // A hash that is older than this rule, or that was imported, was made of what was typed.
    return found.right || password == given ? found : check_as_it_is(turn, staff, given);
}

void check_nobody(const PasswordWork::Turn&, const std::string& password) {
    [[maybe_unused]] const bool never = argon2_matches(kNobody, password);
}

}  // namespace vetchart::edge
