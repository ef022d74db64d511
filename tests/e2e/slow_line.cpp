#include "tests/support/slow_line.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <future>
#include <random>

#include "tests/e2e/cluster.h"
#include "tests/support/private_postgres.h"

namespace vetchart::e2e {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using test::LineOptions;
using test::LineStats;

constexpr const char* kOwner = "018f0000-0000-7000-8000-0000000a0001";
constexpr const char* kPatient = "018f0000-0000-7000-8000-0000000a0002";
constexpr LineOptions kOpen{.bytes_per_second = 50000000};
/// What a connection that takes up its TLS session sends and receives before its first request, as counted here.
constexpr double kHandshakeBytes = 1400;
/// And a request's and an answer's head.
constexpr double kHeadBytes = 900;

/// A short exchange has the small pages of its beginning in it, each with its round trip; chance weighs more, too.
constexpr double kShortRatio = 1.6;
constexpr double kRatio = 1.3;

/// So many records written at central and as many at the node, each in a transaction of its own.
struct Load {
    int small_count = 0;  ///< Records of 300 bytes of text.
    int large_count = 0;  ///< Records of 5.5 kB.
    [[nodiscard]] int count() const { return small_count + large_count; }
};

struct Outcome {
    LineStats stats;
    double seconds = 0;
    bool whole = false;  ///< All arrived, either way. Checked on the test's own thread.
    [[nodiscard]] double bytes() const { return static_cast<double>(stats.up_bytes + stats.down_bytes); }
};

std::uint16_t port_of(const std::string& url) {
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

/// A clinic of its own, and a node of it behind a line, which has loaded the clinic's one patient.
class LineNode {
public:
    LineNode(Cluster& cluster, const std::string& code)
        : cluster_(cluster), code_(code), line_(port_of(cluster.url()), kOpen) {
        cluster.central("clinic add --code " + code + " --name " + code);
        clinic_ = cluster.clinic_id(code);
        const std::string suffix = "'" + clinic_ + "'";
        cluster.sql("INSERT INTO owner (id, clinic_id, first_name, last_name, address) VALUES (md5('o' || " + suffix +
                    ")::uuid, " + suffix + ", 'Olga', 'Owner', '')");
        cluster.sql("INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES (md5('p' || " +
                    suffix + ")::uuid, " + suffix + ", md5('o' || " + suffix + ")::uuid, 'Rex', 'Dog', 'male')");
        patient_ = cluster.sql("SELECT md5('p' || " + suffix + ")::uuid");
        node_ = &cluster.enrol_node(code, code, "https://127.0.0.1:" + std::to_string(line_.port()));
        node_->start();
        REQUIRE(eventually([&] { return node_->sql("SELECT count(*) FROM patient") == "1"; }));
        REQUIRE(node_->stop() == 0);
    }

    /// Writes records of random words, as many at either end.
    void write(const Load& load) {
        write_at_central(load.small_count, 300);
        write_at_central(load.large_count, 5500);
        std::ofstream script(folder_ / "write.sql");
        script << "BEGIN;\n";
        for (int i = 0; i < load.count(); ++i) {
            script << "UPDATE sync_control SET txn = 'txn" << i << "';\n"
                   << "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, treatment, "
                      "veterinarian) SELECT lower(substr(r, 1, 8) || '-' || substr(r, 9, 4) || '-4' || substr(r, 13, 3)"
                      " || '-8' || substr(r, 16, 3) || '-' || substr(r, 19, 12)), '"
                   << clinic_ << "', '" << patient_ << "', '2026-01-01', 'treatment', lower(hex(randomblob("
                   << (i < load.small_count ? 150 : 2750) << "))), 'Dr. Vet' FROM (SELECT hex(randomblob(16)) AS r);\n";
        }
        script << "UPDATE sync_control SET txn = NULL;\nCOMMIT;\n";
        script.close();
        test::run("sqlite3 -batch -bail '" + (node_->folder() / "vetchart.db").string() + "' <" +
                  (folder_ / "write.sql").string());
        expected_ = std::to_string(2 * load.count());
    }

    /// Runs the node over the line until both ends have all and the node knows it.
    Outcome exchange(const LineOptions& options, std::chrono::seconds patience) {
        line_.change(options);
        const LineStats before = line_.stats();
        const auto began = Clock::now();
        node_->start();
        const bool arrived = eventually(
            [&] {
                return node_->sql(
                           "SELECT (SELECT count(*) FROM medical_record), (SELECT count(*) FROM sync_txn WHERE state "
                           "<> 'settled')") == expected_ + "|0";
            },
            patience);
        Outcome outcome;
        outcome.seconds = std::chrono::duration<double>(Clock::now() - began).count();
        outcome.stats = line_.stats();
        outcome.stats.up_bytes -= before.up_bytes;
        outcome.stats.down_bytes -= before.down_bytes;
        outcome.stats.cuts -= before.cuts;
        line_.change(kOpen);
        const bool at_central =
            cluster_.sql("SELECT count(*) FROM medical_record WHERE clinic_id = '" + clinic_ + "'") == expected_;
        outcome.whole = node_->stop() == 0 && arrived && at_central;
        return outcome;
    }

private:
    void write_at_central(int count, int bytes) {
        cluster_.sql(
            "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, symptoms, diagnosis, "
            "treatment, veterinarian) SELECT gen_random_uuid(), '" +
            clinic_ + "', '" + patient_ +
            "', '2026-01-01', 'treatment', '', '', (SELECT string_agg(substr(md5(random()::text || w || n), 1, 30), '')"
            " FROM generate_series(1, " +
            std::to_string((bytes + 29) / 30) + ") w), 'Dr. Vet' FROM generate_series(1, " + std::to_string(count) +
            ") n");
    }

    Cluster& cluster_;
    std::string code_, clinic_, patient_, expected_;
    test::SlowLine line_;
    test::TempDir folder_;
    Node* node_ = nullptr;
};

/// The ideal time: the bytes over the line's rate, and for the start and each cut three round trips and a handshake.
double ideal_seconds(double bytes, const LineOptions& options, int cuts) {
    const double rate = static_cast<double>(options.bytes_per_second);
    const double round_trip = std::chrono::duration<double>(options.round_trip).count();
    return bytes / rate + (cuts + 1) * (3 * round_trip + kHandshakeBytes / rate);
}

struct Case {
    const char* code;
    Load load;
    LineOptions options;
    double ratio_max;
};

/// Runs first over an open line, to know how many bytes it takes, then over the slow one.
void check_lines(const std::vector<Case>& cases, std::chrono::seconds patience) {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    Cluster cluster;
    std::vector<std::unique_ptr<LineNode>> open, slow;
    for (const Case& one : cases) {
        open.push_back(std::make_unique<LineNode>(cluster, std::string("O") + one.code));
        slow.push_back(std::make_unique<LineNode>(cluster, std::string("S") + one.code));
        open.back()->write(one.load);
        slow.back()->write(one.load);
    }
    std::vector<Outcome> outcomes(cases.size()), needed;
    for (const auto& node : open) needed.push_back(node->exchange(kOpen, 120s));
    // All lines at once: they only wait.
    std::vector<std::future<void>> running;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        running.push_back(std::async(std::launch::async, [&, i] {
            LineOptions options = cases[i].options;
            options.seed = seed + i;
            outcomes[i] = slow[i]->exchange(options, patience);
        }));
    }
    for (auto& one : running) one.get();
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const LineOptions& options = cases[i].options;
        const int cuts = outcomes[i].stats.cuts;
        const double ideal = ideal_seconds(needed[i].bytes(), options, cuts);
        // A cut costs a connection and the heads of what is asked again; and the line's own TLS records are smaller.
        const double allowed = needed[i].bytes() * 1.12 + cuts * (kHandshakeBytes + 4 * kHeadBytes) + 30000;
        std::printf("%s: %.1f s, ideal %.1f s, ratio %.2f; %d cuts; %.0f bytes, %.0f over an open line\n",
                    cases[i].code, outcomes[i].seconds, ideal, outcomes[i].seconds / ideal, cuts, outcomes[i].bytes(),
                    needed[i].bytes());
        CHECK(needed[i].whole);
        CHECK(outcomes[i].whole);
        CHECK(outcomes[i].seconds <= ideal * cases[i].ratio_max);
        CHECK(outcomes[i].bytes() <= allowed);
    }
}

constexpr LineOptions line_of(std::size_t bytes_per_second, std::chrono::milliseconds least,
                              std::chrono::milliseconds most) {
    return {.bytes_per_second = bytes_per_second,
            .round_trip = 600ms,
            .jitter = 100ms,
            .cut_after_least = least,
            .cut_after_most = most};
}

}  // namespace

TEST_CASE("e2e: lines of 16, 64 and 256 kbit/s that are cut at random carry both ways, and nothing twice",
          "[e2e][line]") {
    check_lines({{"K16", {49, 1}, line_of(2000, 4s, 10s), kShortRatio},
                 {"K64", {147, 3}, line_of(8000, 3s, 8s), kShortRatio},
                 {"K256", {490, 10}, line_of(32000, 2s, 6s), kShortRatio}},
                150s);
}

// docs/testing.md, Slow lines, has the commands and their last figures.
TEST_CASE("slow line: 5,000 records each way over 30 kB/s, cut every few seconds", "[.slow]") {
    check_lines({{"K240", {4900, 100}, line_of(30000, 2s, 6s), kRatio}}, 900s);
}

TEST_CASE("slow line: 5,000 records each way over 2 kB/s, cut every few seconds", "[.slowest]") {
    check_lines({{"K16", {4900, 100}, line_of(2000, 4s, 10s), kRatio}}, 10800s);
}

}  // namespace vetchart::e2e
