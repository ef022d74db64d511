#pragma once

#include <httplib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "edge/api/server.h"
#include "edge/store/file/database.h"
#include "sync/base/json.h"
#include "tests/support/temp_dir.h"

namespace vetchart::test {

using Json = nlohmann::json;

struct Reply {
    int status = 0;
    std::string body;
    httplib::Headers headers;
    Json json;  ///< discarded when the body is no JSON.

    [[nodiscard]] std::string header(const std::string& name) const;
};

/// A node's API on loopback over a real file: the clinic MAIN with an administrator, a veterinarian and a staff
/// member (password kPassword). Requests go over one kept-alive connection.
class ApiNode {
public:
    enum class State { set_up, empty };
    explicit ApiNode(State state = State::set_up, const std::function<void(edge::ApiOptions&)>& change = {});
    ~ApiNode();
    ApiNode(const ApiNode&) = delete;
    ApiNode& operator=(const ApiNode&) = delete;

    /// Sends a request with the token of `as` ("admin", "vet", "staff"; empty: without one).
    Reply send(const std::string& method, const std::string& path, const Json& body = nullptr,
               const std::string& as = "admin", const httplib::Headers& more = {});
    Reply send_text(const std::string& method, const std::string& path, const std::string& body,
                    const std::string& type = "application/json", const httplib::Headers& more = {});
    Reply get(const std::string& path, const std::string& as = "admin") { return send("GET", path, nullptr, as); }
    Reply post(const std::string& path, const Json& body, const std::string& as = "admin") {
        return send("POST", path, body, as);
    }
    Reply put(const std::string& path, const Json& body, const std::string& as = "admin") {
        return send("PUT", path, body, as);
    }
    Reply remove(const std::string& path, const std::string& as = "admin") { return send("DELETE", path, nullptr, as); }

    std::string log_in(const std::string& name, const std::string& password);
    /// Make rows with made-up content and return the answered row.
    Json new_owner(const std::string& last_name = "Young");
    Json new_patient(const Json& owner);
    Json new_record(const Json& patient, const std::string& day = "2026-01-20");
    Json new_bill(const Json& owner, const Json& patient, const Json& more = Json::object());

    std::int64_t number(const std::string& sql);
    void execute(const std::string& sql);
    std::int64_t logged() { return number("SELECT count(*) FROM change_log"); }

    static constexpr const char* kPassword = "correct horse";
    TempDir folder;
    std::unique_ptr<edge::Database> database;
    std::string clinic_id;
    int port = 0;
    std::map<std::string, std::string> tokens;

private:
    void start(const std::function<void(edge::ApiOptions&)>& change);
    std::unique_ptr<edge::ApiServer> server_;
    std::thread thread_;
    std::unique_ptr<httplib::Client> client_;
};

/// Sends bytes as they are and returns what comes back until the peer is silent or closes.
std::string send_raw(int port, const std::string& bytes);

/// True when every name of `names` is in `row`; the missing ones are printed.
bool has_fields(const Json& row, const std::vector<std::string>& names);

}  // namespace vetchart::test
