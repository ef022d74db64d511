#include "central/sample/sample.h"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include "central/store/clinics.h"
#include "sync/catalogue/catalogue.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"

namespace vetchart::central {
namespace {

PoolOptions options_for(const std::string& url) {
    PoolOptions options;
    options.url = url;
    return options;
}

/// A year and a half of four clinics: one with a bad line, one in euros, leap day and both changes of the clocks.
SampleOptions small_group() {
    SampleOptions options;
    options.clinics = 4;
    options.patients = 1200;
    options.years = 3;
    options.seed = 42;
    options.until = *parse_day("2026-05-29");
    return options;
}

/// Makes `options` in a database of its own; returns its conninfo.
std::string made(const SampleOptions& options, int jobs) {
    const std::string url = test::central_database();
    Pool pool(options_for(url), test::chance());
    SampleRun run;
    run.actor = "os:test";
    run.jobs = jobs;
    const auto counts = make_sample(pool, options, run);
    if (!counts) throw std::runtime_error(counts.error().context);
    REQUIRE(counts->clinics == options.clinics);
    REQUIRE(counts->patients == options.patients);
    return url;
}

/// The group that the tests below look at, made once; nobody writes to it.
pqxx::connection& group() {
    static const std::string url = made(small_group(), 2);
    static pqxx::connection connection(url);
    return connection;
}

std::string in_group(const std::string& sql) { return test::value_of(group(), sql); }
std::int64_t count(const std::string& from) { return std::stoll(in_group("SELECT count(*) FROM " + from)); }
double percent(const std::string& part, const std::string& whole) {
    return 100.0 * static_cast<double>(count(part)) / static_cast<double>(count(whole));
}

/// All rows of every table, without the columns that the database gives.
std::string digest_of(const std::string& url) {
    pqxx::connection connection(url);
    std::string digests;
    for (const sync::Table& known : sync::tables()) {
        const std::string table(known.name);
        digests += table + ' ' +
                   test::value_of(connection,
                                  "SELECT count(*) || ' ' || md5(string_agg(x, chr(10) ORDER BY x COLLATE \"C\")) FROM "
                                  "(SELECT (to_jsonb(t) - '{version,bill_number,provisional_number}'::text[])::text x "
                                  "FROM " +
                                      table + " t) rows") +
                   '\n';
    }
    return digests;
}

}  // namespace

TEST_CASE("sample: the same seed makes the same rows, with any number of jobs; another seed makes others", "[sample]") {
    SampleOptions options = small_group();
    options.patients = 160;
    const std::string one = digest_of(made(options, 1));
    REQUIRE(one == digest_of(made(options, 3)));
    options.seed = 43;
    REQUIRE(one != digest_of(made(options, 1)));
}

TEST_CASE("sample: bills add up", "[sample]") {
    REQUIRE(count("bill") > 2000);
    REQUIRE(count("bill WHERE total_cents <> subtotal_cents + tax_cents OR subtotal_cents <= 0") == 0);
    REQUIRE(count("(SELECT b.id FROM bill b LEFT JOIN bill_item i ON i.bill_id = b.id GROUP BY b.id, b.subtotal_cents "
                  "HAVING coalesce(sum(i.total_price_cents), -1) <> b.subtotal_cents) x") == 0);
    REQUIRE(count("bill_item WHERE total_price_cents <> (quantity_milli * unit_price_cents + 500) / 1000") == 0);
    // One rate of tax a clinic, rounded half up.
    REQUIRE(count("bill b WHERE NOT EXISTS (SELECT FROM generate_series(500, 1900, 25) AS rate(points) WHERE "
                  "b.tax_cents = (b.subtotal_cents * points + 5000) / 10000)") == 0);
    REQUIRE(count("(SELECT bill_id FROM bill_item GROUP BY bill_id HAVING max(position) + 1 <> count(*)) x") == 0);
    REQUIRE(count("bill_item i WHERE NOT EXISTS (SELECT FROM service_item s WHERE s.clinic_id = i.clinic_id AND "
                  "s.description = i.description)") == 0);
}

TEST_CASE("sample: bills have one number each, and the stamps of their status in order", "[sample]") {
    REQUIRE(in_group("SELECT count(DISTINCT bill_number) = count(*) AND count(DISTINCT provisional_number) = count(*) "
                     "FROM bill") == "t");
    REQUIRE(count("bill WHERE (status = 'paid') <> (paid_at IS NOT NULL)") == 0);
    REQUIRE(count("bill WHERE (status = 'cancelled') <> (cancelled_at IS NOT NULL AND cancel_reason IS NOT NULL)") ==
            0);
    REQUIRE(count("bill WHERE (status = 'draft' AND issued_at IS NOT NULL) OR (status IN ('sent', 'overdue', 'paid') "
                  "AND issued_at IS NULL)") == 0);
    REQUIRE(count("bill WHERE issued_at < created_at OR paid_at < issued_at OR cancelled_at < created_at OR "
                  "updated_at < greatest(created_at, paid_at, cancelled_at) OR received_at < created_at OR due_date < "
                  "bill_date") == 0);
    REQUIRE(count("bill WHERE (status = 'overdue') <> (due_date < '2026-05-29') AND status IN ('sent', 'overdue')") ==
            0);
    REQUIRE(count("bill WHERE status = 'cancelled' AND issued_at IS NULL") > 0);
    REQUIRE(count("bill b JOIN clinic c ON c.id = b.clinic_id WHERE date_trunc('month', b.received_at AT TIME ZONE "
                  "c.timezone) > date_trunc('month', b.bill_date::timestamp)") > 0);
}

TEST_CASE("sample: clinics are open when clinics are open, by their own clocks", "[sample]") {
    REQUIRE(count("appointment WHERE extract(dow FROM date) = 0") == 0);
    REQUIRE(count("medical_record WHERE extract(dow FROM visit_date) = 0") == 0);
    REQUIRE(count("medical_record r JOIN clinic c ON c.id = r.clinic_id WHERE (r.visited_at AT TIME ZONE "
                  "c.timezone)::date <> r.visit_date") == 0);
    REQUIRE(count("medical_record r JOIN clinic c ON c.id = r.clinic_id WHERE (r.visited_at AT TIME ZONE "
                  "c.timezone)::time NOT BETWEEN '07:00' AND '19:00'") == 0);
    // Every clock here agrees with the database's tables, in the midday of each day of years that no law can change
    // any more.
    for (int index = 0; index < 20; ++index) {
        for (const Zone& zone : locale_of(index).zones) {
            pqxx::work transaction(group());
            const auto rows = transaction.exec(
                "SELECT to_char((d + time '12:30') AT TIME ZONE '" + std::string(zone.name) +
                "' AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM generate_series(timestamp "
                "'2010-01-01', '2025-12-31', '1 day') d");
            Day day = *parse_day("2010-01-01");
            INFO(zone.name);
            int wrong = 0;
            for (const auto& row : rows) {
                wrong += format_utc(instant_of(zone, day, 750)) == row[0].c_str() ? 0 : 1;
                day += days(1);
            }
            REQUIRE(wrong == 0);
        }
        if (index == 9) index = 12;  // the rest is American
    }
}

TEST_CASE("sample: no chart is before its birth or after its death", "[sample]") {
    REQUIRE(count("medical_record r JOIN patient p ON p.id = r.patient_id WHERE r.visit_date < p.birth_date OR "
                  "r.visit_date > p.deceased_on OR r.created_at < p.created_at") == 0);
    REQUIRE(count("appointment a JOIN patient p ON p.id = a.patient_id WHERE a.date < p.birth_date OR (a.date > "
                  "p.deceased_on AND a.status <> 'cancelled')") == 0);
    REQUIRE(count("patient WHERE deceased_on < birth_date OR (deceased_on IS NOT NULL AND status = 'active')") == 0);
    REQUIRE(count("patient WHERE deceased_on IS NOT NULL") > 10);
    REQUIRE(count("patient p JOIN owner o ON o.id = p.owner_id WHERE o.merged_into IS NOT NULL") == 0);
    REQUIRE(count("owner WHERE merged_into IS NOT NULL AND deleted_at IS NOT NULL") > 0);
    for (const char* table : {"owner", "patient", "medical_record", "appointment", "bill"}) {
        INFO(table);
        REQUIRE(count(std::string(table) + " WHERE updated_at < created_at OR deleted_at < created_at OR greatest("
                                           "created_at, updated_at) > '2026-05-30 12:00Z'") == 0);
    }
}

TEST_CASE("sample: weights are those of the animal", "[sample]") {
    REQUIRE(count("medical_record WHERE weight_milli IS NOT NULL") > 2000);
    const std::string grams =
        "SELECT r.weight_milli * CASE r.weight_unit WHEN 'lbs' THEN 0.4536 ELSE 1 END AS g, p.species FROM "
        "medical_record r JOIN patient p ON p.id = r.patient_id";
    REQUIRE(count("(" + grams + ") x WHERE species = 'Dog' AND g NOT BETWEEN 60 AND 95000") == 0);
    REQUIRE(count("(" + grams + ") x WHERE species = 'Cat' AND g NOT BETWEEN 90 AND 11000") == 0);
    REQUIRE(count("(" + grams + ") x WHERE species = 'Bird' AND g NOT BETWEEN 2 AND 800") == 0);
    // From one visit to the next within two months, a grown animal keeps its weight.
    REQUIRE(
        count("(SELECT r.weight_milli w, lag(r.weight_milli) OVER mine AS before, visit_date - lag(visit_date) OVER "
              "mine AS apart, visit_date - birth_date AS age FROM medical_record r JOIN patient p ON p.id = "
              "r.patient_id WHERE r.weight_milli IS NOT NULL WINDOW mine AS (PARTITION BY r.patient_id ORDER BY "
              "visit_date, r.id)) x WHERE apart < 60 AND age > 900 AND w NOT BETWEEN before * 0.88 AND before * "
              "1.12 AND before > 300") == 0);
    REQUIRE(in_group("SELECT count(*) FROM clinic c WHERE EXISTS (SELECT FROM patient p WHERE p.clinic_id = c.id AND "
                     "p.weight_unit <> CASE c.currency WHEN 'USD' THEN 'lbs' ELSE 'kg' END::weight_unit)") == "0");
}

TEST_CASE("sample: rates are those of a believable group", "[sample]") {
    const double no_shows = percent("appointment WHERE status = 'no-show'", "appointment WHERE date <= '2026-05-29'");
    REQUIRE(no_shows > 3);
    REQUIRE(no_shows < 8);
    const double cancelled = percent("appointment WHERE status = 'cancelled'", "appointment");
    REQUIRE(cancelled > 3);
    REQUIRE(cancelled < 10);
    const double paid = percent("bill WHERE status = 'paid'", "bill");
    REQUIRE(paid > 85);
    REQUIRE(paid < 98);
    const double late = percent("bill WHERE paid_at::date > due_date + 1", "bill");
    REQUIRE(late > 1);
    REQUIRE(late < 12);
    REQUIRE(percent("bill WHERE status = 'cancelled'", "bill") > 0.4);
    REQUIRE(percent("bill WHERE status = 'cancelled'", "bill") < 3);
    REQUIRE(count("bill WHERE status = 'overdue'") > 5);
    REQUIRE(percent("medical_record WHERE record_type = 'vaccine'", "medical_record") > 30);
    REQUIRE(percent("patient WHERE species = 'Dog'", "patient") > 45);
    REQUIRE(percent("patient WHERE species IN ('Dog', 'Cat')", "patient") < 97);
    const auto on = [](int weekday) {
        return count("medical_record WHERE extract(dow FROM visit_date) = " + std::to_string(weekday));
    };
    REQUIRE(on(1) > on(3));
    REQUIRE(on(6) * 10 < on(1) * 7);
    const auto ticks = [](const std::string& months) {
        return count("medical_record WHERE diagnosis = 'Ectoparasites' AND extract(month FROM visit_date) IN (" +
                     months + ")");
    };
    REQUIRE(ticks("5, 6") > 3 * ticks("12, 1"));
    REQUIRE(in_group("SELECT count(DISTINCT currency) || ' ' || count(DISTINCT timezone) FROM clinic") == "2 4");
}

TEST_CASE("sample: the rows are in the feed, and what is derived from them holds", "[sample]") {
    for (const sync::Table& known : sync::tables()) {
        const std::string table(known.name);
        INFO(table);
        const std::string id = table == "clinic" ? "t.id" : "t.clinic_id";
        REQUIRE(count(table + " t LEFT JOIN sync_counter c ON c.clinic_id = " + id +
                      " WHERE t.version IS DISTINCT FROM c.version OR t.version < 1") == 0);
    }
    REQUIRE(count("row_meta") == 0);
    REQUIRE(count("medical_record r WHERE owner_name_snapshot IS NULL") == 0);
    // Who brings the animal now is who brought it before, but for those given away and for people without a phone.
    const double same = percent(
        "medical_record r JOIN patient p ON p.id = r.patient_id JOIN owner o ON o.id = "
        "p.owner_id WHERE r.owner_name_snapshot = o.first_name || ' ' || o.last_name",
        "medical_record");
    REQUIRE(same > 95);
    REQUIRE(same < 100);
    REQUIRE(count("audit_log WHERE action = 'sample'") == 4);
    const auto with_email = count("owner WHERE email IS NOT NULL");
    REQUIRE(with_email > 100);
    REQUIRE(count("owner WHERE email ~ '^[a-z]+[.][a-z]+[0-9]+@[a-z]+[.]example$'") == with_email);
}

TEST_CASE("sample: no statistics of a new database call its tables empty", "[sample][migrate]") {
    // With them the triggers' look-ups are planned as scans of the whole table: 95,000 rows took 319 s, not 12 s.
    pqxx::connection direct(test::central_database());
    REQUIRE(test::value_of(direct,
                           "SELECT coalesce(string_agg(relname, ', '), 'none') FROM pg_class WHERE relnamespace = "
                           "'public'::regnamespace AND relkind = 'r' AND reltuples = 0 AND relname IN ('bill', "
                           "'bill_item', 'owner', 'patient', 'medical_record', 'appointment')") == "none");
}

TEST_CASE("sample: a database with clinics is left alone unless free codes were chosen", "[sample]") {
    const std::string url = test::central_database();
    Pool pool(options_for(url), test::chance());
    pqxx::connection direct(url);
    SampleOptions options = small_group();
    options.clinics = 2;
    options.patients = 4;
    SampleRun run;
    run.actor = "os:test";
    REQUIRE(make_sample(pool, options, run).ok());
    // A second group beside the first: taken codes first, then a prefix of its own with the same seed.
    REQUIRE(make_sample(pool, options, run).error().slug == "clinic_code_taken");
    options.prefix = "MORE";
    REQUIRE(make_sample(pool, options, run).ok());
    REQUIRE(add_clinic(pool, "os:test", NewClinic{"NORTH", "North", "UTC", "USD"}, UtcMillis{}).ok());
    options.prefix = "THIRD";
    REQUIRE(make_sample(pool, options, run).error().slug == "clinics_exist");
    REQUIRE(test::value_of(direct, "SELECT count(*) FROM clinic") == "5");
    run.prefix_given = true;
    REQUIRE(make_sample(pool, options, run).ok());
    REQUIRE(test::value_of(direct, "SELECT count(*) FROM clinic") == "7");
    options.patients = 1;
    options.prefix = "NONE";
    REQUIRE(make_sample(pool, options, run).error().code == Errc::invalid_input);
}

TEST_CASE("sample: whoever treats an animal is of the clinic's staff, by id and as printed", "[sample]") {
    for (const auto& [table, text, id] :
         {std::tuple<std::string, std::string, std::string>{"medical_record", "veterinarian", "veterinarian_id"},
          {"appointment", "veterinarian", "veterinarian_id"},
          {"patient", "assigned_doctor", "assigned_doctor_id"}}) {
        CAPTURE(table);
        CHECK(count(table + " WHERE " + id + " IS NOT NULL") > 100);
        CHECK(count(table + " t LEFT JOIN staff s ON s.id = t." + id + " WHERE t." + text +
                    " IS DISTINCT FROM 'Dr. ' || "
                    "s.first_name || ' ' || s.last_name") == 0);
    }
}

}  // namespace vetchart::central
