#include <catch2/catch.hpp>

#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

Json owner(ApiNode& node, const std::string& first, const std::string& last, const std::string& email,
           const std::string& phone) {
    const Reply made = node.post(
        "/api/owners",
        {{"firstName", first}, {"lastName", last}, {"email", email}, {"phone", phone}, {"address", "1 Mill Lane"}});
    REQUIRE(made.status == 201);
    return made.json;
}

Json pet(ApiNode& node, const Json& of, const std::string& name, const std::string& microchip = "") {
    const Reply made = node.post("/api/patients", {{"name", name},
                                                   {"species", "Dog"},
                                                   {"breed", "Beagle"},
                                                   {"gender", "Male"},
                                                   {"microchip", microchip},
                                                   {"ownerId", of["id"]}});
    REQUIRE(made.status == 201);
    return made.json;
}

/// The results, each as "kind title".
std::vector<std::string> found(ApiNode& node, const std::string& query, const std::string& as = "admin") {
    const Reply reply = node.get("/api/search?q=" + query, as);
    REQUIRE(reply.status == 200);
    std::vector<std::string> names;
    for (const Json& result : reply.json["results"]) {
        names.push_back(result["kind"].get<std::string>() + " " + result["title"].get<std::string>());
    }
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("search: an animal that has died is found as one", "[edge][api][find]") {
    ApiNode node;
    const Json ann = owner(node, "Ann", "Young", "", "");
    const Json rex = pet(node, ann, "Rex");
    REQUIRE(node.put("/api/patients/" + rex["id"].get<std::string>(), {{"deceasedOn", "2026-01-02"}}).status == 200);
    pet(node, ann, "Rexona");

    const Json dead = node.get("/api/search?q=rex").json["results"];
    REQUIRE(dead.size() == 2);
    for (const Json& result : dead) {
        CHECK(result["deceasedOn"] == (result["title"] == "Rex" ? Json("2026-01-02") : Json(nullptr)));
    }
}

TEST_CASE("search: the beginnings of words find owners, patients and bills", "[edge][api][find]") {
    ApiNode node;
    const Json ann = owner(node, "Ann", "Müller", "ann@mail.example", "(555) 010-4477");
    const Json rex = pet(node, ann, "Rex", "941000012345678");
    node.new_bill(ann, rex);
    const std::string printed = node.get("/api/bills").json[0]["provisionalNumber"].get<std::string>();

    CHECK(found(node, "mull") == Names{"owner Ann Müller", "patient Rex"});
    CHECK(found(node, "M%C3%9Cl") == Names{"owner Ann Müller", "patient Rex"});
    CHECK(found(node, "rex%20mul") == Names{"patient Rex"});
    CHECK(found(node, "4477") == Names{"owner Ann Müller"});
    CHECK(found(node, "5550104477") == Names{"owner Ann Müller"});
    CHECK(found(node, "555-010") == Names{"owner Ann Müller"});
    CHECK(found(node, "ann%40mail.ex") == Names{"owner Ann Müller"});
    CHECK(found(node, "94100001") == Names{"patient Rex"});
    CHECK(found(node, printed) == Names{"bill " + printed});
    CHECK(found(node, "nobody").empty());
    CHECK(found(node, "").empty());
    CHECK(found(node, "%22*%20OR%20(").empty());
}

TEST_CASE("search: it follows every change of a row, also the shell's and an apply's", "[edge][api][find]") {
    ApiNode node;
    const Json ann = owner(node, "Ann", "Young", "ann@mail.example", "555 1234");
    const Json rex = pet(node, ann, "Rex");
    const std::string path = "/api/owners/" + ann["id"].get<std::string>();

    REQUIRE(node.put(path, {{"lastName", "Old"}}).status == 200);
    CHECK(found(node, "young").empty());
    CHECK(found(node, "old") == Names{"owner Ann Old", "patient Rex"});
    REQUIRE(node.remove(path + "?withPatients=keep").status == 200);
    CHECK(found(node, "ann") == Names{"patient Rex"});
    REQUIRE(node.post(path + "/restore", nullptr).status == 200);
    CHECK(found(node, "old").size() == 2);
    node.execute("UPDATE patient SET name='Max'");
    CHECK(found(node, "rex").empty());
    CHECK(found(node, "max") == Names{"patient Max"});
    node.execute(
        "UPDATE sync_control SET applying=1; UPDATE patient SET name='Bo'; UPDATE sync_control SET applying=0");
    CHECK(found(node, "bo") == Names{"patient Bo"});
    node.execute("DELETE FROM patient");
    CHECK(found(node, "bo").empty());
    CHECK(node.number("SELECT count(*) FROM search_doc") == 1);
    node.execute("INSERT INTO search_index(search_index) VALUES('integrity-check')");
}

TEST_CASE("search: the very word comes before those that begin with it", "[edge][api][find]") {
    ApiNode node;
    const Json ann = owner(node, "Ann", "Young", "", "");
    pet(node, ann, "Max");
    pet(node, ann, "Maximilian");
    pet(node, ann, "Maxine");
    CHECK(found(node, "max") == Names{"patient Max", "patient Maxine", "patient Maximilian"});
    CHECK(node.get("/api/search?q=max&limit=1").json["results"].size() == 1);
    CHECK(node.get("/api/search?q=max&limit=0").status == 400);
    CHECK(node.get("/api/search?q=max&limit=many").status == 400);
    CHECK(node.get("/api/search?q=" + std::string(300, 'a')).status == 400);
    CHECK(node.get("/api/search?q=max", "").status == 401);
}

TEST_CASE("search: a person's many animals do not push the person off the list", "[edge][api][find]") {
    ApiNode node;
    const Json ann = owner(node, "Ann", "Young", "", "");
    for (int i = 0; i < 9; ++i) pet(node, ann, "Pet" + std::to_string(i));
    CHECK(found(node, "young&limit=6") ==
          Names{"owner Ann Young", "patient Pet8", "patient Pet7", "patient Pet6", "patient Pet5", "patient Pet4"});
}

TEST_CASE("appointments: a stretch of days comes in its order, of one vet when asked", "[edge][api][find]") {
    ApiNode node;
    const Json rex = pet(node, owner(node, "Ann", "Young", "", ""), "Rex");
    const auto book = [&](const std::string& day, const Json& time, const std::string& vet) {
        REQUIRE(node.post("/api/appointments", {{"patientId", rex["id"]},
                                                {"date", day},
                                                {"time", time},
                                                {"duration", 30},
                                                {"reason", "Check"},
                                                {"veterinarian", vet}})
                    .status == 201);
    };
    book("2026-11-24", "09:00", "Lee");
    book("2026-11-23", "16:30", "Roy");
    book("2026-11-23", "", "Roy");
    book("2026-11-23", "08:15", "Lee");
    book("2026-11-25", "08:00", "Lee");
    const auto times = [&](const std::string& query) {
        const Reply reply = node.get("/api/appointments?" + query);
        REQUIRE(reply.status == 200);
        std::string all;
        for (const Json& result : reply.json)
            all += result["date"].get<std::string>().substr(8) + result["time"].get<std::string>() + " ";
        return all;
    };
    CHECK(times("from=2026-11-23&to=2026-11-24") == "2308:15 2316:30 23 2409:00 ");
    CHECK(times("from=2026-11-23&to=2026-11-29&veterinarian=Lee") == "2308:15 2409:00 2508:00 ");
    CHECK(times("from=2026-11-24") == "2409:00 ");
    CHECK(times("patientId=" + rex["id"].get<std::string>()) == "2508:00 2409:00 2316:30 2308:15 23 ");
    CHECK(node.get("/api/appointments?from=2026-02-30&to=2026-03-01").status == 400);
    CHECK(node.get("/api/appointments?from=2026-03-02&to=2026-03-01").status == 400);
}

TEST_CASE("owners: one who looks like a new one is found by e-mail, phone or name", "[edge][api][find]") {
    ApiNode node;
    const Json ann = owner(node, "Ann", "Young", "ann@mail.example", "+1 (555) 010-4477");
    owner(node, "Bob", "Young", "bob@mail.example", "555 999 0000");
    const auto why = [&](const std::string& query) {
        const Reply reply = node.get("/api/owners/similar?" + query);
        REQUIRE(reply.status == 200);
        std::string all;
        for (const Json& one : reply.json) all += one["owner"]["firstName"].get<std::string>() + one["why"].dump();
        return all;
    };
    CHECK(why("email=ANN%40mail.example") == R"(Ann["email"])");
    CHECK(why("phone=555.010.4477") == R"(Ann["phone"])");
    CHECK(why("firstName=Anna&lastName=young") == R"(Ann["name"])");
    CHECK(why("firstName=Bob&lastName=Young&email=ann%40mail.example") == R"(Ann["email"]Bob["name"])");
    CHECK(why("firstName=Cleo&lastName=Young").empty());
    CHECK(why("").empty());
    CHECK(node.get("/api/patients?ownerId=" + ann["id"].get<std::string>()).json == Json::array());
}

TEST_CASE("owners: the balance is what is issued and unpaid", "[edge][api][find]") {
    ApiNode node;
    const Json ann = owner(node, "Ann", "Young", "", "");
    const Json rex = pet(node, ann, "Rex");
    const std::string path = "/api/owners/" + ann["id"].get<std::string>() + "/balance";
    CHECK(node.get(path).json == Json({{"openBills", 0}, {"balance", 0.0}, {"overdue", 0.0}, {"currency", "USD"}}));
    node.new_bill(ann, rex, {{"status", "sent"}, {"dueDate", "2020-01-01"}});
    node.new_bill(ann, rex, {{"status", "sent"}, {"dueDate", "2099-01-01"}});
    node.new_bill(ann, rex, {{"status", "paid"}});
    node.new_bill(ann, rex);
    const Json owed = node.get(path).json;
    const double each = node.get("/api/bills").json[0]["totalAmount"].get<double>();
    CHECK(owed["openBills"] == 2);
    CHECK(owed["balance"] == 2 * each);
    CHECK(owed["overdue"] == each);
    CHECK(node.get("/api/owners/" + rex["id"].get<std::string>() + "/balance").status == 404);
}
