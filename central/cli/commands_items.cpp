#include <iostream>
#include <memory>

#include "central/attention/decisions.h"
#include "central/cli/context.h"
#include "central/reports/hq_lists.h"

/// What people have to look at, from the command line: `conflicts`, `quarantine` (docs/operations.md).
namespace vetchart::central {
namespace {

using sync::Json;

struct Arguments {
    std::string kind, id, action, value, clinic, cursor;
    std::string status = "open";
    int limit = kListRowsMax;
    bool json = false;
};

int list_command(const Context& context, const Arguments& given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const std::string page,
                      hq_items(pool, given.kind, given.status, given.clinic, {given.limit, given.cursor}));
        const Json items = Json::parse(page).at("items");
        print_rows(
            items,
            {"id", "clinicCode", "code", "table", "rowId", "column", "openedAt", "node", "status", "action", "actions"},
            given.json);
        return Done{};
    });
}

int show_command(const Context& context, const Arguments& given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const std::string item, hq_item(pool, given.kind, given.id));
        // Versions of rows are objects: there is no table of them.
        std::cout << Json::parse(item).dump(given.json ? -1 : 2) << '\n';
        return Done{};
    });
}

int decide_command(const Context& context, const Arguments& given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        HqDecision decision{given.id, given.kind, given.action, std::nullopt, std::nullopt, context.actor, {}};
        if (!given.value.empty()) decision.value = given.value;
        VC_TRY(decide_at_hq(pool, decision, context.environment.now()));
        VC_TRY_ASSIGN(const std::string item, hq_item(pool, given.kind, given.id));
        print_made(Json::parse(item), {"id", "code", "status", "action", "decidedBy", "decidedAt"}, given.json);
        return Done{};
    });
}

void on_run(CLI::App* command, Context& context, const std::shared_ptr<Arguments>& given,
            int (*run)(const Context&, const Arguments&)) {
    command->add_flag("--json", given->json, "print JSON");
    command->callback(
        [&context, given, run] { context.action = [&context, given, run] { return run(context, *given); }; });
}

/// list and show, which both kinds have.
void add_reading(CLI::App* items, Context& context, const std::shared_ptr<Arguments>& given) {
    auto* list = items->add_subcommand("list", "the open ones, newest first");
    list->add_option("--status", given->status, "open, resolved or all")
        ->check(CLI::IsMember({"open", "resolved", "all"}));
    list->add_option("--clinic", given->clinic, "of one clinic, by its code");
    list->add_option("--limit", given->limit, "at most so many")->check(CLI::Range(1, kListRowsMax));
    on_run(list, context, given, list_command);
    auto* show = items->add_subcommand("show", "an item whole, with both versions and what stands to do");
    show->add_option("ID", given->id, "the item's id")->required();
    on_run(show, context, given, show_command);
}

/// A subcommand that decides; `action` empty: the person names it.
CLI::App* add_deciding(CLI::App* items, Context& context, const std::shared_ptr<Arguments>& given, const char* name,
                       const char* action, const char* what) {
    auto* command = items->add_subcommand(name, what);
    command->add_option("ID", given->id, "the item's id")->required();
    if (*action == '\0') command->add_option("ACTION", given->action, "one of the item's actions")->required();
    on_run(command, context, given, decide_command);
    if (*action != '\0') {
        command->preparse_callback([given, action](std::size_t) { given->action = action; });
    }
    return command;
}

}  // namespace

void add_item_commands(CLI::App& app, Context& context) {
    auto* conflicts = app.add_subcommand("conflicts", "what two people changed differently")->require_subcommand(1);
    const auto conflict = std::make_shared<Arguments>();
    conflict->kind = "conflict";
    add_reading(conflicts, context, conflict);
    add_deciding(conflicts, context, conflict, "resolve", "", "decides an item, also to undo a decision")
        ->add_option("--value", conflict->value, "JSON, for setValue: as the item shows values");

    auto* quarantine = app.add_subcommand("quarantine", "work that central holds")->require_subcommand(1);
    const auto held = std::make_shared<Arguments>();
    held->kind = "quarantine";
    add_reading(quarantine, context, held);
    add_deciding(quarantine, context, held, "retry", "retry", "tries held work again, with what waits for it");
    add_deciding(quarantine, context, held, "discard", "discard",
                 "gives held work up; its node gets the rows as central has them");
    add_deciding(quarantine, context, held, "edit", "editAndRetry", "tries it again with other values in its first row")
        ->add_option("--set", held->value, "JSON object of columns")
        ->required();
}

}  // namespace vetchart::central
