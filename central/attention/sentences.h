#pragma once

#include <string>

#include "sync/engine/decide.h"

/// What an item says to a person, in English; the pages say it in their own languages, by its code. No name of a
/// constraint or a column is in it.
namespace vetchart::central {

struct Sentences {
    std::string title, reason;
};

[[nodiscard]] Sentences sentences_of(const sync::Conflict& conflict);
[[nodiscard]] Sentences sentences_of(const sync::Notice& notice);

/// `changes` is not empty.
[[nodiscard]] std::string title_of_held(const std::string& code, const sync::Transaction& transaction);

}  // namespace vetchart::central
