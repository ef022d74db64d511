#include <catch2/catch.hpp>

#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::has_fields;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

struct Parties {
    Json owner, patient;
};

Parties parties(ApiNode& node) {
    Parties made;
    made.owner = node.new_owner();
    made.patient = node.new_patient(made.owner);
    return made;
}

std::string path_of(const Json& bill) { return "/api/bills/" + bill["id"].get<std::string>(); }

}  // namespace

TEST_CASE("api: a bill has items, links and a provisional number at once", "[edge][api]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json first = node.new_record(with.patient);
    const Json second = node.new_record(with.patient);
    const Json bill =
        node.new_bill(with.owner, with.patient, {{"medicalRecordIds", {first["id"], second["id"], first["id"]}}});
    CHECK(has_fields(bill, {"id",
                            "ownerId",
                            "patientId",
                            "appointmentId",
                            "medicalRecordIds",
                            "items",
                            "subtotal",
                            "tax",
                            "totalAmount",
                            "status",
                            "billDate",
                            "dueDate",
                            "notes",
                            "createdAt",
                            "updatedAt",
                            "owner",
                            "patient",
                            "appointment",
                            "medicalRecords",
                            "billNumber",
                            "provisionalNumber",
                            "numberStatus",
                            "syncState"}));
    CHECK(bill["billNumber"] == "TEST1-000001");
    CHECK(bill["provisionalNumber"] == "TEST1-000001");
    CHECK(bill["numberStatus"] == "provisional");
    CHECK(bill["medicalRecordIds"].size() == 2);
    CHECK(bill["medicalRecords"].size() == 2);
    REQUIRE(bill["items"].size() == 1);
    CHECK(bill["items"][0]["quantity"] == 3);
    CHECK(bill["items"][0]["unitPrice"] == 55);
    CHECK(bill["items"][0]["totalPrice"] == 165);
    CHECK(bill["totalAmount"] == 178.2);
    CHECK(bill["appointment"].is_null());
    CHECK(bill["issuedAt"].is_null());
    CHECK(node.new_bill(with.owner, with.patient)["billNumber"] == "TEST1-000002");
    CHECK(node.get("/api/bills/patient/" + with.patient["id"].get<std::string>()).json.size() == 2);
}

TEST_CASE("api: amounts are rounded half up and must add up", "[edge][api]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json noise = node.new_bill(with.owner, with.patient,
                                     {{"items",
                                       {{{"id", "1"},
                                         {"description", "Pill"},
                                         {"quantity", 0.1},
                                         {"unitPrice", 0.7},
                                         {"totalPrice", 0.06999999999999999}}}},
                                      {"subtotal", 0.07000000000000001},
                                      {"tax", 0.005},
                                      {"totalAmount", 0.075}});
    CHECK(noise["subtotal"] == 0.07);
    CHECK(noise["tax"] == 0.01);
    CHECK(noise["totalAmount"] == 0.08);
    Json body{{"ownerId", with.owner["id"]},
              {"patientId", with.patient["id"]},
              {"dueDate", "2026-02-19"},
              {"items", {{{"description", "Exam"}, {"quantity", 2}, {"unitPrice", 10}}}}};
    const Reply computed = node.post("/api/bills", body);
    REQUIRE(computed.status == 201);
    CHECK(computed.json["subtotal"] == 20);
    CHECK(computed.json["totalAmount"] == 20);
    CHECK(computed.json["items"][0]["totalPrice"] == 20);
    const auto refused = [&](const Json& more, const char* field) {
        Json wrong = body;
        wrong.update(more);
        const Reply reply = node.post("/api/bills", wrong);
        INFO(reply.body);
        CHECK(reply.status == 422);
        CHECK(reply.json["fields"].contains(field));
    };
    refused({{"subtotal", 21}}, "subtotal");
    refused({{"tax", 1}, {"totalAmount", 22}}, "totalAmount");
    refused({{"items", {{{"description", "Exam"}, {"quantity", 2}, {"unitPrice", 10}, {"totalPrice", 25}}}}}, "items");
    refused({{"items", {{{"description", " "}, {"quantity", 2}, {"unitPrice", 10}}}}}, "items");
    refused({{"items", {{{"description", "Exam"}, {"quantity", 0}, {"unitPrice", 10}}}}}, "items");
    refused({{"items", "Exam"}}, "items");
    refused({{"tax", -1}}, "tax");
    refused({{"tax", 1e300}}, "tax");
    CHECK(node.number("SELECT count(*) FROM bill") == 2);
    // A refused bill took no number.
    CHECK(node.new_bill(with.owner, with.patient)["billNumber"] == "TEST1-000003");
}

TEST_CASE("api: a bill of nothing sends null tax and total, and keeps its tax", "[edge][api]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json bill =
        node.new_bill(with.owner, with.patient,
                      {{"items", Json::array()}, {"subtotal", 0}, {"tax", nullptr}, {"totalAmount", nullptr}});
    CHECK(bill["tax"] == 0);
    CHECK(bill["totalAmount"] == 0);
    const Json taxed = node.new_bill(with.owner, with.patient);
    const Reply kept = node.put(path_of(taxed), {{"tax", nullptr}, {"totalAmount", nullptr}, {"notes", "x"}});
    CHECK(kept.json["tax"] == 13.2);
    CHECK(kept.json["totalAmount"] == 178.2);
}

TEST_CASE("api: items are replaced as a list, and an equal one is not written", "[edge][api]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json bill = node.new_bill(with.owner, with.patient);
    Json items = bill["items"];
    items.push_back({{"description", "Pill"}, {"quantity", 1}, {"unitPrice", 5}});
    const auto before = node.number("SELECT count(*) FROM change_log WHERE table_name='bill_item'");
    const Reply grown = node.put(path_of(bill), {{"items", items}});
    REQUIRE(grown.status == 200);
    CHECK(grown.json["items"].size() == 2);
    CHECK(grown.json["items"][0]["id"] == bill["items"][0]["id"]);
    CHECK(grown.json["subtotal"] == 170);
    CHECK(grown.json["totalAmount"] == 183.2);
    CHECK(node.number("SELECT count(*) FROM change_log WHERE table_name='bill_item'") == before + 1);
    const Reply shrunk = node.put(path_of(bill), {{"items", {items[1]}}});
    CHECK(shrunk.json["items"].size() == 1);
    CHECK(shrunk.json["subtotal"] == 5);
}

TEST_CASE("api: a bill posted as paid keeps its items, and closes them", "[edge][api]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json record = node.new_record(with.patient);
    const Json bill =
        node.new_bill(with.owner, with.patient, {{"status", "paid"}, {"medicalRecordIds", {record["id"]}}});
    CHECK(bill["status"] == "paid");
    CHECK(bill["items"].size() == 1);
    CHECK(bill["paidAt"].is_string());
    CHECK(bill["issuedAt"].is_string());
    const Reply closed = node.put(path_of(bill), {{"items", Json::array()}, {"subtotal", 0}, {"tax", 0}});
    CHECK(closed.status == 409);
    CHECK(closed.json["code"] == "bill_issued");
    const Reply unlinked = node.put(path_of(bill), {{"medicalRecordIds", Json::array()}});
    CHECK(unlinked.status == 422);
    CHECK(unlinked.json["code"] == "bill_closed");
    CHECK(node.put(path_of(bill), {{"notes", "thanks"}}).status == 200);
    CHECK(node.remove(path_of(bill) + "?hard=true").status == 422);
    CHECK(node.number("SELECT count(*) FROM bill_item") == 1);
    // Reopened and changed in one request.
    const Reply reopened = node.put(
        path_of(bill), {{"status", "sent"}, {"reopenReason", "other animal"}, {"medicalRecordIds", Json::array()}});
    CHECK(reopened.status == 200);
    CHECK(reopened.json["medicalRecordIds"] == Json::array());
}

TEST_CASE("api: a bill that was issued keeps its items, amounts and patient under its number", "[edge][api][bills]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json other = node.new_patient(with.owner);
    const std::string status = GENERATE("sent", "overdue", "paid");
    const Json bill = node.new_bill(with.owner, with.patient, {{"status", status}});
    Json cheaper = bill["items"];
    cheaper[0]["unitPrice"] = 1;
    cheaper[0]["totalPrice"] = cheaper[0]["quantity"];
    Json renamed = bill["items"];
    renamed[0]["description"] = "Other";
    const double total = bill["totalAmount"];
    for (const Json& change :
         {Json{{"totalAmount", total + 0.02}}, Json{{"subtotal", 1}}, Json{{"tax", 0}, {"totalAmount", 165}},
          Json{{"items", cheaper}}, Json{{"items", renamed}}, Json{{"items", Json::array()}},
          Json{{"patientId", other["id"]}}, Json{{"ownerId", node.new_owner("Other")["id"]}}}) {
        const Reply refused = node.put(path_of(bill), change);
        INFO(change.dump() << refused.body);
        CHECK(refused.status == 409);
        CHECK(refused.json["code"] == "bill_issued");
    }
    const auto before = node.logged();
    INFO("what is sent back as it was is no change, binary noise and ids of the page's own included");
    Json same = bill;
    same["items"][0]["id"] = "1";
    same["totalAmount"] = total + 0.004;
    same["taxRate"] = 8;
    CHECK(node.put(path_of(bill), same).status == 200);
    CHECK(node.logged() == before);
    CHECK(node.put(path_of(bill), {{"notes", "n"}, {"dueDate", "2099-01-01"}}).status == 200);
}

TEST_CASE("api: records are linked to an issued bill until it is paid", "[edge][api][bills]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json record = node.new_record(with.patient);
    const Json bill = node.new_bill(with.owner, with.patient, {{"status", "sent"}});
    const Json links{{"medicalRecordIds", {record["id"]}}};
    CHECK(node.put(path_of(bill), links).json["medicalRecordIds"].size() == 1);
    CHECK(node.put(path_of(bill), {{"medicalRecordIds", Json::array()}, {"status", "paid"}}).status == 200);
    CHECK(node.put(path_of(bill), links).json["code"] == "bill_closed");
}

TEST_CASE("api: a new cancellation has a reason, an older page's one that says there was none", "[edge][api][bills]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json bill = node.new_bill(with.owner, with.patient, {{"status", "sent"}});
    const Reply blank = node.put(path_of(bill), {{"status", "cancelled"}, {"cancelReason", " "}});
    CHECK(blank.status == 422);
    CHECK(blank.json["fields"].contains("cancelReason"));
    Json old_page = bill;
    old_page["status"] = "cancelled";
    const Reply old = node.put(path_of(bill), old_page);
    CHECK(old.status == 200);
    CHECK(old.json["cancelReason"] == "No reason was given.");
    const auto before = node.logged();
    CHECK(node.put(path_of(bill), old.json).status == 200);
    CHECK(node.logged() == before);
    CHECK(node.put(path_of(bill), {{"cancelReason", nullptr}}).status == 422);
    CHECK(node.put(path_of(bill), {{"cancelReason", "twice"}}).json["cancelReason"] == "twice");
    INFO("opened again it has none, so that the next step asks anew");
    const Reply opened = node.put(path_of(bill), {{"status", "sent"}});
    CHECK(opened.status == 200);
    CHECK(opened.json["cancelReason"].is_null());
    const Json born = node.new_bill(with.owner, with.patient, {{"status", "cancelled"}, {"cancelReason", "test"}});
    CHECK(born["cancelReason"] == "test");
    CHECK(born["items"].size() == 1);
}

TEST_CASE("api: a cancelled bill of a legacy database is saved unchanged without a reason", "[edge][api][bills]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json bill = node.new_bill(with.owner, with.patient, {{"status", "cancelled"}, {"cancelReason", "x"}});
    node.execute(
        "UPDATE sync_control SET applying = 1; UPDATE bill SET cancel_reason = NULL; UPDATE sync_control SET applying "
        "= "
        "0");
    const auto before = node.logged();
    Json same = bill;
    same["cancelReason"] = nullptr;
    CHECK(node.put(path_of(bill), same).status == 200);
    CHECK(node.put(path_of(bill), {{"status", "cancelled"}}).status == 200);
    CHECK(node.logged() == before);
    CHECK(node.put(path_of(bill), {{"notes", "n"}}).json["cancelReason"].is_null());
}

TEST_CASE("api: a paid bill goes back by one who may, with a reason that is kept", "[edge][api][bills]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json bill = node.new_bill(with.owner, with.patient, {{"status", "paid"}, {"notes", "cash"}});
    for (const char* const status : {"draft", "sent", "overdue"}) {
        const Reply bare = node.put(path_of(bill), {{"status", status}});
        CHECK(bare.status == 409);
        CHECK(bare.json["code"] == "bill_paid");
    }
    CHECK(node.put(path_of(bill), {{"status", "cancelled"}}).json["code"] == "bill_paid");
    CHECK(node.put(path_of(bill), {{"status", "sent"}, {"reopenReason", " "}}).json["code"] == "bill_paid");
    const Json back{{"status", "sent"}, {"reopenReason", "the card was refused"}};
    CHECK(node.put(path_of(bill), back, "staff").status == 403);
    const Reply opened = node.put(path_of(bill), back, "vet");
    CHECK(opened.status == 200);
    CHECK(opened.json["status"] != "paid");
    const std::string notes = opened.json["notes"];
    CHECK(notes.starts_with("cash\n"));
    CHECK(notes.ends_with("paid -> sent (vet@vetchart.example): the card was refused"));
    CHECK(node.put(path_of(bill), {{"status", "paid"}}, "staff").status == 200);
    const Json cancelled{{"status", "cancelled"}, {"cancelReason", "wrong animal"}};
    CHECK(node.put(path_of(bill), cancelled, "staff").status == 403);
    CHECK(node.put(path_of(bill), cancelled).json["cancelReason"] == "wrong animal");
}

TEST_CASE("api: owners are merged with their paid bills", "[edge][api][bills]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json into = node.new_owner("Other");
    const Json bill = node.new_bill(with.owner, with.patient, {{"status", "paid"}});
    const std::string path = "/api/owners/" + with.owner["id"].get<std::string>();
    CHECK(node.post(path + "/merge", {{"into", into["id"]}}).status == 200);
    CHECK(node.get(path_of(bill)).json["ownerId"] == into["id"]);
}

TEST_CASE("api: a sent bill past due is shown as overdue, and sending that back is no change", "[edge][api]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json bill = node.new_bill(with.owner, with.patient,
                                    {{"status", "sent"}, {"billDate", "2020-01-01"}, {"dueDate", "2020-01-31"}});
    CHECK(bill["status"] == "overdue");
    const auto before = node.logged();
    CHECK(node.put(path_of(bill), bill).json["status"] == "overdue");
    CHECK(node.logged() == before);
    CHECK(node.number("SELECT count(*) FROM bill WHERE status='sent'") == 1);
    CHECK(node.put(path_of(bill), {{"status", "paid"}}).json["status"] == "paid");
}

TEST_CASE("api: a bill refuses parties and records that are not there", "[edge][api]") {
    ApiNode node;
    const Parties with = parties(node);
    const std::string nobody = "00000000-0000-4000-8000-000000000000";
    const Json record = node.new_record(with.patient);
    node.remove("/api/records/" + record["id"].get<std::string>());
    const Json body{{"ownerId", with.owner["id"]}, {"patientId", with.patient["id"]}, {"dueDate", "2026-02-19"}};
    const auto refused = [&](const char* field, const Json& value, const char* code) {
        Json wrong = body;
        wrong[field] = value;
        const Reply reply = node.post("/api/bills", wrong);
        INFO(reply.body);
        CHECK(reply.status == 422);
        CHECK(reply.json["code"] == code);
        CHECK(reply.json["fields"].contains(field));
    };
    refused("ownerId", nobody, "orphan");
    refused("patientId", nobody, "orphan");
    refused("appointmentId", nobody, "orphan");
    refused("medicalRecordIds", Json::array({nobody}), "orphan");
    refused("medicalRecordIds", Json::array({record["id"]}), "parent_deleted");
    refused("ownerId", nullptr, "invalid_fields");
    refused("status", "open", "invalid_fields");
    refused("dueDate", "2026-02-30", "invalid_fields");
    CHECK(node.number("SELECT count(*) FROM bill") == 0);
    CHECK(node.number("SELECT next_provisional FROM node_state") == 1);
}

TEST_CASE("api: an Idempotency-Key gives one row and one answer", "[edge][api]") {
    ApiNode node;
    const Parties with = parties(node);
    const Json body{{"ownerId", with.owner["id"]},
                    {"patientId", with.patient["id"]},
                    {"items", {{{"description", "Exam"}, {"quantity", 1}, {"unitPrice", 55}}}},
                    {"dueDate", "2026-02-19"}};
    const httplib::Headers key{{"Idempotency-Key", "9f1c"}};
    const Reply first = node.send("POST", "/api/bills", body, "staff", key);
    const Reply again = node.send("POST", "/api/bills", body, "staff", key);
    CHECK(first.status == 201);
    CHECK(again.status == 201);
    CHECK(again.json == first.json);
    CHECK(node.number("SELECT count(*) FROM bill") == 1);
    Json other = body;
    other["notes"] = "other";
    const Reply reused = node.send("POST", "/api/bills", other, "staff", key);
    CHECK(reused.status == 422);
    CHECK(reused.json["code"] == "idempotency_key_reused");
    // The key is the person's own.
    CHECK(node.send("POST", "/api/bills", other, "vet", key).status == 201);
    // A refused request leaves no trace of its key.
    const httplib::Headers fresh{{"Idempotency-Key", "77aa"}};
    CHECK(node.send("POST", "/api/owners", Json{{"firstName", ""}}, "staff", fresh).status == 422);
    CHECK(node.send("POST", "/api/owners", Json{{"firstName", "A"}, {"lastName", "B"}}, "staff", fresh).status == 201);
}

TEST_CASE("api: a key whose answer an erasure took is answered from the row, and makes no second one", "[edge][api]") {
    ApiNode node;
    const Json body{{"firstName", "Ann"}, {"lastName", "Lee"}};
    const httplib::Headers key{{"Idempotency-Key", "51e0"}};
    const std::string id = node.send("POST", "/api/owners", body, "staff", key).json["id"];
    // As edge/store/log/erase.cpp leaves it.
    node.execute("UPDATE idempotency SET body_digest = '', body = json_object('id', '" + id + "')");
    node.execute("UPDATE owner SET first_name = '(erased)', last_name = '(erased)'");
    const Reply again = node.send("POST", "/api/owners", body, "staff", key);
    CHECK(again.status == 201);
    CHECK(again.json["id"] == id);
    CHECK(again.json["lastName"] == "(erased)");
    CHECK(node.send("POST", "/api/patients", body, "staff", key).json["code"] == "idempotency_key_reused");
    // Gone from the lists, it is still known.
    CHECK(node.remove("/api/owners/" + id).status == 200);
    const Reply gone = node.send("POST", "/api/owners", body, "staff", key);
    CHECK(gone.status == 201);
    CHECK(gone.json["id"] == id);
    CHECK(node.number("SELECT count(*) FROM owner") == 1);
}
