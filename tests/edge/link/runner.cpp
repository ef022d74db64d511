#include "edge/link/runner.h"

#include <httplib.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>

#include "edge/cli/open_node.h"
#include "edge/link/enroll.h"
#include "edge/link/https_line.h"
#include "edge/store/people/accounts.h"
#include "sync/base/digest.h"
#include "sync/base/uuid.h"
#include "sync/wire/gzip.h"
#include "tests/support/chance.h"
#include "tests/support/temp_dir.h"

using namespace vetchart;
using namespace vetchart::edge;
using namespace std::chrono_literals;

namespace {

UtcMillis now() { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

const std::string kClinic = "018f0000-0000-7000-8000-00000000c001";

/// As much of central as the runner sees: one clinic, an empty feed whose position moves with every push.
class FakeCentral {
public:
    FakeCentral() {
        server_.new_task_queue = [] { return new httplib::ThreadPool(16); };
        server_.set_tcp_nodelay(true);
        server_.Post("/sync/v1/enroll", [this](const auto& in, auto& out) { enroll(in, out); });
        server_.Get("/sync/v1/me", [this](const auto&, auto& out) { me(out); });
        server_.Post("/sync/v1/push", [this](const auto& in, auto& out) { push(in, out); });
        server_.Post("/sync/v1/pull", [this](const auto&, auto& out) { pull(out); });
        server_.Post("/sync/v1/wait", [this](const auto&, auto& out) { wait(out); });
        port_ = server_.bind_to_any_port("127.0.0.1");
        thread_ = std::thread([this] { server_.listen_after_bind(); });
    }
    ~FakeCentral() {
        {
            const std::lock_guard guard(lock_);
            closing_ = true;
        }
        changed_.notify_all();
        while (!server_.is_running()) std::this_thread::yield();
        server_.stop();
        thread_.join();
    }
    FakeCentral(const FakeCentral&) = delete;
    FakeCentral& operator=(const FakeCentral&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::string invitation() const {
        return sync::to_text(sync::Invitation{"token", url(), std::nullopt});
    }

    /// Waits until `what` holds of the counters below, at most `timeout`.
    bool eventually(const std::function<bool()>& what, std::chrono::milliseconds timeout = 20s) {
        std::unique_lock guard(lock_);
        return changed_.wait_for(guard, timeout, what);
    }
    void set(const std::function<void()>& change) {
        {
            const std::lock_guard guard(lock_);
            change();
        }
        changed_.notify_all();
    }

    // Under the lock: in set() and eventually() only.
    int transactions = 0, pulls = 0, rounds = 0, waiting = 0, codes_taken = 0, failing_status = 0, malformed = 0;
    std::string failing_code = "unavailable";
    std::int64_t version = 1;
    bool wake = false;

private:
    static void reply(httplib::Response& out, int status, const std::string& body) {
        out.status = status;
        out.set_header("X-Body-SHA256", to_hex(sha256(body)));
        out.set_content(body, "application/json");
    }

    /// True when central was told to fail now; the failure is then answered.
    bool failed(httplib::Response& out) {
        if (failing_status == 0) return false;
        reply(out, failing_status, sync::to_json(sync::ErrorReply{failing_code, "said by the test", {}}));
        return true;
    }

    void enroll(const httplib::Request&, httplib::Response& out) {
        set([&] {
            if (codes_taken > 0) {
                --codes_taken;
                return reply(out, 409, sync::to_json(sync::ErrorReply{"code_taken", "taken", {}}));
            }
            sync::EnrollReply answer;
            answer.node_id = "018f0000-0000-7000-8000-0000000000e1";
            answer.secret = "secret";
            answer.server_time = format_utc(now());
            answer.clinics = {{kClinic, "NORTH", "North", "active"}};
            reply(out, 201, sync::to_json(answer));
        });
    }

    void me(httplib::Response& out) {
        set([&] {
            ++rounds;
            if (failed(out)) return;
            sync::MeReply answer;
            answer.node_id = "018f0000-0000-7000-8000-0000000000e1";
            answer.name = "node";
            answer.state = "active";
            answer.clinics = {{kClinic, "NORTH", "North", "active"}};
            answer.server_time = format_utc(now());
            reply(out, 200, sync::to_json(answer));
        });
    }

    void push(const httplib::Request& in, httplib::Response& out) {
        const std::string body = in.body;  // httplib has inflated it
        set([&] {
            if (failed(out)) return;
            const auto request = sync::parse_push_request(body);
            if (!request || in.get_header_value("X-Body-SHA256") != to_hex(sha256(body))) {
                ++malformed;
                return reply(out, 400, sync::to_json(sync::ErrorReply{"malformed", "malformed", {}}));
            }
            sync::PushReply answer;
            answer.server_time = format_utc(now());
            for (const auto& transaction : request->transactions) {
                ++transactions;
                ++version;
                sync::TransactionResult result;
                result.first_seq = transaction.first_seq;
                result.last_seq = transaction.last_seq;
                result.versions = {{kClinic, version}};
                answer.last_seq = transaction.last_seq;
                answer.results.push_back(result);
            }
            reply(out, 200, sync::to_json(answer));
        });
    }

    void pull(httplib::Response& out) {
        set([&] {
            if (failed(out)) return;
            ++pulls;
            sync::PullReply answer;
            answer.clinic = kClinic;
            answer.position = sync::Position{version, to_string(random_uuid_v4(test::chance()))};
            reply(out, 200, sync::to_json(answer));
        });
    }

    void wait(httplib::Response& out) {
        std::unique_lock guard(lock_);
        ++waiting;
        changed_.notify_all();
        changed_.wait_for(guard, 20s, [this] { return wake || closing_; });
        --waiting;
        sync::WaitReply answer;
        if (wake) {
            answer.changed = {kClinic};
            ++version;
        }
        wake = false;
        reply(out, 200, sync::to_json(answer));
    }

    httplib::Server server_;
    int port_ = 0;
    std::thread thread_;
    std::mutex lock_;
    std::condition_variable changed_;
    bool closing_ = false;
};

/// A node that worked alone and then enrolled.
struct Node {
    test::TempDir temp;
    NodeFolder folder{temp / "node"};
    std::unique_ptr<OpenNode> node;

    Node() {
        auto opened = OpenNode::open(folder, test::chance());
        REQUIRE(opened.ok());
        node = std::move(*opened);
        FirstAdmin admin;
        admin.email = "admin@example.org";
        admin.password = "long enough";
        REQUIRE(create_first_admin(node->database(), admin, now()).ok());
    }

    Result<Enrolled> enroll(FakeCentral& central) {
        return enroll_node(folder, node->database(), node->store(), {central.invitation(), {}, {}, "node", {}, {}},
                           &open_https_line, now);
    }

    RunnerOptions options() {
        RunnerOptions result;
        auto client = client_options(folder, node->store(), {}, {});
        REQUIRE(client.ok());
        result.central = *client;
        result.open_line = &open_https_line;
        result.now = now;
        result.head_moved = [this] { return node->keep_life(); };
        result.engine.retry_first = 50ms;
        return result;
    }

    void write() const {
        const std::string sql = "INSERT INTO owner (id, clinic_id, first_name, last_name, address) VALUES ('" +
                                new_row_id(test::chance(), now()) + "', '" + kClinic + "', 'F', 'L', '')";
        REQUIRE(node->database()
                    .write({},
                           [&](Connection& connection) -> Status {
                               connection.exec(sql.c_str());
                               return Done{};
                           })
                    .ok());
    }

    [[nodiscard]] SyncStatus status() const {
        auto result = node->store().status();
        REQUIRE(result.ok());
        return *result;
    }
};

}  // namespace

TEST_CASE("enroll: a lone node's rows go to the token's clinic, and a second enrolment is refused", "[edge][runner]") {
    FakeCentral central;
    Node node;
    central.set([&] { central.codes_taken = 2; });
    const std::string code = node.status().node_code;
    const auto enrolled = node.enroll(central);
    REQUIRE(enrolled.ok());
    CHECK(enrolled->adopted_into == "NORTH");
    CHECK(node.status().node_code != code);
    CHECK(node.status().pending_transactions > 0);
    REQUIRE(read_credentials(node.folder)->has_value());
    CHECK(node.enroll(central).error().slug == "already_enrolled");
}

TEST_CASE("enroll: interrupted after the key was kept, it goes on without the token", "[edge][runner]") {
    FakeCentral central;
    Node node;
    REQUIRE(write_credentials(node.folder, {"018f0000-0000-7000-8000-0000000000e1", "secret"}).ok());
    // Were the token used again, central would refuse every code.
    central.set([&] { central.codes_taken = 1000; });
    const auto enrolled = node.enroll(central);
    REQUIRE(enrolled.ok());
    CHECK(enrolled->adopted_into == "NORTH");
    CHECK(node.status().node_id == "018f0000-0000-7000-8000-0000000000e1");
}

TEST_CASE("runner: one round pushes all there is and pulls until there is no more", "[edge][runner]") {
    FakeCentral central;
    Node node;
    REQUIRE(node.enroll(central).ok());
    auto options = node.options();
    options.long_poll = false;
    Runner runner(node.node->database(), node.node->store(), options);
    REQUIRE(runner.run_once(20s).ok());
    CHECK(runner.online());
    CHECK(central.eventually([&] { return central.malformed == 0 && central.transactions > 0; }, 1s));
    CHECK(node.status().pending_transactions == 0);
    CHECK(node.status().last_push_at.has_value());
    CHECK(node.status().last_pull_at.has_value());
    CHECK(*read_life(node.folder) == read_node_life(node.node->database())->mark);
}

TEST_CASE("runner: a local commit is pushed at once, beside a waiting long poll", "[edge][runner]") {
    FakeCentral central;
    Node node;
    REQUIRE(node.enroll(central).ok());
    Runner runner(node.node->database(), node.node->store(), node.options());
    REQUIRE(central.eventually([&] { return central.waiting > 0; }));
    int before = 0;
    central.set([&] { before = central.transactions; });
    const auto begun = std::chrono::steady_clock::now();
    node.write();
    REQUIRE(central.eventually([&] { return central.transactions > before; }));
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("runner: a wake-up of the long poll brings a pull", "[edge][runner]") {
    FakeCentral central;
    Node node;
    REQUIRE(node.enroll(central).ok());
    Runner runner(node.node->database(), node.node->store(), node.options());
    for (int i = 0; i < 3; ++i) {
        REQUIRE(central.eventually([&] { return central.waiting > 0; }));
        int before = 0;
        central.set([&] {
            before = central.pulls;
            central.wake = true;
        });
        REQUIRE(central.eventually([&] { return central.pulls > before; }));
    }
}

TEST_CASE("runner: a failing central is tried again, and the error is in the status meanwhile", "[edge][runner]") {
    FakeCentral central;
    Node node;
    REQUIRE(node.enroll(central).ok());
    central.set([&] { central.failing_status = 503; });
    Runner runner(node.node->database(), node.node->store(), node.options());
    REQUIRE(central.eventually([&] { return central.rounds >= 3; }));
    CHECK_FALSE(runner.online());
    const auto failed = runner.run_once(20s);
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().code == Errc::unavailable);
    CHECK(node.status().last_error.has_value());
    central.set([&] { central.failing_status = 0; });
    REQUIRE(central.eventually([&] { return central.pulls > 0; }));
    CHECK(runner.run_once(20s).ok());
    CHECK_FALSE(node.status().last_error.has_value());
}

TEST_CASE("runner: a revoked node is told so", "[edge][runner]") {
    FakeCentral central;
    Node node;
    REQUIRE(node.enroll(central).ok());
    central.set([&] {
        central.failing_status = 403;
        central.failing_code = "node_revoked";
    });
    Runner runner(node.node->database(), node.node->store(), node.options());
    const auto refused = runner.run_once(20s);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::forbidden);
    CHECK(refused.error().slug == "node_revoked");
    CHECK(node.status().state == sync::LinkState::revoked);
    central.set([&] { central.failing_status = 0; });
    REQUIRE(runner.run_once(20s).ok());
    CHECK(node.status().state == sync::LinkState::working);
}

TEST_CASE("runner: a central that takes a call and does not answer is not online", "[edge][runner]") {
    FakeCentral central;
    Node node;
    REQUIRE(node.enroll(central).ok());
    auto options = node.options();
    options.long_poll = false;
    options.answer_deadline = 200ms;
    Runner runner(node.node->database(), node.node->store(), options);
    CHECK(runner.state() != sync::LinkState::central_away);
    REQUIRE(runner.run_once(20s).ok());
    CHECK(runner.online());
    std::future<Status> round;
    central.set([&] {
        // Under the lock no handler answers.
        round = std::async(std::launch::async, [&] { return runner.run_once(20s); });
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (runner.online() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        CHECK_FALSE(runner.online());
        CHECK(runner.state() == sync::LinkState::central_away);
    });
    CHECK(round.get().ok());
    CHECK(runner.online());
}

TEST_CASE("runner: a clock that is set back by a repair is followed without central", "[edge][runner]") {
    FakeCentral central;
    Node node;
    REQUIRE(node.enroll(central).ok());
    std::atomic<std::int64_t> ahead_ms{86'400'000};
    auto options = node.options();
    options.long_poll = false;
    options.now = [&] { return now() + std::chrono::milliseconds(ahead_ms); };
    Runner runner(node.node->database(), node.node->store(), options);
    REQUIRE(runner.run_once(20s).ok());
    CHECK(node.status().state == sync::LinkState::clock);
    CHECK(node.status().clock_wrong_since.has_value());
    CHECK(node.status().clock_offset_ms < -86'000'000);
    CHECK(parse_utc(*node.status().last_pull_at).value() < now() + 1min);
    central.set([&] { central.failing_status = 503; });
    ahead_ms = 0;
    CHECK_FALSE(runner.run_once(20s).ok());
    CHECK(std::abs(node.status().clock_offset_ms) < 60'000);
    CHECK_FALSE(node.status().clock_wrong_since.has_value());
    CHECK(node.status().state == sync::LinkState::central_away);
}

TEST_CASE("runner: stop is quick in the middle of a long poll, and fails who waits", "[edge][runner]") {
    FakeCentral central;
    Node node;
    REQUIRE(node.enroll(central).ok());
    Runner runner(node.node->database(), node.node->store(), node.options());
    REQUIRE(central.eventually([&] { return central.waiting > 0; }));
    const auto begun = std::chrono::steady_clock::now();
    runner.stop();
    CHECK(std::chrono::steady_clock::now() - begun < 3s);
    CHECK_FALSE(runner.run_once(1s).ok());
    node.write();  // the commit listener of a stopped runner does nothing
}
