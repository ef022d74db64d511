#include <utility>

#include "edge/api/server.h"
#include "edge/cli/daemon.h"
#include "edge/link/control.h"
#include "sync/base/error_codes.h"

namespace vetchart::edge {
namespace {

std::string text_at(const sync::Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<sync::Json> status_answer(SyncService& service) {
    VC_TRY_ASSIGN(const SyncStatus status, service.status());
    return sync::Json{{"status", sync_status_json(status, service.online())},
                      {"attention", status.conflicts + status.quarantined + status.notices}};
}

Result<sync::Json> enroll_answer(SyncService& service, const sync::Json& request) {
    EnrollOrder order;
    order.token = text_at(request, "token");
    order.central_url = text_at(request, "centralUrl");
    order.ca_pem = text_at(request, "caPem");
    order.node_name = text_at(request, "nodeName");
    order.into = text_at(request, "into");
    VC_TRY_ASSIGN(const Enrolled enrolled, service.enroll(order));
    sync::Json clinics = sync::Json::array();
    for (const auto& clinic : enrolled.clinics) clinics.push_back({{"code", clinic.code}, {"name", clinic.name}});
    sync::Json answer{{"nodeId", enrolled.node_id}, {"clinics", clinics}, {"adoptedInto", enrolled.adopted_into}};
    // The node is enrolled now, whatever becomes of the first round: a failure of that is told beside the enrolment.
    if (const auto round = service.round(kRoundTimeout); !round) {
        answer["firstRound"] = {{"error", round.error().context}, {"exit", exit_code_of(round.error())}};
    }
    return answer;
}

}  // namespace

Result<sync::Json> answer_control(OpenNode& node, SyncService& service, const sync::Json& request) {
    const std::string command = text_at(request, "command");
    if (command == "status") return status_answer(service);
    if (command == "sync-once") {
        VC_TRY(service.round(kRoundTimeout));
        return status_answer(service);
    }
    if (command == "enroll") return enroll_answer(service, request);
    if (command == "set-password") {
        VC_TRY_ASSIGN(const int count,
                      set_password(node.database(), text_at(request, "email"), text_at(request, "password")));
        return sync::Json{{"changed", count}};
    }
    return Error{Errc::invalid_input, "there is no such request", "malformed"};
}

Result<sync::Json> ask_or_do(const Command& command, const sync::Json& request) {
    auto answer = control_call(command.settings.folder, request, kRoundTimeout + std::chrono::minutes(1));
    if (answer || answer.error().slug != "no_daemon") return answer;
    const std::string name = text_at(request, "command");
    if (name != "enroll") VC_TRY(require_node(command.settings.folder));
    VC_TRY_ASSIGN(const auto node, OpenNode::open(command.settings.folder, command.rng));
    SyncService service(*node, command, false);
    if (name == "sync-once") VC_TRY(service.start());
    auto result = answer_control(*node, service, request);
    service.stop();
    return result;
}

}  // namespace vetchart::edge
