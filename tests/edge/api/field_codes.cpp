#include <catch2/catch.hpp>

#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

/// True when every field with a sentence has a code, and the other way round.
void check_pairs(const Reply& reply) {
    INFO(reply.body);
    REQUIRE(reply.json.contains("fieldCodes"));
    for (const auto& [name, sentence] : reply.json["fields"].items()) {
        CHECK(sentence.is_string());
        CHECK(reply.json["fieldCodes"][name]["code"].is_string());
    }
    CHECK(reply.json["fields"].size() == reply.json["fieldCodes"].size());
}

}  // namespace

TEST_CASE("api: a refused field has a code and its limits beside the sentence", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const Reply patient = node.post("/api/patients", Json{{"ownerId", "no id"},
                                                          {"species", std::string(61, 'x')},
                                                          {"age", 1000},
                                                          {"birthDate", "2026-02-30"},
                                                          {"gender", "both"},
                                                          {"weight", 0},
                                                          {"notes", 5}});
    CHECK(patient.status == 422);
    check_pairs(patient);
    const Json& codes = patient.json["fieldCodes"];
    CHECK(codes["name"] == Json{{"code", "required"}});
    CHECK(codes["species"] == Json{{"code", "length"}, {"min", 1}, {"max", 60}});
    CHECK(codes["age"] == Json{{"code", "number"}, {"min", "0"}, {"max", "999"}, {"decimals", 0}});
    CHECK(codes["birthDate"] == Json{{"code", "day"}});
    CHECK(codes["gender"]["code"] == "choice");
    CHECK(codes["gender"]["choices"].size() == 3);
    CHECK(codes["weight"] == Json{{"code", "positive"}});
    CHECK(codes["notes"] == Json{{"code", "text"}});
    CHECK(codes["ownerId"] == Json{{"code", "not_found"}});
    CHECK(patient.json["fields"]["name"] == "Name is required.");
    const Json visit =
        node.post("/api/appointments",
                  Json{{"patientId", node.new_patient(owner)["id"]}, {"date", "2026-11-23"}, {"reason", "Check"}})
            .json;
    const std::string path = "/api/appointments/" + visit["id"].get<std::string>() + "/status";
    const Reply status = node.send("PATCH", path, Json{{"status", "later"}});
    CHECK(status.status == 422);
    CHECK(status.json["fieldCodes"]["status"]["choices"].size() == 4);
}

TEST_CASE("api: a bill's refused items are named by number and part, sums with what they should be", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const Json patient = node.new_patient(owner);
    Json bill{
        {"ownerId", owner["id"]},
        {"patientId", patient["id"]},
        {"dueDate", "2026-12-01"},
        {"items", {{{"description", "a"}, {"quantity", 1}, {"unitPrice", 5}}, {{"quantity", 1}, {"unitPrice", 5}}}}};
    Reply reply = node.post("/api/bills", bill);
    CHECK(reply.status == 422);
    check_pairs(reply);
    CHECK(reply.json["fieldCodes"]["items"] == Json{{"code", "required"}, {"item", 2}, {"field", "description"}});
    CHECK(reply.json["fields"]["items"] == "Item 2: Description is required.");
    bill["items"][1]["description"] = "b";
    bill["subtotal"] = 11;
    reply = node.post("/api/bills", bill);
    check_pairs(reply);
    CHECK(reply.json["fieldCodes"]["subtotal"] == Json{{"code", "sum"}, {"expected", "10.00"}});
}

TEST_CASE("api: a field refused by a rule of the data has the answer's own code", "[edge][api]") {
    ApiNode node;
    const Json first{{"firstName", "Ann"}, {"lastName", "Bell"}, {"email", "ann@mail.example"}};
    REQUIRE(node.post("/api/owners", first).status == 201);
    const Reply taken = node.post("/api/owners", first);
    CHECK(taken.status == 409);
    check_pairs(taken);
    CHECK(taken.json["fieldCodes"]["email"] == Json{{"code", "email_taken"}});
    const Reply missing =
        node.post("/api/patients",
                  Json{{"name", "Rex"}, {"species", "Dog"}, {"ownerId", "00000000-0000-7000-8000-000000000000"}});
    CHECK(missing.status == 422);
    check_pairs(missing);
    CHECK(missing.json["fieldCodes"]["ownerId"] == Json{{"code", "orphan"}});
    CHECK_FALSE(node.get("/api/owners/unknown").json.contains("fieldCodes"));
}
