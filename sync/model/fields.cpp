#include "sync/model/fields.h"

namespace vetchart::sync {
namespace {

const Json kNull;
const Json kEmptyArray = Json::array();
const Json kEmptyObject = Json::object();

}  // namespace

Error malformed(const std::string& what) { return Error{Errc::invalid_input, what, "malformed"}; }

Fields::Fields(const Json& object) : object_(object) {
    if (!object.is_object()) fail("an object is expected");
}

void Fields::fail(const std::string& what) {
    if (!error_) error_ = malformed(what);
}

void Fields::join(const Fields& nested) {
    if (!error_) error_ = nested.error_;
}

const Json* Fields::find(const char* name, bool required) {
    if (error_) return nullptr;
    const auto found = object_.find(name);
    if (found == object_.end() || found->is_null()) {
        if (required) fail(std::string(name) + " is missing");
        return nullptr;
    }
    return &*found;
}

std::string Fields::text(const char* name, std::size_t size_max) {
    const Json* value = find(name, true);
    if (value == nullptr) return {};
    if (!value->is_string()) {
        fail(std::string(name) + " must be text");
        return {};
    }
    const auto& text = value->get_ref<const std::string&>();
    if (text.size() > size_max) {
        fail(std::string(name) + " is too long");
        return {};
    }
    return text;
}

std::optional<std::string> Fields::optional_text(const char* name, std::size_t size_max) {
    if (find(name, false) == nullptr) return std::nullopt;
    return text(name, size_max);
}

std::int64_t Fields::integer(const char* name, std::int64_t least) {
    const Json* value = find(name, true);
    if (value == nullptr) return least;
    if (!value->is_number_integer()) {
        fail(std::string(name) + " must be an integer");
        return least;
    }
    const bool too_big = value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{INT64_MAX};
    if (too_big || value->get<std::int64_t>() < least) {
        fail(std::string(name) + " is out of range");
        return least;
    }
    return value->get<std::int64_t>();
}

bool Fields::boolean(const char* name) {
    const Json* value = find(name, true);
    if (value == nullptr) return false;
    if (!value->is_boolean()) fail(std::string(name) + " must be true or false");
    return value->is_boolean() && value->get<bool>();
}

const Json& Fields::array(const char* name) {
    const Json* value = find(name, true);
    if (value != nullptr && !value->is_array()) fail(std::string(name) + " must be a list");
    return value != nullptr && value->is_array() ? *value : kEmptyArray;
}

const Json& Fields::object(const char* name) {
    const Json* value = find(name, true);
    if (value != nullptr && !value->is_object()) fail(std::string(name) + " must be an object");
    return value != nullptr && value->is_object() ? *value : kEmptyObject;
}

const Json& Fields::any(const char* name) {
    const Json* value = find(name, false);
    return value != nullptr ? *value : kNull;
}

}  // namespace vetchart::sync
