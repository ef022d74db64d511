#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

#include "tests/store/edge_api_fixture.h"

using vetchart::test::ApiNode;

namespace {

constexpr int kRows = 100000;

/// Owners, patients, records, appointments and bills of one item each, straight into the file, not captured.
void fill(ApiNode& node) {
    const std::string clinic = "'" + node.clinic_id + "'";
    const std::string rows =
        " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + std::to_string(kRows) + ")";
    const auto id = [](int kind) { return "printf('%08x-000" + std::to_string(kind) + "-4000-8000-%012x',i,i)"; };
    const std::string at = "strftime('%Y-%m-%dT%H:%M:%fZ','2020-01-01','+'||i||' minutes')";
    const std::string day = "date('2020-01-01','+'||(i/50)||' days')";
    node.execute("UPDATE sync_control SET applying=1");
    node.execute("INSERT INTO owner(id,clinic_id,first_name,last_name,email,phone,created_at,updated_at)" + rows +
                 " SELECT " + id(1) + "," + clinic + ",'First','Last'||i,'o'||i||'@mail.example','555-'||i," + at +
                 "," + at + " FROM n");
    node.execute("INSERT INTO patient(id,clinic_id,owner_id,name,species,gender,created_at,updated_at)" + rows +
                 " SELECT " + id(2) + "," + clinic + "," + id(1) + ",'Pet'||i,'Dog','male'," + at + "," + at +
                 " FROM n");
    node.execute(
        "INSERT INTO medical_record(id,clinic_id,patient_id,visit_date,record_type,veterinarian,created_at,"
        "updated_at)" +
        rows + " SELECT " + id(3) + "," + clinic + "," + id(2) + "," + day + ",'vaccine','J Lee'," + at + "," + at +
        " FROM n");
    node.execute("INSERT INTO appointment(id,clinic_id,patient_id,date,time,reason,created_at,updated_at)" + rows +
                 " SELECT " + id(4) + "," + clinic + "," + id(2) + "," + day + ",'10:30','Check'," + at + "," + at +
                 " FROM n");
    node.execute(
        "INSERT INTO bill(id,clinic_id,owner_id,patient_id,provisional_number,subtotal_cents,tax_cents,"
        "total_cents,status,bill_date,due_date,created_at,"
        "updated_at)" +
        rows + " SELECT " + id(5) + "," + clinic + "," + id(1) + "," + id(2) +
        ",'OLD01-'||printf('%06d',i),5500,0,5500,'sent'," + day + "," + day + "," + at + "," + at + " FROM n");
    node.execute(
        "INSERT INTO bill_item(id,clinic_id,bill_id,position,description,quantity_milli,unit_price_cents,"
        "total_price_cents)" +
        rows + " SELECT " + id(6) + "," + clinic + "," + id(5) + ",0,'Exam',1000,5500,5500 FROM n");
    node.execute("UPDATE sync_control SET applying=0");
}

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
    fill(node);
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
