// No statement of the node walks through a clinic's charts, but for those listed here with a reason each. What runs is
// seen by SQLite's own trace of every connection of the process, so no statement can be forgotten; the routes are
// counted, so no route can.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <regex>
#include <set>

#include "edge/api/router.h"
#include "edge/store/check/check.h"
#include "edge/store/file/backup.h"
#include "edge/store/log/erase.h"
#include "edge/store/log/sync_store.h"
#include "tests/edge/api/fill.h"

namespace {

using vetchart::UtcMillis;
using vetchart::edge::Database;
using vetchart::edge::SyncStore;
using vetchart::test::ApiNode;
using vetchart::test::filled_id;
using vetchart::test::Json;
using vetchart::test::Reply;

constexpr int kRows = 3000;
/// Steps of SQLite's machine: over 3,000 rows of a table each step of a walk is taken 3,000 times.
constexpr int kStepsMax = 40000;

/// Every statement that connections opened after start() run until stop(), with the most steps one run took: those of
/// the triggers it fired are in them.
class Observer {
public:
    static void start() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&Observer::attach)); }
    static void stop() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&Observer::attach)); }
    static void watch(bool on) {
        const std::lock_guard lock(mutex);
        is_on = on;
    }
    static std::map<std::string, int> seen() {
        const std::lock_guard lock(mutex);
        return steps_by_sql;
    }

private:
    static int attach(sqlite3* database, const char**, const struct sqlite3_api_routines*) {
        return sqlite3_trace_v2(database, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, &Observer::note, nullptr);
    }
    static int note(unsigned event, void*, void* statement, void*) {
        auto* ran = static_cast<sqlite3_stmt*>(statement);
        const char* sql = sqlite3_sql(ran);
        const int steps = event == SQLITE_TRACE_PROFILE ? sqlite3_stmt_status(ran, SQLITE_STMTSTATUS_VM_STEP, 1) : 0;
        const std::lock_guard lock(mutex);
        if (is_on && sql != nullptr) steps_by_sql[sql] = std::max(steps_by_sql[sql], steps);
        return 0;
    }
    static inline std::mutex mutex;
    static inline bool is_on = false;
    static inline std::map<std::string, int> steps_by_sql;
};

/// A part of the statement's text, and why it may walk.
struct Allowed {
    std::string_view part, reason;
};
constexpr std::array kWalks = {
    Allowed{"WHERE x.clinic_id=?1 AND (?3 OR x.", "a list in the order of its index ends at its LIMIT"},
    Allowed{"x WHERE x.rowid IN (SELECT x.rowid FROM", "the same of each clinic, or of its newest 10,000 rows"},
    Allowed{"ORDER BY z.created_at DESC,z.id LIMIT 10", "the newest ten of each clinic"},
    Allowed{"FROM search_count x WHERE", "a row of each clinic and kind"},
    Allowed{"WHERE search_index MATCH", "ends at 1,000 documents of each grade, or at 2,001"},
    Allowed{"x.date>=?5 AND x.date<=?6", "the days of a calendar's page"},
    Allowed{"WHERE i.status='open' AND", "open items: their index has no others"},
    Allowed{"count(*) FILTER (WHERE kind = 'conflict')", "open items: their index has no others"},
    Allowed{"(SELECT 1 FROM sync_inbox LIMIT ?1)", "ends at 1,001 rows"},
    Allowed{"ORDER BY first_seq DESC LIMIT 1", "the last one"},
    Allowed{"max(CAST(substr(bill_number", "the numbers alone, by their index, once in the life of a process"},
    Allowed{"DELETE FROM sync_base WHERE clinic_id", "emptied whole, and filled again by the replay"},
    Allowed{"DELETE FROM clinic WHERE id IN", "a clinic made here that central does not have, as in this test"},
    Allowed{"DELETE FROM login_session", "who is logged in: a few"},
    Allowed{"FROM sync_txn ORDER BY first_seq", "check reads the whole log, by its name"},
    Allowed{"max(seq), 0) FROM change_log", "check"},
    Allowed{"substr(provisional_number", "check"},
    Allowed{"GROUP BY provisional_number", "check"},
    Allowed{"NOT EXISTS (SELECT 1 FROM owner o WHERE d.kind", "the proof of derived data: check, and now and then"},
    Allowed{"FROM search_source s LEFT JOIN search_doc", "the same"},
    Allowed{"SELECT s.next_provisional", "the same: this node's own numbers, by their index"},
    Allowed{"SELECT b.table_name, b.row_id, b.image, b.first_seq", "the same: rows with unsettled work"},
    Allowed{"FROM sync_base b WHERE NOT CASE", "rows with unsettled work, all of which an apply puts back"},
    Allowed{"WITH rows_of (kind, clinic_id, n)", "the same"},
    Allowed{"EXISTS (SELECT 1 FROM sync_txn WHERE incarnation = ?1)",
            "a file under another life's name, after a checkpoint"},
    Allowed{"NOT EXISTS (SELECT 1 FROM sync_txn t WHERE t.first_seq <= l.seq", "a fork proves that no row is lost"},
    Allowed{"DELETE FROM sync_txn WHERE first_seq > ?1", "a fork"},
};

/// The tables that grow with a clinic.
constexpr std::string_view kCharts =
    "owner|patient|medical_record|appointment|bill|bill_item|bill_medical_record|search_doc";
constexpr std::string_view kLogs =
    "change_log|sync_txn|sync_base|sync_inbox|sync_item|item_decision|idempotency|login_session";
/// Columns that single out no row: a search by these alone is a walk through all rows of a clinic, or of a kind.
const std::set<std::string> kNoKeys = {"clinic_id", "kind", "status", "table_name", "state", "op"};

/// The names under which a statement reads one of `tables`.
std::set<std::string> aliases(const std::string& sql, std::string_view tables) {
    static const std::set<std::string> kKeywords = {"WHERE", "SET",   "ON",    "ORDER", "GROUP", "LEFT", "JOIN",
                                                    "CROSS", "INNER", "UNION", "LIMIT", "AS",    "FROM", "VALUES"};
    std::set<std::string> names;
    const std::regex table("\\b(" + std::string(tables) + ")\\b(?:\\s+(?:AS\\s+)?([A-Za-z_]\\w*))?");
    for (std::sregex_iterator at(sql.begin(), sql.end(), table), end; at != end; ++at) {
        names.insert((*at)[1]);
        if ((*at)[2].matched && !kKeywords.contains((*at)[2])) names.insert((*at)[2]);
    }
    return names;
}

/// Whether a line of a plan reads more rows than a key singles out.
bool is_walk(const std::string& line, const std::set<std::string>& charts, const std::set<std::string>& logs) {
    static const std::regex kLine(R"(^(SCAN|SEARCH) (\w+)(.*)$)");
    static const std::regex kEqual(R"((\w+)=\?)");
    std::smatch parts;
    if (!std::regex_match(line, parts, kLine)) return false;
    if (!charts.contains(parts[2]) && !logs.contains(parts[2])) return false;
    if (parts[1] == "SCAN") return parts[3].str().find("VIRTUAL TABLE") == std::string::npos;
    if (!charts.contains(parts[2])) return false;
    const std::string how = parts[3];
    for (std::sregex_iterator at(how.begin(), how.end(), kEqual), end; at != end; ++at) {
        if (!kNoKeys.contains((*at)[1])) return false;
    }
    return true;
}

/// The walks of one statement; the sort of a walk is told with it.
std::string walks_of(SQLite::Database& file, const std::string& sql) {
    std::string walks;
    bool sorts = false;
    const auto charts = aliases(sql, kCharts);
    const auto logs = aliases(sql, kLogs);
    SQLite::Statement plan(file, "EXPLAIN QUERY PLAN " + sql);
    while (plan.executeStep()) {
        const std::string line = plan.getColumn(3).getString();
        if (is_walk(line, charts, logs)) walks += "    " + line + "\n";
        sorts = sorts || line.starts_with("USE TEMP B-TREE");
    }
    return walks.empty() || !sorts ? walks : walks + "    and sorts\n";
}

const Allowed* allowance(const std::string& sql) {
    for (const Allowed& allowed : kWalks) {
        if (sql.find(allowed.part) != std::string::npos) return &allowed;
    }
    return nullptr;
}

/// Every route of the API once at least, lists in all their forms.
class Walker {
public:
    explicit Walker(ApiNode& node) : node_(node) {}

    Reply call(const std::string& method, const std::string& pattern, const std::string& id = {},
               const std::string& query = {}, const Json& body = nullptr, const std::string& as = "admin") {
        called_.insert(method + " " + pattern);
        std::string path = pattern;
        if (const auto open = path.find('{'); open != std::string::npos) {
            path.replace(open, path.find('}') - open + 1, id);
        }
        const Reply reply = node_.send(method, path + query, body, as);
        INFO(method << " " << path << query << ": " << reply.body);
        CHECK(reply.status != 500);
        return reply;
    }
    std::string made(const std::string& pattern, const Json& body) {
        const Reply reply = call("POST", pattern, {}, {}, body);
        INFO(pattern << ": " << reply.body);
        REQUIRE(reply.status == 201);
        return reply.json["id"];
    }

    void lists() {
        for (const std::string list : {"owners", "patients", "records", "appointments", "bills", "service-items"}) {
            for (const char* as : {"admin", "both"}) {
                for (const char* query : {"", "?limit=50", "?limit=50&q=29", "?limit=50&q=last", "?limit=50&q=last12",
                                          "?limit=50&q=nothing", "?limit=5&includeDeleted=true"}) {
                    const Reply page = call("GET", "/api/" + list, {}, query, nullptr, as);
                    const std::string link = page.header("Link");
                    if (const auto cursor = link.find('?'); cursor != std::string::npos) {
                        call("GET", "/api/" + list, {}, link.substr(cursor, link.find('>') - cursor), nullptr, as);
                    }
                }
            }
        }
        for (const char* as : {"admin", "both"}) {
            for (const std::string status : {"draft", "sent", "overdue", "paid", "cancelled"}) {
                for (const char* query : {"", "&q=last", "&q=last12", "&q=nothing"}) {
                    call("GET", "/api/bills", {}, "?limit=50&status=" + status + query, nullptr, as);
                }
            }
        }
        for (const char* query :
             {"?from=2020-01-05&to=2020-01-12", "?from=2020-01-05&to=2020-01-12&veterinarian=J%20Lee",
              "?from=2020-01-05&to=2020-01-12&patientId=x"}) {
            call("GET", "/api/appointments", {}, query);
        }
        call("GET", "/api/search", {}, "?q=last12");
        call("GET", "/api/search", {}, "?q=last");
        call("GET", "/api/search", {}, "?q=pet7");
        call("GET", "/api/search", {}, "?q=old01");
        call("GET", "/api/owners/similar", {}, "?firstName=First&lastName=Last12&phone=555-12&email=o3@mail.example");
    }

    void charts() {
        const std::string owner =
            made("/api/owners", {{"firstName", "A"}, {"lastName", "B"}, {"email", "a@b.example"}});
        const std::string other = made("/api/owners", {{"firstName", "A"}, {"lastName", "C"}});
        const Json pet{{"name", "Rex"}, {"species", "Dog"}, {"gender", "Male"}, {"ownerId", owner}, {"weight", 3}};
        const std::string patient = made("/api/patients", pet);
        const Json visit{
            {"patientId", patient}, {"visitDate", "2026-01-20"}, {"recordType", "vaccine"}, {"symptoms", ""},
            {"diagnosis", ""},      {"treatment", ""},           {"veterinarian", "Lee"},   {"weight", 4},
            {"weightUnit", "kg"}};
        const std::string record = made("/api/records", visit);
        const Json slot{{"patientId", patient}, {"date", "2026-01-20"}, {"time", "10:30"},
                        {"duration", 30},       {"reason", "Check"},    {"veterinarian", "Lee"}};
        const std::string appointment = made("/api/appointments", slot);
        Json bill{{"ownerId", owner},
                  {"patientId", patient},
                  {"appointmentId", appointment},
                  {"medicalRecordIds", {record}},
                  {"subtotal", 55},
                  {"tax", 0},
                  {"totalAmount", 55},
                  {"items", {{{"description", "Exam"}, {"quantity", 1}, {"unitPrice", 55}, {"totalPrice", 55}}}},
                  {"status", "draft"},
                  {"billDate", "2026-01-20"},
                  {"dueDate", "2026-02-19"}};
        const std::string invoice = made("/api/bills", bill);
        const std::string price = made("/api/service-items", {{"description", "Exam"}, {"unitPrice", 55}});
        call("PUT", "/api/owners/{id}", owner, {}, {{"firstName", "Ann"}, {"lastName", "B"}, {"phone", "555"}});
        call("PUT", "/api/patients/{id}", patient, {}, {{"name", "Max"}, {"ownerId", other}, {"weight", 5}});
        call("PUT", "/api/records/{id}", record, {}, {{"visitDate", "2026-01-21"}, {"weight", 6}});
        call("PUT", "/api/appointments/{id}", appointment, {}, {{"time", "11:00"}});
        call("PATCH", "/api/appointments/{id}/status", appointment, {}, {{"status", "completed"}});
        bill["medicalRecordIds"] = Json::array();
        bill["items"].push_back({{"description", "Nails"}, {"quantity", 1}, {"unitPrice", 1}, {"totalPrice", 1}});
        bill["subtotal"] = bill["totalAmount"] = 56;
        call("PUT", "/api/bills/{id}", invoice, {}, bill);
        call("PUT", "/api/service-items/{id}", price, {}, {{"description", "Exam"}, {"unitPrice", 56}});
        call("GET", "/api/bills/owner/{ownerId}", owner);
        call("GET", "/api/bills/patient/{patientId}", patient, "?limit=10");
        call("GET", "/api/records/patient/{patientId}", patient);
        call("GET", "/api/owners/{id}/balance", owner);
        call("POST", "/api/owners/{id}/merge", other, {}, {{"into", owner}});
        for (const auto& [pattern, id] : {std::pair{std::string("bills"), invoice},
                                          {"appointments", appointment},
                                          {"records", record},
                                          {"patients", patient},
                                          {"owners", owner}}) {
            const std::string path = "/api/" + pattern + "/{id}";
            call("GET", path, id);
            call("DELETE", path, id);
            call("POST", path + "/restore", id);
            call("DELETE", path, id, "?hard=true&withPatients=keep");
        }
        call("GET", "/api/service-items/{id}", price);
        call("DELETE", "/api/service-items/{id}", price);
    }

    void rest() {
        const Json person{{"email", "new@b.example"}, {"username", "new"},           {"firstName", "N"},
                          {"lastName", "W"},          {"password", "correct horse"}, {"roles", {"staff"}}};
        const std::string staff = made("/api/staff", person);
        call("PUT", "/api/staff/{id}", staff, {}, {{"roles", {"staff", "veterinarian"}}});
        call("POST", "/api/staff/{id}/password", staff, {}, {{"password", "another horse"}});
        call("POST", "/api/staff/{id}/logout", staff);
        call("POST", "/api/auth/login", {}, {}, {{"username", "new"}, {"password", "another horse"}});
        call("PUT", "/api/clinic", {}, {}, {{"name", "Northern"}});
        call("POST", "/api/setup", {}, {}, Json::object());
        call("POST", "/api/setup/enroll", {}, {}, {{"token", "x"}});
        call("POST", "/api/node/enroll", {}, {}, {{"token", "x"}});
        call("POST", "/api/node/backup");
        call("POST", "/api/sync/now");
        call("POST", "/api/attention/{id}", filled_id(1, 1), {}, {{"action", "keep"}});
        for (const char* path : {"/api/auth/me", "/api/setup", "/api/staff", "/api/vets", "/api/clinic",
                                 "/api/dashboard/stats", "/api/sync/status", "/api/attention", "/api/node",
                                 "/api/health", "/api/db/health", "/metrics", "/api/openapi.json", "/"}) {
            call("GET", path);
        }
        call("POST", "/api/auth/logout", {}, "?everywhere=true", Json::object());
    }

    void every_route_was_called() const {
        // Answers for as long as somebody listens; its look at the database is that of edge/api/events.cpp.
        const std::set<std::string> not_here = {"GET /api/events"};
        for (const auto& route : vetchart::edge::routes()) {
            const std::string name = std::string(route.method) + " " + std::string(route.pattern);
            if (not_here.contains(name)) continue;
            INFO(name << " is not walked: add it here, for its statements' sake");
            CHECK(called_.contains(name));
        }
    }

private:
    ApiNode& node_;
    std::set<std::string> called_;
};

/// What the exchange with central runs: a push and its answer, pulls, the lives of the log.
void exchange(ApiNode& node) {
    SyncStore store(*node.database);
    const UtcMillis now{};
    vetchart::sync::ScopedClinic clinic;
    clinic.id = node.clinic_id;
    clinic.code = "MAIN";
    vetchart::sync::EnrollReply welcome;
    welcome.node_id = filled_id(9, 1);
    welcome.clinics.push_back(clinic);
    CHECK(store.lives.enrolled(welcome, "n", "https://central.example", now));
    CHECK(store.log.seal());
    CHECK(store.log.next_push(1U << 20U, 100));
    CHECK(store.log.not_sent());
    const auto push = store.log.next_push(1U << 20U, 100);
    REQUIRE(push);
    vetchart::sync::PushReply answer;
    for (const auto& sent : push->transactions) {
        auto& result = answer.results.emplace_back();
        result.first_seq = sent.first_seq;
        result.last_seq = sent.last_seq;
        result.versions[node.clinic_id] = 1;
    }
    CHECK(store.log.acknowledge(push->incarnation, answer, now));
    vetchart::sync::PullReply page;
    page.clinic = node.clinic_id;
    auto& row = page.rows.emplace_back();
    row.version = 2;
    row.table = "medical_record";
    row.id = filled_id(3, kRows);
    page.more = true;
    CHECK(store.inbox.store_page(page, now));
    page.rows.clear();
    page.more = false;
    page.position = vetchart::sync::Position{2, "t"};
    CHECK(store.inbox.store_page(page, now));
    CHECK(store.status());
    CHECK(store.inbox.cursors());
    CHECK(store.link.note_contact(3, now));
    CHECK(store.lives.set_scope({clinic}));
    CHECK(vetchart::edge::check_database(*node.database));
    CHECK(store.lives.fork(push->incarnation, 0, "FORK1"));
    CHECK(store.log.seal());
    CHECK(vetchart::edge::rewrite_after_erasure(*node.database));
}

}  // namespace

TEST_CASE("edge plans: no statement walks through a clinic's charts without a reason", "[store][plans]") {
    Observer::start();
    ApiNode node;
    // A second clinic of the same person, for the forms of the lists over several.
    node.execute("INSERT INTO clinic(id,code,name) VALUES('" + filled_id(8, 1) + "','SOUTH','South')");
    node.execute("INSERT INTO staff(id,clinic_id,email,username,first_name,last_name,password_hash,roles) SELECT '" +
                 filled_id(7, 1) + "','" + filled_id(8, 1) +
                 "',email,username,first_name,last_name,password_hash,roles FROM staff WHERE email LIKE 'admin@%'");
    node.tokens["both"] = node.log_in("admin@vetchart.example", ApiNode::kPassword);
    vetchart::test::fill_node(node, kRows);
    Observer::watch(true);
    Walker walker(node);
    walker.lists();
    walker.charts();
    walker.rest();
    exchange(node);
    Observer::watch(false);
    Observer::stop();
    walker.every_route_was_called();

    SQLite::Database file(node.database->file().string(), SQLite::OPEN_READONLY);
    // The daemon's own, only named here: a plan calls nothing.
    const auto fold = [](sqlite3_context*, int, sqlite3_value**) {};
    for (const char* name : {"vc_fold", "vc_bare_name"}) {
        REQUIRE(sqlite3_create_function(file.getHandle(), name, 1, SQLITE_UTF8, nullptr, fold, nullptr, nullptr) == 0);
    }
    int explained = 0;
    for (const auto& [sql, steps] : Observer::seen()) {
        if (!std::regex_search(sql, std::regex("^\\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\\b"))) continue;
        // The copy that a proof of the index is made on was its connection's alone.
        if (sql.find("proof_") != std::string::npos) continue;
        ++explained;
        const std::string walks = walks_of(file, sql);
        const Allowed* allowed = allowance(sql);
        if (walks.empty() && steps <= kStepsMax) continue;
        INFO(sql << "\n" << walks << "    " << steps << " steps");
        CHECK(allowed != nullptr);
    }
    CHECK(explained > 100);
}
