#include "edge/store/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace vetchart::edge {

Status make_private_file(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0 && errno == EEXIST) {
        return Error{Errc::conflict, file.string() + " is there already", "exists"};
    }
    if (descriptor < 0) {
        const int code = errno;
        return Error{code == ENOSPC || code == EDQUOT ? Errc::out_of_space : Errc::internal,
                     "cannot make " + file.string() + ": " + std::generic_category().message(code)};
    }
    ::close(descriptor);
    return Done{};
}

}  // namespace vetchart::edge
