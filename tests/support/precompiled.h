#pragma once

// What nearly every test file includes, read once a program (VETCHART_PRECOMPILED). A file includes what it uses all
// the same: without the option nothing of this is seen. The declarations below keep the JSON library's functions from
// being compiled anew into each file, which is most of what a sanitized build costs; json_instances.cpp has them.

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

extern template class nlohmann::basic_json<>;
extern template class nlohmann::detail::serializer<nlohmann::json>;
