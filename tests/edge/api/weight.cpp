#include <catch2/catch.hpp>

#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

/// A patient whose weight is watched.
struct Animal {
    ApiNode node;
    Json patient = node.new_patient(node.new_owner());
    std::string path = "/api/patients/" + patient["id"].get<std::string>();

    Json record(const std::string& day, const Json& weight, const std::string& unit = "kg") {
        Json body{{"patientId", patient["id"]}, {"visitDate", day}, {"veterinarian", "V"}, {"treatment", "T"}};
        body["weight"] = weight;
        if (!weight.is_null()) body["weightUnit"] = unit;
        const Reply made = node.post("/api/records", body);
        INFO(made.body);
        REQUIRE(made.status == 201);
        return made.json;
    }
    std::string shown() {
        const Json row = node.get(path).json;
        return row["weight"].dump() + " " + row["weightUnit"].get<std::string>() + " " + row["weighedOn"].dump();
    }
    Reply put(const Json& body) { return node.put(path, body); }
    /// Makes the weight one that was put there on `day`.
    void own_weight_of(const std::string& day) {
        node.execute("UPDATE patient SET weighed_on = '" + day + "', weight_milli = 4000, weight_unit = 'kg'");
    }
};

std::string path_of(const Json& record) { return "/api/records/" + record["id"].get<std::string>(); }

}  // namespace

TEST_CASE("weight: a chart shows the newest visit's, also of back-dated, corrected and deleted records",
          "[edge][api][weight]") {
    Animal animal;
    animal.own_weight_of("2026-01-01");
    CHECK(animal.shown() == "4 kg \"2026-01-01\"");
    const Json june = animal.record("2026-06-01", 5);
    CHECK(animal.shown() == "5 kg \"2026-06-01\"");
    const Json august = animal.record("2026-08-01", 6.25, "lbs");
    CHECK(animal.shown() == "6.25 lbs \"2026-08-01\"");
    const Json july = animal.record("2026-07-01", 9);
    CHECK(animal.shown() == "6.25 lbs \"2026-08-01\"");
    animal.record("2026-09-01", nullptr);
    CHECK(animal.shown() == "6.25 lbs \"2026-08-01\"");
    INFO("corrected");
    animal.node.put(path_of(august), {{"weight", 6.5}});
    CHECK(animal.shown() == "6.5 lbs \"2026-08-01\"");
    animal.node.put(path_of(august), {{"visitDate", "2026-06-15"}});
    CHECK(animal.shown() == "9 kg \"2026-07-01\"");
    INFO("deleted, and brought back");
    animal.node.remove(path_of(july));
    CHECK(animal.shown() == "6.5 lbs \"2026-06-15\"");
    animal.node.post(path_of(july) + "/restore", Json::object());
    CHECK(animal.shown() == "9 kg \"2026-07-01\"");
    for (const Json& record : {june, july, august}) animal.node.remove(path_of(record) + "?hard=true");
    CHECK(animal.shown() == "4 kg \"2026-01-01\"");
    INFO("a record older than the patient's own weight does not count");
    animal.record("2025-12-31", 8);
    CHECK(animal.shown() == "4 kg \"2026-01-01\"");
}

TEST_CASE("weight: one put on the patient is a measurement of its own day", "[edge][api][weight]") {
    Animal animal;
    const std::string today = animal.put({{"weight", 7}, {"weightUnit", "kg"}}).json["weighedOn"];
    animal.record("2026-01-01", 3);
    CHECK(animal.shown() == "7 kg \"" + today + "\"");
    INFO("a visit of the same day is written later, so it counts");
    const Json visit = animal.record(today, 7.5);
    CHECK(animal.shown() == "7.5 kg \"" + today + "\"");
    INFO("and the person who then types another weight is believed");
    CHECK(animal.put({{"weight", 7.25}}).json["weight"] == 7.25);
    CHECK(animal.shown() == "7.25 kg \"" + today + "\"");
    INFO("a day of its own may be said");
    animal.put({{"weight", 6}, {"weighedOn", "2026-02-01"}});
    CHECK(animal.shown() == "7.5 kg \"" + today + "\"");
    animal.node.remove(path_of(visit));
    CHECK(animal.shown() == "6 kg \"2026-02-01\"");
    const Reply none = animal.put({{"weight", nullptr}});
    CHECK(none.json["weight"] == 3);
    CHECK(none.json["weighedOn"] == "2026-01-01");
}

TEST_CASE("weight: what an old page sends back as it was shown is no measurement", "[edge][api][weight]") {
    Animal animal;
    animal.own_weight_of("2026-01-01");
    const Json visit = animal.record("2026-06-01", 5.123);
    Json whole = animal.node.get(animal.path).json;
    CHECK(whole["weight"] == 5.123);
    whole["name"] = "Rex";
    const Reply saved = animal.put(whole);
    CHECK(saved.status == 200);
    CHECK(saved.json["name"] == "Rex");
    animal.node.put(path_of(visit), {{"weight", 5.5}});
    CHECK(animal.shown() == "5.5 kg \"2026-06-01\"");
    animal.node.remove(path_of(visit));
    CHECK(animal.shown() == "4 kg \"2026-01-01\"");
    const auto before = animal.node.logged();
    CHECK(animal.put(animal.node.get(animal.path).json).status == 200);
    CHECK(animal.node.logged() == before);
}

TEST_CASE("weight: an import's stays until a newer visit, wherever the patient is shown", "[edge][api][weight]") {
    Animal animal;
    animal.node.execute(
        "UPDATE patient SET weight_milli = 4000, weight_unit = 'kg', weighed_on = NULL, created_at = "
        "'2026-03-01T10:00:00.000Z'");
    CHECK(animal.shown() == "4 kg \"2026-03-01\"");
    animal.record("2026-02-01", 3);
    CHECK(animal.shown() == "4 kg \"2026-03-01\"");
    const Json record = animal.record("2026-04-01", 5);
    CHECK(record["patient"]["weight"] == 5);
    CHECK(animal.node.get("/api/patients").json.at(0)["weight"] == 5);
    CHECK(animal.node.get("/api/records").json.at(0)["patient"]["weight"] == 5);
    const Json owner = animal.node.get("/api/owners").json.at(0);
    CHECK(animal.node.new_bill(owner, animal.patient)["patient"]["weight"] == 5);
}
