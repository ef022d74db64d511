#include "sync/base/json.h"

template class nlohmann::basic_json<>;
template class nlohmann::detail::serializer<nlohmann::json>;
template class nlohmann::detail::lexer<nlohmann::json, vetchart::json_detail::TextInput>;
template class nlohmann::detail::lexer<nlohmann::json, vetchart::json_detail::PointerInput>;
template class nlohmann::detail::parser<nlohmann::json, vetchart::json_detail::TextInput>;
template class nlohmann::detail::parser<nlohmann::json, vetchart::json_detail::PointerInput>;
template class nlohmann::detail::json_sax_dom_parser<nlohmann::json>;
template class nlohmann::detail::json_sax_dom_callback_parser<nlohmann::json>;
