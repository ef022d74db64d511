#include "tests/edge/api/fixture.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "edge/store/log/sync_store.h"
#include "edge/store/people/accounts.h"
#include "tests/support/chance.h"

namespace vetchart::test {
namespace {

UtcMillis now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

}  // namespace

std::string Reply::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

ApiNode::ApiNode(State state, const std::function<void(edge::ApiOptions&)>& change) {
    auto opened = edge::Database::open(folder / "vetchart.db", test::chance());
    REQUIRE(opened);
    database = std::move(*opened);
    REQUIRE(edge::SyncStore(*database).lives.new_incarnation("TEST1"));
    if (state == State::set_up) {
        edge::FirstAdmin admin;
        admin.email = "admin@vetchart.example";
        admin.password = kPassword;
        admin.clinic_name = "North";
        auto made = edge::create_first_admin(*database, admin, now());
        REQUIRE(made);
        clinic_id = *made;
    }
    start(change);
    if (state == State::empty) return;
    tokens["admin"] = log_in("admin@vetchart.example", kPassword);
    for (const auto& [name, role] : {std::pair{"vet", "veterinarian"}, {"staff", "staff"}}) {
        const std::string email = std::string(name) + "@vetchart.example";
        const Reply made = post("/api/staff", {{"email", email},
                                               {"username", name},
                                               {"firstName", "Ann"},
                                               {"lastName", name},
                                               {"password", kPassword},
                                               {"roles", {role}}});
        INFO(made.body);
        REQUIRE(made.status == 201);
        tokens[name] = log_in(email, kPassword);
    }
}

ApiNode::~ApiNode() {
    client_.reset();
    server_->stop();
    thread_.join();
}

void ApiNode::start(const std::function<void(edge::ApiOptions&)>& change) {
    edge::ApiOptions options;
    options.key_file = folder / "secret.key";
    if (change) change(options);
    auto made = edge::ApiServer::create(*database, options);
    REQUIRE(made);
    server_ = std::move(*made);
    const auto bound = server_->bind("127.0.0.1", 0);
    REQUIRE(bound);
    port = *bound;
    thread_ = std::thread([this] { server_->serve(); });
    client_ = std::make_unique<httplib::Client>(
        (options.tls_cert.empty() ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port));
    client_->enable_server_certificate_verification(false);
    client_->set_keep_alive(true);
    client_->set_tcp_nodelay(true);
    client_->set_read_timeout(60);
}

Reply ApiNode::send(const std::string& method, const std::string& path, const Json& body, const std::string& as,
                    const httplib::Headers& more) {
    httplib::Headers headers = more;
    if (!as.empty()) headers.emplace("Authorization", "Bearer " + tokens[as]);
    return send_text(method, path, body.is_null() ? std::string() : body.dump(),
                     body.is_null() ? std::string() : "application/json", headers);
}

Reply ApiNode::send_text(const std::string& method, const std::string& path, const std::string& body,
                         const std::string& type, const httplib::Headers& more) {
    httplib::Request request;
    request.method = method;
    request.path = path;
    request.headers = more;
    request.body = body;
    if (!type.empty()) request.set_header("Content-Type", type);
    const auto result = client_->send(request);
    INFO(method << " " << path << ": " << httplib::to_string(result.error()));
    REQUIRE(result);
    return Reply{result->status, result->body, result->headers, Json::parse(result->body, nullptr, false)};
}

std::string ApiNode::log_in(const std::string& name, const std::string& password) {
    const Reply reply = post("/api/auth/login", {{"username", name}, {"password", password}}, "");
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return reply.json["token"].get<std::string>();
}

Json ApiNode::new_owner(const std::string& last_name) {
    static int count = 0;
    const Reply reply = post("/api/owners", {{"firstName", "Ximena"},
                                             {"lastName", last_name},
                                             {"email", "owner" + std::to_string(++count) + "@mail.example"},
                                             {"phone", "+1-555-2202"},
                                             {"address", "77 Main St"}});
    INFO(reply.body);
    REQUIRE(reply.status == 201);
    return reply.json;
}

Json ApiNode::new_patient(const Json& owner) {
    const Reply reply = post("/api/patients", {{"name", "Sadie"},
                                               {"species", "Horse"},
                                               {"breed", "Quarter Horse"},
                                               {"age", 7},
                                               {"gender", "Female"},
                                               {"weight", 394.83},
                                               {"weightUnit", "kg"},
                                               {"ownerId", owner["id"]},
                                               {"assignedDoctor", ""},
                                               {"handlingDifficulty", ""},
                                               {"status", "active"}});
    INFO(reply.body);
    REQUIRE(reply.status == 201);
    return reply.json;
}

Json ApiNode::new_record(const Json& patient, const std::string& day) {
    const Reply reply = post("/api/records", {{"patientId", patient["id"]},
                                              {"visitDate", day},
                                              {"recordType", "vaccine"},
                                              {"symptoms", "none"},
                                              {"diagnosis", "Healthy"},
                                              {"treatment", "DHPP booster"},
                                              {"notes", ""},
                                              {"veterinarian", "J Lee"}});
    INFO(reply.body);
    REQUIRE(reply.status == 201);
    return reply.json;
}

Json ApiNode::new_bill(const Json& owner, const Json& patient, const Json& more) {
    Json body{{"ownerId", owner["id"]},
              {"patientId", patient["id"]},
              {"items", {{{"description", "Exam"}, {"quantity", 3}, {"unitPrice", 55.0}, {"totalPrice", 165.0}}}},
              {"subtotal", 165.0},
              {"tax", 13.2},
              {"totalAmount", 178.2},
              {"status", "draft"},
              {"billDate", "2026-01-20"},
              {"dueDate", "2026-02-19"}};
    body.update(more);
    const Reply reply = post("/api/bills", body);
    INFO(reply.body);
    REQUIRE(reply.status == 201);
    return reply.json;
}

std::int64_t ApiNode::number(const std::string& sql) {
    std::int64_t value = 0;
    const auto read = database->snapshot([&](edge::Connection& connection) -> Status {
        value = connection.raw().execAndGet(sql).getInt64();
        return Done{};
    });
    REQUIRE(read);
    return value;
}

void ApiNode::execute(const std::string& sql) {
    const auto written = database->write({}, [&](edge::Connection& connection) -> Status {
        connection.exec(sql.c_str());
        return Done{};
    });
    INFO((written ? std::string() : written.error().context));
    REQUIRE(written);
}

std::string send_raw(int port, const std::string& bytes) {
    const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // No REQUIRE: tests call this from several threads.
    if (::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        ::close(handle);
        throw std::runtime_error("no connection to the node");
    }
    for (std::size_t sent = 0; sent < bytes.size();) {
        const auto count = ::send(handle, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<std::size_t>(count);
    }
    std::string answer;
    std::array<char, 4096> buffer{};
    pollfd waiting{handle, POLLIN, 0};
    while (::poll(&waiting, 1, 10000) > 0) {
        const auto count = ::recv(handle, buffer.data(), buffer.size(), 0);
        if (count <= 0) break;
        answer.append(buffer.data(), static_cast<std::size_t>(count));
    }
    ::close(handle);
    return answer;
}

bool has_fields(const Json& row, const std::vector<std::string>& names) {
    bool all = true;
    for (const std::string& name : names) {
        if (row.contains(name)) continue;
        WARN("missing: " << name);
        all = false;
    }
    return all;
}

}  // namespace vetchart::test
