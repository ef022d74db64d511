#include "edge/link/enroll.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "edge/link/ca_fetch.h"
#include "edge/link/exchange.h"
#include "edge/store/file/files.h"
#include "host/trust.h"

namespace vetchart::edge {
namespace {

constexpr int kCodeTriesMax = 20;
constexpr std::chrono::milliseconds kFetchTimeout{15000};

/// The CA under a name of its own until central answered over it, so that a failed try leaves the old one.
std::filesystem::path candidate_ca(const NodeFolder& folder) { return folder.root / "ca.pem.new"; }

Result<bool> prepare_ca(const NodeFolder& folder, const EnrollOrder& order, const sync::Invitation& invitation,
                        const CentralUrl& url) {
    std::string pem = order.ca_pem;
    if (!url.tls) return false;
    if (pem.empty() && invitation.ca_sha256) {
        VC_TRY_ASSIGN(pem, fetch_ca(url, *invitation.ca_sha256, kFetchTimeout, order.proxy.on_the_way_to(url)));
    }
    if (pem.empty()) return false;
    VC_TRY(write_file_durably(candidate_ca(folder), pem));
    return true;
}

Status keep_ca(const NodeFolder& folder) { return move_file(candidate_ca(folder), folder.ca()); }

std::filesystem::path existing_ca(const NodeFolder& folder) {
    std::error_code ignored;
    return std::filesystem::exists(folder.ca(), ignored) ? folder.ca() : std::filesystem::path();
}

/// Why a node that central knows cannot show itself: the clinic works on, and the page and `status` say this.
Result<Credentials> own_key(const NodeFolder& folder, const std::string& node_id) {
    const std::string file = folder.node_key().string();
    const std::string way = "; enroll again with a new invitation, what waits here is sent then";
    const auto key = read_credentials(folder);
    if (!key) return Error{Errc::conflict, key.error().context + way, "node_key_unusable"};
    if (!*key) return Error{Errc::conflict, file + " is not there" + way, "node_key_missing"};
    if ((*key)->node_id == node_id) return **key;
    return Error{Errc::conflict,
                 file + " is the key of node " + (*key)->node_id + ", the database is of node " + node_id +
                     ": put the right one back, or move the key away and enroll again",
                 "node_key_other"};
}

/// Asks with the node's code; when another node has it, with a new one, under a new incarnation.
Result<sync::EnrollReply> ask(SyncStore& store, Database& database, CentralClient& client, const EnrollOrder& order,
                              const std::string& token) {
    for (int tries = 0; tries < kCodeTriesMax; ++tries) {
        VC_TRY_ASSIGN(const NodeLife life, read_node_life(database));
        sync::EnrollRequest request;
        request.token = token;
        request.node_name = order.node_name;
        request.node_code = life.node_code;
        request.incarnation = life.mark.incarnation;
        request.schema_version = edge_schema_version();
        request.app_version = VETCHART_VERSION;
        VC_TRY_ASSIGN(auto answer, client.enroll(request));
        if (!answer.is_refused()) return std::move(answer).reply();
        if (answer.refusal().code != "code_taken") return error_of(answer.refusal());
        VC_TRY(store.lives.new_incarnation(draw_node_code(database.rng())));
    }
    return Error{Errc::unavailable, "no free node code was found", "code_taken"};
}

/// An enrolment that got its key and then was interrupted: who central says this node is.
Result<sync::EnrollReply> resume(CentralClient& client) {
    VC_TRY_ASSIGN(auto answer, client.me());
    if (answer.is_refused()) return error_of(answer.refusal());
    sync::MeReply& me = answer.reply();
    sync::EnrollReply reply;
    reply.node_id = me.node_id;
    reply.clinics = std::move(me.clinics);
    reply.epoch = me.epoch;
    reply.server_time = me.server_time;
    return reply;
}

Result<sync::ScopedClinic> target_of(const std::vector<sync::ScopedClinic>& clinics, const std::string& into) {
    if (into.empty() && clinics.size() == 1) return clinics.front();
    const auto found = std::find_if(clinics.begin(), clinics.end(), [&](const sync::ScopedClinic& clinic) {
        return !into.empty() && clinic.code == into;
    });
    if (found != clinics.end()) return *found;
    std::string codes;
    for (const auto& clinic : clinics) codes += (codes.empty() ? "" : ", ") + clinic.code;
    return Error{Errc::conflict,
                 "this folder has rows of its own: say with --into CODE which clinic takes them (" + codes +
                     "), and enroll again",
                 "into_required"};
}

/// Moves a lone node's rows into a clinic of its scope; returns that clinic's code, empty when nothing was to move.
Result<std::string> adopt(Database& database, SyncStore& store, const std::vector<sync::ScopedClinic>& clinics,
                          const std::string& into) {
    VC_TRY_ASSIGN(const auto local, clinic_ids(database));
    const bool known = std::any_of(clinics.begin(), clinics.end(), [&](const sync::ScopedClinic& clinic) {
        return std::find(local.begin(), local.end(), clinic.id) != local.end();
    });
    if (local.empty() || known) return std::string();
    VC_TRY_ASSIGN(const NodeLife life, read_node_life(database));
    if (life.enrolled) {
        return Error{Errc::conflict, "this folder belongs to other clinics than the invitation", "other_clinics"};
    }
    VC_TRY_ASSIGN(const sync::ScopedClinic target, target_of(clinics, into));
    VC_TRY(store.lives.adopt_into(target.id));
    return target.code;
}

struct Start {
    CentralClientOptions options;
    std::string token, url;
    bool new_ca = false;
};

Result<Start> prepare(const NodeFolder& folder, const EnrollOrder& order) {
    Start start;
    LineOptions& line = start.options.line;
    VC_TRY_ASSIGN(const sync::Invitation invitation, sync::parse_invitation(order.token));
    start.token = invitation.token;
    start.url = order.central_url.empty() ? invitation.url : order.central_url;
    VC_TRY_ASSIGN(line.url, parse_central_url(start.url));
    VC_TRY_ASSIGN(start.new_ca, prepare_ca(folder, order, invitation, line.url));
    line.ca_file = start.new_ca ? candidate_ca(folder) : existing_ca(folder);
    start.options.schema_version = edge_schema_version();
    line.proxy = order.proxy.on_the_way_to(line.url);
    return start;
}

}  // namespace

Result<Enrolled> enroll_node(const NodeFolder& folder, Database& database, SyncStore& store, const EnrollOrder& order,
                             const OpenLine& open_line, const std::function<UtcMillis()>& now) {
    VC_TRY_ASSIGN(const SyncStatus before, store.status());
    std::optional<Credentials> key;
    if (auto found = read_credentials(folder)) {
        key = std::move(*found);
    } else {
        spdlog::warn("{}: it is replaced", found.error().context);
    }
    // A key of another name than the database's is that of a second enrolment which was interrupted: it goes on.
    if (key && key->node_id == before.node_id) {
        return Error{Errc::conflict, "this node is enrolled already", "already_enrolled"};
    }
    VC_TRY_ASSIGN(Start start, prepare(folder, order));
    start.options.credentials = key;
    const auto line = open_line(start.options.line);
    CentralClient client(*line, start.options);
    VC_TRY_ASSIGN(const sync::EnrollReply reply,
                  key ? resume(client) : ask(store, database, client, order, start.token));
    // First what lets this be taken up again, then the rows, last the word that the node is enrolled.
    if (start.new_ca) VC_TRY(keep_ca(folder));
    if (!key) VC_TRY(write_credentials(folder, Credentials{reply.node_id, reply.secret}));
    VC_TRY_ASSIGN(const std::string adopted, adopt(database, store, reply.clinics, order.into));
    VC_TRY(store.lives.enrolled(reply, order.node_name, start.url, now()));
    VC_TRY_ASSIGN(const NodeLife joined, read_node_life(database));
    VC_TRY(write_life(folder, joined.mark));
    spdlog::info("enrolled as node {} with {} clinic(s)", reply.node_id, reply.clinics.size());
    return Enrolled{reply.node_id, reply.clinics, adopted};
}

Result<CentralClientOptions> client_options(const NodeFolder& folder, SyncStore& store, const std::string& central_url,
                                            const ProxyRules& proxy) {
    VC_TRY_ASSIGN(const SyncStatus status, store.status());
    if (status.node_id.empty()) return Error{Errc::conflict, "this node is not enrolled", "not_enrolled"};
    VC_TRY_ASSIGN(auto key, own_key(folder, status.node_id));
    CentralClientOptions options;
    LineOptions& line = options.line;
    VC_TRY_ASSIGN(line.url, parse_central_url(central_url.empty() ? status.central_url : central_url));
    if (line.url.tls) line.ca_file = existing_ca(folder);
    if (const auto read = host::read_certificates(line.ca_file); !line.ca_file.empty() && !read) {
        return Error{Errc::conflict, read.error().context + ": put that of central's CA there, as PEM", "ca_unusable"};
    }
    line.proxy = proxy.on_the_way_to(line.url);
    options.credentials = std::move(key);
    options.schema_version = edge_schema_version();
    return options;
}

}  // namespace vetchart::edge
