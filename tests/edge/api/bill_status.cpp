#include <catch2/catch.hpp>

#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

std::vector<std::string> totals(const Reply& reply) {
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    std::vector<std::string> found;
    for (const Json& bill : reply.json) found.push_back(bill["totalAmount"].dump());
    return found;
}

}  // namespace

TEST_CASE("api: bills are listed by the status that is shown, searched and in pages", "[edge][api][bills]") {
    ApiNode node;
    const Json young = node.new_owner("Young");
    const Json older = node.new_owner("Older");
    const auto bill = [&](const Json& owner, int total, const char* status, const char* due) {
        const Json item{{"description", "Exam"}, {"quantity", 1}, {"unitPrice", total}};
        const Json more{{"status", status}, {"dueDate", due},    {"items", Json::array({item})},
                        {"tax", 0},         {"subtotal", total}, {"totalAmount", total}};
        return node.new_bill(owner, node.new_patient(owner), more);
    };
    bill(young, 1, "draft", "2100-01-01");
    bill(young, 2, "sent", "2100-01-01");
    bill(older, 3, "sent", "2001-01-01");
    bill(young, 4, "sent", "2001-01-01");
    bill(young, 5, "paid", "2001-01-01");
    using Totals = std::vector<std::string>;
    const auto whole = [](std::initializer_list<const char*> list) { return Totals(list.begin(), list.end()); };
    CHECK(totals(node.get("/api/bills?status=draft")) == whole({"1.0"}));
    CHECK(totals(node.get("/api/bills?status=sent&limit=10")) == whole({"2.0"}));
    CHECK(totals(node.get("/api/bills?status=overdue&limit=10")) == whole({"4.0", "3.0"}));
    CHECK(totals(node.get("/api/bills?status=overdue&limit=10&q=older")) == whole({"3.0"}));
    CHECK(totals(node.get("/api/bills?status=cancelled&limit=10")).empty());
    const Reply first = node.get("/api/bills?status=overdue&limit=1");
    CHECK(totals(first) == whole({"4.0"}));
    const std::string link = first.header("Link");
    REQUIRE(link.find("status=overdue") != std::string::npos);
    const Reply rest = node.get(link.substr(1, link.find('>') - 1));
    CHECK(totals(rest) == whole({"3.0"}));
    CHECK(rest.header("Link").empty());
    const Reply wrong = node.get("/api/bills?status=lost");
    CHECK(wrong.status == 400);
    CHECK(wrong.json["code"] == "bad_status");
}
