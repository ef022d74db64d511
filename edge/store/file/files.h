#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "sync/base/result.h"

/// The one way small files are written and read. A file in a node's folder belongs to the owner of that folder, also
/// when root runs the command: else the node's own user could not open it afterwards.
namespace vetchart::edge {

/// Replaces `file` whole: a temporary file beside it, fsync, rename, fsync of the folder. After a power cut the old
/// or the new content is there, never a mixture. Made with mode 0600, for the owner of the folder. Errors:
/// out_of_space, internal.
[[nodiscard]] Status write_file_durably(const std::filesystem::path& file, std::string_view content);

/// Makes an empty file that only its owner may read (0600), before SQLite would make it as the umask has it; what
/// SQLite keeps beside a database gets mode and owner of the database. `home`: the folder whose owner it shall belong
/// to; empty: to whoever runs this. The name survives a power cut. Errors: conflict `exists`; out_of_space; internal.
[[nodiscard]] Status make_private_file(const std::filesystem::path& file, const std::filesystem::path& home);

/// Gives what `descriptor` has open to the owner of `folder`; nothing to do unless root runs this in another's folder.
/// A file with a second name is left alone: the folder's owner may have put it there to be given what is not his.
[[nodiscard]] Status give_to_owner(int descriptor, const std::filesystem::path& folder);
/// Gives a file, folder or socket away by its name; of a symbolic link it gives the link.
[[nodiscard]] Status give_to_owner(const std::filesystem::path& file, const std::filesystem::path& folder);

/// Reads at most `bytes_max`. Errors: not_found; invalid_input (larger, or no regular file); internal.
[[nodiscard]] Result<std::string> read_small_file(const std::filesystem::path& file, std::size_t bytes_max);

/// Makes what was written to `file`, and the name it has, survive a power cut.
[[nodiscard]] Status sync_file(const std::filesystem::path& file);
[[nodiscard]] Status sync_folder(const std::filesystem::path& folder);
/// Renames for good: `to` survives a power cut.
[[nodiscard]] Status move_file(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace vetchart::edge
