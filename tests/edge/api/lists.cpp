#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <set>

#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

constexpr int kOwners = 1200;

/// Writes owners straight into the file, many of them with the same created_at.
void fill(ApiNode& node, int count) {
    node.execute(
        "INSERT INTO owner(id,clinic_id,first_name,last_name,email,phone,address,created_at,updated_at)"
        " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" +
        std::to_string(count) +
        ")"
        " SELECT printf('%08x-0000-4000-8000-%012x', (i*2654435761)%4294967296, i),'" +
        node.clinic_id +
        "','First','Last'||i,'o'||i||'@mail.example',printf('555-%04d',i),'',"
        "printf('2026-01-01T00:00:%02d.000Z',i/50),printf('2026-01-01T00:00:%02d.000Z',i/50) FROM n");
}

std::string next_path(const Reply& reply) {
    const std::string link = reply.header("Link");
    if (link.empty()) return {};
    REQUIRE(link.find("rel=\"next\"") != std::string::npos);
    return link.substr(1, link.find('>') - 1);
}

std::vector<std::string> walk(ApiNode& node, std::string path) {
    std::vector<std::string> ids;
    while (!path.empty()) {
        const Reply page = node.get(path);
        REQUIRE(page.status == 200);
        REQUIRE(page.json.is_array());
        for (const Json& row : page.json) ids.push_back(row["id"].get<std::string>());
        path = next_path(page);
    }
    return ids;
}

}  // namespace

TEST_CASE("api: a walk over pages gives every row once, in the order of the whole list", "[edge][api]") {
    ApiNode node;
    fill(node, kOwners);
    const Reply whole = node.get("/api/owners");
    REQUIRE(whole.json.size() == kOwners);
    std::vector<std::string> all;
    for (const Json& row : whole.json) all.push_back(row["id"].get<std::string>());
    CHECK(walk(node, "/api/owners?limit=100") == all);
    CHECK(walk(node, "/api/owners?limit=77") == all);
    CHECK(walk(node, "/api/owners?limit=500") == all);
    CHECK(std::set<std::string>(all.begin(), all.end()).size() == all.size());
    // A row that comes or goes meanwhile moves no other.
    const Reply first = node.get("/api/owners?limit=10");
    node.new_owner();
    node.remove("/api/owners/" + all[3]);
    const Reply second = node.get(next_path(first));
    CHECK(second.json[0]["id"] == all[10]);
    CHECK(walk(node, "/api/owners?limit=50&includeDeleted=true").size() == kOwners + 1);
}

TEST_CASE("api: the lists of several clinics have one order, whole and in pages", "[edge][api]") {
    ApiNode node;
    fill(node, 300);
    const std::string south = "11111111-1111-4111-8111-111111111111";
    node.execute("INSERT INTO clinic(id,code,name) VALUES('" + south + "','SOUTH','South')");
    node.execute(
        "INSERT INTO staff(id,clinic_id,email,username,first_name,last_name,password_hash,roles)"
        " SELECT '22222222-2222-4222-8222-222222222222','" +
        south + "',email,username,first_name,last_name,password_hash,roles FROM staff WHERE username='admin'");
    node.tokens["admin"] = node.log_in("admin@vetchart.example", ApiNode::kPassword);
    node.execute(
        "INSERT INTO owner(id,clinic_id,first_name,last_name,created_at,updated_at)"
        " SELECT substr(id,1,19)||'9'||substr(id,21),'" +
        south + "','South',last_name,created_at,updated_at FROM owner WHERE rowid%3=0");
    const Json list = node.get("/api/owners").json;
    REQUIRE(list.size() == 400);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < list.size(); ++i) {
        all.push_back(list[i]["id"].get<std::string>());
        if (i == 0) continue;
        const auto newer = list[i - 1]["createdAt"].get<std::string>();
        const auto older = list[i]["createdAt"].get<std::string>();
        CHECK((newer > older || (newer == older && all[i - 1] < all[i])));
    }
    CHECK(walk(node, "/api/owners?limit=33") == all);
    CHECK(walk(node, "/api/owners?limit=33&q=south").size() == 100);
}

TEST_CASE("api: appointments and records page in their own order", "[edge][api]") {
    ApiNode node;
    const Json patient = node.new_patient(node.new_owner());
    for (int i = 0; i < 30; ++i) {
        const std::string day = "2026-01-0" + std::to_string(1 + i % 5);
        Json visit{{"patientId", patient["id"]}, {"date", day}, {"reason", "Check"}};
        if (i % 3 != 0) visit["time"] = "1" + std::to_string(i % 4) + ":30";
        REQUIRE(node.post("/api/appointments", visit).status == 201);
        node.new_record(patient, day);
    }
    const std::vector<std::string> lists = {"/api/appointments", "/api/records",
                                            "/api/records/patient/" + patient["id"].get<std::string>()};
    for (const std::string& list : lists) {
        INFO(list);
        std::vector<std::string> all;
        for (const Json& row : node.get(list).json) all.push_back(row["id"].get<std::string>());
        CHECK(all.size() == 30);
        CHECK(walk(node, list + "?limit=7") == all);
    }
}

TEST_CASE("api: search finds owners, patients and bills by what people type", "[edge][api]") {
    ApiNode node;
    fill(node, 50);
    const Json owner = node.new_owner("O'Brien 50%");
    const Json patient = node.new_patient(owner);
    const Json bill = node.new_bill(owner, patient);
    const auto count = [&](const std::string& path) { return node.get(path).json.size(); };
    CHECK(count("/api/owners?q=o'bri") == 1);
    CHECK(count("/api/owners?q=OWNER") == 1);
    CHECK(count("/api/owners?q=5552202") == 1);
    CHECK(count("/api/owners?q=ximena%2050%25") == 1);
    // No word, and no pattern either.
    CHECK(count("/api/owners?q=%25") == 0);
    CHECK(count("/api/owners?q=_") == 0);
    CHECK(count("/api/owners?q=sadie") == 1);
    CHECK(count("/api/owners?q=last") == 50);
    CHECK(walk(node, "/api/owners?q=last&limit=20").size() == 50);
    CHECK(count("/api/patients?q=sad%20brien") == 1);
    CHECK(count("/api/patients?q=rex") == 0);
    CHECK(count("/api/bills?q=test1-0000") == 1);
    CHECK(count("/api/bills?q=sadie") == 1);
    CHECK(count("/api/bills?q=test2") == 0);
    node.execute(
        "UPDATE sync_control SET applying=1; UPDATE bill SET bill_number='BILL-000123', version=1;"
        "UPDATE sync_control SET applying=0");
    const Json found = node.get("/api/bills?q=BILL-000123").json;
    REQUIRE(found.size() == 1);
    CHECK(found[0]["billNumber"] == "BILL-000123");
    CHECK(found[0]["provisionalNumber"] == bill["provisionalNumber"]);
    CHECK(found[0]["numberStatus"] == "final");
    CHECK(count("/api/bills?q=TEST1-000001") == 1);
}

TEST_CASE("api: a row tells what state its work is in", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const std::string id = owner["id"].get<std::string>();
    const auto state = [&] { return node.get("/api/owners/" + id).json["syncState"]; };
    CHECK(state() == "local");
    const std::string last = "(SELECT last_seq FROM sync_base WHERE row_id='" + id + "')";
    node.execute(
        "INSERT INTO sync_txn(first_seq,last_seq,incarnation,actor,at,schema_version,digest,bytes,number,state)"
        " VALUES(" +
        last + "," + last + ",'i','a','2026-01-01T00:00:00.000Z',1,'d',1,1,'local')");
    CHECK(state() == "local");
    node.execute("UPDATE sync_txn SET state='sent'");
    CHECK(state() == "sent");
    node.execute("UPDATE sync_txn SET state='acknowledged'");
    CHECK(state() == "sent");
    node.execute("UPDATE sync_txn SET outcome='held',reason='A rule.',code='owner_email_check'");
    CHECK(state() == "attention");
    const Json held = node.get("/api/attention").json;
    REQUIRE(held.size() == 1);
    CHECK(held[0]["kind"] == "quarantine");
    CHECK(held[0]["rowId"] == id);
    CHECK(held[0]["reason"] == "A rule.");
    CHECK(held[0]["mine"]["first_name"] == "Ximena");
    node.execute("DELETE FROM sync_txn; DELETE FROM sync_base WHERE row_id='" + id + "'");
    CHECK(state() == "confirmed");
    node.execute(
        "INSERT INTO sync_item(id,clinic_id,kind,table_name,row_id,column_name,code,title,reason,mine,opened_at)"
        " VALUES('i1','" +
        node.clinic_id + "','conflict','owner','" + id +
        "','phone','changed','Changed elsewhere','Two people','\"a\"','2026-01-01T00:00:00.000Z')");
    CHECK(state() == "attention");
    CHECK(node.get("/api/attention").json[0]["mine"] == "a");
    const Reply act = node.post("/api/attention/i1", {{"action", "keep"}});
    CHECK(act.status == 409);
    CHECK(act.json["code"] == "action_unavailable");
    CHECK(node.post("/api/attention/i2", {{"action", "keep"}}).status == 404);
}

namespace {

/// The last `count` changes of the log as one transaction that central holds.
void hold_last(ApiNode& node, int count) {
    node.execute(
        "INSERT INTO sync_txn(first_seq,last_seq,incarnation,actor,at,schema_version,digest,bytes,number,state,outcome)"
        " SELECT max(seq)-" +
        std::to_string(count - 1) +
        ",max(seq),'life','a','2026-01-01T00:00:00.000Z',1,'d',1,max(seq),'acknowledged','held' FROM change_log");
}

}  // namespace

TEST_CASE("api: the attention list shows a held transaction whole, as far as it is short", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const Json bill = node.new_bill(owner, node.new_patient(owner));
    const auto written = static_cast<int>(1 + bill["items"].size() + bill["medicalRecordIds"].size());
    hold_last(node, written);
    const auto only = [&node] {
        Json list = node.get("/api/attention").json;
        REQUIRE(list.size() == 1);
        return list[0];
    };
    const Json own = only();
    CHECK(own["changeCount"] == written);
    REQUIRE(own["changes"].size() == static_cast<std::size_t>(written));
    CHECK(own["changes"][0]["table"] == "bill");
    CHECK(own["changes"][0]["rowId"] == bill["id"]);
    CHECK(own["changes"][0]["op"] == "insert");
    CHECK(own["changes"][0]["base"].is_null());
    CHECK(own["changes"][0]["mine"] == own["mine"]);
    CHECK(own["changes"][1]["table"] == "bill_item");
    CHECK(own["changes"][1]["mine"]["bill_id"] == bill["id"]);
    // Central's item speaks of it now; the changes are this node's still.
    node.execute(
        "INSERT INTO "
        "sync_item(id,clinic_id,kind,table_name,row_id,code,title,reason,mine,opened_at,incarnation,first_seq)"
        " SELECT 'i1','" +
        node.clinic_id +
        "','quarantine','bill','x','archived','Kept','Kept.','{}','2026-01-01T00:00:00.000Z','life',first_seq FROM "
        "sync_txn");
    CHECK(only()["id"] == "i1");
    CHECK(only()["changes"] == own["changes"]);
    // Another node's: what it wrote beside the row of the item is not known here.
    node.execute("UPDATE sync_item SET incarnation='another'; UPDATE sync_txn SET state='settled'");
    CHECK(only()["changes"] == Json::array());
    CHECK(only()["changeCount"].is_null());
    // A long one: its beginning, and how long it is.
    node.execute("DELETE FROM sync_item; DELETE FROM sync_txn");
    std::string sql = "UPDATE sync_control SET txn=NULL";
    for (int i = 0; i < 25; ++i) sql += ";UPDATE owner SET notes='" + std::to_string(i) + "'";
    node.execute(sql);
    hold_last(node, 25);
    CHECK(only()["changeCount"] == 25);
    REQUIRE(only()["changes"].size() == 20);
    CHECK(only()["changes"][19]["mine"]["notes"] == "19");
    CHECK(only()["changes"][19]["base"]["notes"] == "18");
}

TEST_CASE("api: the attention list never shows a password's hash", "[edge][api]") {
    ApiNode node;
    node.execute("UPDATE staff SET password_hash='$argon2id$secret', first_name='Ada' WHERE username='vet'");
    hold_last(node, 1);
    const Reply list = node.get("/api/attention", "staff");
    REQUIRE(list.json.size() == 1);
    CHECK(list.json[0]["mine"]["first_name"] == "Ada");
    CHECK(list.body.find("argon2id") == std::string::npos);
}

TEST_CASE("api: health, metrics, the sync's state and the description of the API", "[edge][api]") {
    ApiNode node;
    CHECK(node.get("/api/health", "").json["status"] == "ok");
    CHECK(node.get("/api/db/health", "").json["latencyMs"].is_number());
    const Json status = node.get("/api/sync/status").json;
    CHECK(vetchart::test::has_fields(
        status, {"node", "clinics", "incarnation", "centralUrl", "online", "lastPushAt", "lastPullAt", "lastError",
                 "pendingChanges", "pendingTransactions", "oldestPendingAt", "conflicts", "quarantined",
                 "clockOffsetMs", "schemaVersion"}));
    CHECK(status["pendingChanges"].get<int>() > 0);
    CHECK(node.send("POST", "/api/sync/now").status == 503);
    const Reply metrics = node.get("/metrics", "");
    CHECK(metrics.body.find("http_request_duration_seconds_count{") != std::string::npos);
    CHECK(metrics.body.find("vetchart_sync_pending_changes") != std::string::npos);
    CHECK(node.get("/api/db/health", "").status == 200);
    const std::string figures = node.get("/metrics", "").body;
    for (const char* line :
         {"process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_virtual_memory_bytes ",
          "process_open_fds ", "process_max_fds ", "process_start_time_seconds 1", "db_ping_duration_ms_count 2",
          "db_ping_success_total 2", "db_ping_failure_total 0"}) {
        CAPTURE(figures, line);
        CHECK(figures.find(line) != std::string::npos);
    }
    const Json api = node.get("/api/openapi.json", "").json;
    CHECK(api["paths"]["/api/bills/{id}"]["put"]["security"].is_array());
    CHECK(api["components"]["schemas"]["bill"]["properties"].contains("items"));
    CHECK(api["paths"]["/api/owners"]["get"]["parameters"].size() == 4);
    CHECK(api["paths"]["/api/owners"]["post"]["responses"].contains("201"));
    CHECK(api["paths"]["/api/owners/{id}/restore"]["post"]["responses"].contains("200"));
    CHECK(node.get("/", "").body.find("VetChart") != std::string::npos);
}

TEST_CASE("api: POST /api/sync/now runs a round and answers the state", "[edge][api]") {
    int rounds = 0;
    bool reachable = true;
    ApiNode node(ApiNode::State::set_up, [&](vetchart::edge::ApiOptions& options) {
        options.online = [] { return true; };
        options.sync_now = [&]() -> vetchart::Status {
            ++rounds;
            if (!reachable) return vetchart::Error{vetchart::Errc::unavailable, "no line"};
            return vetchart::Done{};
        };
    });
    const Reply done = node.send("POST", "/api/sync/now");
    CHECK(done.status == 200);
    CHECK(done.json["online"] == true);
    CHECK(rounds == 1);
    reachable = false;
    CHECK(node.send("POST", "/api/sync/now").status == 503);
}

TEST_CASE("api: answers on one connection are not held up by small packets", "[edge][api]") {
    ApiNode node;
    const std::string path = "/api/owners/" + node.new_owner()["id"].get<std::string>();
    std::vector<double> took;
    for (int i = 0; i < 200; ++i) {
        const auto start = std::chrono::steady_clock::now();
        REQUIRE(node.get(path).status == 200);
        took.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(took.begin(), took.end());
    std::printf("edge api: GET /api/owners/{id}: p50 %.2f ms, p95 %.2f ms, p99 %.2f ms\n", took[100], took[190],
                took[198]);
    // Without TCP_NODELAY each answer waits 40 ms; half of that leaves room for a busy machine.
    CHECK(took[100] < 20);
}

TEST_CASE("api: more clients than threads are served while others sit idle", "[edge][api]") {
    ApiNode node(ApiNode::State::set_up, [](vetchart::edge::ApiOptions& options) { options.threads = 4; });
    std::vector<std::unique_ptr<httplib::Client>> idle;
    for (int i = 0; i < 4; ++i) {
        idle.push_back(std::make_unique<httplib::Client>("127.0.0.1", node.port));
        idle.back()->set_keep_alive(true);
        idle.back()->set_read_timeout(20);
        REQUIRE(idle.back()->Get("/api/health"));
    }
    const auto start = std::chrono::steady_clock::now();
    httplib::Client late("127.0.0.1", node.port);
    late.set_read_timeout(20);
    REQUIRE(late.Get("/api/health"));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}
