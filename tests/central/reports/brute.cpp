#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <random>
#include <set>
#include <tuple>

#include "central/sample/sample.h"
#include "sync/base/time.h"
#include "tests/central/reports/fixture.h"
#include "tests/support/chance.h"

/// A random group, and every report's figures computed a second time in C++ from the plain rows. Time zones come from
/// the C library here, from PostgreSQL there.
namespace vetchart::test {
namespace {

using Key = std::vector<std::string>;
using Figures = std::map<Key, std::map<std::string, std::int64_t>>;

constexpr int kPatientsPerClinic = 25, kBills = 900, kVisits = 1300, kAppointments = 400;
const char* const kFrom = "2025-09-10";
const char* const kTo = "2026-08-20";
const std::map<std::string, std::pair<std::string, std::string>> kClinics{{"AKL", {"Pacific/Auckland", "NZD"}},
                                                                          {"BER", {"Europe/Berlin", "EUR"}},
                                                                          {"HAV", {"America/Havana", "USD"}},
                                                                          {"KIR", {"Pacific/Kiritimati", "AUD"}},
                                                                          {"LAX", {"America/Los_Angeles", "USD"}},
                                                                          {"PAGO", {"Pacific/Pago_Pago", "USD"}},
                                                                          {"UTC1", {"UTC", "USD"}}};

/// The clinics of the group at hand: code to zone and currency.
std::map<std::string, std::pair<std::string, std::string>> places;

void load_places(ReportWorld& world) {
    places.clear();
    for (const auto& row : world.rows("SELECT code, timezone, currency FROM clinic")) places[row[0]] = {row[1], row[2]};
}

std::chrono::sys_days days_of(const std::string& day) {
    return std::chrono::year(std::stoi(day.substr(0, 4))) / std::stoi(day.substr(5, 2)) / std::stoi(day.substr(8, 2));
}

std::string text_of(std::chrono::sys_days day) {
    return format_utc(std::chrono::time_point_cast<std::chrono::milliseconds>(day)).substr(0, 10);
}

std::string plus_days(const std::string& day, int count) { return text_of(days_of(day) + std::chrono::days(count)); }

std::string plus_months(const std::string& day, int count) {
    auto date = std::chrono::year_month_day(days_of(day)) + std::chrono::months(count);
    if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
    return text_of(date);
}

/// The day of an instant on the clinic's calendar, by the C library.
std::string local_day(const std::string& instant, const std::string& zone) {
    if (instant.empty()) return {};
    setenv("TZ", zone.c_str(), 1);
    tzset();
    const auto t = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(*parse_utc(instant)));
    std::tm local{};
    localtime_r(&t, &local);
    std::string text(10, ' ');
    text.resize(std::strftime(text.data(), 11, "%Y-%m-%d", &local));
    return text;
}

/// Gives the C library its zone back, which local_day() sets: the other tests want their own.
struct ZoneGuard {
    ZoneGuard() = default;
    ~ZoneGuard() {
        unsetenv("TZ");
        tzset();
    }
    ZoneGuard(const ZoneGuard&) = delete;
    ZoneGuard& operator=(const ZoneGuard&) = delete;
};

std::string month_of(const std::string& day) { return day.substr(0, 7); }
bool within(const std::string& day) { return !day.empty() && day >= kFrom && day <= kTo; }

/// Draws the rows of a group.
class Dice {
public:
    explicit Dice(std::uint64_t from) : engine_(from) {}
    int below(int bound) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(bound)); }
    bool chance(int percent) { return below(100) < percent; }
    template <std::size_t N>
    const char* one_of(const char* const (&names)[N]) {
        return names[static_cast<std::size_t>(below(N))];
    }
    std::string day() { return plus_days("2024-01-01", below(1000)); }
    /// Often near the turn of a month, where zones matter.
    std::string instant() {
        auto at =
            std::chrono::time_point_cast<std::chrono::milliseconds>(days_of(day())) + std::chrono::hours(below(24));
        if (chance(40)) {
            const auto month = days_of(plus_months("2024-01-01", below(32)));
            at = std::chrono::time_point_cast<std::chrono::milliseconds>(month) + std::chrono::hours(below(30) - 15);
        }
        return format_utc(at + std::chrono::milliseconds(below(3600000)));
    }
    std::string later_than(const std::string& instant, int days) {
        return format_utc(*parse_utc(instant) + std::chrono::hours(below(24 * days)));
    }

private:
    std::mt19937_64 engine_;
};

std::string any_clinic(Dice& dice) {
    return std::next(kClinics.begin(), dice.below(static_cast<int>(kClinics.size())))->first;
}

void roll_bill(ReportWorld& world, Dice& dice) {
    const char* const statuses[] = {"draft", "sent", "sent", "overdue", "paid", "paid", "paid", "cancelled"};
    BillRow row;
    row.clinic = any_clinic(dice);
    row.status = dice.one_of(statuses);
    const std::string moment = dice.instant();
    if (row.status != "draft" && !(row.status == "cancelled" && dice.chance(30))) row.issued_at = moment;
    if (row.status == "draft" && dice.chance(20)) row.issued_at = moment;  // was issued, went back
    if (row.status == "paid" || dice.chance(15)) row.paid_at = dice.later_than(moment, 90);
    if (row.status == "cancelled" || dice.chance(5)) row.cancelled_at = dice.later_than(moment, 60);
    row.received_at = dice.later_than(moment, dice.chance(20) ? 40 : 1);
    if (dice.chance(5)) row.deleted_at = dice.instant();
    row.bill_date = moment.substr(0, 10);
    row.due_date = plus_days(row.bill_date, dice.below(45));
    row.subtotal = dice.below(100000);
    row.tax = dice.below(9000);
    row.patient = row.clinic + std::to_string(dice.below(kPatientsPerClinic));
    world.bill(row);
}

void roll_visit(ReportWorld& world, Dice& dice) {
    const char* const types[] = {"vaccine", "treatment", "surgery", "dental"};
    const char* const people[] = {"J Lee", "B Kim", "Ann O''Neil"};
    VisitRow row;
    row.patient = any_clinic(dice) + std::to_string(dice.below(kPatientsPerClinic));
    row.visit_date = dice.day();
    row.record_type = dice.one_of(types);
    row.veterinarian = dice.one_of(people);
    if (row.record_type == "vaccine" && dice.chance(50)) row.next_due_on = plus_days(row.visit_date, dice.below(900));
    row.deleted = dice.chance(8);
    world.visit(row);
}

void roll_group(ReportWorld& world, Dice& dice) {
    for (const auto& [code, place] : kClinics) world.clinic(code, place.first, place.second);
    world.run("UPDATE patient SET status = 'inactive'");
    const char* const statuses[] = {"completed", "completed", "no-show", "cancelled", "scheduled"};
    world.collect();
    for (const auto& [code, place] : kClinics) {
        for (int i = 0; i < kPatientsPerClinic; ++i) {
            world.patient(code + std::to_string(i), code, ", status, deceased_on, deleted_at",
                          std::string(", ") + (dice.chance(10) ? "'inactive'" : "'active'") + ", " +
                              (dice.chance(15) ? "'" + dice.day() + "'" : "NULL") + ", " +
                              (dice.chance(5) ? "now()" : "NULL"));
        }
    }
    for (int i = 0; i < kBills; ++i) roll_bill(world, dice);
    for (int i = 0; i < kVisits; ++i) roll_visit(world, dice);
    for (int i = 0; i < kAppointments; ++i) {
        world.appointment(any_clinic(dice) + std::to_string(dice.below(kPatientsPerClinic)), dice.day(),
                          dice.one_of(statuses), dice.chance(8));
    }
    world.flush();
    for (const auto& [code, place] : kClinics) {
        world.run("SELECT archive_patient('" + world.id_of(code + "3") + "', 'os:test', 'random')");
    }
}

/// The rows of both the live table and the archive; `columns` begin with the clinic's code.
std::vector<std::vector<std::string>> everything(ReportWorld& world, const std::string& columns,
                                                 const std::string& table) {
    const std::string head = "SELECT c.code, " + columns + " FROM ";
    auto all = world.rows(head + table + " t JOIN clinic c ON c.id = t.clinic_id");
    for (auto& row : world.rows(head + "archive." + table + " t JOIN clinic c ON c.id = t.clinic_id")) {
        all.push_back(std::move(row));
    }
    return all;
}

struct BillDays {
    std::string issued, paid, cancelled, refunded;
};

constexpr const char* kBillColumns =
    "t.status, to_char(t.issued_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), "
    "to_char(t.paid_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), "
    "to_char(t.cancelled_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), "
    "to_char(t.received_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), t.deleted_at IS NOT NULL, t.due_date, "
    "t.subtotal_cents, t.tax_cents, t.total_cents";

BillDays days_of_bill(const std::vector<std::string>& bill) {
    const auto& [zone, currency] = places.at(bill[0]);
    const std::string &status = bill[1], &issued = bill[2], &paid = bill[3], &cancelled = bill[4];
    BillDays days;
    if (issued.empty()) return days;
    days.issued = local_day(issued, zone);
    if ((status == "paid" || status == "cancelled") && !paid.empty()) {
        days.paid = local_day(std::max(paid, issued), zone);
    }
    if (status == "cancelled") days.cancelled = local_day(std::max({cancelled, issued, paid}), zone);
    if (!days.paid.empty()) days.refunded = days.cancelled;
    return days;
}

Figures revenue(ReportWorld& world) {
    Figures figures;
    for (const auto& bill : everything(world, kBillColumns, "bill")) {
        const auto days = days_of_bill(bill);
        const auto& [zone, currency] = places.at(bill[0]);
        const auto add = [&](const std::string& day, const std::string& kind, int sign, bool split) {
            if (!within(day)) return;
            auto& row = figures[{bill[0], currency, month_of(day)}];
            ++row[kind + "_bills"];
            row[kind + "_total_cents"] += std::stoll(bill[10]);
            if (split) row[kind + "_subtotal_cents"] += std::stoll(bill[8]);
            if (split) row[kind + "_tax_cents"] += std::stoll(bill[9]);
            row["net_subtotal_cents"] += sign * std::stoll(bill[8]);
            row["net_tax_cents"] += sign * std::stoll(bill[9]);
            row["net_total_cents"] += sign * std::stoll(bill[10]);
        };
        add(days.issued, "issued", 1, true);
        add(days.cancelled, "cancelled", -1, true);
        add(days.paid, "paid", 0, true);
        add(days.refunded, "refunded", 0, false);
        if (!days.issued.empty() && month_of(local_day(bill[5], zone)) > month_of(days.issued)) {
            add(days.issued, "late", 0, false);
        }
        if (bill[6] == "t") add(days.issued, "deleted", 0, false);
    }
    return figures;
}

Figures receivables(ReportWorld& world, const std::string& day) {
    Figures figures;
    for (const auto& bill : everything(world, kBillColumns, "bill")) {
        const auto days = days_of_bill(bill);
        if (days.issued.empty() || days.issued > day || (!days.paid.empty() && days.paid <= day) ||
            (!days.cancelled.empty() && days.cancelled <= day)) {
            continue;
        }
        auto& row = figures[{bill[0], places.at(bill[0]).second, day}];
        const auto late = (days_of(day) - days_of(bill[7])).count();
        const auto add = [&](const std::string& bills, const std::string& cents) {
            ++row[bills];
            row[cents] += std::stoll(bill[10]);
        };
        add("open_bills", "open_total_cents");
        const std::string group = late < 0     ? "not_due"
                                  : late <= 30 ? "due_0_to_30"
                                  : late <= 60 ? "due_31_to_60"
                                  : late <= 90 ? "due_61_to_90"
                                               : "due_over_90";
        add(group + "_bills", group + "_cents");
        if (late >= 0) add("past_due_bills", "past_due_cents");
        if (bill[6] == "t") add("deleted_bills", "deleted_cents");
    }
    return figures;
}

Figures visits(ReportWorld& world) {
    Figures figures;
    // No two of a clinic's staff have one name here, and whose id a record has not is spelled in one way.
    for (const auto& row :
         everything(world,
                    "t.visit_date, t.record_type, coalesce((SELECT s.first_name || ' ' || s.last_name "
                    "FROM staff s WHERE s.id = t.veterinarian_id), t.veterinarian), t.deleted_at IS "
                    "NOT NULL",
                    "medical_record")) {
        if (row[4] == "f" && within(row[1])) ++figures[{row[0], month_of(row[1]), row[2], row[3]}]["visits"];
    }
    return figures;
}

struct Patient {
    std::string clinic, deceased_on;
    bool active = false;
    std::set<std::string> days;
    std::map<std::string, std::string> due;  ///< Vaccination day to the earliest next one.
};

std::map<std::string, Patient> patients_of(ReportWorld& world) {
    std::map<std::string, Patient> patients;
    for (const auto& row :
         world.rows("SELECT p.id, c.code, p.deceased_on, p.status = 'active' AND p.deleted_at IS NULL "
                    "FROM patient p JOIN clinic c ON c.id = p.clinic_id")) {
        patients[row[0]] = Patient{row[1], row[2], row[3] == "t", {}, {}};
    }
    for (const auto& row :
         everything(world, "t.patient_id, t.visit_date, t.record_type, t.next_due_on, t.deleted_at IS NOT NULL",
                    "medical_record")) {
        if (row[5] == "t" || row[2] > kTo) continue;
        Patient& patient = patients[row[1]];
        patient.clinic = row[0];
        patient.days.insert(row[2]);
        if (row[3] != "vaccine") continue;
        const std::string due = row[4].empty() ? plus_months(row[2], 12) : row[4];
        const auto [at, fresh] = patient.due.try_emplace(row[2], due);
        if (!fresh) at->second = std::min(at->second, due);
    }
    return patients;
}

Figures patients(ReportWorld& world) {
    Figures figures;
    for (const auto& [id, patient] : patients_of(world)) {
        std::set<std::string> months;
        for (const auto& day : patient.days) {
            if (!within(day) || !months.insert(month_of(day)).second) continue;
            auto& row = figures[{patient.clinic, month_of(day)}];
            ++row["seen_patients"];
            const std::string begin = std::max(month_of(day) + "-01", std::string(kFrom));
            ++row[*patient.days.begin() < begin ? "returning_patients" : "new_patients"];
        }
        if (patient.days.empty() || !patient.active) continue;
        const std::string lapses = plus_months(*patient.days.rbegin(), 18);
        if (!within(lapses) || (!patient.deceased_on.empty() && patient.deceased_on <= lapses)) continue;
        ++figures[{patient.clinic, month_of(lapses)}]["lapsed_patients"];
    }
    return figures;
}

Figures vaccinations(ReportWorld& world) {
    Figures figures;
    for (const auto& row :
         everything(world, "t.visit_date, t.record_type = 'vaccine' AND t.deleted_at IS NULL", "medical_record")) {
        if (row[2] == "t" && within(row[1])) ++figures[{row[0], kTo}]["given"];
    }
    for (const auto& [id, patient] : patients_of(world)) {
        if (!patient.active || (!patient.deceased_on.empty() && patient.deceased_on <= kTo)) continue;
        auto& row = figures[{patient.clinic, kTo}];
        ++row["active_patients"];
        if (patient.due.empty()) {
            ++row["never_vaccinated"];
            continue;
        }
        const std::string& due = patient.due.rbegin()->second;
        ++row[due >= kTo ? "covered_patients" : "overdue"];
        if (due >= kTo && due <= plus_days(kTo, 30)) ++row["due_30_days"];
    }
    return figures;
}

Figures appointments(ReportWorld& world) {
    Figures figures;
    for (const auto& row : everything(world, "t.date, t.status, t.deleted_at IS NOT NULL", "appointment")) {
        if (row[3] == "t" || !within(row[1])) continue;
        const auto weekday = std::chrono::weekday(days_of(row[1])).iso_encoding();
        auto& cells = figures[{row[0], std::to_string(weekday)}];
        ++cells["appointments"];
        ++cells[row[2] == "scheduled" ? "open" : row[2] == "no-show" ? "no_show" : row[2]];
    }
    return figures;
}

/// The report's rows against `expected`: the same keys, and every count and amount, 0 where nothing was counted.
void compare(const central::ReportResult& result, Figures expected, std::size_t key_size) {
    INFO("report " << result.report->name);
    CHECK(result.rows.size() == expected.size());
    for (const auto& row : result.rows) {
        Key key;
        for (std::size_t i = 0; i < key_size; ++i) key.push_back(row[i].value_or(""));
        INFO(key[0] << " " << key[1]);
        REQUIRE(expected.contains(key));
        for (std::size_t i = key_size; i < row.size(); ++i) {
            const auto& column = result.report->columns[i];
            if (column.kind == central::ColumnKind::percent) continue;
            INFO(column.name);
            CHECK(std::stoll(row[i].value()) == expected[key][std::string(column.name)]);
        }
    }
}

}  // namespace

namespace {

/// Every report of the group against the second count.
void compare_all(ReportWorld& world) {
    load_places(world);
    const auto report = [&](const char* name) { return world.report(name, kFrom, kTo); };
    compare(report("revenue"), revenue(world), 3);
    for (const char* day : {"2025-12-31", "2026-02-28", "2026-08-20"}) {
        compare(world.report("receivables", "", day), receivables(world, day), 3);
    }
    compare(report("visits"), visits(world), 4);
    compare(report("vaccinations"), vaccinations(world), 2);
    compare(report("patients"), patients(world), 2);
    compare(report("appointments"), appointments(world), 2);
}

struct RolledGroup {
    ZoneGuard guard;
    ReportWorld world;
    explicit RolledGroup(std::uint64_t seed) {
        Dice dice(seed);
        roll_group(world, dice);
    }
};

}  // namespace

TEST_CASE("reports: a generated group counted a second time in another language", "[central][reports][sample]") {
    const ZoneGuard guard;
    ReportWorld world;
    central::SampleOptions options;
    options.clinics = 4;
    options.patients = 400;
    options.seed = 7;
    options.until = *central::parse_day("2026-08-31");
    central::SampleRun run;
    run.actor = "os:test";
    const auto made = central::make_sample(world.pool(), options, run);
    REQUIRE(made);
    REQUIRE(made->bills > 1000);
    world.run("SELECT archive_patient(id, 'os:test', 'moved') FROM (SELECT id FROM patient ORDER BY id LIMIT 9) p");
    compare_all(world);
}

TEST_CASE("reports: a random group counted a second time in another language", "[central][reports][random]") {
    const std::uint64_t from = seed_of_run();
    INFO("VETCHART_SEED=" << from);
    RolledGroup group(from);
    ReportWorld& world = group.world;
    REQUIRE(world.value("SELECT count(*) > 0 FROM archive.bill") == "t");
    compare_all(world);
    // One clinic alone has the rows it has among all.
    for (const auto& kind : central::reports()) {
        const std::string name(kind.name);
        auto all = world.report(name, kFrom, kTo).rows;
        std::erase_if(all, [](const auto& row) { return row[0] != "BER"; });
        INFO(name);
        CHECK(world.report(name, kFrom, kTo, "BER").rows == all);
    }
}

TEST_CASE("reports: what is open moves by what was issued, cancelled, paid and refunded",
          "[central][reports][random]") {
    const std::uint64_t from = seed_of_run();
    INFO("VETCHART_SEED=" << from);
    RolledGroup group(from);
    ReportWorld& world = group.world;
    const auto sum = [](const central::ReportResult& result, const std::string& column) {
        std::map<std::string, std::int64_t> sums;
        for (const auto& row : rows_of(result, {})) sums[row.at("clinic_code")] += std::stoll(row.at(column));
        return sums;
    };
    auto opened = sum(world.report("receivables", "", "2025-09-09"), "open_total_cents");
    auto closed = sum(world.report("receivables", "", "2026-03-17"), "open_total_cents");
    const auto moved = world.report("revenue", "2025-09-10", "2026-03-17");
    auto net = sum(moved, "net_total_cents");
    auto paid = sum(moved, "paid_total_cents"), refunded = sum(moved, "refunded_total_cents");
    for (const auto& [code, place] : kClinics) {
        INFO(code);
        CHECK(closed[code] - opened[code] == net[code] - paid[code] + refunded[code]);
    }
}

}  // namespace vetchart::test
