// Legacy databases of other shapes: other column types, columns missing or added, and things that people hung on the
// tables. What is not ours stays; what cannot stay is told; what cannot be taken over is refused in one sentence.
#include <catch2/catch.hpp>

#include "tests/central/store/migrate_fixture.h"
#include "tests/central/store/schema_fixture.h"

namespace vetchart::test {
namespace {

std::string things_told(const std::string& url) {
    return rows_of(
        url,
        "SELECT table_name || '.' || column_name || ': ' || outcome FROM migration_issue WHERE legacy_id = '' "
        "ORDER BY 1");
}

/// Requires that `url` is refused and stays as it was; returns the sentence.
std::string refusal(const std::string& url) {
    const auto before = dump_of(url);
    const auto result = central::migrate(quiet_options(url));
    REQUIRE_FALSE(result);
    CHECK(result.error().slug == "legacy_refused");
    REQUIRE(dump_of(url) == before);
    return result.error().context;
}

}  // namespace

TEST_CASE("migrate: the dirty and the clean database arrive value by value", "[central][migrate]") {
    for (const std::string data : {"dirty", "clean"}) {
        const auto url = legacy_database(data);
        keep_raw(url);
        must_migrate(url);
        CAPTURE(data);
        CHECK(problems_of(url) == "");
    }
}

TEST_CASE("migrate: other types of the same columns are taken over", "[central][migrate]") {
    const auto url = legacy_database("clean");
    keep_raw(url);
    rows_of(url, R"(
        CREATE TYPE "Role" AS ENUM ('admin', 'staff', 'veterinarian');
        CREATE TYPE "Gender" AS ENUM ('Male', 'Female');
        CREATE DOMAIN short_text AS text CHECK (length(VALUE) < 5000);
        ALTER TABLE "User" ALTER roles TYPE "Role"[] USING roles::"Role"[], ALTER email TYPE varchar(300);
        ALTER TABLE "Owner" ALTER "firstName" TYPE short_text,
            ALTER "createdAt" TYPE timestamptz USING "createdAt" AT TIME ZONE 'UTC',
            ALTER address TYPE varchar(191), ALTER phone SET DEFAULT 'none';
        ALTER TABLE "Patient" ALTER gender TYPE "Gender" USING gender::"Gender", ALTER weight TYPE numeric(10,3),
            ALTER age TYPE smallint, ALTER "updatedAt" TYPE timestamp(6), ALTER status SET DEFAULT 'inactive';
        ALTER TABLE "Bill" ALTER items TYPE json, ALTER subtotal TYPE numeric(12,2),
            ALTER tax TYPE money USING tax::numeric::money,
            ALTER "medicalRecordIds" TYPE jsonb USING to_jsonb("medicalRecordIds"), ALTER "billNumber" TYPE varchar(50);
        ALTER TABLE "Appointment" ALTER duration TYPE numeric;)");
    must_migrate(url);
    CHECK(problems_of(url) == "");
    CHECK(rows_of(url, "SELECT count(*) FROM migration_issue") == "0");
    CHECK(
        rows_of(url,
                "SELECT string_agg(typname, ',' ORDER BY typname) FROM pg_type WHERE typname IN ('Role', 'Gender')") ==
        "Gender,Role");
}

TEST_CASE("migrate: columns that an older server did not have come empty, added ones stay", "[central][migrate]") {
    const auto url = legacy_database("clean");
    rows_of(url, R"(
        ALTER TABLE "Patient" DROP COLUMN "handlingDifficulty", DROP COLUMN "weightUnit",
            ADD COLUMN microchip text DEFAULT 'chip', ADD COLUMN "insuranceNo" integer NOT NULL DEFAULT 7,
            ADD COLUMN colour text, ADD COLUMN label text GENERATED ALWAYS AS (name || ' the ' || species) STORED,
            ADD COLUMN heavy boolean GENERATED ALWAYS AS (weight > 50) STORED;
        UPDATE "Patient" SET colour = 'grey ' || id;
        ALTER TABLE "Patient" ALTER colour SET NOT NULL;
        CREATE TABLE sums AS SELECT md5(string_agg(id || colour || "insuranceNo" || label, '' ORDER BY id))
            FROM "Patient";)");
    must_migrate(url);
    CHECK(rows_of(url,
                  R"(SELECT md5(string_agg(l.legacy_id || colour || "insuranceNo" || label, '' ORDER BY l.legacy_id)) =
        (SELECT md5 FROM sums), bool_and(legacy_microchip = 'chip'), bool_and(microchip IS NULL),
        bool_and(weight_unit = 'lbs'), bool_and(handling_difficulty IS NULL)
        FROM patient JOIN legacy_id l ON l.table_name = 'Patient' AND l.id = patient.id)") == "t|t|t|t|t");
    CHECK(things_told(url) ==
          "Patient.colour: column may be NULL now: nobody fills it any more\n"
          "Patient.handlingDifficulty: column was not there: added, empty\n"
          "Patient.heavy: column is no longer computed: its values stay as they were\n"
          "Patient.microchip: column renamed to legacy_microchip\n"
          "Patient.weightUnit: column was not there: added, empty");
    rows_of(
        url,
        "INSERT INTO patient (id, clinic_id, name, species, gender) SELECT gen_random_uuid(), id, 'N', 'Cat', 'male' "
        "FROM clinic");
}

TEST_CASE("migrate: tables, indexes, views and extensions of one's own stay", "[central][migrate]") {
    const auto url = legacy_database("clean");
    rows_of(url, R"(
        CREATE SCHEMA tools; CREATE EXTENSION pgcrypto SCHEMA tools; CREATE EXTENSION citext;
        CREATE TABLE "Vaccination" (id serial PRIMARY KEY,
            "patientId" text REFERENCES "Patient" (id) ON DELETE CASCADE);
        INSERT INTO "Vaccination" ("patientId") SELECT id FROM "Patient" LIMIT 5;
        CREATE TABLE db_probes (id serial PRIMARY KEY, payload text, created_at timestamptz DEFAULT now());
        CREATE INDEX idx_db_probes_created_at ON db_probes (created_at DESC);
        INSERT INTO db_probes (payload) VALUES ('old probe');
        CREATE INDEX "Patient_ownerId_name_idx" ON "Patient" ("ownerId", name);
        CREATE INDEX patient_lower_name ON "Patient" (lower(name)) WHERE status = 'active' OR age > 3;
        CREATE INDEX owner_names ON "Owner" ("lastName", "firstName" DESC);
        CREATE UNIQUE INDEX owner_phone ON "Owner" (phone, id);
        CREATE VIEW "PatientWeights" AS SELECT p.id, p.name, p.weight, o."lastName"
            FROM "Patient" p JOIN "Owner" o ON o.id = p."ownerId";
        CREATE VIEW weights_summed AS SELECT sum(weight) AS weight FROM "PatientWeights";
        CREATE VIEW males AS SELECT id FROM "Patient" WHERE gender = 'Male';
        GRANT SELECT ON weights_summed TO PUBLIC;
        GRANT SELECT (name), UPDATE (name) ON "PatientWeights" TO PUBLIC;
        COMMENT ON VIEW "PatientWeights" IS 'what they weigh, it''s said';
        COMMENT ON COLUMN "PatientWeights".weight IS 'in its unit';
        COMMENT ON VIEW males IS 'told with its definition';
        COMMENT ON INDEX owner_names IS 'by name';
        CREATE MATERIALIZED VIEW species AS SELECT species, count(*) FROM "Patient" GROUP BY 1;
        CREATE UNIQUE INDEX species_key ON species (species);
        COMMENT ON MATERIALIZED VIEW species IS 'counted'; COMMENT ON INDEX species_key IS 'one each';
        CREATE VIEW species_names AS SELECT species FROM species;
        ALTER VIEW species_names ALTER species SET DEFAULT 'Dog';
        CREATE STATISTICS own_stats ON "ownerId", name FROM "Patient"; COMMENT ON STATISTICS own_stats IS 'for joins';
        CREATE TABLE before AS SELECT round(sum(weight)::numeric, 1) AS w FROM "Patient";
        ALTER TABLE "Patient" ADD CONSTRAINT age_sane CHECK (age < 100);
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW."updatedAt" := now(); RETURN NEW; END';
        CREATE TRIGGER touch BEFORE UPDATE ON "Owner" FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE TRIGGER touch_name BEFORE UPDATE OF gender ON "Patient" FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE RULE keep AS ON DELETE TO "Owner" DO INSTEAD NOTHING;
        ALTER TABLE "Bill" ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON "Bill" USING (status = 'paid');
        GRANT SELECT ON "Bill" TO PUBLIC; GRANT UPDATE (phone), SELECT (phone) ON "Owner" TO PUBLIC;
        UPDATE "Owner" SET "lastName" = '' WHERE id = (SELECT min(id) FROM "Owner");)");
    keep_raw(url);
    must_migrate(url);
    CHECK(problems_of(url) == "");
    CHECK(rows_of(url, "SELECT payload FROM db_probes") == "old probe");
    CHECK(rows_of(url, R"(SELECT count(*) FROM "Vaccination" v JOIN legacy_id l ON l.legacy_id = v."patientId"
        AND l.table_name = 'Patient')") == "5");
    CHECK(rows_of(url,
                  "SELECT string_agg(e.extname || ' ' || n.nspname, ', ' ORDER BY e.extname) FROM pg_extension e JOIN "
                  "pg_namespace n ON n.oid = e.extnamespace") == "citext public, pgcrypto tools, plpgsql pg_catalog");
    CHECK(rows_of(url, R"(SELECT indexdef FROM pg_indexes WHERE indexname IN ('Patient_ownerId_name_idx', 'owner_names',
        'owner_phone') ORDER BY indexname)") ==
          "CREATE INDEX \"Patient_ownerId_name_idx\" ON public.patient USING btree (owner_id, name)\n"
          "CREATE INDEX owner_names ON public.owner USING btree (last_name, first_name DESC)\n"
          "CREATE INDEX owner_phone ON public.owner USING btree (phone, id)");
    CHECK(rows_of(url, "SELECT round(weight::numeric, 1) = w FROM weights_summed, before") == "t");
    CHECK(rows_of(url, "SELECT has_table_privilege('public', 'weights_summed', 'SELECT')") == "t");
    INFO("what was set on views, indexes and statistics came back with them");
    CHECK(rows_of(url, R"(SELECT string_agg(attname || ' ' || attacl::text, ', ') FROM pg_attribute
        WHERE attrelid = '"PatientWeights"'::regclass AND attacl IS NOT NULL)") == "name {=rw/vet}");
    CHECK(rows_of(url, R"(SELECT obj_description('"PatientWeights"'::regclass),
        col_description('"PatientWeights"'::regclass, 3), obj_description('owner_names'::regclass),
        obj_description('species'::regclass), obj_description('species_key'::regclass),
        (SELECT obj_description(oid) FROM pg_statistic_ext WHERE stxname = 'own_stats'))") ==
          "what they weigh, it's said|in its unit|by name|counted|one each|for joins");
    CHECK(rows_of(url, "SELECT column_default FROM information_schema.columns WHERE table_name = 'species_names'") ==
          "'Dog'::text");
    CHECK(rows_of(url,
                  "SELECT original LIKE E'%;\\nCOMMENT ON VIEW public.males IS ''told with its definition''' FROM "
                  "migration_issue WHERE column_name = 'public.males'") == "t");
    CHECK(rows_of(url,
                  "SELECT has_table_privilege('public', 'bill', 'SELECT') OR "
                  "has_column_privilege('public', 'owner', 'phone', 'UPDATE')") == "f");
    CHECK(things_told(url) ==
          "\"Vaccination\".Vaccination_patientId_fkey: foreign key dropped: legacy_id tells which row an old id is\n"
          ".public.males: view dropped: it does not fit the new columns\n"
          "Bill.PUBLIC: granted to everybody: taken back\n"
          "Bill.mine: row policy dropped\n"
          "Owner.PUBLIC: granted to everybody: taken back\n"
          "Owner.keep: rule dropped\n"
          "Owner.owner_phone: index is no longer unique: the nodes do not have it\n"
          "Owner.touch: trigger disabled: it was written for the old columns\n"
          "Patient.age_sane: constraint dropped: the nodes do not have it\n"
          "Patient.patient_lower_name: index dropped: it does not fit the new columns\n"
          "Patient.touch_name: trigger dropped");
}

TEST_CASE("migrate: what a database administrator set up on the tables is no obstacle", "[central][migrate]") {
    const auto url = legacy_database("clean");
    rows_of(url, R"(UPDATE "Owner" SET "lastName" = '' WHERE id = (SELECT min(id) FROM "Owner"))");
    keep_raw(url);
    rows_of(url, R"(
        CREATE PUBLICATION everything FOR ALL TABLES;
        ALTER TABLE "Patient" REPLICA IDENTITY FULL;
        ALTER TABLE "Bill" SET UNLOGGED;
        CREATE STATISTICS own_stats ON "ownerId", name FROM "Patient";
        CREATE STATISTICS odd_stats ON (status || 'x'), (weight * 2) FROM "Patient";
        CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        ALTER TABLE "Appointment" ALTER reason TYPE text COLLATE loose, ALTER "time" TYPE text COLLATE loose;
        ALTER TABLE "User" ALTER password TYPE text COLLATE loose;
        ALTER TABLE "Owner" ENABLE ROW LEVEL SECURITY; ALTER TABLE "Owner" FORCE ROW LEVEL SECURITY;
        CREATE VIEW names AS SELECT id, name FROM "Patient";
        CREATE RULE no_delete AS ON DELETE TO names DO INSTEAD NOTHING;
        ALTER TABLE "Patient" ADD owner_id text, ADD legacy_owner_id text;
        CREATE TYPE user_row AS (id text, email text, username text, "firstName" text, "lastName" text, password text,
            roles text[], "createdAt" timestamp(3), "updatedAt" timestamp(3));
        CREATE TABLE typed OF user_row (PRIMARY KEY (id));
        INSERT INTO typed SELECT id, email, username, "firstName", "lastName", password, roles, "createdAt", "updatedAt"
            FROM "User";
        DROP TABLE "User"; ALTER TABLE typed RENAME TO "User";
        ALTER DATABASE )" +
                     rows_of(url, "SELECT current_database()") + R"( SET default_transaction_read_only = on;)");
    must_migrate(url);
    rows_of(url, "SET default_transaction_read_only = off; ALTER DATABASE " +
                     rows_of(url, "SELECT current_database()") + " RESET default_transaction_read_only");
    CHECK(things_told(url) ==
          "Bill.Bill: table is logged now: it would not survive a crash\n"
          "Patient.owner_id: column renamed to legacy_owner_id_\n"
          "public.names.no_delete: rule of a view dropped");
    CHECK(problems_of(url) == "");
    CHECK(rows_of(url, "SELECT string_agg(DISTINCT stxname, ',') FROM pg_statistic_ext") == "odd_stats,own_stats");
}

TEST_CASE("migrate: what everybody would get by default on new tables is taken back, and told", "[central][migrate]") {
    const auto url = legacy_database("clean");
    rows_of(url, R"(ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;
        ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT ON TABLES TO PUBLIC;)");
    must_migrate(url);
    CHECK(
        rows_of(url, R"(SELECT string_agg(oid::regclass::text, ',') FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'S')
        AND relnamespace IN ('public'::regnamespace, 'archive'::regnamespace)
        AND EXISTS (SELECT FROM aclexplode(relacl) WHERE grantee = 0))") == "");
    CHECK(rows_of(url, "SELECT has_table_privilege('vetchart_report', 'central_state', 'SELECT')") == "f");
    CHECK(rows_of(url, "SELECT original, outcome FROM migration_issue WHERE column_name = 'PUBLIC'") ==
          "SELECT ON TABLES IN SCHEMA public|default right of everybody on new things: taken back\n"
          "INSERT, SELECT ON TABLES |default right of everybody on new things: taken back");
}

TEST_CASE("migrate: a role that may not do it is told which right is missing", "[central][migrate]") {
    const auto url = legacy_database("clean");
    const auto database = rows_of(url, "SELECT current_database()");
    const std::string role = "clinic_of_" + database;
    rows_of(url, "CREATE ROLE " + role + R"( LOGIN; DO $$ DECLARE r record; BEGIN
        FOR r IN SELECT oid::regclass AS name FROM pg_class
                  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        LOOP EXECUTE format('ALTER TABLE %s OWNER TO )" +
                     role + "', r.name); END LOOP; END $$");
    const auto as_role = url + " user=" + role;
    CHECK(refusal(as_role) ==
          "this role lacks a right: GRANT CREATE, TEMPORARY ON DATABASE " + database + " TO " + role);
    rows_of(url, "GRANT CREATE, TEMPORARY ON DATABASE " + database + " TO " + role);
    CHECK(refusal(as_role) == "this role lacks a right: GRANT CREATE, USAGE ON SCHEMA public TO " + role);
    rows_of(url, "GRANT CREATE, USAGE ON SCHEMA public TO " + role);
    const std::string who = " and belongs to the role vet: migrate as a superuser, or as a member of both roles";
    rows_of(url,
            "CREATE VIEW names AS SELECT name FROM \"Patient\"; CREATE VIEW short AS SELECT left(name, 3) FROM names;"
            "ALTER VIEW names OWNER TO " +
                role);
    CHECK(refusal(as_role) == "view short hangs on \"Patient\"" + who);
    rows_of(url, "DROP VIEW short; CREATE TABLE chip (patient text REFERENCES \"Patient\"); GRANT SELECT ON chip TO " +
                     role);
    CHECK(refusal(as_role) == "table chip hangs on \"Patient\"" + who);
    rows_of(url, "DROP TABLE chip; CREATE STATISTICS own_stats ON name, age FROM \"Patient\"");
    CHECK(refusal(as_role) == "statistics object own_stats hangs on \"Patient\"" + who);
    // A view's owner who may not make one here any more: the view comes back as the migrating role's, and that is told.
    rows_of(url, "DROP STATISTICS own_stats; CREATE ROLE bi_" + database + "; GRANT bi_" + database + " TO " + role +
                     "; ALTER VIEW names OWNER TO bi_" + database + "; COMMENT ON VIEW names IS 'all of them'");
    must_migrate(as_role);
    CHECK(things_told(url) == ".public.names: view came back without this");
    CHECK(rows_of(url, "SELECT original FROM migration_issue") == "ALTER VIEW public.names OWNER TO bi_" + database);
    CHECK(rows_of(url, "SELECT obj_description('names'::regclass)") == "all of them");
    CHECK(rows_of(url, "SELECT count(*) FROM patient") == "197");
}

TEST_CASE("migrate: a database of a language in which the small letter of I is no i arrives", "[central][migrate]") {
    const auto english = legacy_database("dirty");
    rows_of(english, R"(
        UPDATE "Bill" SET "billNumber" = 'bill-2000000' WHERE id = (SELECT min(id) FROM "Bill");
        UPDATE "User" SET roles = '{ADMIN}';
        CREATE VIEW males AS SELECT id FROM "Patient" WHERE gender = 'Male';)");
    const auto name = rows_of(english, "SELECT current_database() || '_tr'");
    const auto url = english + " dbname=" + name;
    rows_of(english, "CREATE DATABASE " + name + " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'");
    run("pg_dump --no-owner '" + english + "' | psql -X -q -v ON_ERROR_STOP=1 '" + url + "'");
    REQUIRE(rows_of(url, "SELECT lower('I') = 'i'") == "f");
    keep_raw(url);
    must_migrate(url);
    CHECK(problems_of(url) == "");
    CHECK(things_told(url) == ".public.males: view dropped: it does not fit the new columns");
    CHECK(rows_of(url, "SELECT bill_number_text(last_value + 1) FROM bill_number_seq") == "BILL-2000001");
    CHECK(rows_of(url, "SELECT DISTINCT roles FROM staff") == "[\"admin\"]");
}

TEST_CASE("migrate: legacy tables in a schema of their own arrive", "[central][migrate]") {
    const auto url = legacy_database("clean");
    rows_of(url, "CREATE SCHEMA clinic_app; " +
                     rows_of(url, R"(SELECT string_agg(format('ALTER TABLE %I SET SCHEMA clinic_app', relname), ';')
            FROM pg_class WHERE relname IN ('User', 'Owner', 'Patient', 'MedicalRecord', 'Appointment', 'Bill')
            AND relkind = 'r')"));
    REQUIRE(central::migration_status(url)->is_legacy);
    must_migrate(url);
    CHECK(rows_of(url, "SELECT count(*) FROM patient") == "197");
}

TEST_CASE("migrate: what hangs on the legacy tables and cannot stay is told with its definition",
          "[central][migrate]") {
    struct Obstacle {
        const char* name;
        const char* sql;
        const char* sentence;
    };
    const auto obstacle = GENERATE(values<Obstacle>({
        {"a view that something else hangs on", R"(CREATE VIEW names AS SELECT name FROM "Patient";
            CREATE FUNCTION all_names() RETURNS SETOF text LANGUAGE sql BEGIN ATOMIC SELECT name FROM names; END)",
         "something hangs on the view public.names, which reads the legacy tables: drop it, and create it anew "
         "afterwards"},
        {"names of ours, all told at once with their kinds and commands",
         R"(CREATE TABLE staff (id integer); CREATE SCHEMA archive; CREATE SEQUENCE central_provisional_seq;
            CREATE MATERIALIZED VIEW owner AS SELECT 1 AS one; CREATE DOMAIN gender AS text;
            CREATE FUNCTION trim_blanks(integer) RETURNS int LANGUAGE sql AS 'SELECT 1')",
         "the database has a domain gender, a function trim_blanks, a materialized view owner, a schema archive, a "
         "sequence central_provisional_seq, a table staff of its own, names this program needs: rename them first "
         "(ALTER DOMAIN gender RENAME TO legacy_gender; ALTER FUNCTION trim_blanks(integer) RENAME TO "
         "legacy_trim_blanks; ALTER MATERIALIZED VIEW owner RENAME TO legacy_owner; ALTER SCHEMA archive RENAME TO "
         "legacy_archive; ALTER SEQUENCE central_provisional_seq RENAME TO legacy_central_provisional_seq; ALTER TABLE "
         "staff RENAME TO legacy_staff)"},
        {"a table by a name of ours", "CREATE TABLE staff (id integer)",
         "the database has a table staff of its own, a name this program needs: rename it first (ALTER TABLE staff "
         "RENAME TO legacy_staff)"},
        {"a column of a table's row type", "CREATE TABLE log (was \"Owner\")",
         "the column log.was has the row type of \"Owner\": drop it first"},
        {"a publication of some of the columns", "CREATE PUBLICATION few FOR TABLE \"Owner\" (id, email)",
         "publication of table \"Owner\" in publication few hangs on columns of \"Owner\": drop it, and create it anew "
         "afterwards"},
        {"a partitioned table", "CREATE TABLE \"Horse\" () INHERITS (\"Patient\")",
         "\"Patient\" is a view, or partitioned, or inherits: make it one plain table first"},
        {"another program's table beside a schema of the old server's", R"(CREATE SCHEMA clinic_app;
            ALTER TABLE "Owner" SET SCHEMA clinic_app; ALTER TABLE "Patient" SET SCHEMA clinic_app;
            CREATE TABLE "Owner" (id text))",
         "the schema public has a table \"Owner\" too, beside that of the old server in clinic_app: rename one of "
         "them"},
        {"ids that are there twice", R"(ALTER TABLE "Bill" DROP CONSTRAINT "Bill_pkey";
            DROP INDEX "Bill_billNumber_key"; INSERT INTO "Bill" SELECT * FROM "Bill" LIMIT 1)",
         "the table \"Bill\" has no primary key, and 1 of its ids are empty or there twice: give those rows ids of "
         "their own"},
    }));
    INFO(obstacle.name);
    const auto url = legacy_database("clean");
    rows_of(url, obstacle.sql);
    CHECK(refusal(url) == obstacle.sentence);
}

}  // namespace vetchart::test
