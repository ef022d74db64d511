#include "central/store/nodes.h"

#include <sodium.h>

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include "central/intake/enroll.h"
#include "central/intake/node_auth.h"
#include "central/store/clinics.h"
#include "central/store/housekeeping.h"
#include "central/store/hq_users.h"
#include "central/store/staff.h"
#include "sync/base/uuid.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"

namespace vetchart::central {
namespace {

UtcMillis now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

PoolOptions options_for(const std::string& url) {
    PoolOptions options;
    options.url = url;
    return options;
}

/// A central with two clinics, and a plain connection beside it.
struct World {
    std::string url = test::central_database();
    Pool pool{options_for(url), test::chance()};
    pqxx::connection direct{url};

    World() {
        for (const char* code : {"NORTH", "SOUTH"}) {
            REQUIRE(add_clinic(pool, "os:test", NewClinic{code, "The clinic", "Europe/Berlin", "EUR"}, now()).ok());
        }
    }

    std::string value(const std::string& sql) { return test::value_of(direct, sql); }

    std::string token(const std::vector<std::string>& clinics = {"NORTH"}, int hours = 1) {
        const auto invite = create_invite(pool, "os:test", clinics, std::chrono::hours(hours), now());
        REQUIRE(invite.ok());
        return invite->token;
    }

    Answer<sync::EnrollReply, RefusedEnrolment> enroll_with(const std::string& token, const std::string& code,
                                                            const std::string& incarnation) {
        const auto outcome =
            enroll(pool, sync::EnrollRequest{token, "Front desk", code, incarnation, "0.1.0", 1}, now());
        REQUIRE(outcome.ok());
        return *outcome;
    }

    sync::EnrollReply enrolled(const std::string& code = "ABCDE") {
        const auto outcome = enroll_with(token(), code, to_string(random_uuid_v4(test::chance())));
        REQUIRE_FALSE(outcome.is_refused());
        return outcome.reply();
    }

    std::string refusal_of_secret(const std::string& authorization) {
        const auto outcome = authenticate(pool, authorization);
        REQUIRE(outcome.ok());
        return outcome->is_refused() ? std::to_string(outcome->refusal().status) + " " + outcome->refusal().code : "";
    }
};

std::string code_of(const Answer<sync::EnrollReply, RefusedEnrolment>& answer) {
    return answer.is_refused() ? answer.refusal().code : "none";
}

}  // namespace

TEST_CASE("enrolment: a token makes one node with its scope, code and incarnation", "[central][nodes]") {
    World world;
    const std::string token = world.token({"NORTH", "SOUTH"});
    const std::string incarnation = to_string(random_uuid_v4(test::chance()));
    const auto outcome = world.enroll_with(token, "ABCDE", incarnation);
    REQUIRE_FALSE(outcome.is_refused());
    CHECK(outcome.reply().clinics.size() == 2);
    CHECK(outcome.reply().clinics[0].code == "NORTH");
    CHECK(outcome.reply().secret.size() >= 40);
    CHECK(world.value("SELECT count(*) FROM sync_node_clinic") == "2");
    CHECK(world.value("SELECT incarnation FROM sync_node_code WHERE code = 'ABCDE'") == incarnation);
    CHECK(world.value("SELECT encode(last_digest, 'hex') FROM sync_incarnation") ==
          to_hex(sync::chain_seed(incarnation)));
    CHECK(world.value("SELECT count(*) FROM audit_log WHERE action = 'node enroll'") == "1");

    SECTION("neither the token nor the secret stands in the database") {
        const std::string everything = world.value(
            "SELECT (SELECT jsonb_agg(to_jsonb(i)) FROM sync_invite i)::text || "
            "(SELECT jsonb_agg(to_jsonb(n)) FROM sync_node n)::text || "
            "(SELECT jsonb_agg(to_jsonb(a)) FROM audit_log a)::text");
        CHECK(everything.find(token) == std::string::npos);
        CHECK(everything.find(outcome.reply().secret) == std::string::npos);
    }
    SECTION("a second node gets nothing for the same token") {
        CHECK(code_of(world.enroll_with(token, "FGHJK", to_string(random_uuid_v4(test::chance())))) == "token_invalid");
        CHECK(world.value("SELECT count(*) FROM sync_node") == "1");
    }
    SECTION("the same node that missed the answer gets the same identity and a new secret") {
        const auto again = world.enroll_with(token, "FGHJK", incarnation);
        REQUIRE_FALSE(again.is_refused());
        CHECK(again.reply().node_id == outcome.reply().node_id);
        CHECK(world.refusal_of_secret("Node " + again.reply().node_id + "." + again.reply().secret).empty());
        CHECK(world.refusal_of_secret("Node " + again.reply().node_id + "." + outcome.reply().secret) ==
              "401 node_unknown");
        CHECK(world.value("SELECT count(*) FROM sync_node") == "1");
    }
    SECTION("but not once the node was heard of") {
        REQUIRE(note_contact(world.pool, outcome.reply().node_id, true).ok());
        CHECK(code_of(world.enroll_with(token, "ABCDE", incarnation)) == "token_invalid");
    }
}

TEST_CASE("enrolment: a clinic that an invitation names twice is joined once", "[central][nodes]") {
    World world;
    const auto outcome =
        world.enroll_with(world.token({"SOUTH", "NORTH", "SOUTH"}), "ABCDE", to_string(random_uuid_v4(test::chance())));
    REQUIRE_FALSE(outcome.is_refused());
    CHECK(world.value("SELECT count(*) FROM sync_node_clinic") == "2");
}

TEST_CASE("enrolment: a refusal leaves the token unused and makes nothing", "[central][nodes]") {
    World world;
    world.enrolled("TAKEN");
    const std::string token = world.token();
    CHECK(code_of(world.enroll_with(token, "TAKEN", to_string(random_uuid_v4(test::chance())))) == "code_taken");
    CHECK(code_of(world.enroll_with(token, "no", to_string(random_uuid_v4(test::chance())))) == "invalid_value");
    CHECK(code_of(world.enroll_with(token, "FGHJK", "no-id")) == "invalid_value");
    CHECK(world.value("SELECT count(*) FROM sync_node") == "1");
    CHECK_FALSE(world.enroll_with(token, "FGHJK", to_string(random_uuid_v4(test::chance()))).is_refused());
}

TEST_CASE("enrolment: an unknown or expired token is refused", "[central][nodes]") {
    World world;
    CHECK(code_of(world.enroll_with("nonsense", "ABCDE", to_string(random_uuid_v4(test::chance())))) ==
          "token_invalid");
    const std::string expired = world.token({"NORTH"}, -1);
    CHECK(code_of(world.enroll_with(expired, "ABCDE", to_string(random_uuid_v4(test::chance())))) == "token_invalid");
    CHECK(create_invite(world.pool, "os:test", {"NOBODY"}, std::chrono::hours(1), now()).error().slug ==
          "clinic_not_found");
}

TEST_CASE("authentication: only the right secret of an active node passes", "[central][nodes]") {
    World world;
    const auto node = world.enrolled();
    const std::string good = "Node " + node.node_id + "." + node.secret;
    const auto outcome = authenticate(world.pool, good);
    REQUIRE((outcome.ok() && !outcome->is_refused()));
    CHECK(outcome->reply().name == "Front desk");
    REQUIRE(outcome->reply().identity.clinics.size() == 1);
    CHECK(outcome->reply().identity.clinics[0].code == "NORTH");
    for (const std::string& wrong :
         {good + "x", good.substr(0, good.size() - 1), "Node " + node.node_id + ".",
          "Node " + to_string(random_uuid_v4(test::chance())) + "." + node.secret, "Bearer " + node.secret,
          std::string("Node x.y"), std::string(), "node " + good.substr(5)}) {
        CAPTURE(wrong);
        CHECK(world.refusal_of_secret(wrong) == "401 node_unknown");
    }
    REQUIRE(revoke_node(world.pool, "os:test", "Front desk").ok());
    CHECK(world.refusal_of_secret(good) == "403 node_revoked");
    CHECK(world.refusal_of_secret(good + "x") == "401 node_unknown");
    CHECK(world.value("SELECT subject FROM audit_log WHERE action = 'node revoke'") == node.node_id);
}

TEST_CASE("nodes: a contact is written down, and never waits for a push of the same node", "[central][nodes]") {
    World world;
    const auto node = world.enrolled();
    REQUIRE(note_contact(world.pool, node.node_id, false).ok());
    CHECK(world.value("SELECT last_seen_at IS NOT NULL AND last_pull_at IS NULL FROM sync_node") == "t");
    pqxx::connection other(world.url);
    pqxx::work push(other);
    push.exec("SELECT 1 FROM sync_node FOR UPDATE");
    const auto begun = std::chrono::steady_clock::now();
    CHECK(note_contact(world.pool, node.node_id, true).ok());
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2));
    push.abort();
    const auto nodes = list_nodes(world.pool);
    REQUIRE(nodes.ok());
    REQUIRE(nodes->size() == 1);
    CHECK(nodes->front().clinics == std::vector<std::string>{"NORTH"});
    CHECK(nodes->front().last_seen_at.has_value());
    CHECK(nodes->front().lag_seconds.value_or(-1) >= 0);
}

TEST_CASE("nodes: a name that several have must be told apart", "[central][nodes]") {
    World world;
    world.enrolled("AAAAA");
    const auto second = world.enrolled("BBBBB");
    CHECK(revoke_node(world.pool, "os:test", "Front desk").error().slug == "ambiguous");
    CHECK(*revoke_node(world.pool, "os:test", "BBBBB") == second.node_id);
    CHECK(*revoke_node(world.pool, "os:test", second.node_id) == second.node_id);
    CHECK(revoke_node(world.pool, "os:test", "nobody").error().code == Errc::not_found);
}

TEST_CASE("staff: the commands write rows of the clinic's feed, with an argon2id hash", "[central][staff]") {
    World world;
    const auto before = world.value("SELECT max(version) FROM sync_counter");
    const NewStaff ann{"NORTH",        " Ann@Example.org", "", "Ann", "Lee", {"veterinarian", "admin", "admin"},
                       "correct horse"};
    REQUIRE(add_staff(world.pool, "os:test", ann, now()).ok());
    CHECK(world.value("SELECT email || ' ' || username || ' ' || roles FROM staff") ==
          "ann@example.org ann [\"admin\",\"veterinarian\"]");
    const auto hash = world.value("SELECT password_hash FROM staff");
    CHECK(hash.starts_with("$argon2id$"));
    CHECK(crypto_pwhash_str_verify(hash.c_str(), "correct horse", 13) == 0);
    CHECK(world.value("SELECT max(version) FROM sync_counter") > before);

    REQUIRE(set_staff_roles(world.pool, "os:ben", "NORTH", "ann@example.org", {"staff"}).ok());
    CHECK(world.value("SELECT roles FROM staff") == "[\"staff\"]");
    CHECK(world.value("SELECT actor FROM row_meta WHERE column_name = 'roles'") == "os:ben");
    REQUIRE(set_staff_password(world.pool, "os:test", "NORTH", "ANN@example.org", "another horse").ok());
    CHECK(world.value("SELECT password_hash FROM staff") != hash);
    REQUIRE(deactivate_staff(world.pool, "os:test", "NORTH", "ann@example.org").ok());
    CHECK(world.value("SELECT active FROM staff") == "f");
    CHECK(world.value("SELECT count(*) FROM audit_log WHERE action LIKE 'staff %'") == "4");
    CHECK(world.value("SELECT count(*) FROM audit_log WHERE detail::text LIKE '%horse%'") == "0");

    CHECK(add_staff(world.pool, "os:test", ann, now()).error().slug == "staff_clinic_id_email_key");
    NewStaff slip = ann;
    slip.email = "ann";
    CHECK(add_staff(world.pool, "os:test", slip, now()).error().slug == "bad_email");
    CHECK(deactivate_staff(world.pool, "os:test", "SOUTH", "ann@example.org").error().code == Errc::not_found);
    CHECK(set_staff_password(world.pool, "os:test", "NORTH", "ann@example.org", "short").error().slug ==
          "password_too_short");
    CHECK(canonical_roles({"boss"}).error().slug == "unknown_role");
    CHECK(list_staff(world.pool, "SOUTH")->empty());
    CHECK(list_staff(world.pool, "")->size() == 1);
}

TEST_CASE("hq users: added, listed, given a new password, deactivated", "[central][staff]") {
    World world;
    REQUIRE(add_hq_user(world.pool, "os:test", "Boss@hq.org", "admin", "correct horse", now()).ok());
    CHECK(add_hq_user(world.pool, "os:test", "boss@hq.org", "admin", "correct horse", now()).error().slug ==
          "hq_user_email_key");
    CHECK(add_hq_user(world.pool, "os:test", "b@hq.org", "king", "correct horse", now()).error().slug ==
          "unknown_role");
    for (const char* email : {"", " ", "boss", "@hq.org", "boss@", "a@b@c", "a b@hq.org"}) {
        CHECK(add_hq_user(world.pool, "os:test", email, "admin", "correct horse", now()).error().slug == "bad_email");
    }
    REQUIRE(set_hq_password(world.pool, "os:test", "boss@hq.org", "another horse").ok());
    REQUIRE(deactivate_hq_user(world.pool, "os:test", "boss@hq.org").ok());
    const auto users = list_hq_users(world.pool);
    REQUIRE((users.ok() && users->size() == 1));
    CHECK_FALSE(users->front().active);
}

TEST_CASE("clinics: a code that is taken or malformed, or a zone nobody knows, is refused", "[central][clinics]") {
    World world;
    const auto refused = [&](const NewClinic& clinic) {
        return add_clinic(world.pool, "os:test", clinic, now()).error();
    };
    CHECK(refused({"NORTH", "Again"}).slug == "clinic_code_key");
    CHECK(refused({"north", "Lower case"}).slug == "clinic_code_check");
    CHECK(refused({"WEST", " "}).slug == "clinic_name_check");
    for (const char* zone :
         {"Mars/Olympus", "EST5EDT", "CET", "UTC+3", "posixrules", "europe/berlin", "Europe/X5", ""}) {
        INFO(zone);
        CHECK(refused({"WEST", "West", zone}).slug == "unknown_timezone");
    }
    CHECK(list_clinics(world.pool)->size() == 2);
}

TEST_CASE("housekeeping: a sent bill is overdue after its day in the clinic's own zone", "[central][housekeeping]") {
    const std::string url = test::central_database();
    Pool pool(options_for(url), test::chance());
    pqxx::connection direct(url);
    test::fill_chart(direct);
    const auto bill_due = [&](const std::string& day) {
        CHECK(test::refusal_of(direct, "UPDATE bill SET status = 'sent', due_date = " + day).empty());
        const auto marked = mark_overdue_bills(pool);
        REQUIRE(marked.ok());
        return *marked;
    };
    CHECK(bill_due("(now() AT TIME ZONE 'UTC')::date + 2") == 0);
    CHECK(bill_due("(now() AT TIME ZONE 'UTC')::date - 2") == 1);
    CHECK(test::value_of(direct, "SELECT status FROM bill") == "overdue");
    CHECK(*mark_overdue_bills(pool) == 0);
    CHECK(make_journal_partitions(pool).ok());
}

}  // namespace vetchart::central
