#include "tests/load/mixes.h"

#include <httplib.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "sync/base/json.h"

namespace vetchart::load {
namespace {

using Json = nlohmann::json;

class Api {
public:
    Api(const std::string& url, const std::string& token) : client_(url), token_(token) {
        client_.enable_server_certificate_verification(false);
        client_.set_keep_alive(true);
        client_.set_tcp_nodelay(true);
        client_.set_read_timeout(60);
    }
    Json call(const std::string& method, const std::string& path, const Json& body = nullptr) {
        httplib::Request request;
        request.method = method;
        request.path = path;
        if (!token_.empty()) request.set_header("Authorization", "Bearer " + token_);
        if (!body.is_null()) {
            request.body = body.dump();
            request.set_header("Content-Type", "application/json");
        }
        const auto answer = client_.send(request);
        if (!answer || answer->status >= 300) {
            throw std::runtime_error(method + ' ' + path + ": " +
                                     (answer ? answer->body : httplib::to_string(answer.error())));
        }
        return Json::parse(answer->body, nullptr, false);
    }
    /// The ids of the first rows of a list.
    std::vector<std::string> ids(const std::string& list) {
        std::vector<std::string> ids;
        for (const Json& row : call("GET", "/api/" + list + "?limit=200")) ids.push_back(row["id"]);
        if (ids.empty()) throw std::runtime_error("no " + list + " to ask for");
        return ids;
    }

private:
    httplib::Client client_;
    std::string token_;
};

Json visit(const Json& patient, int number) {
    return {{"patientId", patient["id"]},     {"visitDate", "2026-0" + std::to_string(number + 1) + "-20"},
            {"recordType", "vaccine"},        {"symptoms", "none"},
            {"diagnosis", "Healthy"},         {"treatment", "DHPP booster"},
            {"notes", "Ate well afterwards"}, {"veterinarian", "J Lee"}};
}

Json bill(const Json& patient, const Json& records) {
    const Json items = {{{"description", "Exam"}, {"quantity", 1}, {"unitPrice", 55}, {"totalPrice", 55}},
                        {{"description", "Vaccine"}, {"quantity", 2}, {"unitPrice", 27.5}, {"totalPrice", 55}},
                        {{"description", "Nails"}, {"quantity", 1}, {"unitPrice", 20}, {"totalPrice", 20}}};
    return {{"ownerId", patient["ownerId"]},
            {"patientId", patient["id"]},
            {"medicalRecordIds", records},
            {"items", items},
            {"subtotal", 130},
            {"tax", 10.4},
            {"totalAmount", 140.4},
            {"status", "draft"},
            {"billDate", "2026-01-20"},
            {"dueDate", "2026-02-19"}};
}

/// Shares of a hundred, and what they ask for.
class Mix {
public:
    explicit Mix(std::uint32_t seed) : random_(seed) {}
    void add(int share, const std::string& name, const std::string& path, const std::string& method = "GET",
             const Json& body = nullptr) {
        for (int i = 0; i < share; ++i) calls_.push_back({name, method, path, body.is_null() ? "" : body.dump()});
    }
    /// Each time another of `ids`; `{}` in the path is its place.
    void add_each(int share, const std::string& path, const std::vector<std::string>& ids) {
        for (int i = 0; i < share; ++i) {
            std::string address = path;
            address.replace(address.find("{}"), 2, ids[random_() % ids.size()]);
            calls_.push_back({"GET " + path, "GET", address, ""});
        }
    }
    std::vector<Call> shuffled() {
        std::shuffle(calls_.begin(), calls_.end(), random_);
        return std::move(calls_);
    }

private:
    std::mt19937 random_;
    std::vector<Call> calls_;
};

/// What both mixes share: one row's pages, and the writes.
void add_desk(Mix& mix, Api& api) {
    const auto owners = api.ids("owners");
    const auto patients = api.ids("patients");
    mix.add(20, "GET /api/dashboard/stats", "/api/dashboard/stats");
    mix.add_each(10, "/api/owners/{}", owners);
    mix.add_each(10, "/api/patients/{}", patients);
    mix.add_each(10, "/api/records/patient/{}", patients);
    mix.add_each(5, "/api/bills/owner/{}", owners);
    mix.add(3, "POST /api/owners", "/api/owners", "POST", {{"firstName", "Nina"}, {"lastName", "Load"}});
    mix.add(2, "POST /api/appointments", "/api/appointments", "POST",
            {{"patientId", patients.front()},
             {"date", "2026-03-02"},
             {"time", "11:30"},
             {"duration", 15},
             {"reason", "Check"},
             {"veterinarian", "J Lee"}});
}

}  // namespace

std::string log_in(const std::string& url, const std::string& name, const std::string& password) {
    return Api(url, "").call("POST", "/api/auth/login", {{"username", name}, {"password", password}})["token"];
}

void make_small_clinic(const std::string& url, const std::string& token) {
    Api api(url, token);
    Json owners = Json::array();
    for (int i = 0; i < 150; ++i) {
        owners.push_back(api.call("POST", "/api/owners",
                                  {{"firstName", "Ximena"},
                                   {"lastName", "Young" + std::to_string(i)},
                                   {"email", "owner" + std::to_string(i) + "@mail.example"},
                                   {"phone", "+1-555-2202"},
                                   {"address", "77 Main St"}}));
    }
    for (std::size_t i = 0; i < 300; ++i) {
        const Json patient = api.call("POST", "/api/patients",
                                      {{"name", "Sadie"},
                                       {"species", "Horse"},
                                       {"breed", "Quarter Horse"},
                                       {"age", 7},
                                       {"gender", "Female"},
                                       {"weight", 394.83},
                                       {"weightUnit", "kg"},
                                       {"ownerId", owners[i % 150]["id"]}});
        Json records = Json::array();
        for (int k = 0; k < 3; ++k) records.push_back(api.call("POST", "/api/records", visit(patient, k))["id"]);
        api.call("POST", "/api/bills", bill(patient, {records[0], records[1]}));
        api.call("POST", "/api/appointments",
                 {{"patientId", patient["id"]},
                  {"date", "2026-03-02"},
                  {"time", "10:30"},
                  {"duration", 30},
                  {"reason", "Check"},
                  {"veterinarian", "J Lee"}});
    }
}

std::vector<Call> whole_lists(const std::string& url, const std::string& token, std::uint32_t seed) {
    Api api(url, token);
    Mix mix(seed);
    add_desk(mix, api);
    // Most pages ask for patients too; bills and records are the dearest.
    for (const auto& [share, list] :
         {std::pair{8, "owners"}, {12, "patients"}, {7, "records"}, {7, "appointments"}, {6, "bills"}}) {
        mix.add(share, std::string("GET /api/") + list, std::string("/api/") + list);
    }
    return mix.shuffled();
}

std::vector<Call> pages_of_lists(const std::string& url, const std::string& token, std::uint32_t seed) {
    Api api(url, token);
    Mix mix(seed);
    add_desk(mix, api);
    for (const auto& [share, list] :
         {std::pair{5, "owners"}, {7, "patients"}, {5, "records"}, {4, "appointments"}, {4, "bills"}}) {
        mix.add(share, std::string("GET /api/") + list + "?limit=50", std::string("/api/") + list + "?limit=50");
    }
    for (const char* word : {"milo", "Young-41", "555-0012345", "bella%20garcia"}) {
        mix.add(2, "GET /api/search?q=", std::string("/api/search?q=") + word);
    }
    mix.add(2, "GET /api/patients?limit=50&q=", "/api/patients?limit=50&q=young-412");
    mix.add(1, "GET /api/records?limit=50&q=", "/api/records?limit=50&q=young-412");
    for (const char* status : {"draft", "sent", "overdue", "cancelled"}) {
        mix.add(1, "GET /api/bills?limit=50&status=", std::string("/api/bills?limit=50&status=") + status);
    }
    return mix.shuffled();
}

std::vector<Call> headquarters(std::uint32_t seed) {
    Mix mix(seed);
    for (const char* page : {"overview", "clinics", "nodes", "conflicts", "quarantine", "audit"}) {
        mix.add(9, std::string("GET /api/hq/") + page, std::string("/api/hq/") + page);
    }
    for (const char* name : {"revenue", "receivables", "visits", "appointments"}) {
        const std::string path = std::string("/api/hq/reports/") + name;
        const std::string range = std::string(name) == "receivables" ? "" : "?from=2026-01-01&to=2026-01-31";
        mix.add(1, "GET " + path, path + range);
    }
    mix.add(22, "POST /api/db/test-write", "/api/db/test-write?count=5&payloadSize=64", "POST", Json::object());
    mix.add(20, "GET /api/db/test-scan", "/api/db/test-scan?limit=100");
    return mix.shuffled();
}

}  // namespace vetchart::load
