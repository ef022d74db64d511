#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "edge/store/log/attention.h"
#include "edge/store/people/accounts.h"
#include "tests/exchange/world.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

std::string staff_sql(const std::string& clinic, const std::string& id, const std::string& name,
                      const std::string& roles) {
    return "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) VALUES ('" +
           id + "', '" + clinic + "', '" + name + "@north.example', '" + name + "', '" + name + "', 'Lee', 'hash of " +
           name + "', '" + roles + "');";
}

/// A clinic with an administrator (ann) and a receptionist (bob) at central, and two nodes that know them.
struct Staffed {
    CentralWorld central;
    std::string clinic = central.clinic("NORTH");
    std::string ann = person("ann", R"(["admin"])"), bob = person("bob", R"(["staff"])");
    NodeWorld a{central, "NORTH", "front desk"};
    NodeWorld b{central, "NORTH", "laptop"};

    std::string person(const std::string& name, const std::string& roles) {
        const std::string id = new_id();
        central.psql(staff_sql(clinic, id, name, roles));
        return id;
    }

    std::string people() {
        return central.psql(
            "SELECT string_agg(email || roles || active::int || password_hash, ' ' ORDER BY email) FROM staff; "
            "SELECT code || name FROM clinic");
    }

    /// Pushes; returns outcome and code of what `node` sent, in order.
    static std::string outcomes(NodeWorld& node) {
        std::string all;
        for (const auto& result : node.push()) {
            all += (all.empty() ? "" : " ") + (result.code ? *result.code : std::string(to_string(result.outcome)));
        }
        return all;
    }

    sync::Json attention(NodeWorld& node) {
        const auto list = edge::list_attention(node.database(), {{clinic}, {}, false});
        REQUIRE(list.ok());
        return sync::Json::parse(*list);
    }

    /// The only item of `code` that `node` shows, of what came from the node `from`.
    sync::Json item(NodeWorld& node, const std::string& code, const std::string& from) {
        sync::Json found;
        for (auto& one : attention(node)) {
            if (one["code"] != code || one["node"] != from) continue;
            CHECK(found.is_null());
            found = one;
        }
        INFO(attention(node).dump(1));
        REQUIRE(found.is_object());
        return found;
    }

    std::string set(const std::string& id, const std::string& what) const {
        return "UPDATE staff SET " + what + " WHERE id = '" + id + "';";
    }

    /// Requires that no hash is in what a person sees, at central or on a node.
    void require_no_hash() {
        for (NodeWorld* node : {&a, &b}) CHECK(attention(*node).dump().find("hash of") == std::string::npos);
        CHECK(central.psql("SELECT count(*) FROM sync_item WHERE concat(mine, theirs, base, reason, title) LIKE "
                           "'%hash of%'") == "0");
        CHECK(central.psql("SELECT count(*) FROM audit_log WHERE detail::text LIKE '%hash of%'") == "0");
    }
};

}  // namespace

TEST_CASE("rights: what a shell does to staff and clinic is held with a sentence, and work flows on",
          "[exchange][rights]") {
    Staffed world;
    const std::string made = new_id();
    const std::vector<std::array<std::string, 3>> writes = {
        {world.set(world.bob, R"(roles = '["admin","staff"]')"), "SELECT roles FROM staff WHERE username = 'bob'",
         R"(["admin","staff"])"},
        {staff_sql(world.clinic, made, "mal", R"(["admin"])"), "SELECT roles FROM staff WHERE username = 'mal'",
         R"(["admin"])"},
        {world.set(world.ann, "active = 0"), "SELECT active FROM staff WHERE username = 'ann'", "0"},
        {"UPDATE clinic SET code = 'HACKED';", "SELECT code FROM clinic", "HACKED"},
        {"DELETE FROM staff WHERE username = 'ann';", "SELECT count(*) FROM staff WHERE username = 'ann'", "0"},
        {world.set(world.bob, "password_hash = 'hash of mine'"),
         "SELECT password_hash FROM staff WHERE username = 'bob'", "hash of mine"}};
    const std::string before = world.people();
    int owners = 0;
    for (const auto& [sql, question, answer] : writes) {
        INFO(sql);
        const std::string name = "pc " + std::to_string(owners + 1);
        NodeWorld pc{world.central, "NORTH", name};
        pc.shell(sql);
        REQUIRE(pc.read("SELECT count(*) FROM change_log WHERE actor IS NULL") == "1");
        REQUIRE(pc.write(owner_sql(world.clinic, new_id(), "Kim"), world.bob).ok());
        CHECK(Staffed::outcomes(pc) == "admin_needed applied");
        pc.pull();
        CHECK(world.people() == before);
        CHECK(world.central.psql("SELECT count(*) FROM owner") == std::to_string(++owners));
        // In view on its node, marked, and on every other as a refused change.
        CHECK(pc.read(question) == answer);
        CHECK(pc.read("SELECT count(*) FROM sync_txn WHERE outcome = 'held'") == "1");
        const auto item = world.item(pc, "admin_needed", name);
        CHECK(item["kind"] == "quarantine");
        CHECK(item["actor"].is_null());
        CHECK(item["reason"].get<std::string>().find("administrator") != std::string::npos);
    }
    world.b.sync();
    CHECK(world.b.read("SELECT group_concat(roles || active) FROM (SELECT * FROM staff ORDER BY username)") ==
          R"(["admin"]1,["staff"]1)");
    CHECK(world.b.read("SELECT code FROM clinic") == "NORTH");
    CHECK(world.attention(world.b).size() == writes.size());
    world.require_no_hash();
}

TEST_CASE("rights: whose name is no administrator's of the clinic changes no staff", "[exchange][rights]") {
    Staffed world;
    const std::string south = world.central.clinic("SOUTH"), eve = new_id(), old = world.person("old", R"(["admin"])");
    world.central.psql(staff_sql(south, eve, "eve", R"(["admin"])") + world.set(old, "active = false"));
    const std::string before = world.people();
    for (const std::string& actor : {world.bob, eve, old, new_id(), std::string("central"), std::string("system"),
                                     std::string("ann@north.example"), std::string("'; DROP TABLE staff; --")}) {
        INFO(actor);
        NodeWorld rogue{world.central, "NORTH", "rogue"};
        REQUIRE(rogue.write(world.set(world.bob, R"(roles = '["admin"]')"), actor).ok());
        REQUIRE(rogue.write(staff_sql(world.clinic, new_id(), "mal", R"(["admin"])"), actor).ok());
        REQUIRE(rogue.write("UPDATE clinic SET name = 'Mine'", actor).ok());
        CHECK(Staffed::outcomes(rogue) == "admin_needed admin_needed admin_needed");
    }
    CHECK(world.people() == before);
    CHECK(world.central.psql("SELECT count(*) FROM audit_log WHERE action LIKE 'sync %'") == "0");
}

TEST_CASE("rights: a push that bears an administrator's name is audited and told to the clinic", "[exchange][rights]") {
    Staffed world;
    // A forged node can write any name: what must hold is that the one who bears it hears of it.
    REQUIRE(
        world.b.write(world.set(world.bob, R"(roles = '["admin","staff"]', password_hash = 'hash of x')"), world.ann)
            .ok());
    REQUIRE(world.b.write(world.set(world.ann, "password_hash = 'hash of y'"), world.ann).ok());
    REQUIRE(world.b.write("UPDATE clinic SET phone = '555'", world.ann).ok());
    CHECK(Staffed::outcomes(world.b) == "applied applied applied");
    CHECK(world.central.psql("SELECT string_agg(actor || '|' || action || '|' || (detail ->> 'node') || '|' || "
                             "(detail ->> 'clinic') || '|' || coalesce(detail ->> 'roles', ''), ' ' ORDER BY id) "
                             "FROM audit_log WHERE action LIKE 'sync %'") ==
          "staff:ann@north.example|sync staff_changed|laptop|NORTH|[\"admin\",\"staff\"] "
          "staff:ann@north.example|sync password_changed|laptop|NORTH| "
          "staff:ann@north.example|sync clinic_changed|laptop|NORTH|");
    world.a.pull();
    const auto told = world.item(world.a, "staff_changed", "laptop");
    CHECK(told["kind"] == "notice");
    CHECK(told["actor"] == "ann Lee");
    CHECK(told["node"] == "laptop");
    CHECK(told["rowId"] == world.bob);
    CHECK(told["mine"] == sync::Json{{"roles", R"(["admin","staff"])"}});
    CHECK(told["base"] == sync::Json{{"roles", R"(["staff"])"}});
    CHECK(world.item(world.a, "password_changed", "laptop")["rowId"] == world.ann);
    CHECK(world.item(world.a, "clinic_changed", "laptop")["mine"] == sync::Json{{"phone", "555"}});
    world.require_no_hash();
    CHECK(world.central.psql("SELECT actor_name('" + world.ann + "'), actor_name('os:ben')") == "ann Lee|os:ben");
    CHECK(world.central.psql("SELECT DISTINCT actor FROM row_meta WHERE column_name = 'roles'") == world.ann);
}

TEST_CASE("rights: batches, single transactions and the slow way give one answer", "[exchange][rights]") {
    std::map<std::string, std::string> pictures;
    for (const std::string way : {"one batch", "one by one", "beside a held one"}) {
        INFO(way);
        Staffed world;
        NodeWorld& node = world.a;
        const std::string cat = new_id();
        const auto write = [&](const std::string& sql, const std::string& hand) {
            REQUIRE(node.write(sql, hand).ok());
            if (way == "one by one") node.push();
        };
        write(staff_sql(world.clinic, cat, "cat", R"(["staff"])"), world.ann);
        write(world.set(cat, R"(roles = '["admin"]')"), world.ann);
        write(world.set(world.ann, "active = 0"), cat);
        write(world.set(world.ann, "active = 1"), cat);
        write(world.set(world.bob, "password_hash = 'hash of new'"), world.bob);
        write("UPDATE clinic SET name = 'North'", world.ann);
        if (way == "beside a held one") write("UPDATE clinic SET name = 'Bob''s'", world.bob);
        node.push();
        pictures[world.people() +
                 world.central.psql("SELECT string_agg(code, ',' ORDER BY first_seq) FROM sync_item WHERE kind = "
                                    "'notice'; SELECT string_agg(action, ',' ORDER BY id) FROM audit_log WHERE "
                                    "action LIKE 'sync %'; SELECT count(*) FROM row_meta")] = way;
    }
    INFO((pictures.begin()->first));
    CHECK(pictures.size() == 1);
}

TEST_CASE("rights: the last administrator stays, whoever's hand it is", "[exchange][rights]") {
    Staffed world;
    const std::string before = world.people();
    for (const char* sql : {"UPDATE staff SET active = 0", "UPDATE staff SET roles = '[\"staff\"]'",
                            "DELETE FROM staff WHERE username = 'ann'"}) {
        INFO(sql);
        NodeWorld node{world.central, "NORTH", "node"};
        REQUIRE(node.write(sql, world.ann).ok());
        CHECK(Staffed::outcomes(node) == "last_admin");
    }
    CHECK(world.people() == before);
}

TEST_CASE("rights: whom another deactivated stays so until a change that has seen it", "[exchange][rights]") {
    Staffed world;
    SECTION("deactivated on another node") {
        REQUIRE(world.a.write(world.set(world.bob, "active = 0"), world.ann).ok());
        CHECK(Staffed::outcomes(world.a) == "applied");
    }
    SECTION("deactivated at central") { world.central.psql(world.set(world.bob, "active = false")); }
    REQUIRE(world.b.write(world.set(world.bob, "active = 0"), world.ann).ok());
    REQUIRE(world.b.write(world.set(world.bob, "active = 1"), world.ann).ok());
    CHECK(Staffed::outcomes(world.b) == "applied deactivated_elsewhere");
    CHECK(world.central.psql("SELECT active FROM staff WHERE id = '" + world.bob + "'") == "f");
    NodeWorld seen{world.central, "NORTH", "seen"};
    REQUIRE(seen.write(world.set(world.bob, "active = 1"), world.ann).ok());
    CHECK(Staffed::outcomes(seen) == "applied");
    REQUIRE(seen.write(world.set(world.bob, "active = 0"), world.ann).ok());
    CHECK(Staffed::outcomes(seen) == "applied");
    REQUIRE(seen.write(world.set(world.bob, "active = 1"), world.ann).ok());
    CHECK(Staffed::outcomes(seen) == "applied");
}

TEST_CASE("rights: of two passwords the later counts, in whatever order they arrive", "[exchange][rights]") {
    Staffed world;
    const bool late_first = GENERATE(true, false);
    REQUIRE(world.a.write(world.set(world.bob, "password_hash = 'hash of early'"), world.bob).ok());
    for (const UtcMillis written = now(); now() <= written + std::chrono::milliseconds(1);) {
    }
    REQUIRE(world.b.write(world.set(world.bob, "password_hash = 'hash of late'"), world.bob).ok());
    for (NodeWorld* node : late_first ? std::array{&world.b, &world.a} : std::array{&world.a, &world.b}) {
        CHECK(Staffed::outcomes(*node) == "applied");
    }
    CHECK(world.central.psql("SELECT password_hash FROM staff WHERE id = '" + world.bob + "'") == "hash of late");
    world.a.pull();
    world.b.pull();
    CHECK(world.a.read("SELECT password_hash FROM staff WHERE id = '" + world.bob + "'") == "hash of late");
    CHECK(world.central.psql("SELECT count(*) FROM sync_item WHERE kind = 'conflict'") == "0");
    world.require_no_hash();
}

TEST_CASE("rights: the work of a person whom central did not take waits with them, all other work flows",
          "[exchange][rights]") {
    Staffed world;
    const std::string mal = new_id();
    world.a.shell(staff_sql(world.clinic, mal, "mal", R"(["admin"])") + world.set(world.bob, "last_name = 'Poe'"));
    REQUIRE(world.a.write(owner_sql(world.clinic, new_id(), "Kim"), mal).ok());
    REQUIRE(world.a.write(owner_sql(world.clinic, new_id(), "Lou"), world.bob).ok());
    CHECK(Staffed::outcomes(world.a) == "admin_needed depends_on_held applied");
    // Also in a later push.
    REQUIRE(world.a.write(owner_sql(world.clinic, new_id(), "Max"), mal).ok());
    REQUIRE(world.a.write(world.set(world.bob, "last_name = 'Ray'"), world.ann).ok());
    REQUIRE(world.a.write(owner_sql(world.clinic, new_id(), "Ned"), world.bob).ok());
    CHECK(Staffed::outcomes(world.a) == "depends_on_held depends_on_held applied");
    world.a.pull();
    world.b.sync();
    CHECK(world.b.read("SELECT group_concat(first_name) FROM (SELECT * FROM owner ORDER BY first_name)") == "Lou,Ned");
    CHECK(world.a.read("SELECT count(*) FROM owner") == "4");
}

TEST_CASE("rights: the administrators of a node that worked alone stay so only where the clinic has none",
          "[exchange][rights]") {
    CentralWorld central;
    const std::string clinic = central.clinic("NORTH");
    NodeWorld alone{central, "NORTH", "laptop", Beginning::alone};
    const std::string ada = alone.read("SELECT id FROM staff");
    const std::string ben = new_id();
    REQUIRE(alone.write(staff_sql(alone.clinic_id(), ben, "ben", R"(["admin","staff"])"), ada).ok());
    const auto roles = [&central] {
        return central.psql("SELECT string_agg(roles || active::int, ' ' ORDER BY username) FROM staff");
    };
    const auto codes = [&central] {
        return central.psql("SELECT string_agg(code, ' ' ORDER BY row_id) FROM sync_item WHERE kind = 'notice'");
    };
    SECTION("it has none") {
        central.psql(staff_sql(clinic, new_id(), "old", R"(["admin"])") + "UPDATE staff SET active = false");
        alone.join("NORTH");
        alone.sync();
        CHECK(roles() == R"(["admin"]1 ["admin","staff"]1 ["admin"]0)");
        CHECK(codes() == "staff_joined staff_joined");
        CHECK(central.psql("SELECT count(*) FROM audit_log WHERE action = 'sync staff_joined' AND actor = "
                           "'node:laptop'") == "2");
        // From its first pull on it is a node like any other.
        REQUIRE(alone.write(staff_sql(clinic, new_id(), "cleo", R"(["staff"])"), ada).ok());
        alone.shell(staff_sql(clinic, new_id(), "mal", R"(["admin"])") +
                    "UPDATE change_log SET txn = 'adopt:x' WHERE seq = (SELECT max(seq) FROM change_log);");
        CHECK(Staffed::outcomes(alone) == "applied admin_needed");
    }
    SECTION("it has one, with the user name of one that comes") {
        central.psql(staff_sql(clinic, new_id(), "zoe", R"(["admin"])") + "UPDATE staff SET username = 'ada'");
        alone.join("NORTH");
        alone.sync();
        CHECK(central.psql("SELECT username FROM staff WHERE id = '" + ada + "'") == "ada@clinic.example");
        central.psql("UPDATE staff SET username = 'zoe' WHERE username = 'ada'");
        CHECK(roles() == R"(["staff"]1 ["staff"]1 ["admin"]1)");
        CHECK(codes() == "staff_joined_without_admin staff_joined_without_admin");
        CHECK(alone.read("SELECT roles FROM staff WHERE id = '" + ada + "'") == R"(["staff"])");
    }
    SECTION("the e-mail of one that comes is somebody's user name, in other letters") {
        central.psql(staff_sql(clinic, new_id(), "zoe", R"(["admin"])") +
                     "UPDATE staff SET username = 'Ada@Clinic.EXAMPLE'");
        alone.join("NORTH");
        alone.sync();
        // Two rows that one name opens would lock one of them out.
        CHECK(central.psql("SELECT count(*) FROM staff WHERE id = '" + ada + "'") == "0");
        CHECK(central.psql("SELECT username FROM staff WHERE email = 'zoe@north.example'") == "Ada@Clinic.EXAMPLE");
    }
    SECTION("who is there already stays as they are") {
        central.psql(staff_sql(clinic, new_id(), "zoe", R"(["admin"])") +
                     "UPDATE staff SET email = 'ada@clinic.example', active = false, roles = '[\"veterinarian\"]'");
        alone.join("NORTH");
        alone.sync();
        CHECK(central.psql("SELECT string_agg(email || roles || active::int || password_hash, ' ' ORDER BY email) "
                           "FROM staff") ==
              "ada@clinic.example[\"veterinarian\"]0hash of zoe ben@north.example[\"admin\",\"staff\"]1hash of ben");
        CHECK(alone.read("SELECT count(*) FROM staff") == "2");
    }
}

TEST_CASE("rights: a password set by the node's command line counts there, until central tells another",
          "[exchange][rights]") {
    Staffed world;
    const auto login = [](NodeWorld& node) {
        const auto found = edge::find_staff_by_name(node.database(), "bob@north.example");
        REQUIRE(found.ok());
        REQUIRE(found->size() == 1);
        return found->front();
    };
    const auto changed = edge::set_password(world.a.database(), "bob@north.example", "a long password");
    REQUIRE(changed.ok());
    CHECK(*changed == 1);
    CHECK(world.a.next_push().transactions.empty());
    const edge::StaffLogin here = login(world.a);
    CHECK(here.password_hash == "hash of bob");
    CHECK(here.local_hash.starts_with("$argon2id$"));
    // The better hash of an old password, still under way, does not take its place.
    REQUIRE(edge::keep_local_hash(world.a.database(), here, "of the old password").ok());
    CHECK(login(world.a).local_hash == here.local_hash);
    world.b.sync();
    CHECK(login(world.b).local_hash.empty());
    // Another change of the row is no other password.
    world.central.psql(world.set(world.bob, "last_name = 'Poe'"));
    world.a.sync();
    CHECK(login(world.a).local_hash == here.local_hash);
    REQUIRE(world.b.write(world.set(world.bob, "password_hash = 'hash of later'"), world.bob).ok());
    world.b.sync();
    world.a.sync();
    CHECK(login(world.a).password_hash == "hash of later");
    CHECK(login(world.a).local_hash.empty());

    NodeWorld alone{world.central, "NORTH", "alone", Beginning::alone};
    const std::string old = alone.read("SELECT password_hash FROM staff");
    REQUIRE(edge::set_password(alone.database(), "ada@clinic.example", "another password").ok());
    CHECK(alone.read("SELECT password_hash FROM staff") != old);
    CHECK(alone.read("SELECT count(*) FROM local_password") == "0");
}
