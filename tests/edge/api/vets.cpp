// Veterinarians are staff: an id beside the printed name, which pages that know no ids leave to the node.
#include <catch2/catch.hpp>

#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

/// A node with an animal; and what tests ask of its staff and charts.
struct Clinic {
    ApiNode node;
    Json patient = node.new_patient(node.new_owner());

    std::string hire(const std::string& first, const std::string& last, const Json& roles = {"veterinarian"}) {
        static int count = 0;
        const std::string email = "hired" + std::to_string(++count) + "@vetchart.example";
        const Reply made = node.post("/api/staff", {{"email", email},
                                                    {"firstName", first},
                                                    {"lastName", last},
                                                    {"password", ApiNode::kPassword},
                                                    {"roles", roles}});
        INFO(made.body);
        REQUIRE(made.status == 201);
        return made.json["id"];
    }
    Reply book(const Json& more) {
        Json body{{"patientId", patient["id"]}, {"date", "2026-11-24"}, {"time", "09:00"}, {"reason", "Check"}};
        body.update(more);
        return node.post("/api/appointments", body);
    }
    Json booked(const Json& more) {
        const Reply made = book(more);
        INFO(made.body);
        REQUIRE(made.status == 201);
        return made.json;
    }
    Json changed(const std::string& list, const Json& row, const Json& body) {
        const Reply reply = node.put("/api/" + list + "/" + row["id"].get<std::string>(), body);
        INFO(reply.body);
        REQUIRE(reply.status == 200);
        return reply.json;
    }
};

}  // namespace

TEST_CASE("vets: a name in any spelling is the staff member's, byte for byte as it was typed", "[edge][api][vets]") {
    Clinic clinic;
    const std::string rosa = clinic.hire("Rosa", "Allen");
    for (const char* spelling : {"Rosa Allen", "Dr. Rosa Allen", "ALLEN, Rosa", " rósa  allen, DVM"}) {
        CAPTURE(spelling);
        const Json row = clinic.booked({{"veterinarian", spelling}});
        CHECK(row["veterinarian"] == spelling);
        CHECK(row["veterinarianId"] == rosa);
    }
    for (const char* other : {"R. Allen", "Dr. Allen", "Somebody Else", ""}) {
        CAPTURE(other);
        CHECK(clinic.booked({{"veterinarian", other}})["veterinarianId"].is_null());
    }
    CHECK(clinic.booked(Json::object())["veterinarianId"].is_null());
}

TEST_CASE("vets: two of one name are nobody until one is named by the id", "[edge][api][vets]") {
    Clinic clinic;
    const std::string first = clinic.hire("Ann", "Lee");
    const std::string second = clinic.hire("Ann", "Lee");
    CHECK(clinic.booked({{"veterinarian", "Ann Lee"}})["veterinarianId"].is_null());
    CHECK(clinic.booked({{"veterinarian", "Ann Lee"}, {"veterinarianId", second}})["veterinarianId"] == second);
    INFO("and the one who is left when the other went");
    REQUIRE(clinic.node.put("/api/staff/" + second, {{"active", false}}).status == 200);
    CHECK(clinic.booked({{"veterinarian", "Dr. Ann Lee"}})["veterinarianId"] == first);
}

TEST_CASE("vets: a page that sends the name alone matches it again, or clears the id", "[edge][api][vets]") {
    Clinic clinic;
    const std::string rosa = clinic.hire("Rosa", "Allen");
    const std::string vera = clinic.hire("Vera", "Lind");
    const Json visit = clinic.node.new_record(clinic.patient);
    for (const auto& [list, row, text, id] :
         {std::tuple{"appointments", clinic.booked({{"veterinarian", "Rosa Allen"}}), "veterinarian", "veterinarianId"},
          {"records", visit, "veterinarian", "veterinarianId"},
          {"patients", clinic.patient, "assignedDoctor", "assignedDoctorId"}}) {
        CAPTURE(list);
        CHECK(clinic.changed(list, row, {{text, "Dr. Vera Lind"}})[id] == vera);
        const Json other = clinic.changed(list, row, {{text, "Somebody Else"}});
        CHECK(other[id].is_null());
        CHECK(other[text] == "Somebody Else");
        CHECK(clinic.changed(list, row, {{text, "allen, rosa"}})[id] == rosa);
        INFO("an edit of something else leaves both");
        const Json same = clinic.changed(list, row, {{"notes", "Rested"}});
        CHECK(same[id] == rosa);
        CHECK(same[text] == "allen, rosa");
    }
    CHECK(clinic.changed("patients", clinic.patient, {{"assignedDoctor", nullptr}})["assignedDoctorId"].is_null());
}

TEST_CASE("vets: a name that was not touched keeps whom it stood for", "[edge][api][vets]") {
    Clinic clinic;
    const std::string rosa = clinic.hire("Rosa", "Allen");
    const Json row = clinic.booked({{"veterinarian", "R. A."}, {"veterinarianId", rosa}});
    CHECK(row["veterinarian"] == "R. A.");
    CHECK(clinic.changed("appointments", row, row)["veterinarianId"] == rosa);
    Json old_page = row;
    old_page.erase("veterinarianId");
    old_page["notes"] = "Bring the passport";
    CHECK(clinic.changed("appointments", row, old_page)["veterinarianId"] == rosa);
    CHECK(clinic.changed("appointments", row, {{"veterinarianId", nullptr}})["veterinarianId"].is_null());
    CHECK(clinic.changed("appointments", row, {{"veterinarian", "R. A."}})["veterinarianId"].is_null());
}

TEST_CASE("vets: an id without a name is printed by the staff member's name", "[edge][api][vets]") {
    Clinic clinic;
    const std::string rosa = clinic.hire("Rosa", "Allen");
    const std::string vera = clinic.hire("Vera", "Lind");
    const Json row = clinic.booked({{"veterinarianId", rosa}});
    CHECK(row["veterinarian"] == "Rosa Allen");
    const Json handed = clinic.changed("appointments", row, {{"veterinarianId", vera}});
    CHECK(handed["veterinarian"] == "Vera Lind");
    CHECK(handed["veterinarianId"] == vera);
    const Reply record = clinic.node.post("/api/records", {{"patientId", clinic.patient["id"]},
                                                           {"visitDate", "2026-01-20"},
                                                           {"recordType", "dental"},
                                                           {"veterinarianId", rosa}});
    REQUIRE(record.status == 201);
    CHECK(record.json["veterinarian"] == "Rosa Allen");
}

TEST_CASE("vets: an id of nobody in the clinic is refused like any reference", "[edge][api][vets]") {
    Clinic clinic;
    clinic.node.execute(
        "INSERT INTO clinic(id,code,name) VALUES('00000000-0000-7000-8000-0000000000c2','SOUTH','South');"
        "INSERT INTO staff(id,clinic_id,email,username,first_name,last_name,password_hash,roles)"
        " VALUES('00000000-0000-7000-8000-0000000000a2','00000000-0000-7000-8000-0000000000c2','x@y.example','x','Sue',"
        "'Hale','-','[\"veterinarian\"]')");
    for (const char* id : {"00000000-0000-7000-8000-0000000000a1", "00000000-0000-7000-8000-0000000000a2"}) {
        CAPTURE(id);
        const Reply refused = clinic.book({{"veterinarian", "X"}, {"veterinarianId", id}});
        CHECK(refused.status == 422);
        CHECK(refused.json["code"] == "orphan");
        CHECK(refused.json["fields"]["veterinarianId"] == "Veterinarian was not found.");
    }
    CHECK(clinic.book({{"veterinarian", "X"}, {"veterinarianId", "nobody"}}).status == 422);
    INFO("and somebody of another clinic is not found by the name");
    CHECK(clinic.booked({{"veterinarian", "Sue Hale"}})["veterinarianId"].is_null());
}

TEST_CASE("vets: the days of one veterinarian are a person's, by the id or by the name", "[edge][api][vets]") {
    Clinic clinic;
    clinic.booked({{"time", "07:00"}, {"veterinarian", "Dr. Rosa Allen"}});  // before she was on the staff
    const std::string rosa = clinic.hire("Rosa", "Allen");
    const std::string vera = clinic.hire("Vera", "Lind");
    clinic.booked({{"time", "08:00"}, {"veterinarian", "Rosa Allen"}});
    clinic.booked({{"time", "09:00"}, {"veterinarian", "R. A."}, {"veterinarianId", rosa}});
    clinic.booked({{"time", "10:00"}, {"veterinarian", "Rosa Allen"}, {"veterinarianId", vera}});
    clinic.booked({{"time", "11:00"}, {"veterinarian", "J. Lee"}});
    clinic.booked({{"time", "12:00"}, {"veterinarian", ""}});
    const auto times = [&](const std::string& query) {
        const Reply reply = clinic.node.get("/api/appointments?from=2026-11-24" + query);
        REQUIRE(reply.status == 200);
        std::string all;
        for (const Json& one : reply.json) all += one["time"].get<std::string>().substr(0, 2) + " ";
        return all;
    };
    CHECK(times("") == "07 08 09 10 11 12 ");
    CHECK(times("&veterinarian=Rosa%20Allen") == "07 08 09 ");
    CHECK(times("&veterinarian=allen,%20DR.%20rosa") == "07 08 09 ");
    CHECK(times("&veterinarianId=" + rosa) == "07 08 09 ");
    CHECK(times("&veterinarianId=" + vera) == "10 ");
    CHECK(times("&veterinarian=j%20lee") == "11 ");
    CHECK(times("&veterinarian=-").empty());
    CHECK(times("&veterinarianId=nobody").empty());
}
