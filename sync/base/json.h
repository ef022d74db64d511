#pragma once

#include <nlohmann/json.hpp>
#include <string>

/// The JSON library; include it by this name alone. The declarations below keep its large functions from being compiled
/// anew into every file, which was a third of what the programs' files cost: json.cpp has them once.

namespace vetchart::json_detail {

template <class Iterator>
using Input = nlohmann::detail::iterator_input_adapter<Iterator>;
using TextInput = Input<std::string::const_iterator>;
using PointerInput = Input<const char*>;

}  // namespace vetchart::json_detail

extern template class nlohmann::basic_json<>;
extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template class nlohmann::detail::lexer<nlohmann::json, vetchart::json_detail::TextInput>;
extern template class nlohmann::detail::lexer<nlohmann::json, vetchart::json_detail::PointerInput>;
extern template class nlohmann::detail::parser<nlohmann::json, vetchart::json_detail::TextInput>;
extern template class nlohmann::detail::parser<nlohmann::json, vetchart::json_detail::PointerInput>;
extern template class nlohmann::detail::json_sax_dom_parser<nlohmann::json>;
extern template class nlohmann::detail::json_sax_dom_callback_parser<nlohmann::json>;
