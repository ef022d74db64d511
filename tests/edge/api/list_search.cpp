// What a list's `q` finds, by which way it is looked for: the index, the rows in list order, parts inside of words.
#include <catch2/catch.hpp>
#include <set>

#include "edge/store/log/sync_store.h"
#include "edge/store/rows/charts_match.h"
#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

std::set<std::string> ids(const Json& rows) {
    std::set<std::string> all;
    for (const Json& row : rows) all.insert(row["id"].get<std::string>());
    return all;
}

std::string id_of(const Json& row) { return row["id"].get<std::string>(); }

void add_owners(ApiNode& node, int count, const std::string& first) {
    node.execute(
        "INSERT INTO owner(id,clinic_id,first_name,last_name,email,created_at,updated_at)"
        " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" +
        std::to_string(count) + ") SELECT printf('%08x-0000-4000-8000-%012x',(i*2654435761)%4294967296,i),'" +
        node.clinic_id + "','" + first +
        "','Last'||i,'o'||i||'@mail.example',printf('2026-01-01T00:%02d:%02d.000Z',i/60%60,i%60),"
        "'2026-01-01T00:00:00.000Z' FROM n");
}

std::set<std::string> walk(ApiNode& node, std::string path) {
    std::set<std::string> all;
    while (!path.empty()) {
        const Reply page = node.get(path);
        REQUIRE(page.status == 200);
        for (const Json& row : page.json) CHECK(all.insert(id_of(row)).second);
        const std::string link = page.header("Link");
        path = link.empty() ? std::string() : link.substr(1, link.find('>') - 1);
    }
    return all;
}

void check_totals(ApiNode& node) {
    const Json stats = node.get("/api/dashboard/stats").json;
    CHECK(stats["totalOwners"] == node.number("SELECT count(*) FROM owner WHERE deleted_at IS NULL"));
    CHECK(stats["totalPatients"] == node.number("SELECT count(*) FROM patient WHERE deleted_at IS NULL"));
}

}  // namespace

TEST_CASE("list search: every list is found by its owner, its patient and its numbers", "[edge][api][find]") {
    ApiNode node;
    const Json owner = node.new_owner("Müller");
    const Json patient = node.new_patient(owner);
    const Json bill = node.new_bill(owner, patient);
    node.new_record(patient);
    REQUIRE(node.post("/api/appointments", {{"patientId", patient["id"]}, {"date", "2026-01-20"}, {"reason", "Check"}})
                .status == 201);
    const Json other = node.new_owner("Zorn");
    node.new_bill(other, node.new_patient(other), {{"status", "draft"}});
    for (const char* list : {"owners", "patients", "records", "appointments", "bills"}) {
        const std::string path = std::string("/api/") + list + "?limit=10&q=";
        for (const std::string word : {"mull", "M%C3%9CLLER", "ximena%20m%C3%BCller", "sadie%20muller"}) {
            INFO(path << word);
            CHECK(node.get(path + word).json.size() == 1);
            CHECK(node.get(std::string("/api/") + list + "?q=" + word).json.size() == 1);
        }
        // A part inside of a word, and words that no one document has together.
        for (const std::string word : {"%C3%BClle", "imena%20%C3%BCll"}) {
            INFO(path << word);
            CHECK(node.get(path + word).json.size() == 1);
        }
        CHECK(node.get(path + "nobody").json.empty());
    }
    for (const char* digits : {"2202", "5552202", "15552202", "555-2202", "%2B1%20555"}) {
        INFO(digits);
        CHECK(node.get(std::string("/api/owners?q=") + digits).json.size() == 2);
    }
    CHECK(ids(node.get("/api/bills?q=" + bill["provisionalNumber"].get<std::string>()).json) ==
          std::set<std::string>{id_of(bill)});
}

TEST_CASE("list search: what hangs on a deleted row is still found by its name", "[edge][api][find]") {
    ApiNode node;
    const Json owner = node.new_owner("Young");
    const Json patient = node.new_patient(owner);
    const Json bill = node.new_bill(owner, patient);
    node.new_record(patient);
    REQUIRE(node.remove("/api/patients/" + id_of(patient)).status == 200);
    REQUIRE(node.remove("/api/owners/" + id_of(owner)).status == 200);
    CHECK(node.get("/api/records?q=sadie").json.size() == 1);
    CHECK(node.get("/api/bills?q=young").json.size() == 1);
    CHECK(node.get("/api/owners?q=young").json.empty());
    CHECK(node.get("/api/patients?q=sadie").json.empty());
    CHECK(node.get("/api/search?q=sadie").json["results"].empty());
    CHECK(node.get("/api/owners?q=young&includeDeleted=true").json.size() == 1);
    CHECK(node.get("/api/patients?q=sad&includeDeleted=true&limit=5").json.size() == 1);
}

TEST_CASE("list search: a word that thousands share pages like any other", "[edge][api][find]") {
    ApiNode node;
    const int many = vetchart::edge::kSearchHitsMax + 400;
    add_owners(node, many, "Common");
    CHECK(walk(node, "/api/owners?q=common&limit=500").size() == static_cast<std::size_t>(many));
    CHECK(node.get("/api/owners?q=comm").json.size() == static_cast<std::size_t>(many));
    CHECK(walk(node, "/api/owners?q=last7&limit=50") == ids(node.get("/api/owners?q=last7").json));
    CHECK(node.get("/api/owners?q=last77").json.size() == 11);
    check_totals(node);
}

TEST_CASE("list search: the parameters of the index cannot be broken into", "[edge][api][find]") {
    ApiNode node;
    node.new_owner("Young");
    for (const char* text : {"%22", "'%22*", "a%22%20OR%20%22", "NEAR(", "words:young", "%2A", "-young", "young%20AND",
                             "%F0%9F%90%B6", "%C2%A0"}) {
        INFO(text);
        CHECK(node.get(std::string("/api/owners?q=") + text).status == 200);
        CHECK(node.get(std::string("/api/search?q=") + text).status == 200);
    }
}

TEST_CASE("list search: totals and search follow every change, also of the clinic's id", "[edge][api][find]") {
    ApiNode node;
    add_owners(node, 50, "First");
    const Json owner = node.new_owner("Young");
    const Json patient = node.new_patient(owner);
    check_totals(node);
    REQUIRE(node.remove("/api/owners/" + id_of(owner) + "?withPatients=keep").status == 200);
    check_totals(node);
    REQUIRE(node.send("POST", "/api/owners/" + id_of(owner) + "/restore").status == 200);
    check_totals(node);
    node.execute("DELETE FROM owner WHERE last_name LIKE 'Last1%'");
    check_totals(node);
    node.execute("UPDATE owner SET deleted_at='2026-01-02T00:00:00.000Z' WHERE last_name LIKE 'Last2%'");
    check_totals(node);
    // What a node that worked alone goes through when it joins central's clinic.
    const std::string joined = "99999999-9999-4999-8999-999999999999";
    REQUIRE(vetchart::edge::SyncStore(*node.database).lives.adopt_into(joined));
    check_totals(node);
    CHECK(node.get("/api/dashboard/stats").json["totalPatients"] == 1);
    CHECK(node.get("/api/search?q=sadie").json["results"].size() == 1);
    CHECK(node.get("/api/patients?q=sadie&limit=5").json.size() == 1);
    CHECK(node.number("SELECT count(*) FROM search_doc WHERE clinic_id<>'" + joined + "'") == 0);
    node.execute("INSERT INTO search_index(search_index) VALUES('integrity-check')");
}
