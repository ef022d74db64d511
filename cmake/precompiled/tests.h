#pragma once

#include <catch2/catch.hpp>
#include <filesystem>

#include "cmake/precompiled/sync.h"
