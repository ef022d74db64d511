#include "edge/api/context.h"
#include "edge/api/handlers.h"
#include "edge/web/assets.h"

/// The clinic's app: its files, and its page at every address that is the app's own.
namespace vetchart::edge {
namespace {

Response asset_response(const Request& request, const Asset& asset) {
    Response response;
    response.content_type = asset.content_type;
    response.headers.emplace_back("ETag", asset.etag);
    // Browsers ask for the page each time, so that a new version of the node is seen at once.
    response.headers.emplace_back("Cache-Control",
                                  asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (request.header("if-none-match") == asset.etag) {
        response.status = 304;
        return response;
    }
    response.body = asset.bytes;
    return response;
}

/// A browser that opens `/patients/018f` wants the app, which knows the address; `/favicon.ico` is a file that should
/// be there, and a program that asks for no page is told that there is nothing.
bool wants_page(const Request& request) {
    const std::string_view path = request.path;
    if (path == "/api" || path.starts_with("/api/")) return false;
    if (path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos) return false;
    return request.header("accept").find("text/html") != std::string::npos;
}

}  // namespace

Response get_app_page(Context&, const Request& request, const Session&) { return asset_response(request, *app_page()); }

std::optional<Response> app_file(const Request& request) {
    if (const Asset* asset = find_asset(request.path)) return asset_response(request, *asset);
    if (wants_page(request)) return asset_response(request, *app_page());
    return std::nullopt;
}

}  // namespace vetchart::edge
