#pragma once

#include "sync/base/result.h"

/// What an Errc is to those outside: the tables of docs/errors.md, for both programs.
namespace vetchart {

/// The status of an answer over HTTP. A `code` may have one of its own.
[[nodiscard]] int http_status_of(Errc code);

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitConfiguration = 3;
inline constexpr int kExitDamaged = 4;  ///< The database is damaged, missing, or of an unknown version.
inline constexpr int kExitUnreachable = 5;

/// How a command ends. The slug `config` is wrong configuration, whatever the code.
[[nodiscard]] int exit_code_of(const Error& error);

}  // namespace vetchart
