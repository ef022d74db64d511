#include "edge/store/people/accounts.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "edge/api/login_guard.h"
#include "edge/api/tokens.h"
#include "tests/edge/api/fixture.h"
#include "tests/support/chance.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

std::string staff_id(ApiNode& node, const std::string& name) {
    for (const Json& row : node.get("/api/staff").json) {
        if (row["username"] == name) return row["id"].get<std::string>();
    }
    FAIL("no such staff: " << name);
    return {};
}

Reply log_in(ApiNode& node, const std::string& name, const std::string& password) {
    return node.post("/api/auth/login", {{"username", name}, {"password", password}}, "");
}

}  // namespace

TEST_CASE("api: a login gives a token and the user without the password", "[edge][api]") {
    ApiNode node;
    const Reply reply = log_in(node, "Admin@VetChart.example ", ApiNode::kPassword);
    REQUIRE(reply.status == 200);
    CHECK(reply.json["user"]["email"] == "admin@vetchart.example");
    CHECK(reply.json["user"]["roles"] == Json{"admin"});
    CHECK(reply.body.find("argon2") == std::string::npos);
    CHECK(reply.body.find("password") == std::string::npos);
    CHECK(log_in(node, "vet", ApiNode::kPassword).status == 200);
    CHECK(log_in(node, "vet", "wrong password").status == 401);
    CHECK(log_in(node, "nobody", "wrong password").status == 401);
    CHECK(node.post("/api/auth/login", Json::object(), "").status == 401);
    const Json me = node.get("/api/auth/me").json;
    CHECK(me["firstName"].is_string());
    CHECK(me["createdAt"].is_string());
    CHECK(node.get("/api/staff").body.find("argon2") == std::string::npos);
}

TEST_CASE("api: no token is 401, a bad, forged, foreign or expired one 403", "[edge][api]") {
    ApiNode node;
    CHECK(node.get("/api/auth/me", "").status == 401);
    const auto with = [&](const std::string& token) {
        return node.send("GET", "/api/auth/me", nullptr, "", {{"Authorization", "Bearer " + token}});
    };
    CHECK(with("nonsense").status == 403);
    CHECK(with("").status == 401);
    std::string token = node.tokens["admin"];
    CHECK(with(token).status == 200);
    token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
    CHECK(with(token).status == 403);
    const std::string rest = node.tokens["admin"].substr(node.tokens["admin"].find('.'));
    // {"alg":"none"} with the true payload, with the true signature and without one.
    CHECK(with("eyJhbGciOiJub25lIn0" + rest).status == 403);
    CHECK(with("eyJhbGciOiJub25lIn0" + rest.substr(0, rest.rfind('.') + 1)).status == 403);

    const auto tokens = vetchart::edge::Tokens::load(node.folder / "secret.key", vetchart::test::chance());
    REQUIRE(tokens);
    const auto past = *vetchart::parse_utc("2020-01-01T00:00:00.000Z");
    const Reply expired = with(tokens->issue({"admin@vetchart.example", "x"}, past));
    CHECK(expired.status == 403);
    CHECK(expired.json["code"] == "token_expired");
    const auto foreign = vetchart::edge::Tokens::load(node.folder / "other.key", vetchart::test::chance());
    REQUIRE(foreign);
    CHECK(with(foreign->issue({"admin@vetchart.example", "x"}, past + std::chrono::hours(24 * 365 * 10))).status ==
          403);
    struct stat info {};
    REQUIRE(::stat((node.folder / "secret.key").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("api: staff do the day's work, and what is an admin's is refused them", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const Json patient = node.new_patient(owner);
    const Json record = node.new_record(patient);
    const std::string id = record["id"].get<std::string>();
    CHECK(node.put("/api/records/" + id, {{"notes", "x"}}, "staff").status == 200);
    CHECK(node.remove("/api/records/" + id, "staff").status == 403);
    CHECK(node.remove("/api/records/" + id, "vet").status == 200);
    CHECK(node.send("POST", "/api/records/" + id + "/restore", nullptr, "staff").status == 403);
    CHECK(node.remove("/api/records/" + id + "?hard=true", "vet").status == 403);
    CHECK(node.get("/api/records/" + id + "?includeDeleted=true", "vet").status == 403);
    CHECK(node.get("/api/owners?includeDeleted=true", "staff").status == 403);
    CHECK(node.remove("/api/patients/" + patient["id"].get<std::string>(), "staff").status == 200);
    CHECK(node.get("/api/staff", "staff").status == 403);
    CHECK(node.post("/api/staff", {{"email", "x@y.example"}}, "vet").status == 403);
    CHECK(node.put("/api/clinic", {{"name", "Mine"}}, "staff").status == 403);
    CHECK(node.get("/api/clinic", "staff").json["name"] == "North");
    CHECK(node.put("/api/clinic", {{"name", "Northern"}, {"code", "X"}}).json["code"] == "MAIN");
    const auto zone = [&](const char* name) { return node.put("/api/clinic", {{"timezone", name}}); };
    for (const char* wrong : {"Mars/Base", "Europe", "../../etc/passwd", "europe/berlin ", "localhost", "EST5EDT",
                              "CET", "UTC+3", "posixrules", "right/Europe/Berlin", "Europe/", "Europe/X5"}) {
        INFO(wrong);
        CHECK(zone(wrong).status == 422);
        CHECK(zone(wrong).json["fields"].contains("timezone"));
    }
    // The shell is held to the form; one that came from elsewhere counts as UTC, also when it is the name of a folder.
    for (const char* wrong : {"EST5EDT", "America", "Europe/", "right/Europe/Berlin"}) {
        CHECK_FALSE(node.database->write({}, [&](vetchart::edge::Connection& connection) -> vetchart::Status {
            connection.exec(("UPDATE clinic SET timezone='" + std::string(wrong) + "'").c_str());
            return vetchart::Done{};
        }));
    }
    node.execute(
        "UPDATE sync_control SET applying=1; UPDATE clinic SET timezone='America'; UPDATE sync_control SET applying=0");
    CHECK(node.get("/api/dashboard/stats").status == 200);
    CHECK(zone("Europe/Berlin").json["timezone"] == "Europe/Berlin");
    CHECK(zone("UTC").status == 200);
    const std::string vet = staff_id(node, "vet");
    CHECK(node.post("/api/staff/" + vet + "/password", {{"password", "another one"}}, "staff").status == 403);
}

TEST_CASE("api: a token ends with the user's deactivation and with the password", "[edge][api]") {
    ApiNode node;
    const std::string vet = staff_id(node, "vet");
    const std::string staff = staff_id(node, "staff");
    CHECK(node.put("/api/staff/" + vet, {{"active", false}}).json["active"] == false);
    CHECK(node.get("/api/auth/me", "vet").status == 403);
    CHECK(log_in(node, "vet@vetchart.example", ApiNode::kPassword).status == 401);
    CHECK(node.put("/api/staff/" + vet, {{"active", true}, {"roles", {"staff", "admin"}}}).status == 200);
    CHECK(node.get("/api/auth/me", "vet").status == 403);
    node.tokens["vet"] = node.log_in("vet", ApiNode::kPassword);
    CHECK(node.get("/api/staff", "vet").status == 200);

    CHECK(node.post("/api/staff/" + staff + "/password", {{"password", "short"}}).status == 422);
    CHECK(node.post("/api/staff/" + staff + "/password", {{"password", "a longer one"}}).status == 200);
    CHECK(node.get("/api/auth/me", "staff").status == 403);
    node.tokens["staff"] = node.log_in("staff", "a longer one");
    const Json own{{"password", "my own choice"}, {"currentPassword", "a longer one"}};
    const Json blind{{"password", "my own choice"}};
    CHECK(node.post("/api/staff/" + staff + "/password", blind, "staff").json["error"] ==
          "A new password needs the present one as currentPassword.");
    Json wrong = own;
    wrong["currentPassword"] = "a guess";
    CHECK(node.post("/api/staff/" + staff + "/password", wrong, "staff").status == 403);
    CHECK(node.post("/api/staff/" + staff_id(node, "admin") + "/password", wrong).status == 403);
    CHECK(node.post("/api/staff/" + staff + "/password", own, "staff").status == 200);
    CHECK(log_in(node, "staff", "my own choice").status == 200);
}

TEST_CASE("api: a clinic keeps an administrator, and an e-mail is taken once", "[edge][api]") {
    ApiNode node;
    const std::string admin = staff_id(node, "admin");
    const Reply alone = node.put("/api/staff/" + admin, {{"active", false}});
    CHECK(alone.status == 422);
    CHECK(alone.json["code"] == "last_admin");
    CHECK(node.put("/api/staff/" + admin, {{"roles", {"staff"}}}).status == 422);
    CHECK(node.put("/api/staff/" + admin, {{"roles", {"nurse"}}}).status == 422);
    for (const char* wrong : {"x", "@x", "x@", "a@b@c", "a b@c"}) {
        INFO(wrong);
        const Reply slip = node.put("/api/staff/" + admin, {{"email", wrong}});
        CHECK(slip.status == 422);
        CHECK(slip.json["fieldCodes"]["email"]["code"] == "bad_email");
        CHECK(node.post("/api/staff", {{"email", wrong},
                                       {"firstName", "A"},
                                       {"lastName", "B"},
                                       {"password", "long enough"},
                                       {"roles", {"staff"}}})
                  .status == 422);
    }
    // One that came from the old server, or by the shell, stands until it is changed.
    node.execute("UPDATE staff SET email='old@invalid name' WHERE username='staff'");
    CHECK(node.put("/api/staff/" + staff_id(node, "staff"), {{"lastName", "Still"}}).status == 200);
    const Reply taken = node.put("/api/staff/" + admin, {{"email", "VET@vetchart.example"}});
    CHECK(taken.status == 409);
    CHECK(taken.json["code"] == "email_taken");
    CHECK(taken.json["fields"].contains("email"));
}

TEST_CASE("api: an imported bcrypt password opens the node and is rehashed beside it", "[edge][api]") {
    ApiNode node;
    node.execute(
        "UPDATE staff SET password_hash='$2b$10$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK'"
        " WHERE username='vet'");
    const auto before = node.logged();
    CHECK(log_in(node, "vet@vetchart.example", "passwort").status == 401);
    CHECK(node.number("SELECT count(*) FROM local_password") == 0);
    CHECK(log_in(node, "vet@vetchart.example", "password").status == 200);
    CHECK(node.number("SELECT count(*) FROM local_password WHERE hash LIKE '$argon2id$%'") == 1);
    CHECK(log_in(node, "vet@vetchart.example", "password").status == 200);
    CHECK(log_in(node, "vet@vetchart.example", "passwort").status == 401);
    CHECK(node.logged() == before);
    // A password set later makes the local hash worthless.
    CHECK(node.post("/api/staff/" + staff_id(node, "vet") + "/password", {{"password", "brand new one"}}).status ==
          200);
    CHECK(log_in(node, "vet@vetchart.example", "password").status == 401);
    CHECK(log_in(node, "vet@vetchart.example", "brand new one").status == 200);
    node.execute("UPDATE staff SET password_hash='!' WHERE username='vet'");
    CHECK(log_in(node, "vet@vetchart.example", "!").status == 401);
}

TEST_CASE("api: one login opens every clinic whose password matches", "[edge][api]") {
    ApiNode node;
    const std::string south = "11111111-1111-4111-8111-111111111111";
    node.execute("INSERT INTO clinic(id,code,name) VALUES('" + south + "','SOUTH','South')");
    node.execute(
        "INSERT INTO staff(id,clinic_id,email,username,first_name,last_name,password_hash,roles)"
        " SELECT '22222222-2222-4222-8222-222222222222','" +
        south + "',email,username,first_name,last_name,password_hash,'[\"staff\"]' FROM staff WHERE username='admin'");
    CHECK(node.get("/api/auth/me").json["clinics"].size() == 1);
    node.tokens["both"] = node.log_in("admin@vetchart.example", ApiNode::kPassword);
    CHECK(node.get("/api/auth/me", "both").json["clinics"].size() == 2);
    const Reply there =
        node.post("/api/owners", {{"firstName", "A"}, {"lastName", "South"}, {"clinicId", south}}, "both");
    REQUIRE(there.status == 201);
    CHECK(there.json["clinicId"] == south);
    const Reply here = node.post("/api/owners", {{"firstName", "B"}, {"lastName", "North"}}, "both");
    CHECK(here.json["clinicId"] == node.clinic_id);
    // A child goes where its parent is; a parent of another clinic is none.
    const Json pet{{"name", "Rex"}, {"species", "Dog"}, {"ownerId", there.json["id"]}};
    CHECK(node.post("/api/patients", pet, "both").json["clinicId"] == south);
    Json wrong = pet;
    wrong["clinicId"] = node.clinic_id;
    CHECK(node.post("/api/patients", wrong, "both").status == 422);
    CHECK(node.get("/api/owners", "both").json.size() == 2);
    CHECK(node.get("/api/owners?limit=1", "both").json.size() == 1);
    // The other login sees nothing of that clinic, and has its role only where it is.
    const std::string path = "/api/owners/" + there.json["id"].get<std::string>();
    CHECK(node.get(path).status == 404);
    CHECK(node.put(path, {{"notes", "x"}}).status == 404);
    CHECK(node.remove(path).status == 404);
    CHECK(node.post("/api/patients", pet).status == 422);
    CHECK(node.post("/api/owners", {{"firstName", "A"}, {"lastName", "B"}, {"clinicId", south}}).status == 403);
    CHECK(node.remove(path + "?hard=true", "both").status == 403);
    CHECK(node.get("/api/dashboard/stats", "both").json["totalOwners"] == 2);
    // The clinic that a body brings along is the one that is changed; the role counts there.
    CHECK(node.put("/api/clinic", {{"id", south}, {"name", "Taken over"}}, "both").status == 403);
    CHECK(node.put("/api/clinic", {{"clinicId", south}, {"name", "Taken over"}}, "both").status == 403);
    CHECK(node.put("/api/clinic", {{"id", node.clinic_id}, {"name", "Main Street"}}, "both").status == 200);
    // A new own password goes on opening both.
    const Json own{{"password", "one for both"}, {"currentPassword", ApiNode::kPassword}};
    REQUIRE(node.post("/api/staff/" + staff_id(node, "admin") + "/password", own, "both").status == 200);
    CHECK(node.get("/api/auth/me", "both").status == 403);
    node.tokens["both"] = node.log_in("admin@vetchart.example", "one for both");
    CHECK(node.get("/api/auth/me", "both").json["clinics"].size() == 2);
}

TEST_CASE("api: guessing passwords is slowed down", "[edge][api]") {
    ApiNode node;
    int refused = 0;
    for (int i = 0; i < 12; ++i) {
        if (log_in(node, "vet", "guess " + std::to_string(i)).status == 429) ++refused;
    }
    CHECK(refused == 2);
    const Reply locked = log_in(node, "vet", ApiNode::kPassword);
    CHECK(locked.status == 429);
    const int wait = std::stoi(locked.header("Retry-After"));
    CHECK(wait > 200);
    CHECK(wait <= 300);
    CHECK(log_in(node, "staff", ApiNode::kPassword).status == 200);
}

TEST_CASE("api: an empty node can only be set up, once, from here or with the code", "[edge][api]") {
    ApiNode node(ApiNode::State::empty, [](vetchart::edge::ApiOptions& options) {
        options.setup_code = "K7Q2";
        options.hosts = {"vets.example"};
    });
    CHECK(node.get("/api/setup", "").json["needed"] == true);
    CHECK(node.get("/api/owners", "").status == 503);
    CHECK(log_in(node, "a@b.example", "password").json["code"] == "setup_needed");
    CHECK(node.get("/api/health", "").status == 200);
    Json body{{"adminEmail", "Boss@Clinic.example"}, {"password", "password"}, {"clinicName", "Harbour Vets"}};
    // A page elsewhere can make a browser post a form, or point a name of its own at this address.
    const auto text = node.send_text("POST", "/api/setup", body.dump(), "text/plain");
    CHECK(text.status == 415);
    CHECK(node.send("POST", "/api/setup", body, "", {{"Host", "evil.example"}}).status == 421);
    // Under a name that it was given a caller need not sit here.
    const httplib::Headers elsewhere{{"Host", "vets.example"}};
    CHECK(node.send("POST", "/api/setup", body, "", elsewhere).json["code"] == "setup_code_wrong");
    body["code"] = "WRONG";
    CHECK(node.send("POST", "/api/setup", body, "", elsewhere).status == 403);
    body["code"] = "K7Q2";
    body["password"] = "short";
    CHECK(node.send("POST", "/api/setup", body, "", elsewhere).json["code"] == "weak_password");
    body["password"] = "password";
    body["adminEmail"] = "nobody";
    CHECK(node.send("POST", "/api/setup", body, "", elsewhere).json["code"] == "bad_email");
    body["adminEmail"] = "Boss@Clinic.example";
    const Reply made = node.send("POST", "/api/setup", body, "", elsewhere);
    INFO(made.body);
    CHECK(made.status == 201);
    CHECK(node.post("/api/setup", body, "").status == 409);
    CHECK(node.get("/api/setup", "").json["needed"] == false);
    node.tokens["admin"] = node.log_in("boss@clinic.example", "password");
    CHECK(node.get("/api/clinic").json["name"] == "Harbour Vets");
    CHECK(node.get("/api/auth/me").json["roles"] == Json{"admin"});
}

TEST_CASE("api: everyone may know the names of the active veterinarians, and no more of the staff", "[edge][api]") {
    ApiNode node;
    const Json vets = node.get("/api/vets", "staff").json;
    REQUIRE(vets.size() == 1);
    CHECK(vets[0].size() == 3);
    CHECK(vets[0]["id"].is_string());
    CHECK(vets[0]["clinicId"] == node.clinic_id);
    CHECK(vets[0]["name"].is_string());
    node.execute("UPDATE staff SET active=0 WHERE instr(roles,'veterinarian')>0");
    CHECK(node.get("/api/vets", "staff").json == Json::array());
    CHECK(node.get("/api/staff", "staff").status == 403);
}

TEST_CASE("accounts: what the first start would refuse is known before a file is made", "[edge][api]") {
    vetchart::edge::FirstAdmin right;
    right.email = "admin@vetchart.example";
    right.password = ApiNode::kPassword;
    CHECK(vetchart::edge::check_first_admin(right));
    const auto slug = [&](const std::function<void(vetchart::edge::FirstAdmin&)>& change) {
        vetchart::edge::FirstAdmin admin = right;
        change(admin);
        const auto checked = vetchart::edge::check_first_admin(admin);
        return checked ? std::string() : checked.error().slug;
    };
    CHECK(slug([](auto& admin) { admin.password = "short"; }) == "weak_password");
    CHECK(slug([](auto& admin) { admin.email = "nomail"; }) == "bad_email");
    CHECK(slug([](auto& admin) { admin.clinic_code = "lower"; }) == "clinic_code_check");
    CHECK(slug([](auto& admin) { admin.clinic_code = "X"; }) == "clinic_code_check");
    CHECK(slug([](auto& admin) { admin.clinic_name = "  "; }) == "clinic_name_check");
    CHECK(slug([](auto& admin) { admin.currency = "euro"; }) == "clinic_currency_check");
}
