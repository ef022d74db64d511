#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>

#include "edge/store/rows/charts.h"
#include "tests/edge/api/fill.h"

using vetchart::test::ApiNode;

namespace {

constexpr int kRows = 100000;

void measure(ApiNode& node, const std::string& path, int times) {
    std::vector<double> took;
    std::size_t bytes = 0;
    for (int i = 0; i < times; ++i) {
        const auto start = std::chrono::steady_clock::now();
        const auto reply = node.get(path);
        REQUIRE(reply.status == 200);
        bytes = reply.body.size();
        took.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(took.begin(), took.end());
    const auto at = [&](double part) {
        return took[static_cast<std::size_t>(part * static_cast<double>(took.size() - 1))];
    };
    std::printf("%-45s p50 %8.2f ms  p95 %8.2f ms  %9zu bytes\n", path.c_str(), at(0.5), at(0.95), bytes);
}

}  // namespace

TEST_CASE("bench: lists over a large clinic", "[.bench]") {
    ApiNode node;
    vetchart::test::fill_node(node, kRows);
    for (const char* list : {"owners", "patients", "records", "appointments", "bills"}) {
        measure(node, std::string("/api/") + list + "?limit=50", 40);
        measure(node, std::string("/api/") + list + "?limit=50&q=9999", 5);
        measure(node, std::string("/api/") + list + "?limit=50&q=nothing", 5);
    }
    measure(node, "/api/bills/owner/00000001-0001-4000-8000-000000000001", 40);
    measure(node, "/api/records/patient/00000001-0002-4000-8000-000000000001", 40);
    measure(node, "/api/dashboard/stats", 20);
    measure(node, "/api/bills", 1);
}

namespace {

/// The clinic of the old server's load scripts: 150 owners, 300 patients, 900 records, 300 bills.
void fill_small(ApiNode& node) {
    std::vector<vetchart::test::Json> owners;
    for (int i = 0; i < 150; ++i) owners.push_back(node.new_owner("Owner" + std::to_string(i)));
    for (int i = 0; i < 300; ++i) {
        const auto patient = node.new_patient(owners[static_cast<std::size_t>(i) % 150]);
        vetchart::test::Json records;
        for (int k = 0; k < 3; ++k)
            records.push_back(node.new_record(patient, "2026-0" + std::to_string(k + 1) + "-20"));
        node.new_bill(owners[static_cast<std::size_t>(i) % 150], patient,
                      {{"medicalRecordIds", {records[0]["id"], records[1]["id"]}},
                       {"items",
                        {{{"description", "Exam"}, {"quantity", 1}, {"unitPrice", 55.0}, {"totalPrice", 55.0}},
                         {{"description", "Vaccine"}, {"quantity", 2}, {"unitPrice", 27.5}, {"totalPrice", 55.0}},
                         {{"description", "Nails"}, {"quantity", 1}, {"unitPrice", 55.0}, {"totalPrice", 55.0}}}}});
        REQUIRE(node.post("/api/appointments", {{"patientId", patient["id"]},
                                                {"date", "2026-03-02"},
                                                {"time", "10:30"},
                                                {"duration", 30},
                                                {"reason", "Check"},
                                                {"veterinarian", "J Lee"}})
                    .status == 201);
    }
}

}  // namespace

namespace {

/// Processor time of one whole list as the store streams it.
double processor_ms(ApiNode& node, vetchart::edge::ChartTable table, int times) {
    vetchart::edge::Reach reach;
    reach.clinic_ids = {node.clinic_id};
    reach.days_json = "{\"" + node.clinic_id + "\":\"2026-03-02\"}";
    vetchart::edge::ListQuery query;
    query.table = table;
    const auto used = [] {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
    };
    double before = 0;
    for (int i = -1; i < times; ++i) {
        if (i == 0) before = used();
        auto stream = vetchart::edge::RowStream::open(*node.database, query, reach);
        REQUIRE(stream);
        std::string piece;
        for (bool more = true; more;) {
            auto next = (*stream)->next(piece);
            REQUIRE(next);
            more = *next;
        }
    }
    return (used() - before) / times;
}

}  // namespace

TEST_CASE("bench: whole lists of a small clinic", "[.bench][small]") {
    ApiNode node;
    fill_small(node);
    for (const char* list : {"owners", "patients", "records", "appointments", "bills"}) {
        measure(node, std::string("/api/") + list, 100);
    }
    measure(node, "/api/dashboard/stats", 100);
    using T = vetchart::edge::ChartTable;
    for (const auto& [name, table] : {std::pair{"owners", T::owner},
                                      {"patients", T::patient},
                                      {"records", T::medical_record},
                                      {"appointments", T::appointment},
                                      {"bills", T::bill}}) {
        std::printf("%-20s %8.2f ms of processor\n", name, processor_ms(node, table, 100));
    }
}

namespace {

/// Bytes and calls that this process handed to write().
std::int64_t writes_of_process() {
    std::ifstream io("/proc/self/io");
    std::string name;
    std::int64_t value = 0;
    while (io >> name >> value) {
        if (name == "syscw:") return value;
    }
    return 0;
}

struct Writes {
    std::vector<double> rates;  ///< Transactions a second, one number a round.
    double calls = 0;           ///< Calls of write() in a transaction.
};

std::string patient_row(const std::string& id, const std::string& ids) {
    return "INSERT INTO patient(id,clinic_id,owner_id,name,species,gender) VALUES('" + id + "2" + ids +
           "Rex','Dog','male')";
}

/// A bill of three items.
std::string bill_rows(const std::string& id, const std::string& ids, const std::string& clinic,
                      const std::string& patient) {
    std::string sql =
        "INSERT INTO bill(id,clinic_id,owner_id,patient_id,provisional_number,subtotal_cents,tax_cents,"
        "total_cents,bill_date,due_date) VALUES('" +
        id + "5" + ids + patient + "','" + id + "',5500,0,5500,'2026-11-01','2026-12-01');";
    for (const char* item : {"6", "7", "8"}) {
        sql +=
            "INSERT INTO bill_item(id,clinic_id,bill_id,position,description,quantity_milli,unit_price_cents,"
            "total_price_cents) VALUES('" +
            id + item + "','" + clinic + "','" + id + "5'," + item + ",'Exam',1000,5500,5500);";
    }
    return sql;
}

/// New rows, each a captured transaction of its own.
void write_rows(ApiNode& node, vetchart::edge::Database::Size size, bool bills, int count, Writes& writes) {
    static int number = 0;
    static const auto owner = node.new_owner("Writes");
    static const auto patient = node.new_patient(owner);
    const std::string ids = "','" + node.clinic_id + "','" + owner["id"].get<std::string>() + "','";
    const std::int64_t before = writes_of_process();
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
        char id[40];
        std::snprintf(id, sizeof id, "%08x-2222-7000-8000-00000000000", ++number * 7919);
        const std::string sql = bills ? bill_rows(id, ids, node.clinic_id, patient["id"]) : patient_row(id, ids);
        const auto work = [&sql](vetchart::edge::Connection& connection) -> vetchart::Status {
            connection.exec(sql.c_str());
            return vetchart::Done{};
        };
        REQUIRE(node.database->maintain(work, size));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    writes.rates.push_back(count / took.count());
    writes.calls = static_cast<double>(writes_of_process() - before) / count;
}

void print(const char* what, Writes& writes) {
    std::sort(writes.rates.begin(), writes.rates.end());
    std::printf("%-44s %8.0f a second (%.0f to %.0f)  %6.1f writes each\n", what, writes.rates[writes.rates.size() / 2],
                writes.rates.front(), writes.rates.back(), writes.calls);
}

}  // namespace

TEST_CASE("bench: captured writes with their scratch in files and in memory", "[.bench][writes]") {
    ApiNode node;
    vetchart::test::fill_node(node, kRows);
    using Size = vetchart::edge::Database::Size;
    Writes patients[2];
    Writes bills[2];
    for (int round = 0; round < 7; ++round) {
        for (const int memory : {0, 1}) {
            const Size size = memory == 1 ? Size::usual : Size::bulk;
            write_rows(node, size, false, 300, patients[memory]);
            write_rows(node, size, true, 150, bills[memory]);
        }
    }
    print("patients, scratch in files", patients[0]);
    print("patients, scratch in memory", patients[1]);
    print("bills of three items, scratch in files", bills[0]);
    print("bills of three items, scratch in memory", bills[1]);
}
