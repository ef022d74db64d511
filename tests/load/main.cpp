// The hands of ./dev load (scripts/load.sh): fills a folder, sends a mix at a fixed rate, streams one whole list.
#include <httplib.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "tests/load/fill.h"
#include "tests/load/fixed_rate.h"
#include "tests/load/mixes.h"

namespace {

struct Arguments {
    std::string url, user, password, folder, mix = "whole-lists", path;
    double rate = 200, p95_ms = 200, p99_ms = 400;
    int seconds = 30;
    std::uint32_t seed = 1;
    vetchart::load::Size size;
};

int run_mix(const Arguments& arguments) {
    vetchart::load::Plan plan;
    plan.url = arguments.url;
    plan.rate = arguments.rate;
    plan.length = std::chrono::seconds(arguments.seconds);
    plan.token = vetchart::load::log_in(plan.url, arguments.user, arguments.password);
    if (arguments.mix == "whole-lists") {
        plan.calls = vetchart::load::whole_lists(plan.url, plan.token, arguments.seed);
    } else if (arguments.mix == "pages") {
        plan.calls = vetchart::load::pages_of_lists(plan.url, plan.token, arguments.seed);
    } else {
        plan.calls = vetchart::load::headquarters(arguments.seed);
    }
    const auto samples = vetchart::load::run_plan(plan);
    return vetchart::load::report(plan, samples, arguments.p95_ms, arguments.p99_ms) ? 0 : 1;
}

/// One whole list, read as it comes and kept nowhere.
int stream(const Arguments& arguments) {
    httplib::Client client(arguments.url);
    client.set_read_timeout(60);
    client.set_bearer_token_auth(vetchart::load::log_in(arguments.url, arguments.user, arguments.password));
    std::uint64_t bytes = 0;
    const auto start = std::chrono::steady_clock::now();
    const auto answer = client.Get(arguments.path, [&bytes](const char*, std::size_t size) {
        bytes += size;
        return true;
    });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("streamed %s: %s, %.0f MB in %.1f s\n", arguments.path.c_str(),
                answer ? std::to_string(answer->status).c_str() : "no answer", static_cast<double>(bytes) / 1e6,
                took.count());
    return answer && answer->status == 200 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("What ./dev load measures with");
    app.require_subcommand(1);
    const auto at_server = [&](CLI::App* command) {
        command->add_option("--url", arguments.url)->required();
        command->add_option("--user", arguments.user)->required();
        command->add_option("--password", arguments.password)->required();
    };
    CLI::App* fill = app.add_subcommand("fill", "Rows of a large clinic, into a folder without a daemon");
    fill->add_option("--data", arguments.folder)->required();
    fill->add_option("--owners", arguments.size.owners);
    fill->add_option("--patients", arguments.size.patients);
    CLI::App* make = app.add_subcommand("make", "A small clinic, through the API");
    at_server(make);
    CLI::App* run = app.add_subcommand("run", "A mix at a fixed rate");
    at_server(run);
    run->add_option("--mix", arguments.mix)->check(CLI::IsMember({"whole-lists", "pages", "headquarters"}));
    run->add_option("--rate", arguments.rate)->check(CLI::Range(1.0, 100000.0));
    run->add_option("--seconds", arguments.seconds)->check(CLI::Range(1, 3600));
    run->add_option("--seed", arguments.seed);
    CLI::App* whole = app.add_subcommand("stream", "One whole list");
    at_server(whole);
    whole->add_option("--path", arguments.path)->required();
    CLI11_PARSE(app, argc, argv);
    try {
        if (run->parsed()) return run_mix(arguments);
        if (whole->parsed()) return stream(arguments);
        if (make->parsed()) {
            const auto token = vetchart::load::log_in(arguments.url, arguments.user, arguments.password);
            vetchart::load::make_small_clinic(arguments.url, token);
            return 0;
        }
        if (const auto filled = vetchart::load::fill_folder(arguments.folder, arguments.size); !filled) {
            std::cerr << "load_tool: " << filled.error().context << '\n';
            return 1;
        }
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "load_tool: " << e.what() << '\n';
        return 1;
    }
}
