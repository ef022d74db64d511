# cmake -DOUT=assets.cpp -DROOT=DIR -DFILES=a;b -P EmbedFiles.cmake: a table of files for edge/web/assets.h. The bytes
# come in by the assembler's .incbin, so that the compiler never sees them.
set(types
    ".html=text/html\\; charset=utf-8" ".js=text/javascript\\; charset=utf-8" ".css=text/css\\; charset=utf-8"
    ".svg=image/svg+xml" ".png=image/png" ".ico=image/x-icon" ".json=application/json" ".txt=text/plain\\; charset=utf-8"
    ".webmanifest=application/manifest+json" ".woff2=font/woff2")

set(declarations "")
set(rows "")
set(index 0)
list(SORT FILES)
foreach(file IN LISTS FILES)
    file(RELATIVE_PATH name "${ROOT}" "${file}")
    if(name MATCHES "\\.(map|h|txt)$" AND NOT name MATCHES "^robots\\.txt$")
        continue()
    endif()
    get_filename_component(extension "${name}" LAST_EXT)
    set(type "application/octet-stream")
    foreach(pair IN LISTS types)
        if(pair MATCHES "^${extension}=(.*)$")
            set(type "${CMAKE_MATCH_1}")
        endif()
    endforeach()
    file(SHA256 "${file}" digest)
    string(SUBSTRING "${digest}" 0 32 digest)
    set(immutable false)
    if(name MATCHES "^assets/")
        set(immutable true)
    endif()
    file(SIZE "${file}" size)
    string(APPEND declarations
        "asm(\".section .rodata\\n.balign 16\\nvetchart_asset_${index}:\\n.incbin \\\"${file}\\\"\\n.byte 0\\n.previous\\n\");\n"
        "extern \"C\" const char vetchart_asset_${index}[];\n")
    string(APPEND rows
        "    {\"/${name}\", \"${type}\", {vetchart_asset_${index}, ${size}}, \"\\\"${digest}\\\"\", ${immutable}},\n")
    math(EXPR index "${index} + 1")
endforeach()

file(CONFIGURE OUTPUT "${OUT}" @ONLY CONTENT [[
#include "edge/web/assets.h"

#include <algorithm>
#include <array>

@declarations@
namespace vetchart::edge {
namespace {

// By path.
const std::array<Asset, @index@> kAssets = {{
@rows@}};

}  // namespace

const Asset* find_asset(std::string_view path) {
    const auto found = std::find_if(kAssets.begin(), kAssets.end(), [&](const Asset& one) { return one.path == path; });
    return found == kAssets.end() ? nullptr : &*found;
}

const Asset* app_page() { return find_asset("/index.html"); }

}  // namespace vetchart::edge
]])
