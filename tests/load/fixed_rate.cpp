#include "tests/load/fixed_rate.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <thread>

namespace vetchart::load {
namespace {

using SteadyClock = std::chrono::steady_clock;

httplib::Client client_of(const Plan& plan) {
    httplib::Client client(plan.url);
    client.enable_server_certificate_verification(false);
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    client.set_read_timeout(60);
    return client;
}

Sample send(httplib::Client& client, const Plan& plan, std::size_t index, SteadyClock::time_point due) {
    Sample sample;
    sample.call = index % plan.calls.size();
    const Call& call = plan.calls[sample.call];
    httplib::Request request;
    request.method = call.method;
    request.path = call.path;
    request.body = call.body;
    if (!plan.token.empty()) request.set_header("Authorization", "Bearer " + plan.token);
    if (!call.body.empty()) request.set_header("Content-Type", "application/json");
    // A whole list is counted, not kept.
    request.content_receiver = [&sample](const char*, std::size_t size, std::uint64_t, std::uint64_t) {
        sample.bytes += size;
        return true;
    };
    const auto answer = client.send(request);
    if (answer) sample.status = answer->status;
    sample.took_ms = std::chrono::duration<double, std::milli>(SteadyClock::now() - due).count();
    return sample;
}

bool failed(const Sample& sample) { return sample.status < 200 || sample.status > 299; }

struct Row {
    std::vector<double> took;
    int failures = 0;
    std::uint64_t bytes = 0;
    void add(const Sample& sample) {
        took.push_back(sample.took_ms);
        failures += failed(sample) ? 1 : 0;
        bytes += sample.bytes;
    }
    /// The smallest value that `part` of all do not pass.
    [[nodiscard]] double at(double part) const {
        const auto rank = static_cast<std::size_t>(part * static_cast<double>(took.size()));
        return took[std::min(rank, took.size() - 1)];
    }
};

void print(const std::string& name, Row& row) {
    std::sort(row.took.begin(), row.took.end());
    std::printf("%-34s %8zu %7d %9.1f %9.1f %9.1f %9.1f %9.1f\n", name.c_str(), row.took.size(), row.failures,
                row.at(0.5), row.at(0.95), row.at(0.99), row.took.back(),
                static_cast<double>(row.bytes) / static_cast<double>(row.took.size()) / 1024);
}

}  // namespace

std::vector<Sample> run_plan(const Plan& plan) {
    const auto total = static_cast<std::size_t>(plan.rate * static_cast<double>(plan.length.count()));
    std::vector<Sample> samples(total);
    std::atomic<std::size_t> next{0};
    const auto start = SteadyClock::now() + std::chrono::milliseconds(100);
    const auto work = [&] {
        httplib::Client client = client_of(plan);
        for (std::size_t i = next++; i < total; i = next++) {
            const auto due = start + std::chrono::duration_cast<SteadyClock::duration>(
                                         std::chrono::duration<double>(static_cast<double>(i) / plan.rate));
            std::this_thread::sleep_until(due);
            samples[i] = send(client, plan, i, due);
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < plan.connections; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    return samples;
}

bool report(const Plan& plan, const std::vector<Sample>& samples, double p95_max, double p99_max) {
    std::map<std::string, Row> rows;
    Row all;
    for (const Sample& sample : samples) {
        rows[plan.calls[sample.call].name].add(sample);
        all.add(sample);
    }
    std::printf("%-34s %8s %7s %9s %9s %9s %9s %9s\n", "request", "count", "failed", "p50 ms", "p95 ms", "p99 ms",
                "max ms", "KiB each");
    for (auto& [name, row] : rows) print(name, row);
    print("all", all);
    const bool holds = all.at(0.95) < p95_max && all.at(0.99) < p99_max &&
                       static_cast<double>(all.failures) < 0.01 * static_cast<double>(samples.size());
    std::printf("%.0f requests/s for %lld s: %s (p95 below %.0f ms, p99 below %.0f ms, under 1 %% failed)\n", plan.rate,
                static_cast<long long>(plan.length.count()), holds ? "holds" : "DOES NOT HOLD", p95_max, p99_max);
    return holds;
}

}  // namespace vetchart::load
