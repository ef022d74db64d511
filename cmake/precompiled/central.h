#pragma once

#include <mutex>
#include <pqxx/pqxx>

#include "cmake/precompiled/log.h"
#include "cmake/precompiled/sync.h"
