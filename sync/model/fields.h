#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/base/result.h"
#include "sync/model/change.h"

namespace vetchart::sync {

/// Reads an object's members by type; the first one that is absent or of another type is remembered, and every
/// later read answers a default. Ask error() once at the end.
class Fields {
public:
    /// `object` must outlive the reader.
    explicit Fields(const Json& object);

    std::string text(const char* name, std::size_t size_max = 1000);
    std::optional<std::string> optional_text(const char* name, std::size_t size_max = 20000);
    std::int64_t integer(const char* name, std::int64_t least = 0);
    bool boolean(const char* name);
    /// The member, which must be an array; an empty one after an error.
    const Json& array(const char* name);
    const Json& object(const char* name);
    /// The member, or null when it is absent.
    const Json& any(const char* name);

    void fail(const std::string& what);
    /// Takes over the error of a reader of a nested object.
    void join(const Fields& nested);
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

private:
    const Json* find(const char* name, bool required);

    const Json& object_;
    std::optional<Error> error_;
};

/// The error of a body that is not what the message asks for.
[[nodiscard]] Error malformed(const std::string& what);

}  // namespace vetchart::sync
