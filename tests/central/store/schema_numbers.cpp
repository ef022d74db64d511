// Bill numbers (docs/data-rules.md): one sequence, given out by the database.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "tests/central/store/schema_fixture.h"

namespace vetchart::test {
namespace {

std::string new_number(pqxx::connection& connection) {
    pqxx::work transaction(connection);
    auto number = transaction.exec1(insert_bill() + " RETURNING bill_number")[0].as<std::string>();
    transaction.commit();
    return number;
}

constexpr std::size_t kWriters = 32;
constexpr int kBillsEach = 40;

/// One writer's share: bills of its clinic, some rolled back. Returns the numbers whose transactions were committed.
std::vector<std::string> write_bills(const std::string& url, std::size_t writer, unsigned seed, int& rolled_back) {
    std::mt19937 random(seed + static_cast<unsigned>(writer));
    pqxx::connection connection(url);
    std::vector<std::string> numbers;
    for (int i = 0; i < kBillsEach; ++i) {
        pqxx::work transaction(connection);
        const auto row = transaction.exec_params1(
            "INSERT INTO bill (id, clinic_id, owner_id, patient_id, subtotal_cents, tax_cents, total_cents, bill_date, "
            "due_date) SELECT gen_random_uuid(), p.clinic_id, p.owner_id, p.id, 1, 0, 1, '2026-01-01', '2026-01-01' "
            "FROM patient p WHERE p.name = $1 RETURNING bill_number",
            "P" + std::to_string(writer % 8));
        if (random() % 8 == 0) {
            ++rolled_back;
            continue;  // The destructor rolls back.
        }
        transaction.commit();
        numbers.push_back(row[0].as<std::string>());
    }
    return numbers;
}

}  // namespace

TEST_CASE("bill numbers: six digits at least, never cut", "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    CHECK(value_of(connection, "SELECT bill_number FROM bill") == "BILL-000001");
    CHECK(value_of(connection, "SELECT provisional_number FROM bill") == "CENTRAL-000001");
    value_of(connection, "SELECT setval('bill_number_seq', 999998)");
    CHECK(new_number(connection) == "BILL-999999");
    CHECK(new_number(connection) == "BILL-1000000");
}

TEST_CASE("bill numbers: nobody gives one but the sequence", "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    CHECK(refusal_of(connection, insert_bill(", bill_number", ", 'BILL-000007'")) == "VC006");
    CHECK(refusal_of(connection,
                     "SET LOCAL vetchart.intake = 'on';" + insert_bill(", bill_number", ", 'BILL-000007'")) == "VC006");
    INFO("a restore from the archive keeps its number, and the sequence passes over it");
    CHECK(refusal_of(connection,
                     "SET LOCAL vetchart.keep_number = 'on';" + insert_bill(", bill_number", ", 'BILL-000002'"))
              .empty());
    CHECK(new_number(connection) == "BILL-000003");
}

TEST_CASE("bill numbers: an upsert of a bill that is there spends none", "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    const std::string upsert =
        "INSERT INTO bill (id, clinic_id, owner_id, patient_id, provisional_number, subtotal_cents, tax_cents, "
        "total_cents, "
        "bill_date, due_date) SELECT id, clinic_id, owner_id, patient_id, 'OTHER', 7, 0, 7, bill_date, due_date FROM "
        "bill "
        "ON CONFLICT (id) DO UPDATE SET subtotal_cents = excluded.subtotal_cents, bill_number = excluded.bill_number, "
        "provisional_number = excluded.provisional_number";
    REQUIRE(refusal_of(connection, upsert).empty());
    CHECK(value_of(connection, "SELECT bill_number || provisional_number || subtotal_cents FROM bill") ==
          "BILL-000001CENTRAL-0000017");
    CHECK(new_number(connection) == "BILL-000002");
}

TEST_CASE("bill numbers: a provisional number that is taken gets a suffix", "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    const auto insert = [&] {
        pqxx::work transaction(connection);
        auto number =
            transaction
                .exec1(insert_bill(", provisional_number", ", 'K7QXM-000001'") + " RETURNING provisional_number")[0]
                .as<std::string>();
        transaction.commit();
        return number;
    };
    CHECK(insert() == "K7QXM-000001");
    CHECK(insert() == "K7QXM-000001/2");
    CHECK(insert() == "K7QXM-000001/3");
}

TEST_CASE("bill numbers: another system, timeline or epoch moves the sequence up, once", "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    const std::string change =
        GENERATE("system_identifier = 1", "timeline = 4711", "epoch = epoch + 1", "system_identifier = NULL");
    CAPTURE(change);
    value_of(connection, "UPDATE central_state SET " + change);
    CHECK(new_number(connection) == "BILL-010002");
    CHECK(new_number(connection) == "BILL-010003");
    value_of(connection,
             "INSERT INTO sync_node (id, name, code, secret_hash, highest_bill_number) VALUES "
             "(gen_random_uuid(), 'n', 'K7QXM', '\\x00', 50000)");
    value_of(connection, "UPDATE central_state SET number_jump = 7, " + change);
    CHECK(new_number(connection) == "BILL-050008");
}

TEST_CASE("bill numbers: a number beyond a million of the sequence moves nothing and is written down",
          "[central][schema]") {
    pqxx::connection connection(central_database());
    fill_chart(connection);
    value_of(connection,
             "INSERT INTO sync_node (id, name, code, secret_hash, highest_bill_number) VALUES "
             "(gen_random_uuid(), 'n', 'K7QXM', '\\x00', 1000000000000000), (gen_random_uuid(), 'm', 'K7QXN', "
             "'\\x00', 900000)");
    // By hand, past the rules: a number of 17 digits, and one of 19, that no sequence could follow.
    for (const char* number : {"BILL-99999999999999999", "BILL-9223372036854775807"}) {
        pqxx::work transaction(connection);
        transaction.exec("SET LOCAL vetchart.keep_number = 'on'");
        transaction.exec(insert_bill(", bill_number", ", '" + std::string(number) + "'"));
        transaction.commit();
    }
    value_of(connection, "UPDATE central_state SET epoch = epoch + 1");
    CHECK(new_number(connection) == "BILL-910001");
    CHECK(value_of(connection, "SELECT detail ->> 'number' FROM audit_log WHERE action = 'bill number beyond'") ==
          "99999999999999999");
    CHECK(new_number(connection) == "BILL-910002");
}

TEST_CASE("bill numbers: many sessions that see the change at once move the sequence one time", "[central][schema]") {
    const auto url = central_database();
    pqxx::connection connection(url);
    fill_chart(connection);
    value_of(connection, "UPDATE central_state SET epoch = epoch + 1");
    std::vector<std::string> numbers(8);
    std::vector<std::thread> threads;
    for (auto& number : numbers) {
        threads.emplace_back([&url, &number] {
            pqxx::connection own(url);
            number = new_number(own);
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(std::set<std::string>(numbers.begin(), numbers.end()).size() == numbers.size());
    CHECK(*std::max_element(numbers.begin(), numbers.end()) == "BILL-010009");
}

TEST_CASE("bill numbers: 32 writers at once get no number twice, and gaps only from what was rolled back",
          "[central][schema]") {
    const auto url = central_database();
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    pqxx::connection connection(url);
    value_of(
        connection,
        "WITH c AS (INSERT INTO clinic (id, code, name) SELECT gen_random_uuid(), 'C' || n, 'x' FROM "
        "generate_series(0, 7) n RETURNING id, code), o AS (INSERT INTO owner (id, clinic_id, first_name, last_name) "
        "SELECT gen_random_uuid(), id, 'a', right(code, 1) FROM c RETURNING id, clinic_id, last_name) "
        "INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) SELECT gen_random_uuid(), clinic_id, id, "
        "'P' || last_name, 'Cat', 'female' FROM o RETURNING 1");
    std::vector<std::vector<std::string>> written(kWriters);
    std::vector<int> rolled_back(kWriters, 0);
    std::vector<std::thread> threads;
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
        threads.emplace_back([&, writer] { written[writer] = write_bills(url, writer, seed, rolled_back[writer]); });
    }
    for (auto& thread : threads) thread.join();

    std::set<std::string> all;
    std::size_t count = 0;
    int lost = 0;
    for (const auto& numbers : written) {
        count += numbers.size();
        all.insert(numbers.begin(), numbers.end());
    }
    for (const int n : rolled_back) lost += n;
    CHECK(all.size() == count);
    CHECK(count + static_cast<std::size_t>(lost) == kWriters * static_cast<std::size_t>(kBillsEach));
    CHECK(value_of(connection, "SELECT count(DISTINCT bill_number) FROM bill") == std::to_string(count));
    CHECK(value_of(connection, "SELECT last_value FROM bill_number_seq") ==
          std::to_string(kWriters * static_cast<std::size_t>(kBillsEach)));
}

}  // namespace vetchart::test
