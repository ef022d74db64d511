// The erasure of an owner on request (docs/retention.md), at central.
#include "central/store/erasure.h"

#include <catch2/catch.hpp>

#include "central/archive/archive.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {
namespace {

using central::erase_owner;

std::string quoted(const std::string& text) { return "'" + text + "'"; }

central::PoolOptions options_for(const std::string& url) {
    central::PoolOptions options;
    options.url = url;
    return options;
}

const std::string kHeir = "00000000-0000-7000-8000-00000000a002";
const std::string kTwin = "00000000-0000-7000-8000-00000000a003";
const std::string kNode = "00000000-0000-7000-8000-000000000901";

struct World {
    std::string url = central_database();
    central::Pool pool{options_for(url), test::chance()};
    pqxx::connection direct{url};

    World() { fill_chart(direct); }

    std::string value(const std::string& sql) { return value_of(direct, sql); }
    void run(const std::string& sql) {
        INFO(sql);
        REQUIRE(refusal_of(direct, sql) == "");
    }
    Result<central::ErasureResult> erase(const std::string& owner = kOwner, const std::string& reason = "asked for") {
        return erase_owner(pool, {owner, reason, "os:test"});
    }
    /// How often the dump of the whole database has `text`.
    std::string found(const std::string& text) {
        return test::run("pg_dump --inserts '" + url + "' | grep -c -e '" + text + "' || true");
    }

    void add_node() {
        run("INSERT INTO sync_node (id, name, code, secret_hash) VALUES (" + quoted(kNode) +
            ", 'desk', 'AAAAA', 'x'); "
            "INSERT INTO sync_incarnation (incarnation, node_id, last_digest) VALUES (gen_random_uuid(), " +
            quoted(kNode) + ", sha256('x'))");
    }
    void journal(const std::string& changes) {
        run("INSERT INTO sync_journal (node_id, incarnation_id, first_seq, last_seq, actor, at, outcome, changes) "
            "VALUES (" +
            quoted(kNode) + ", 1, 1, 1, 'vet', now(), 'applied', '" + changes + "')");
    }
    void item(const std::string& columns, const std::string& values) {
        run("INSERT INTO sync_item (id, clinic_id, actor, at, " + columns + ") VALUES (gen_random_uuid(), " +
            quoted(kClinic) + ", 'vet', now(), " + values + ")");
    }
    static std::string change(const std::string& table, const std::string& id, const std::string& old_values,
                              const std::string& new_values) {
        return R"({"seq":1,"op":"update","version":0,"table":")" + table + R"(","id":")" + id + R"(","clinicId":")" +
               kClinic + R"(","old":)" + old_values + R"(,"new":)" + new_values + "}";
    }
};

}  // namespace

TEST_CASE("erasure: the person goes from rows, snapshots, journal, items, tombstones and reports; the charts stand",
          "[central][erasure]") {
    World world;
    world.add_node();
    const std::string bills = world.value("SELECT string_agg((to_jsonb(b) - 'version')::text, ',') FROM bill b");
    // A merged double, a deleted record, an archived one, an old name, and what was held, staged and in conflict.
    world.run(
        "UPDATE owner SET notes = 'calls at night', address = 'Hill 3'; INSERT INTO owner (id, clinic_id, "
        "first_name, last_name, email, merged_into, deleted_at) VALUES (" +
        quoted(kTwin) + ", " + quoted(kClinic) + ", 'Adah', 'Holm', 'adah@mail.example', " + quoted(kOwner) +
        ", now())");
    world.run("INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES (gen_random_uuid(), " +
              quoted(kClinic) + ", " + quoted(kTwin) + ", 'Tom', 'Cat', 'male'), (gen_random_uuid(), " +
              quoted(kClinic) + ", " + quoted(kOwner) + ", 'Old', 'Cat', 'male')");
    world.run(
        "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian) SELECT "
        "gen_random_uuid(), clinic_id, id, '2026-03-01', 'dental', 'J Lee' FROM patient");
    world.run("DELETE FROM medical_record WHERE id IN (SELECT id FROM medical_record WHERE patient_id = " +
              quoted(kPatient) + " AND id <> " + quoted(kRecord) + ")");
    REQUIRE(central::archive_patient(world.pool, "os:test", world.value("SELECT id FROM patient WHERE name = 'Old'"),
                                     "Ada Holm moved to Hill 9")
                .ok());
    world.journal("[" + World::change("owner", kOwner, R"({"first_name":"Adda"})", R"({"first_name":"Ada"})") + "," +
                  World::change("medical_record", kRecord, "null",
                                R"({"patient_id":")" + std::string(kPatient) +
                                    R"(","owner_name_snapshot":"Adda Holm","owner_phone_snapshot":"+1-555-0100"})") +
                  "]");
    world.item("kind, table_name, row_id, code, title, reason, changes, node_id, incarnation_id, first_seq, last_seq",
               "'quarantine', 'owner', " + quoted(kOwner) +
                   ", 'x', 'Not accepted: Ada Holm', 'Her phone is "
                   "+1-555-0100', '[" +
                   World::change("owner", kOwner, R"({"phone":"+1-555-0100"})", R"({"phone":"+1-555-0177"})") + "]', " +
                   quoted(kNode) + ", 1, 1, 1");
    world.item("kind, table_name, row_id, column_name, code, title, reason, mine, theirs, base",
               "'conflict', 'owner', " + quoted(kOwner) +
                   ", 'email', 'changed_elsewhere', 't', 'r', "
                   "'\"ada2@mail.example\"', '\"ada@mail.example\"', null");
    world.run("INSERT INTO sync_stage (incarnation_id, first_seq, part, part_count, changes) VALUES (1, 9, 0, 2, '[" +
              World::change("owner", kOwner, R"({"phone":"+1-555-0100"})", R"({"phone":"1"})") + "]')");
    world.run("INSERT INTO legacy_id VALUES ('Owner', 'c17', " + quoted(kOwner) +
              "); INSERT INTO migration_issue "
              "(table_name, legacy_id, column_name, original, outcome, phase) VALUES ('Owner', 'c17', 'email', "
              "'Ada@@mail.example', 'set to NULL', 6)");

    const auto result = world.erase(kOwner, "Ada Holm asked by letter");
    INFO((result ? "" : result.error().context));
    REQUIRE(result.ok());
    CHECK(result->counts["owners"] == 2);
    CHECK_FALSE(result->erased_before.has_value());
    for (const std::string trace :
         {"Ada ", "Adda", "Adah", "\"Ada", "Holm", "mail.example", "555-01", "calls at night", "Hill 3"}) {
        INFO(trace);
        CHECK(world.found(trace) == "0\n");
    }
    CHECK(
        world.value("SELECT first_name || last_name || address || coalesce(email, phone, notes, '-') FROM owner WHERE "
                    "id = " +
                    quoted(kOwner)) == "(erased)(erased)-");
    CHECK(world.value("SELECT string_agg(DISTINCT owner_name_snapshot, ',') FROM medical_record") == "(erased)");
    CHECK(world.value("SELECT string_agg(DISTINCT owner_name_snapshot, ',') FROM archive.medical_record") ==
          "(erased)");
    CHECK(world.value("SELECT string_agg((to_jsonb(b) - 'version')::text, ',') FROM bill b") == bills);
    CHECK(world.value("SELECT count(*) FROM patient WHERE owner_id IS NOT NULL") == "2");
    CHECK(world.value("SELECT count(*) FROM sync_stage") == "0");
    CHECK(world.value("SELECT status || action FROM sync_item WHERE kind = 'conflict'") == "resolvederased");
    CHECK(world.value("SELECT status FROM sync_item WHERE kind = 'quarantine'") == "open");
    CHECK(world.value("SELECT original FROM migration_issue") == "(erased)");
    CHECK(world.value("SELECT detail ->> 'reason' FROM audit_log WHERE action = 'owner erase'") ==
          "(erased) asked by letter");
    // The nodes are told whose traces to overwrite, not why.
    CHECK(world.value("SELECT status || code FROM sync_item WHERE kind = 'notice'") == "resolvedowner_erased");
    CHECK(world.value("SELECT count(*) FROM sync_item i, jsonb_array_elements(i.mine -> 'erased') e WHERE e ->> 0 = "
                      "'patient'") == "3");
    CHECK(world.value("SELECT count(*) FROM sync_item WHERE to_jsonb(sync_item)::text LIKE '%letter%'") == "0");
    CHECK(central::list_erasures(world.pool)->size() == 2);

    const auto again = world.erase(kTwin);
    REQUIRE(again.ok());
    CHECK(again->erased_before.has_value());
    CHECK(again->counts["owner"] == 0);
    CHECK(again->counts["journal"] == 0);
}

TEST_CASE("erasure: another owner's name in the snapshots stands; theirs goes", "[central][erasure]") {
    World world;
    world.run("INSERT INTO owner (id, clinic_id, first_name, last_name, phone) VALUES (" + quoted(kHeir) + ", " +
              quoted(kClinic) + ", 'Eva', 'Lund', '+1-555-0222'); UPDATE patient SET owner_id = " + quoted(kHeir));
    world.run(
        "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian) SELECT "
        "gen_random_uuid(), clinic_id, id, '2026-04-01', 'dental', 'J Lee' FROM patient");
    // The bill is what still tells that the patient was Ada's.
    REQUIRE(world.erase().ok());
    CHECK(world.value("SELECT string_agg(owner_name_snapshot || coalesce(owner_phone_snapshot, ''), ',' ORDER BY "
                      "visit_date) FROM medical_record") == "(erased),Eva Lund+1-555-0222");
    CHECK(world.value("SELECT first_name FROM owner WHERE id = " + quoted(kHeir)) == "Eva");
    CHECK(world.value("SELECT count(*) FROM sync_item i, jsonb_array_elements(i.mine -> 'erased') e WHERE e ->> 0 = "
                      "'patient'") == "1");
}

TEST_CASE("erasure: works when the owner's row is long gone, also where nothing links the patient",
          "[central][erasure]") {
    World world;
    world.run("DELETE FROM bill_medical_record; DELETE FROM bill_item; DELETE FROM bill; DELETE FROM owner");
    CHECK(world.value("SELECT owner_name_snapshot FROM medical_record") == "Ada Holm");
    REQUIRE(world.erase().ok());
    CHECK(world.value("SELECT owner_name_snapshot FROM medical_record") == "(erased)");
    CHECK(world.found("Holm") == "0\n");
    CHECK(world.found("555-0100") == "0\n");
    CHECK(world.value("SELECT image ->> 'first_name' FROM sync_tombstone WHERE table_name = 'owner'") == "(erased)");
}

TEST_CASE("erasure: an animal that changed hands before any trace of it is found by the name and phone in its records",
          "[central][erasure]") {
    World world;
    const std::string namesake = "00000000-0000-7000-8000-00000000a004";
    world.run("DELETE FROM bill_medical_record; DELETE FROM bill_item; DELETE FROM bill; DELETE FROM sync_tombstone");
    world.run("INSERT INTO owner (id, clinic_id, first_name, last_name, phone) VALUES (" + quoted(kHeir) + ", " +
              quoted(kClinic) + ", 'Eva', 'Lund', '+1-555-0222'), (" + quoted(namesake) + ", " + quoted(kClinic) +
              ", 'Ada', 'Holm', '+1-555-0333'); UPDATE patient SET owner_id = " + quoted(kHeir));
    world.run("INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES (" + quoted(kTwin) + ", " +
              quoted(kClinic) + ", " + quoted(namesake) + ", 'Tom', 'Cat', 'male')");
    world.run(
        "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian) SELECT "
        "gen_random_uuid(), clinic_id, id, '2026-04-01', 'dental', 'J Lee' FROM patient");
    REQUIRE(world.erase().ok());
    CHECK(world.value("SELECT string_agg(owner_name_snapshot || coalesce(owner_phone_snapshot, ''), ',' ORDER BY "
                      "visit_date, owner_name_snapshot) FROM medical_record") ==
          "(erased),Ada Holm+1-555-0333,Eva Lund+1-555-0222");
    CHECK(world.found("555-0100") == "0\n");
}

TEST_CASE("erasure: what is journalled while the journal is read is found, with what it tells of the past",
          "[central][erasure]") {
    World world;
    world.add_node();
    world.run("INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES (" + quoted(kHeir) + ", " +
              quoted(kClinic) +
              ", 'Eva', 'Lund'); INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) "
              "VALUES (" +
              quoted(kTwin) + ", " + quoted(kClinic) + ", " + quoted(kHeir) + ", 'Tom', 'Cat', 'male')");
    const auto record = [](const std::string& name) {
        return "[" +
               World::change("medical_record", kRecord, "null",
                             R"({"patient_id":")" + kTwin + R"(","owner_name_snapshot":")" + name + R"("})") +
               "]";
    };
    world.journal(record("Ada Holm"));
    const std::string horizon = world.value("SELECT erasure_horizon(" + quoted(kOwner) + ")");
    REQUIRE(horizon == "1");
    // Only now anything tells that the cat was Ada's.
    world.journal("[" +
                  World::change("patient", kTwin, R"({"owner_id":")" + std::string(kOwner) + R"("})",
                                R"({"owner_id":")" + kHeir + R"("})") +
                  "]");
    world.journal(record("Eva Lund"));
    world.journal("[" + World::change("owner", kOwner, R"({"phone":"+1-555-0100"})", R"({"phone":"+1-555-0177"})") +
                  "]");
    world.run("SELECT erase_owner(" + quoted(kOwner) + ", 'os:test', 'x', " + horizon + ")");
    CHECK(world.found("Holm") == "0\n");
    CHECK(world.found("555-01") == "0\n");
    CHECK(world.value("SELECT count(*) FROM sync_journal WHERE changes::text LIKE '%Eva Lund%'") == "1");
}

TEST_CASE("erasure: a wrong id and an empty reason change nothing", "[central][erasure]") {
    World world;
    CHECK(world.erase("Ada").error().slug == "bad_id");
    CHECK(world.erase(kOwner, "  ").error().slug == "bad_reason");
    const auto unknown = world.erase(kPatient);
    CHECK(unknown.error().code == Errc::not_found);
    CHECK(unknown.error().slug == "owner_unknown");
    CHECK(world.value("SELECT first_name FROM owner") == "Ada");
    CHECK(world.value("SELECT count(*) FROM audit_log WHERE action <> 'migrate'") == "0");
}

}  // namespace vetchart::test
