#pragma once

#include <spdlog/spdlog.h>

// fmt 9 exports its formatter from the library, but does not declare it: without this line each file that logs gets
// 80 kB of formatting of its own.
extern template void fmt::detail::vformat_to<char>(fmt::detail::buffer<char>&, fmt::basic_string_view<char>,
                                                   fmt::basic_format_args<fmt::buffer_context<char>>,
                                                   fmt::detail::locale_ref);
