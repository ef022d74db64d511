#include <algorithm>
#include <filesystem>
#include <vector>

#include "edge/api/body.h"
#include "edge/api/context.h"
#include "edge/api/errors.h"
#include "edge/api/handlers.h"
#include "edge/store/file/files.h"
#include "edge/store/people/sessions.h"

/// This node itself: what it is, its disk, its copies, its place under central; and the live events of its pages.
namespace vetchart::edge {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBackupsKept = 10;
constexpr const char* kBackupFolder = "backups";

std::uint64_t size_of(const fs::path& file) {
    std::error_code missing;
    const auto bytes = fs::file_size(file, missing);
    return missing ? 0 : static_cast<std::uint64_t>(bytes);
}

/// Removes the oldest backups: their names are ordered by time.
void prune_backups(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename();
        if (name.starts_with("vetchart-") && name.ends_with(".db")) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (std::size_t i = 0; i + kBackupsKept < files.size(); ++i) fs::remove(files[i], error);
}

Response enrolment_refused(const Error& error) {
    switch (error.code) {
        case Errc::invalid_input:
            return invalid_fields(Json{{"token", "This is no invitation. Paste it whole, as central printed it."}});
        case Errc::forbidden:
            if (error.slug == "ca_not_shown") {
                return error_response(403, error.slug, "Who answered there is not the central of this invitation.");
            }
            return error_response(403, "token_invalid",
                                  "Central does not accept this invitation: it was used or has ended.");
        case Errc::conflict:
            if (error.slug == "already_enrolled") {
                return error_response(409, error.slug, "This node has joined central already.");
            }
            if (error.slug == "into_required") {
                return error_response(409, error.slug,
                                      "This invitation is for several clinics: say which takes the data of this node.");
            }
            if (error.slug == "other_clinics") {
                return error_response(409, error.slug, "This node belongs to other clinics than the invitation.");
            }
            return from_error(error);
        case Errc::unavailable:
            return error_response(503, "central_unreachable",
                                  "Central cannot be reached. Nothing was changed; try again.");
        default: return from_error(error);
    }
}

}  // namespace

Response get_node(Context& context, const Request&, const Session& session) {
    const auto status = context.sync_status();
    if (!status) return from_error(status.error());
    Json clinics = Json::array();
    for (const auto& clinic : status->clinics) {
        if (session.opens(clinic.id))
            clinics.push_back({{"id", clinic.id}, {"code", clinic.code}, {"name", clinic.name}});
    }
    const fs::path file = context.database.file();
    std::error_code unknown;
    const auto disk = fs::space(file.parent_path(), unknown);
    return json_response(200,
                         Json{{"name", status->node_name},
                              {"nodeCode", status->node_code},
                              {"version", VETCHART_VERSION},
                              {"schemaVersion", status->schema_version},
                              {"clinics", clinics},
                              {"centralUrl", status->central_url.empty() ? Json() : Json(status->central_url)},
                              {"enrolled", !status->node_id.empty()},
                              {"dataBytes", size_of(file) + size_of(file.string() + "-wal")},
                              {"diskFreeBytes", unknown ? Json() : Json(static_cast<std::uint64_t>(disk.available))}});
}

Response back_up_node(Context& context, const Request&, const Session&) {
    if (!context.options.back_up) return error_response(503, "no_backup", "This server makes no backups.");
    const fs::path folder = context.database.file().parent_path() / kBackupFolder;
    std::error_code error;
    fs::create_directories(folder, error);
    fs::permissions(folder, fs::perms::owner_all, error);
    (void)give_to_owner(folder, folder.parent_path());
    std::string stamp;
    const std::string at = format_utc(context.now());
    std::copy_if(at.begin(), at.end(), std::back_inserter(stamp), [](char c) { return c != '-' && c != ':'; });
    const fs::path file = folder / ("vetchart-" + stamp + ".db");
    if (const Status done = context.options.back_up(file); !done) return from_error(done.error());
    prune_backups(folder);
    return json_response(201, Json{{"file", std::string(kBackupFolder) + "/" + file.filename().string()},
                                   {"bytes", size_of(file)},
                                   {"at", at}});
}

Response enroll_by_page(Context& context, const Json& body) {
    if (!context.options.enroll) return error_response(503, "no_enrolment", "This server cannot be enrolled.");
    const std::string token = text_of(body, "token");
    if (token.empty()) return invalid_fields(Json{{"token", "The invitation is required."}});
    const auto clinics = context.options.enroll({token, text_of(body, "name"), text_of(body, "into")});
    if (!clinics) return enrolment_refused(clinics.error());
    Json joined = Json::array();
    for (const auto& [code, name] : *clinics) joined.push_back({{"code", code}, {"name", name}});
    return json_response(202, Json{{"message", "The node has joined. Its data is on the way."}, {"clinics", joined}});
}

Response enroll_node_of_page(Context& context, const Request& request, const Session&) {
    Json body;
    if (auto refusal = parse_body(request, body)) return std::move(*refusal);
    return enroll_by_page(context, body);
}

Response get_events(Context& context, const Request&, const Session& session) {
    auto stream = context.events.listen();
    if (!stream) {
        return error_response(503, "too_many_streams", "Too many pages are open at once; this one asks now and then.");
    }
    Response response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("X-Accel-Buffering", "no");
    response.events = [stream, &context, id = session.id](std::string& piece) {
        if (!stream->next(piece)) return false;
        if (piece.empty()) return true;
        // A page whose session has ended is told no more. When the session cannot be looked up now, the stream goes on.
        const auto staff = find_session(context.database, id);
        return !staff || !staff->empty();
    };
    return response;
}

}  // namespace vetchart::edge
