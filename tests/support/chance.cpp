#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include "tests/support/chance.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <random>

#include "sync/base/digest.h"

namespace vetchart::test {
namespace {

const char* given_seed() { return std::getenv("VETCHART_SEED"); }

class Chance final : public Rng {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        const std::lock_guard guard(lock_);
        rng_.fill(bytes);
    }
    void begin(std::uint64_t seed) {
        const std::lock_guard guard(lock_);
        rng_.seed(seed);
    }

private:
    std::mutex lock_;
    SeededRng rng_{seed_of_run()};
};

Chance& the_chance() {
    static Chance chance;
    return chance;
}

struct Seeds : Catch::TestEventListenerBase {
    using TestEventListenerBase::TestEventListenerBase;

    void testCaseStarting(const Catch::TestCaseInfo& test) override {
        std::uint64_t seed = seed_of_run();
        for (const std::uint8_t byte : sha256(test.name)) seed = seed * 257 + byte;
        the_chance().begin(seed);
    }
    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        if (stats.totals.assertions.failed > 0) {
            std::cout << stats.testInfo.name << ": VETCHART_SEED=" << seed_of_run() << std::endl;
        }
    }
};

CATCH_REGISTER_LISTENER(Seeds)

}  // namespace

Rng& chance() { return the_chance(); }

std::uint64_t seed_of_run() {
    static const std::uint64_t seed = is_replay() ? std::strtoull(given_seed(), nullptr, 10) : std::random_device{}();
    return seed;
}

bool is_replay() { return given_seed() != nullptr; }

}  // namespace vetchart::test
