#pragma once

// What nearly every file includes, read once a build (VETCHART_PRECOMPILED). A file includes what it uses all the same:
// clang-tidy reads it without these.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sync/base/json.h"
