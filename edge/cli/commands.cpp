#include "edge/cli/commands.h"

#include <iostream>
#include <optional>
#include <utility>

#include "edge/api/clinic_day.h"
#include "edge/api/server.h"
#include "edge/cli/daemon.h"
#include "edge/link/control.h"
#include "edge/store/file/files.h"

namespace vetchart::edge {
namespace {

constexpr std::size_t kCaBytesMax = 256U << 10U;
constexpr std::chrono::seconds kBesideTimeout{2};

/// Prints `key: value` lines, with lists and objects as JSON.
void print_plain(const sync::Json& object) {
    for (const auto& [key, value] : object.items()) {
        std::cout << key << ": ";
        if (value.is_null())
            std::cout << "-";
        else if (value.is_string())
            std::cout << value.get<std::string>();
        else
            std::cout << value.dump(-1, ' ', false, sync::Json::error_handler_t::replace);
        std::cout << "\n";
    }
}

void print_object(const Command& command, const sync::Json& object) {
    if (command.json)
        std::cout << object.dump(-1, ' ', false, sync::Json::error_handler_t::replace) << "\n";
    else
        print_plain(object);
}

Result<std::string> init_folder(const Command& command, const FirstAdmin& admin) {
    VC_TRY_ASSIGN(const auto node, OpenNode::open(command.settings.folder, command.rng));
    return create_first_admin(node->database(), admin, command.now());
}

std::string clinic_codes(const sync::Json& answer) {
    std::string codes;
    for (const auto& clinic : answer.value("clinics", sync::Json::array())) {
        codes += (codes.empty() ? "" : ", ") + clinic.value("code", std::string("?"));
    }
    return codes;
}

Result<SyncStatus> read_status(const NodeFolder& folder) {
    VC_TRY(require_node(folder));
    VC_TRY_ASSIGN(const auto database, Database::open_read_only(folder.database()));
    return SyncStore(*database).status();
}

/// What the daemon that runs in `folder` says of itself; nullopt without one.
std::optional<sync::Json> daemon_status(const NodeFolder& folder) {
    const auto answer = control_call(folder, {{"command", "status"}}, kBesideTimeout);
    if (!answer) return std::nullopt;
    const auto status = answer->find("status");
    if (status == answer->end() || !status->is_object()) return std::nullopt;
    return *status;
}

/// Puts in what is not in the file: the state of the moment, which only the daemon knows.
void add_moment(const NodeFolder& folder, sync::Json& status) {
    const auto running = daemon_status(folder);
    for (const char* key : {"online", "state", "stateSince", "advice"}) {
        if (running && running->contains(key)) status[key] = (*running)[key];
    }
    if (running || status.value("state", "") != to_string(sync::LinkState::working)) return;
    status["state"] = to_string(sync::LinkState::not_running);
    status["advice"] = advice(sync::LinkState::not_running);
}

}  // namespace

int run_init(const Command& command, FirstAdmin admin) {
    auto password = read_password("Password of the first administrator");
    if (!password) return fail(password.error());
    admin.password = std::move(*password);
    // Checked before a folder is made, so that a refusal leaves nothing behind.
    if (const auto checked = check_first_admin(admin); !checked) return fail(checked.error());
    if (!is_known_zone(admin.timezone)) {
        return fail(Error{Errc::invalid_input, "there is no such time zone: " + admin.timezone, "unknown_timezone"});
    }
    const auto clinic = init_folder(command, admin);
    if (!clinic) return fail(clinic.error());
    print_object(command, {{"clinicId", *clinic}, {"admin", admin.email}});
    return 0;
}

int run_enroll(const Command& command, const EnrollArguments& arguments) {
    sync::Json request{{"command", "enroll"},
                       {"token", arguments.token},
                       {"into", arguments.into},
                       {"centralUrl", command.settings.central_url},
                       {"nodeName", command.settings.node_name}};
    if (!command.settings.ca.empty()) {
        auto pem = read_small_file(command.settings.ca, kCaBytesMax);
        if (!pem) return fail(Error{Errc::invalid_input, "ca: " + pem.error().context, "config"});
        request["caPem"] = *pem;
    }
    const auto answer = ask_or_do(command, request);
    if (!answer) return fail(answer.error());
    if (command.json) {
        print_object(command, *answer);
    } else {
        std::cout << "enrolled as node " << answer->value("nodeId", std::string()) << " of " << clinic_codes(*answer)
                  << "\n";
        const std::string adopted = answer->value("adoptedInto", std::string());
        if (!adopted.empty()) std::cout << "the rows that were here went into clinic " << adopted << "\n";
    }
    const auto round = answer->find("firstRound");
    if (round == answer->end()) return 0;
    std::cerr << "vetchart-edge: enrolled, but the first round was not complete: "
              << round->value("error", std::string()) << "\n";
    return round->value("exit", 1);
}

int run_sync(const Command& command) {
    const auto answer = ask_or_do(command, {{"command", "sync-once"}});
    if (!answer) return fail(answer.error());
    const sync::Json status = answer->value("status", sync::Json::object());
    if (command.json) {
        print_object(command, status);
    } else {
        std::cout << "pushed and pulled; " << status.value("pendingTransactions", 0) << " transaction(s) waiting, "
                  << answer->value("attention", 0) << " item(s) need attention\n";
    }
    return 0;
}

int run_status(const Command& command) {
    const auto status = read_status(command.settings.folder);
    if (!status) return fail(status.error());
    sync::Json json = sync_status_json(*status, false);
    add_moment(command.settings.folder, json);
    print_object(command, json);
    return 0;
}

int run_set_password(const Command& command, const std::string& email) {
    auto password = read_password("New password");
    if (!password) return fail(password.error());
    const auto answer =
        ask_or_do(command, {{"command", "set-password"}, {"email", email}, {"password", std::move(*password)}});
    if (!answer) return fail(answer.error());
    print_object(command, {{"changed", answer->value("changed", 0)}});
    return 0;
}

}  // namespace vetchart::edge
