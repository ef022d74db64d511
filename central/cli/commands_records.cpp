#include <memory>

#include "central/archive/archive.h"
#include "central/cli/context.h"
#include "central/store/erasure.h"

/// What is kept, put away and erased: `archive`, `owner` (docs/retention.md).
namespace vetchart::central {
namespace {

using sync::Json;

struct Arguments {
    std::string id, reason;
    bool json = false;
    bool all = false;
};

Json or_null(const std::optional<std::string>& value) { return value ? Json(*value) : Json(nullptr); }

/// `names` in order, each with its number of rows, for people and programs alike.
Json with_counts(Json row, const Json& counts) {
    for (const auto& [name, count] : counts.items()) row[name] = count;
    return row;
}

int archive_command(const Context& context, const Arguments& given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto move, archive_patient(pool, context.actor, given.id, given.reason));
        print_made(with_counts({{"patientId", given.id}, {"entry", move.entry_id}}, move.counts),
                   {"patientId", "medical_record", "appointment", "bill", "bill_item", "bill_medical_record"},
                   given.json);
        return Done{};
    });
}

int restore_command(const Context& context, const Arguments& given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto restored, restore_patient(pool, context.actor, given.id, context.environment.now()));
        Json row = with_counts({{"patientId", given.id}, {"entry", restored.move.entry_id}}, restored.move.counts);
        row["transactionsIn"] = restored.replayed;
        row["transactionsHeld"] = restored.still_held;
        print_made(row,
                   {"patientId", "medical_record", "appointment", "bill", "bill_item", "bill_medical_record",
                    "transactionsIn", "transactionsHeld"},
                   given.json);
        return Done{};
    });
}

int list_command(const Context& context, const Arguments& given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto entries, list_archive(pool, given.all));
        Json rows = Json::array();
        for (const ArchiveEntry& entry : entries) {
            rows.push_back({{"id", entry.id},
                            {"clinic", entry.clinic_code},
                            {"patientId", entry.patient_id},
                            {"patient", entry.patient_name},
                            {"archivedAt", entry.archived_at},
                            {"actor", entry.actor},
                            {"reason", entry.reason},
                            {"restoredAt", or_null(entry.restored_at)},
                            {"restoredBy", or_null(entry.restored_by)}});
        }
        print_rows(rows, {"clinic", "patientId", "patient", "archivedAt", "actor", "restoredAt", "reason"}, given.json);
        return Done{};
    });
}

int erase_command(const Context& context, const Arguments& given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto result, erase_owner(pool, {given.id, given.reason, context.actor}));
        Json row =
            with_counts({{"ownerId", result.owner_id}, {"erasedBefore", or_null(result.erased_before)}}, result.counts);
        print_made(
            row,
            {"ownerId", "erasedBefore", "owners", "owner", "medical_record", "archive", "tombstone", "journal", "item"},
            given.json);
        return Done{};
    });
}

int list_erased_command(const Context& context, const Arguments& given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto owners, list_erasures(pool));
        Json rows = Json::array();
        for (const ErasedOwner& owner : owners) {
            rows.push_back({{"ownerId", owner.owner_id},
                            {"clinic", owner.clinic_code},
                            {"erasedAt", owner.erased_at},
                            {"lastRunAt", owner.last_run_at},
                            {"actor", owner.actor},
                            {"reason", owner.reason}});
        }
        print_rows(rows, {"clinic", "ownerId", "erasedAt", "lastRunAt", "actor", "reason"}, given.json);
        return Done{};
    });
}

void on_run(CLI::App* command, Context& context, const std::shared_ptr<Arguments>& given,
            int (*run)(const Context&, const Arguments&)) {
    command->add_flag("--json", given->json, "print JSON");
    command->callback(
        [&context, given, run] { context.action = [&context, given, run] { return run(context, *given); }; });
}

}  // namespace

void add_archive_commands(CLI::App& app, Context& context) {
    auto* archive = app.add_subcommand("archive", "patients put away with their whole history")->require_subcommand(1);
    const auto given = std::make_shared<Arguments>();
    auto* patient = archive->add_subcommand("patient", "moves a patient with all that belongs to it into the archive");
    patient->add_option("ID", given->id, "the patient's id")->required();
    patient->add_option("--reason", given->reason, "why, for the archive and the audit")->required();
    on_run(patient, context, given, archive_command);
    auto* restore =
        archive->add_subcommand("restore", "brings a patient back, with what nodes sent about it meanwhile");
    restore->add_option("ID", given->id, "the patient's id")->required();
    on_run(restore, context, given, restore_command);
    auto* list = archive->add_subcommand("list", "the archived patients");
    list->add_flag("--all", given->all, "those brought back, too");
    on_run(list, context, given, list_command);
}

void add_owner_commands(CLI::App& app, Context& context) {
    auto* owner = app.add_subcommand("owner", "owners")->require_subcommand(1);
    const auto given = std::make_shared<Arguments>();
    auto* erase = owner->add_subcommand("erase", "erases a person's data everywhere, on request (docs/retention.md)");
    auto* id = erase->add_option("ID", given->id, "the owner's id");
    auto* reason = erase->add_option("--reason", given->reason, "why, for the audit; the nodes are not told");
    auto* list = erase->add_flag("--list", given->all, "who was erased: keep it outside the database too");
    id->needs(reason)->excludes(list);
    reason->needs(id);
    on_run(erase, context, given, [](const Context& shared, const Arguments& arguments) {
        if (arguments.all) return list_erased_command(shared, arguments);
        if (arguments.id.empty()) return report(kExitUsage, "owner erase needs an ID and --reason, or --list");
        return erase_command(shared, arguments);
    });
}

}  // namespace vetchart::central
