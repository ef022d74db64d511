#pragma once

#include <memory>

namespace prometheus {
class Registry;
}

namespace vetchart::host {

/// What Prometheus clients say of their own process, by the names they all use: process_cpu_seconds_total,
/// process_resident_memory_bytes, process_virtual_memory_bytes, process_open_fds, process_max_fds,
/// process_start_time_seconds.
class ProcessMetrics {
public:
    /// Registers the families. `registry` outlives it.
    explicit ProcessMetrics(prometheus::Registry& registry);
    ~ProcessMetrics();
    ProcessMetrics(const ProcessMetrics&) = delete;
    ProcessMetrics& operator=(const ProcessMetrics&) = delete;

    /// Reads the figures as they are now. Not thread-safe; what cannot be read keeps its value.
    void update();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vetchart::host
