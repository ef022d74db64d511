#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

#include "edge/store/file/backup.h"
#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

constexpr std::chrono::seconds kDeadline{10};

/// A page that listens: a thread of its own gathers what comes.
class Page {
public:
    explicit Page(ApiNode& node) : client_("127.0.0.1", node.port) {
        client_.set_read_timeout(kDeadline);
        const httplib::Headers headers{{"Authorization", "Bearer " + node.tokens["staff"]}};
        thread_ = std::thread([this, headers] {
            (void)client_.Get(
                "/api/events", headers,
                [this](const httplib::Response& response) {
                    const std::lock_guard guard(lock_);
                    status_ = response.status;
                    moved_.notify_all();
                    return response.status == 200;
                },
                [this](const char* data, std::size_t size) {
                    const std::lock_guard guard(lock_);
                    text_.append(data, size);
                    moved_.notify_all();
                    return !closed_;
                });
        });
    }
    ~Page() {
        {
            const std::lock_guard guard(lock_);
            closed_ = true;
        }
        client_.stop();
        thread_.join();
    }
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    bool hears(const std::string& wanted) {
        std::unique_lock guard(lock_);
        return moved_.wait_for(guard, kDeadline, [&] { return text_.find(wanted) != std::string::npos; });
    }
    int status() {
        std::unique_lock guard(lock_);
        moved_.wait_for(guard, kDeadline, [this] { return status_ != 0; });
        return status_;
    }

private:
    httplib::Client client_;
    std::mutex lock_;
    std::condition_variable moved_;
    std::string text_;
    int status_ = 0;
    bool closed_ = false;
    std::thread thread_;
};

}  // namespace

TEST_CASE("events: a page hears the state of the sync and which tables anyone wrote", "[edge][api][events]") {
    ApiNode node;
    Page page(node);
    REQUIRE(page.hears("event: sync\ndata: {"));
    CHECK(page.hears("\"pendingChanges\":"));
    node.new_owner();
    CHECK(page.hears("event: changed\ndata: {\"tables\":[\"owner\"]}"));
    node.execute(
        "INSERT INTO service_item(id,clinic_id,description,unit_price_cents) VALUES"
        "('00000000-0000-7000-8000-000000000001','" +
        node.clinic_id + "','Exam',5500)");
    CHECK(page.hears("{\"tables\":[\"service_item\"]}"));
    node.execute("UPDATE node_state SET last_error='central is away'");
    CHECK(page.hears("\"lastError\":\"central is away\""));
}

TEST_CASE("events: pages beyond the bound are told to ask instead, and the others still hear", "[edge][api][events]") {
    ApiNode node;
    std::vector<std::unique_ptr<Page>> pages;
    for (int i = 0; i < vetchart::edge::ApiOptions{}.threads && pages.size() < 24; ++i) {
        pages.push_back(std::make_unique<Page>(node));
        REQUIRE(pages.back()->status() == 200);
    }
    const Reply one_more = node.get("/api/events");
    CHECK(one_more.status == 503);
    CHECK(one_more.json["code"] == "too_many_streams");
    node.new_owner();
    for (auto& page : pages) CHECK(page->hears("{\"tables\":[\"owner\"]}"));
    CHECK(node.get("/api/events", "").status == 401);
}

TEST_CASE("node: its own page says what it is, and an administrator makes a copy of it", "[edge][api][node]") {
    std::vector<std::filesystem::path> made;
    ApiNode* running = nullptr;
    ApiNode node(ApiNode::State::set_up, [&](vetchart::edge::ApiOptions& options) {
        options.back_up = [&](const std::filesystem::path& file) {
            made.push_back(file);
            return vetchart::edge::copy_database(running->database->file(), file);
        };
    });
    running = &node;
    const Json told = node.get("/api/node", "staff").json;
    CHECK(told["dataBytes"] > 0);
    CHECK(told["diskFreeBytes"] > 0);
    CHECK(told["enrolled"] == false);
    CHECK(told["centralUrl"].is_null());
    CHECK(node.post("/api/node/backup", nullptr, "staff").status == 403);
    const Reply copy = node.post("/api/node/backup", nullptr);
    REQUIRE(copy.status == 201);
    REQUIRE(made.size() == 1);
    CHECK(std::filesystem::file_size(made.front()) == copy.json["bytes"]);
    CHECK(made.front().parent_path().filename() == "backups");
}

TEST_CASE("node: an invitation is given to whoever can enrol, and its refusal is told", "[edge][api][node]") {
    std::string given;
    ApiNode node(ApiNode::State::empty, [&](vetchart::edge::ApiOptions& options) {
        options.enroll = [&](const vetchart::edge::EnrollRequest& request)
            -> vetchart::Result<std::vector<std::pair<std::string, std::string>>> {
            given = request.token + "/" + request.name;
            if (request.token == "used") {
                return vetchart::Error{vetchart::Errc::forbidden, "the invitation was used or has ended",
                                       "token_invalid"};
            }
            return std::vector<std::pair<std::string, std::string>>{{"NORTH", "North Vets"}};
        };
    });
    CHECK(node.get("/api/setup", "").json["state"] == "new");
    const Reply refused = node.post("/api/setup/enroll", {{"token", "used"}, {"name", "Desk"}}, "");
    CHECK(refused.status == 403);
    CHECK(refused.json["code"] == "token_invalid");
    CHECK(node.post("/api/setup/enroll", {{"name", "Desk"}}, "").status == 422);
    const Reply joined = node.post("/api/setup/enroll", {{"token", "new"}, {"name", "Desk"}}, "");
    CHECK(joined.status == 202);
    CHECK(joined.json["clinics"][0]["code"] == "NORTH");
    CHECK(given == "new/Desk");
    node.execute("UPDATE node_state SET node_id='018f0000-0000-7000-8000-0000000000e1'");
    CHECK(node.get("/api/setup", "").json["state"] == "loading");
    CHECK(node.get("/api/setup", "").json["rowsLoaded"] == 0);
    CHECK(node.get("/api/setup", "").json["rowsInAll"].is_null());
    node.execute(
        "INSERT INTO sync_cursor (clinic_id, schema_version, loading, page_rows, feed_rows) "
        "VALUES ('018f0000-0000-7000-8000-0000000000e2', 1, 1, 40, 100)");
    CHECK(node.get("/api/setup", "").json["rowsLoaded"] == 40);
    CHECK(node.get("/api/setup", "").json["rowsInAll"] == 100);
}
