#include "sync/wire/push_scan.h"

#include <cstdint>

#include "sync/model/fields.h"
#include "sync/wire/messages.h"

namespace vetchart::sync {
namespace {

constexpr std::size_t kIdSize = 36;
constexpr std::size_t kClinicsMax = 10000;

/// Hears the parser's events, whose names are the library's; each says whether to go on.
class Scanner : public nlohmann::json_sax<Json> {
public:
    PushScan scan;

    bool null() override { return value(); }
    bool boolean(bool /*is_true*/) override { return value(); }
    bool number_integer(number_integer_t number) override { return integer(number); }
    bool number_unsigned(number_unsigned_t number) override { return integer(static_cast<std::int64_t>(number)); }
    bool number_float(number_float_t /*number*/, const string_t& /*text*/) override { return value(); }
    bool binary(binary_t& /*bytes*/) override { return false; }
    bool string(string_t& text) override {
        if (key_ == Key::clinic && text.size() == kIdSize) scan.clinics.insert(text);
        return value() && scan.clinics.size() <= kClinicsMax;
    }
    bool key(string_t& name) override {
        key_ = name == "clinicId" ? Key::clinic
               : name == "index"  ? Key::index
               : name == "count"  ? Key::count
                                  : Key::other;
        return true;
    }
    bool start_object(std::size_t /*size*/) override { return open(); }
    bool start_array(std::size_t /*size*/) override { return open(); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*why*/) override {
        return false;
    }

private:
    enum class Key { other, clinic, index, count };

    bool value() {
        ++scan.value_count;
        key_ = Key::other;
        return true;
    }
    bool integer(std::int64_t number) {
        if (key_ == Key::index) index_ = number;
        if (key_ == Key::count) count_ = number;
        scan.is_last_part = count_ > 1 && index_ >= count_ - 1;
        return value();
    }
    bool open() { return value() && ++depth_ <= kJsonDepthMax; }
    bool close() {
        --depth_;
        return true;
    }

    Key key_ = Key::other;
    std::int64_t index_ = 0, count_ = 0;
    int depth_ = 0;
};

}  // namespace

Result<PushScan> scan_push(std::string_view text) {
    if (text.size() > kBodyBytesMax) return Error{Errc::invalid_input, "body over the limit", "too_large"};
    Scanner scanner;
    if (!Json::sax_parse(text, &scanner)) return malformed("not JSON");
    return std::move(scanner.scan);
}

}  // namespace vetchart::sync
