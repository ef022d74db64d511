#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <mutex>

#include "cmake/precompiled/log.h"
#include "cmake/precompiled/sync.h"
