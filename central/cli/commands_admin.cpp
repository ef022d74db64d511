#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "central/cli/context.h"
#include "central/store/clinics.h"
#include "central/store/nodes.h"
#include "sync/base/central_url.h"
#include "sync/base/digest.h"
#include "sync/wire/messages.h"

namespace vetchart::central {
namespace {

using sync::Json;

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

std::string from_environment(const char* name, const std::string& given) {
    if (!given.empty()) return given;
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

/// Lower-case hex of the SHA-256 of a PEM certificate's DER.
Result<std::string> fingerprint(const std::string& file) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(std::fopen(file.c_str(), "re"), &std::fclose);
    if (!opened) return Error{Errc::invalid_input, "--ca: cannot read " + file};
    const std::unique_ptr<X509, void (*)(X509*)> certificate(PEM_read_X509(opened.get(), nullptr, nullptr, nullptr),
                                                             &X509_free);
    Digest digest{};
    unsigned int size = 0;
    if (!certificate || X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1) {
        return Error{Errc::invalid_input, "--ca: no PEM certificate in " + file};
    }
    return to_hex(digest);
}

Json json_of(const NodeSummary& node) {
    return {{"id", node.id},
            {"name", node.name},
            {"code", node.code},
            {"state", node.state},
            {"clinics", node.clinics},
            {"lastSeenAt", or_null(node.last_seen_at)},
            {"lastPushAt", or_null(node.last_push_at)},
            {"lastPullAt", or_null(node.last_pull_at)},
            {"lagSeconds", or_null(node.lag_seconds)},
            {"pendingChanges", or_null(node.pending_changes)},
            {"oldestPendingAt", or_null(node.oldest_pending_at)},
            {"clockOffsetMs", or_null(node.clock_offset_ms)},
            {"schemaVersion", or_null(node.schema_version)},
            {"appVersion", or_null(node.app_version)}};
}

struct InviteArguments {
    std::vector<std::string> clinics;
    int ttl_hours = 72;
    std::string url, ca;
    bool json = false;
};

int invite(const Context& context, const InviteArguments& given) {
    sync::Invitation invitation;
    invitation.url = from_environment("VETCHART_PUBLIC_URL", given.url);
    if (invitation.url.empty()) {
        return report(kExitConfiguration, "central's address is not known: give --url or set VETCHART_PUBLIC_URL");
    }
    // No node would take another one.
    if (const auto url = parse_central_url(invitation.url); !url) {
        return report(given.url.empty() ? kExitConfiguration : kExitUsage, url.error().context);
    }
    if (const auto ca = from_environment("VETCHART_CA", given.ca); !ca.empty()) {
        const auto hex = fingerprint(ca);
        if (!hex) return report(kExitConfiguration, hex.error().context);
        invitation.ca_sha256 = *hex;
    }
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const Invite made, create_invite(pool, context.actor, given.clinics,
                                                       std::chrono::hours(given.ttl_hours), context.environment.now()));
        invitation.token = made.token;
        const auto text = sync::to_text(invitation);
        if (given.json) {
            std::cout << Json{{"token", text}, {"expiresAt", made.expires_at}, {"clinics", given.clinics}}.dump(2)
                      << '\n';
        } else {
            std::cout << text << '\n';
        }
        return Done{};
    });
}

int list_nodes_command(const Context& context, bool as_json) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto nodes, list_nodes(pool));
        Json rows = Json::array();
        for (const auto& node : nodes) rows.push_back(json_of(node));
        print_rows(rows,
                   {"name", "code", "state", "clinics", "lastSeenAt", "lagSeconds", "pendingChanges", "schemaVersion",
                    "appVersion", "id"},
                   as_json);
        return Done{};
    });
}

int list_clinics_command(const Context& context, bool as_json) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto clinics, list_clinics(pool));
        Json rows = Json::array();
        for (const auto& clinic : clinics) {
            rows.push_back({{"id", clinic.id},
                            {"code", clinic.code},
                            {"name", clinic.name},
                            {"timezone", clinic.timezone},
                            {"currency", clinic.currency}});
        }
        print_rows(rows, {"code", "name", "timezone", "currency", "id"}, as_json);
        return Done{};
    });
}

}  // namespace

void add_clinic_commands(CLI::App& app, Context& context) {
    auto* clinic = app.add_subcommand("clinic", "clinics")->require_subcommand(1);
    auto* add = clinic->add_subcommand("add", "makes a clinic");
    const auto given = std::make_shared<NewClinic>();
    const auto as_json = std::make_shared<bool>(false);
    add->add_option("--code", given->code, "2 to 16 characters of A-Z and 0-9")->required();
    add->add_option("--name", given->name, "its name")->required();
    add->add_option("--timezone", given->timezone, "IANA name, such as Europe/Berlin")->capture_default_str();
    add->add_option("--currency", given->currency, "ISO 4217")->capture_default_str();
    add->add_flag("--json", *as_json, "print JSON");
    add->callback([&context, given, as_json] {
        context.action = [&context, given, as_json] {
            return with_pool(context, [&](Pool& pool) -> Status {
                VC_TRY_ASSIGN(const auto id, add_clinic(pool, context.actor, *given, context.environment.now()));
                print_made({{"id", id}, {"code", given->code}}, {"code", "id"}, *as_json);
                return Done{};
            });
        };
    });
    auto* list = clinic->add_subcommand("list", "all clinics");
    list->add_flag("--json", *as_json, "print JSON");
    list->callback([&context, as_json] {
        context.action = [&context, as_json] { return list_clinics_command(context, *as_json); };
    });
}

void add_node_commands(CLI::App& app, Context& context) {
    auto* node = app.add_subcommand("node", "the clinics' nodes")->require_subcommand(1);
    auto* invite_command = node->add_subcommand("invite", "prints a one-time enrolment token");
    const auto given = std::make_shared<InviteArguments>();
    invite_command->add_option("--clinic", given->clinics, "code of a clinic the node keeps; may be repeated")
        ->required()
        ->allow_extra_args(false);
    invite_command->add_option("--ttl", given->ttl_hours, "hours until it expires")
        ->check(CLI::Range(1, 24 * 365))
        ->capture_default_str();
    invite_command->add_option("--url", given->url, "central's address as nodes see it; else VETCHART_PUBLIC_URL");
    invite_command->add_option("--ca", given->ca, "PEM of the CA that signs it; else VETCHART_CA");
    invite_command->add_flag("--json", given->json, "print JSON");
    invite_command->callback(
        [&context, given] { context.action = [&context, given] { return invite(context, *given); }; });
    auto* list = node->add_subcommand("list", "all nodes: last seen, lag, pending, versions");
    list->add_flag("--json", given->json, "print JSON");
    list->callback(
        [&context, given] { context.action = [&context, given] { return list_nodes_command(context, given->json); }; });
    auto* revoke = node->add_subcommand("revoke", "refuses a node from now on");
    const auto name = std::make_shared<std::string>();
    revoke->add_option("NODE", *name, "its id, code or name")->required();
    revoke->callback([&context, name] {
        context.action = [&context, name] {
            return with_pool(context, [&](Pool& pool) -> Status {
                VC_TRY_ASSIGN(const auto id, revoke_node(pool, context.actor, *name));
                std::cout << "revoked " << id << '\n';
                return Done{};
            });
        };
    });
}

}  // namespace vetchart::central
