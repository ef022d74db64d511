#include <catch2/catch.hpp>

#include "tests/central/reports/fixture.h"

/// Revenue and receivables of a small group, against figures added up by hand.
namespace vetchart::test {
namespace {

using Row = std::map<std::string, std::string>;

Row revenue(ReportWorld& world, const std::string& clinic, const std::string& month,
            const std::string& currency = "USD") {
    return row_of(world.report("revenue", "2025-01-01", "2026-12-31"), {clinic, currency, month});
}

Row receivables(ReportWorld& world, const std::string& clinic, const std::string& day,
                const std::string& currency = "USD") {
    return row_of(world.report("receivables", "", day), {clinic, currency, day});
}

bool has_receivables(ReportWorld& world, const std::string& clinic, const std::string& day) {
    return !rows_of(world.report("receivables", "", day), {clinic}).empty();
}

}  // namespace

TEST_CASE("reports: a bill counts in the month of its clinic, not of UTC", "[central][reports]") {
    ReportWorld world;
    world.clinic("AKL", "Pacific/Auckland");
    world.clinic("LAX", "America/Los_Angeles");
    world.clinic("UTC1", "UTC");
    // 31 January 13:00 UTC is 1 February in Auckland (UTC+13); 1 February 05:00 UTC is 31 January in Los Angeles.
    world.bill({.clinic = "AKL", .issued_at = "2026-01-31T13:00:00Z", .subtotal = 1, .tax = 0});
    world.bill({.clinic = "LAX", .issued_at = "2026-02-01T05:00:00Z", .subtotal = 2, .tax = 0});
    world.bill({.clinic = "UTC1", .issued_at = "2026-01-31T23:59:59.999Z", .subtotal = 3, .tax = 0});
    world.bill({.clinic = "UTC1", .issued_at = "2026-02-01T00:00:00Z", .subtotal = 4, .tax = 0});
    const auto all = world.report("revenue", "2026-01-01", "2026-02-28");
    CHECK(all.rows.size() == 4);
    CHECK(row_of(all, {"AKL", "USD", "2026-02"}).at("issued_total_cents") == "1");
    CHECK(row_of(all, {"LAX", "USD", "2026-01"}).at("issued_total_cents") == "2");
    CHECK(row_of(all, {"UTC1", "USD", "2026-01"}).at("issued_total_cents") == "3");
    CHECK(row_of(all, {"UTC1", "USD", "2026-02"}).at("issued_total_cents") == "4");
    // A range ends with the clinic's day too.
    CHECK(rows_of(world.report("revenue", "2026-01-01", "2026-01-31"), {"AKL"}).empty());
    CHECK(rows_of(world.report("revenue", "2026-01-31", "2026-01-31"), {"LAX"}).size() == 1);
    // Daylight saving ends at 10:00 UTC on 1 November 2026 in Los Angeles: 31 October ends at 07:00 UTC.
    world.bill({.clinic = "LAX", .issued_at = "2026-11-01T06:59:59Z", .subtotal = 8, .tax = 0});
    world.bill({.clinic = "LAX", .issued_at = "2026-11-01T07:00:00Z", .subtotal = 16, .tax = 0});
    CHECK(revenue(world, "LAX", "2026-10").at("issued_total_cents") == "8");
    CHECK(revenue(world, "LAX", "2026-11").at("issued_total_cents") == "16");
}

TEST_CASE("reports: a range that cuts months counts its days, each of a bill's days by itself", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "UTC");
    const auto issued = [&](const std::string& at, std::int64_t cents) {
        world.bill({.clinic = "NORTH", .issued_at = at, .subtotal = cents, .tax = 0});
    };
    issued("2026-01-19T23:59:59.999Z", 1);
    issued("2026-01-20T00:00:00Z", 2);
    issued("2026-03-05T23:59:59.999Z", 4);
    issued("2026-03-06T00:00:00Z", 8);
    // Issued before the range, paid in its first month, cancelled after it; and one that is late within a month.
    world.bill({.clinic = "NORTH",
                .status = "cancelled",
                .issued_at = "2025-11-02T10:00:00Z",
                .paid_at = "2026-01-31T10:00:00Z",
                .cancelled_at = "2026-03-06T10:00:00Z",
                .subtotal = 16,
                .tax = 0});
    world.bill({.clinic = "NORTH",
                .issued_at = "2026-02-10T10:00:00Z",
                .received_at = "2026-02-28T23:59:59Z",
                .subtotal = 32,
                .tax = 0});
    const auto cut = world.report("revenue", "2026-01-20", "2026-03-05");
    REQUIRE(cut.rows.size() == 3);
    const Row january = row_of(cut, {"NORTH", "USD", "2026-01"}), march = row_of(cut, {"NORTH", "USD", "2026-03"});
    CHECK(january.at("issued_total_cents") == "2");
    CHECK(january.at("paid_total_cents") == "16");
    CHECK(january.at("refunded_bills") == "0");
    CHECK(row_of(cut, {"NORTH", "USD", "2026-02"}).at("late_bills") == "0");
    CHECK(march.at("issued_total_cents") == "4");
    CHECK(march.at("cancelled_bills") == "0");
    const auto day = world.report("revenue", "2026-03-06", "2026-03-06");
    REQUIRE(day.rows.size() == 1);
    CHECK(row_of(day, {"NORTH"}).at("issued_total_cents") == "8");
    CHECK(row_of(day, {"NORTH"}).at("refunded_total_cents") == "16");
    CHECK(row_of(day, {"NORTH"}).at("net_total_cents") == "-8");
    CHECK(world.value("SELECT count(*) FROM report.revenue('2026-03-06', '2026-03-05')") == "0");
    CHECK(world.value("SELECT count(*) FROM report.revenue(NULL, NULL)") == "0");
    CHECK(world.value("SELECT sum(issued_bills) FROM report.revenue('-infinity', 'infinity')") == "6");
}

TEST_CASE("reports: an hour that comes twice, or a midnight that does not, keeps its day", "[central][reports]") {
    ReportWorld world;
    // Havana's clocks go from 01:00 back to 00:00 on 1 November 2026 (05:00 UTC): its first hour comes twice.
    world.clinic("HAV", "America/Havana");
    for (const auto* at : {"2026-11-01T03:59:59Z", "2026-11-01T04:00:00Z", "2026-11-01T04:59:00Z",
                           "2026-11-01T05:00:00Z", "2026-11-01T05:59:00Z"}) {
        world.bill({.clinic = "HAV", .issued_at = at});
    }
    CHECK(revenue(world, "HAV", "2026-10").at("issued_bills") == "1");
    CHECK(revenue(world, "HAV", "2026-11").at("issued_bills") == "4");
    // On 1 March 2020 no clock changed; on 8 March it went from 00:00 to 01:00 (05:00 UTC).
    world.bill({.clinic = "HAV", .issued_at = "2020-03-08T04:59:59Z"});
    world.bill({.clinic = "HAV", .issued_at = "2020-03-08T05:00:00Z"});
    CHECK(rows_of(world.report("revenue", "2020-03-08", "2020-03-08"), {"HAV"}).at(0).at("issued_bills") == "1");
    // The ends of the earth: the same instant is 2 January at UTC+14 and 31 December at UTC-11.
    world.clinic("KIR", "Pacific/Kiritimati");
    world.clinic("PAGO", "Pacific/Pago_Pago");
    world.bill({.clinic = "KIR", .issued_at = "2026-01-01T10:30:00Z"});
    world.bill({.clinic = "PAGO", .issued_at = "2026-01-01T10:30:00Z"});
    CHECK(world.report("revenue", "2026-01-02", "2026-01-02").rows.size() == 1);
    CHECK(revenue(world, "PAGO", "2025-12").at("issued_bills") == "1");
}

TEST_CASE("reports: issued in January, paid in March; tax stands apart", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "Europe/Berlin", "EUR");
    world.bill({.clinic = "NORTH",
                .status = "paid",
                .issued_at = "2026-01-15T10:00:00Z",
                .paid_at = "2026-03-02T10:00:00Z",
                .subtotal = 10000,
                .tax = 1900});
    const Row january = revenue(world, "NORTH", "2026-01", "EUR");
    CHECK(january.at("issued_bills") == "1");
    CHECK(january.at("issued_subtotal_cents") == "10000");
    CHECK(january.at("issued_tax_cents") == "1900");
    CHECK(january.at("issued_total_cents") == "11900");
    CHECK(january.at("paid_total_cents") == "0");
    const Row march = revenue(world, "NORTH", "2026-03", "EUR");
    CHECK(march.at("issued_bills") == "0");
    CHECK(march.at("paid_bills") == "1");
    CHECK(march.at("paid_subtotal_cents") == "10000");
    CHECK(march.at("paid_tax_cents") == "1900");
    CHECK(march.at("paid_total_cents") == "11900");
    CHECK(world.report("revenue", "2026-02-01", "2026-02-28").rows.empty());
}

TEST_CASE("reports: cancelled after the issue shows in its own month and reconciles", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "UTC");
    world.bill({.clinic = "NORTH",
                .status = "cancelled",
                .issued_at = "2026-01-20T10:00:00Z",
                .cancelled_at = "2026-02-03T10:00:00Z",
                .subtotal = 500,
                .tax = 40});
    // Paid, then cancelled: the money went back.
    world.bill({.clinic = "NORTH",
                .status = "cancelled",
                .issued_at = "2026-01-21T10:00:00Z",
                .paid_at = "2026-01-25T10:00:00Z",
                .cancelled_at = "2026-03-03T10:00:00Z",
                .subtotal = 700,
                .tax = 0});
    // A draft that was cancelled was never issued; a payment that was taken back is no payment.
    world.bill({.clinic = "NORTH", .status = "cancelled", .cancelled_at = "2026-02-04T10:00:00Z"});
    world.bill({.clinic = "NORTH",
                .status = "sent",
                .issued_at = "2026-01-22T10:00:00Z",
                .paid_at = "2026-01-26T10:00:00Z",
                .subtotal = 30,
                .tax = 0});
    world.bill({.clinic = "NORTH", .status = "draft"});
    const Row january = revenue(world, "NORTH", "2026-01");
    CHECK(january.at("issued_bills") == "3");
    CHECK(january.at("issued_total_cents") == "1270");
    CHECK(january.at("net_total_cents") == "1270");
    CHECK(january.at("paid_total_cents") == "700");
    const Row february = revenue(world, "NORTH", "2026-02");
    CHECK(february.at("cancelled_bills") == "1");
    CHECK(february.at("cancelled_subtotal_cents") == "500");
    CHECK(february.at("cancelled_tax_cents") == "40");
    CHECK(february.at("net_total_cents") == "-540");
    CHECK(february.at("refunded_bills") == "0");
    const Row march = revenue(world, "NORTH", "2026-03");
    CHECK(march.at("cancelled_total_cents") == "700");
    CHECK(march.at("refunded_bills") == "1");
    CHECK(march.at("refunded_total_cents") == "700");
    // Open at the end = issued - cancelled - paid + refunded.
    CHECK(receivables(world, "NORTH", "2026-01-31").at("open_total_cents") == "570");
    CHECK(receivables(world, "NORTH", "2026-02-28").at("open_total_cents") == "30");
    CHECK(receivables(world, "NORTH", "2026-03-31").at("open_total_cents") == "30");
}

TEST_CASE("reports: receivables as of a day know neither later payments nor later bills", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "America/Los_Angeles");
    // Paid 2 March 05:00 UTC: in Los Angeles still 1 March.
    world.bill({.clinic = "NORTH",
                .status = "paid",
                .issued_at = "2026-01-10T18:00:00Z",
                .paid_at = "2026-03-02T05:00:00Z",
                .due_date = "2026-01-29",
                .subtotal = 100,
                .tax = 0});
    CHECK_FALSE(has_receivables(world, "NORTH", "2026-01-09"));
    CHECK(receivables(world, "NORTH", "2026-01-28").at("not_due_cents") == "100");
    CHECK(receivables(world, "NORTH", "2026-01-28").at("past_due_cents") == "0");
    CHECK(receivables(world, "NORTH", "2026-01-29").at("due_0_to_30_cents") == "100");
    CHECK(receivables(world, "NORTH", "2026-02-28").at("due_0_to_30_cents") == "100");
    CHECK_FALSE(has_receivables(world, "NORTH", "2026-03-01"));
}

TEST_CASE("reports: receivables by age, drafts left out, soft-deleted ones marked", "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "UTC");
    world.clinic("EAST", "UTC", "EUR");
    const auto due = [&](const std::string& day, std::int64_t cents, const std::string& deleted_at = "") {
        world.bill({.clinic = "NORTH",
                    .status = "overdue",
                    .issued_at = "2025-11-01T00:30:00Z",
                    .deleted_at = deleted_at,
                    .due_date = day,
                    .subtotal = cents,
                    .tax = 0});
    };
    due("2026-04-01", 1);    // tomorrow
    due("2026-03-31", 2);    // today: 0 days
    due("2026-03-01", 4);    // 30
    due("2026-02-28", 8);    // 31
    due("2026-01-30", 16);   // 60
    due("2026-01-29", 32);   // 61
    due("2025-12-31", 64);   // 90
    due("2025-12-30", 128);  // 91
    due("2026-03-30", 256, "2026-02-01T00:00:00Z");
    world.bill({.clinic = "NORTH", .status = "draft", .due_date = "2026-01-01"});
    world.bill({.clinic = "EAST", .issued_at = "2026-01-01T10:00:00Z", .due_date = "2026-03-01"});
    const Row row = receivables(world, "NORTH", "2026-03-31");
    CHECK(row.at("open_bills") == "9");
    CHECK(row.at("not_due_cents") == "1");
    CHECK(row.at("due_0_to_30_cents") == "262");
    CHECK(row.at("due_0_to_30_bills") == "3");
    CHECK(row.at("due_31_to_60_cents") == "24");
    CHECK(row.at("due_61_to_90_cents") == "96");
    CHECK(row.at("due_over_90_cents") == "128");
    CHECK(row.at("past_due_cents") == "510");
    CHECK(row.at("deleted_bills") == "1");
    CHECK(row.at("deleted_cents") == "256");
    CHECK(receivables(world, "EAST", "2026-03-31", "EUR").at("open_total_cents") == "1100");
}

TEST_CASE("reports: an issued bill counts when soft-deleted or archived, and says so when it came late",
          "[central][reports]") {
    ReportWorld world;
    world.clinic("NORTH", "Pacific/Auckland");
    world.patient("Old", "NORTH");
    world.bill({.clinic = "NORTH",
                .issued_at = "2026-01-10T00:00:00Z",
                .deleted_at = "2026-01-11T00:00:00Z",
                .subtotal = 1,
                .tax = 0});
    world.bill({.clinic = "NORTH", .issued_at = "2026-01-12T00:00:00Z", .patient = "Old", .subtotal = 2, .tax = 0});
    // January ends in Auckland at 11:00 UTC on the 31st.
    world.bill({.clinic = "NORTH",
                .issued_at = "2026-01-13T00:00:00Z",
                .received_at = "2026-01-31T10:59:59.999Z",
                .subtotal = 4,
                .tax = 0});
    world.bill({.clinic = "NORTH",
                .issued_at = "2026-01-14T00:00:00Z",
                .received_at = "2026-01-31T11:00:00Z",
                .subtotal = 8,
                .tax = 0});
    world.run("SELECT archive_patient('" + world.id_of("Old") + "', 'os:test', 'left')");
    REQUIRE(world.value("SELECT count(*) FROM bill") == "3");
    const Row row = revenue(world, "NORTH", "2026-01");
    CHECK(row.at("issued_bills") == "4");
    CHECK(row.at("issued_total_cents") == "15");
    CHECK(row.at("deleted_bills") == "1");
    CHECK(row.at("deleted_total_cents") == "1");
    CHECK(row.at("late_bills") == "1");
    CHECK(row.at("late_total_cents") == "8");
    CHECK(receivables(world, "NORTH", "2026-01-31").at("open_total_cents") == "15");
    CHECK(world.value("SELECT count(*) FROM report.fact_bill WHERE is_archived") == "1");
    CHECK(world.value("SELECT count(*) FROM report.fact_bill WHERE arrived_late") == "1");
}

TEST_CASE("reports: a legacy bill stands on its printed day in every zone", "[central][reports]") {
    ReportWorld world;
    world.clinic("WEST", "America/Los_Angeles");
    world.run(
        "SET LOCAL vetchart.keep_number = 'on'; INSERT INTO bill (id, clinic_id, owner_id, patient_id, bill_number, "
        "provisional_number, status, subtotal_cents, tax_cents, total_cents, bill_date, due_date, issued_at) "
        "VALUES (gen_random_uuid(), '" +
        world.id_of("WEST") + "', '" + world.id_of("owner of WEST") + "', '" + world.id_of("patient of WEST") +
        "', 'BILL-000007', 'BILL-000007', 'sent', 5, 0, 5, '2026-02-01', '2026-03-01', '2026-02-01T00:00:00Z')");
    CHECK(revenue(world, "WEST", "2026-02").at("issued_total_cents") == "5");
    CHECK(world.report("revenue", "2026-01-01", "2026-01-31").rows.empty());
}

TEST_CASE("reports: a time zone nobody knows counts as UTC and spoils nothing", "[central][reports]") {
    ReportWorld world;
    // The zone of a server that knew it: this one does not.
    world.run("INSERT INTO report_time_zone VALUES ('Mars/Olympus')");
    world.clinic("ODD", "Mars/Olympus");
    world.run("DELETE FROM report_time_zone WHERE name = 'Mars/Olympus'");
    world.clinic("NORTH", "Europe/Berlin");
    world.bill({.clinic = "ODD", .issued_at = "2026-01-31T23:30:00Z"});
    world.bill({.clinic = "NORTH", .issued_at = "2026-01-31T23:30:00Z"});
    CHECK(revenue(world, "ODD", "2026-01").at("issued_bills") == "1");
    CHECK(revenue(world, "NORTH", "2026-02").at("issued_bills") == "1");
    for (const auto& report : central::reports()) world.report(std::string(report.name));
    CHECK(world.value("SELECT timezone_known FROM report.fact_clinic WHERE clinic_code = 'ODD'") == "f");
}

}  // namespace vetchart::test
