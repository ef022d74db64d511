#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>

#include "central/cli/context.h"
#include "central/sample/sample.h"

namespace vetchart::central {
namespace {

using sync::Json;

/// The last day that is over everywhere: so long after a day's midnight in Greenwich its evening has come everywhere.
constexpr std::chrono::hours kDayIsOver{32};

struct SampleArguments {
    SampleOptions options;
    std::string until;
    int jobs = 2;
    bool json = false;
};

Json json_of(const SampleArguments& given, const SampleCounts& counts, double seconds) {
    return {{"seed", given.options.seed},
            {"until", day_text(given.options.until)},
            {"clinics", counts.clinics},
            {"owners", counts.owners},
            {"patients", counts.patients},
            {"appointments", counts.appointments},
            {"records", counts.records},
            {"bills", counts.bills},
            {"items", counts.items},
            {"rows", counts.rows()},
            {"seconds", static_cast<std::int64_t>(seconds)}};
}

void tell_progress(int clinics, const std::string& code, const SampleCounts& counts) {
    std::cerr << "sample: " << code << " (" << counts.clinics << " of " << clinics << "), " << counts.bills
              << " bills, " << counts.rows() << " rows\n";
}

int sample(const Context& context, SampleArguments given, bool prefix_given) {
    given.options.until = std::chrono::floor<days>(context.environment.now() - kDayIsOver);
    if (!given.until.empty()) {
        const auto until = parse_day(given.until);
        if (!until) return report(kExitUsage, "--until: " + until.error().context);
        given.options.until = *until;
    }
    return with_pool(context, [&](Pool& pool) -> Status {
        SampleRun run;
        run.actor = context.actor;
        run.prefix_given = prefix_given;
        run.jobs = given.jobs;
        run.progress = [&](const std::string& code, const SampleCounts& counts) {
            tell_progress(given.options.clinics, code, counts);
        };
        const auto began = std::chrono::steady_clock::now();
        VC_TRY_ASSIGN(const SampleCounts counts, make_sample(pool, given.options, run));
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
        print_made(json_of(given, counts, seconds.count()),
                   {"clinics", "owners", "patients", "appointments", "records", "bills", "items", "rows", "seconds"},
                   given.json);
        return Done{};
    });
}

}  // namespace

void add_sample_command(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("sample", "makes a believable group of clinics, for trying things out");
    const auto given = std::make_shared<SampleArguments>();
    command->add_option("--clinics", given->options.clinics, "how many clinics")->capture_default_str();
    command->add_option("--patients", given->options.patients, "how many patients in all clinics together")
        ->capture_default_str();
    command->add_option("--years", given->options.years, "how many years up to --until")->capture_default_str();
    command->add_option("--seed", given->options.seed, "the same seed and options make the same rows")
        ->capture_default_str();
    command->add_option("--until", given->until, "the last day, YYYY-MM-DD; else the last that is over everywhere");
    auto* prefix = command
                       ->add_option("--prefix", given->options.prefix,
                                    "of the clinics' codes; needed where there are clinics already")
                       ->capture_default_str();
    auto* code = command->add_option("--code", given->options.code, "of the clinic, when it is one")->excludes(prefix);
    command->add_option("--jobs", given->jobs, "clinics made at the same time, each on a connection")
        ->check(CLI::Range(1, kSampleJobsMax))
        ->capture_default_str();
    command->add_flag("--json", given->json, "print JSON");
    command->callback([&context, given, prefix, code] {
        const bool prefix_given = prefix->count() + code->count() > 0;
        context.action = [&context, given, prefix_given] { return sample(context, *given, prefix_given); };
    });
}

}  // namespace vetchart::central
