#include <catch2/catch.hpp>

#include "sync/engine/column_value.h"

namespace {

using vetchart::sync::find_column;
using vetchart::sync::Json;

/// "ok" and the canonical value, or the sentence.
std::string judged(const char* table, const char* column, Json value) {
    const auto fault = vetchart::sync::value_fault(*find_column(table, column), value);
    return fault ? *fault : "ok " + value.dump();
}

}  // namespace

TEST_CASE("column value: what fits is brought into the form that items show", "[items]") {
    CHECK(judged("owner", "email", " Ada@Mail.Example ") == R"(ok "ada@mail.example")");
    CHECK(judged("owner", "email", nullptr) == "ok null");
    CHECK(judged("patient", "gender", "Female") == R"(ok "female")");
    CHECK(judged("patient", "weight_milli", 4500) == "ok 4500");
    CHECK(judged("service_item", "active", true) == "ok 1");
    CHECK(judged("appointment", "date", "2026-11-22") == R"(ok "2026-11-22")");
    CHECK(judged("medical_record", "visited_at", "2026-11-22T08:30:00Z") == R"(ok "2026-11-22T08:30:00.000Z")");
    CHECK(judged("staff", "roles", Json::parse(R"(["staff","admin","staff"])")) == R"(ok "[\"admin\",\"staff\"]")");
}

TEST_CASE("column value: what does not fit is told in a sentence", "[items]") {
    CHECK(judged("owner", "first_name", nullptr) == "First name is required.");
    CHECK(judged("owner", "first_name", "  ") == "First name must have 1 to 100 characters.");
    CHECK(judged("owner", "phone", 7) == "Phone must be text.");
    CHECK(judged("owner", "phone", std::string("a\0b", 3)) == "Phone must be text without control characters.");
    CHECK(judged("bill", "total_cents", 1.5).starts_with("Total must be a whole number from 0 to "));
    CHECK(judged("bill", "total_cents", 18446744073709551615ULL).starts_with("Total must be a whole number"));
    CHECK(judged("bill", "status", "gone") == "Status must be one of draft, sent, paid, overdue, cancelled.");
    CHECK(judged("bill", "due_date", "2026-02-31") == "Due date must be a day that exists, as YYYY-MM-DD.");
    CHECK(judged("appointment", "time", "25:00") == "Time must be a time of day, as HH:MM.");
    CHECK(judged("patient", "owner_id", "nobody") == "Owner must be the id of a row.");
    CHECK(judged("staff", "roles", "[]") == "Roles must be a list of roles.");
    CHECK(judged("owner", "merged_into", "nobody") == "merged_into must be the id of a row.");
}

TEST_CASE("column value: keys, secrets and what the database keeps take none", "[items]") {
    CHECK(vetchart::sync::takes_decided_value(*find_column("owner", "phone")));
    CHECK(vetchart::sync::takes_decided_value(*find_column("owner", "deleted_at")));
    for (const char* column : {"id", "clinic_id", "version", "created_at"}) {
        CHECK_FALSE(vetchart::sync::takes_decided_value(*find_column("owner", column)));
    }
    CHECK_FALSE(vetchart::sync::takes_decided_value(*find_column("staff", "password_hash")));
    CHECK_FALSE(vetchart::sync::takes_decided_value(*find_column("bill", "bill_number")));
}
