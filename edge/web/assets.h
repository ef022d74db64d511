#pragma once

#include <string_view>

/// The clinic's app, inside the binary: the files that web/ builds into web/dist.
namespace vetchart::edge {

struct Asset {
    std::string_view path;  ///< `/assets/app-1a2b3c.js`
    std::string_view content_type;
    std::string_view bytes;
    std::string_view etag;   ///< Quoted, of the content.
    bool immutable = false;  ///< The name changes with the content: may be kept for ever.
};

/// The file at `path`, or nullptr.
[[nodiscard]] const Asset* find_asset(std::string_view path);

/// The page that every address of the app begins with. Never nullptr.
[[nodiscard]] const Asset* app_page();

}  // namespace vetchart::edge
