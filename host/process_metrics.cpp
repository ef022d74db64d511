#include "host/process_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace vetchart::host {
namespace {

prometheus::Gauge& make_gauge(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

double seconds_of(clockid_t clock) {
    timespec time{};
    if (clock_gettime(clock, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Field 22 of /proc/self/stat, in ticks after the boot; the name before it can hold blanks and parentheses.
double started_at() {
    constexpr int kFieldsAfterName = 20;
    std::ifstream file("/proc/self/stat");
    std::string text;
    std::getline(file, text, '\0');
    const auto end = text.rfind(')');
    if (end == std::string::npos) return 0;
    std::size_t at = end + 1;
    for (int field = 0; field < kFieldsAfterName - 1; ++field) at = text.find(' ', at + 1);
    if (at == std::string::npos) return 0;
    const double ticks = std::strtod(text.c_str() + at, nullptr);
    const double since_boot = ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
    return seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) + since_boot;
}

}  // namespace

struct ProcessMetrics::Impl {
    prometheus::Counter& cpu;
    prometheus::Gauge &resident, &virtual_size, &open_fds, &max_fds;
};

ProcessMetrics::ProcessMetrics(prometheus::Registry& registry)
    : impl_(std::make_unique<Impl>(
          Impl{prometheus::BuildCounter()
                   .Name("process_cpu_seconds_total")
                   .Help("Processor time of this process, user and system")
                   .Register(registry)
                   .Add({}),
               make_gauge(registry, "process_resident_memory_bytes", "Memory of this process that is in use"),
               make_gauge(registry, "process_virtual_memory_bytes", "Address space of this process"),
               make_gauge(registry, "process_open_fds", "Open files and sockets"),
               make_gauge(registry, "process_max_fds", "How many may be open")})) {
    make_gauge(registry, "process_start_time_seconds", "When the process began, seconds since 1970").Set(started_at());
}

ProcessMetrics::~ProcessMetrics() = default;

void ProcessMetrics::update() {
    const double used = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    impl_->cpu.Increment(std::max(0.0, used - impl_->cpu.Value()));
    std::ifstream sizes("/proc/self/statm");
    if (double virtual_pages = 0, resident_pages = 0; sizes >> virtual_pages >> resident_pages) {
        const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
        impl_->virtual_size.Set(virtual_pages * page);
        impl_->resident.Set(resident_pages * page);
    }
    std::error_code failed;
    const std::filesystem::directory_iterator files("/proc/self/fd", failed);
    if (!failed) impl_->open_fds.Set(static_cast<double>(std::distance(begin(files), end(files)) - 1));
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) impl_->max_fds.Set(static_cast<double>(limit.rlim_cur));
}

}  // namespace vetchart::host
