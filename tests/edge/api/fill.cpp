#include "tests/edge/api/fill.h"

#include <cstdio>

namespace vetchart::test {

std::string filled_id(int kind, int number) {
    char id[40];
    std::snprintf(id, sizeof id, "%08x-000%d-4000-8000-%012x", static_cast<unsigned>(number), kind,
                  static_cast<unsigned>(number));
    return id;
}

void fill_node(ApiNode& node, int count) {
    const std::string clinic = "'" + node.clinic_id + "'";
    const std::string rows =
        " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + std::to_string(count) + ")";
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
    const std::string status =
        "CASE i%16 WHEN 0 THEN 'draft' WHEN 4 THEN 'paid' WHEN 8 THEN 'cancelled' ELSE 'sent' END";
    node.execute(
        "INSERT INTO bill(id,clinic_id,owner_id,patient_id,provisional_number,subtotal_cents,tax_cents,"
        "total_cents,status,cancel_reason,bill_date,due_date,created_at,updated_at)" +
        rows + " SELECT " + id(5) + "," + clinic + "," + id(1) + "," + id(2) +
        ",'OLD01-'||printf('%06d',i),5500,0,5500," + status + ",'none'," + day + ",iif(i%16=1,'2999-01-01'," + day +
        ")," + at + "," + at + " FROM n");
    node.execute(
        "INSERT INTO bill_item(id,clinic_id,bill_id,position,description,quantity_milli,unit_price_cents,"
        "total_price_cents)" +
        rows + " SELECT " + id(6) + "," + clinic + "," + id(5) + ",0,'Exam',1000,5500,5500 FROM n");
    node.execute("UPDATE sync_control SET applying=0");
}

}  // namespace vetchart::test
