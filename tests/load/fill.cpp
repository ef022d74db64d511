#include "tests/load/fill.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

#include "edge/store/file/database.h"

namespace vetchart::load {
namespace {

std::string rows(int count) {
    return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + std::to_string(count) + ") ";
}

/// Ids of time order, as UUIDv7 are: the kind's digit and the row's number.
std::string id(int kind, const std::string& number = "i") {
    return "printf('01900000-%04x-7000-8" + std::to_string(kind) + "00-%012x',(" + number + ")/65536," + number + ")";
}

/// The row of another kind that row i belongs to: spread over all of them.
std::string one_of(int kind, int count) { return id(kind, "1+(i*7919)%" + std::to_string(count)); }

std::string pick(const std::string& words, const std::string& number) {
    return "json_extract('" + words + "','$['||((" + number + ")%json_array_length('" + words + "'))||']')";
}

const std::string kAt = "strftime('%Y-%m-%dT%H:%M:%fZ','2020-01-01','+'||i||' minutes')";
const std::string kDay = "date('2020-01-01','+'||(i%2300)||' days')";
const std::string kFirst = R"(["Ann","Ben","Carla","Dee","Eli","Fay","Gus","Hanna","Ivo","Jana","Kim","Lou"])";
const std::string kLast = R"(["Young","Miller","Garcia","Novak","Okafor","Tanaka","Schmidt","Rossi","Larsen","Costa"])";
const std::string kPet = R"(["Rex","Luna","Milo","Bella","Max","Nala","Otto","Coco","Sam","Kira","Toby","Zoe","Ida"])";

/// A statement for each table, parents first.
std::vector<std::string> statements(const std::string& clinic, const Size& size) {
    const std::string own = ",'" + clinic + "',";
    std::vector<std::string> all = {
        "INSERT INTO owner(id,clinic_id,first_name,last_name,email,phone,created_at,updated_at) " + rows(size.owners) +
            "SELECT " + id(1) + own + pick(kFirst, "i") + "," + pick(kLast, "i/12") +
            "||'-'||(i/97),'o'||i||'@mail.example',printf('+1-555-%07d',i)," + kAt + "," + kAt + " FROM n",
        "INSERT INTO patient(id,clinic_id,owner_id,name,species,breed,gender,weight_milli,weight_unit,created_at,"
        "updated_at) " +
            rows(size.patients) + "SELECT " + id(2) + own + one_of(1, size.owners) + "," + pick(kPet, "i") +
            ",'Dog','Beagle','male',12500,'kg'," + kAt + "," + kAt + " FROM n",
        "INSERT INTO medical_record(id,clinic_id,patient_id,visit_date,record_type,symptoms,diagnosis,treatment,"
        "veterinarian,created_at,updated_at) " +
            rows(size.records) + "SELECT " + id(3) + own + one_of(2, size.patients) + "," + kDay +
            ",'vaccine','none','Healthy','DHPP booster','J Lee'," + kAt + "," + kAt + " FROM n",
        "INSERT INTO appointment(id,clinic_id,patient_id,date,time,duration,reason,veterinarian,created_at,"
        "updated_at) " +
            rows(size.appointments) + "SELECT " + id(4) + own + one_of(2, size.patients) + "," + kDay +
            ",'10:30',30,'Check','J Lee'," + kAt + "," + kAt + " FROM n",
        "INSERT INTO bill(id,clinic_id,owner_id,patient_id,provisional_number,subtotal_cents,tax_cents,total_cents,"
        "status,cancel_reason,bill_date,due_date,created_at,updated_at) " +
            rows(size.bills) + "SELECT " + id(5) + own + one_of(1, size.owners) + "," + one_of(2, size.patients) +
            ",'FILL1-'||printf('%06d',i),11000,0,11000,CASE WHEN i%50=0 THEN 'cancelled' WHEN i%33=0 THEN 'sent' WHEN "
            "i%400=1 THEN 'draft' ELSE 'paid' END,'none'," +
            kDay + ",iif(i%99=0,'2999-01-01'," + kDay + ")," + kAt + "," + kAt + " FROM n"};
    for (const char* position : {"0", "1"}) {
        all.push_back(
            "INSERT INTO bill_item(id,clinic_id,bill_id,position,description,quantity_milli,unit_price_cents,"
            "total_price_cents,created_at,updated_at) " +
            rows(size.bills) + "SELECT " + id(6, std::string("2*i+") + position) + own + id(5) + "," + position +
            ",'Exam',1000,5500,5500," + kAt + "," + kAt + " FROM n");
    }
    return all;
}

}  // namespace

Status fill_folder(const std::filesystem::path& folder, const Size& size) {
    SeededRng rng(1);
    VC_TRY_ASSIGN(const auto database, edge::Database::open(folder / "vetchart.db", rng, edge::Past::proven));
    std::string clinic;
    VC_TRY(database->snapshot([&clinic](edge::Connection& connection) -> Status {
        clinic = connection.raw().execAndGet("SELECT id FROM clinic").getString();
        return Done{};
    }));
    for (const std::string& sql : statements(clinic, size)) {
        const auto work = [&sql](edge::Connection& connection) -> Status {
            connection.exec(sql.c_str());
            return Done{};
        };
        VC_TRY(database->apply(work, edge::Database::Size::bulk));
    }
    return Done{};
}

}  // namespace vetchart::load
