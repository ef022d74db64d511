// People and animals are found however their names and numbers were written, and however they are asked for.
#include <catch2/catch.hpp>
#include <set>

#include "edge/store/file/search_index.h"
#include "tests/edge/api/fixture.h"
#include "tests/support/private_postgres.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

Json owner(ApiNode& node, const std::string& first, const std::string& last, const std::string& phone = "") {
    const Reply made = node.post("/api/owners", {{"firstName", first}, {"lastName", last}, {"phone", phone}});
    REQUIRE(made.status == 201);
    return made.json;
}

std::string escaped(const std::string& text) { return httplib::detail::encode_query_param(text); }

Json answer(ApiNode& node, const std::string& text) {
    const Reply reply = node.get("/api/search?limit=50&q=" + escaped(text));
    REQUIRE(reply.status == 200);
    return reply.json;
}

std::set<std::string> titles(const Json& answered) {
    std::set<std::string> all;
    for (const Json& one : answered["results"]) all.insert(one["title"].get<std::string>());
    return all;
}

/// True when the search finds `title` exactly, and not only something near.
bool finds(ApiNode& node, const std::string& text, const std::string& title) {
    const Json found = answer(node, text);
    return found["near"] == false && titles(found).contains(title);
}

std::string similar(ApiNode& node, const std::string& query) {
    const Reply reply = node.get("/api/owners/similar?" + query);
    REQUIRE(reply.status == 200);
    std::string all;
    for (const Json& one : reply.json) all += one["owner"]["lastName"].get<std::string>() + one["why"].dump();
    return all;
}

}  // namespace

TEST_CASE("search: every way to write a name finds every other", "[edge][api][find]") {
    const std::vector<std::vector<std::string>> ways{
        {"Łukasz", "Lukasz", "łUKASZ", "L\u0301ukasz"},
        {"Sørensen", "Sorensen", "SØRENSEN", "So\u0308rensen"},
        {"Đorđević", "Dordevic", "Ðorđevic\u0301"},
        {"Strauß", "Strauss", "STRAUẞ"},
        {"Æsop", "Aesop"},
        {"Œhler", "Oehler"},
        {"Þórsson", "Thorsson"},
        {"Işık", "Isik", "IŞIK"},
        {"Παπαδόπουλος", "ΠΑΠΑΔΟΠΟΥΛΟΣ", "παπαδοπουλος"},
        {"مُحَمَّد", "محمد"},
        {"שָׁלוֹם", "שלום"},
        {"O'Brien", "OBrien", "O Brien", "Oʼbrien", "o-brien"},
        {"Jean-Luc", "JeanLuc", "Jean Luc", "jean‐luc"},
        {"ﾀﾅｶ", "タナカ"},
        {"Ｔａｎａｋａ", "Tanaka"},
        {"田中", "田"},
    };
    ApiNode node;
    for (const auto& group : ways) {
        for (const std::string& written : group) owner(node, "Person", written);
    }
    for (const auto& group : ways) {
        for (const std::string& asked : group) {
            for (const std::string& written : group) {
                INFO(asked << " asked, " << written << " written");
                if (written.size() >= asked.size() || asked != "田中") CHECK(finds(node, asked, "Person " + written));
                const Reply list = node.get("/api/owners?limit=100&q=" + escaped(asked));
                CHECK(list.body.find(written) != std::string::npos);
                if (group.front() != "田中")
                    CHECK(similar(node, "firstName=Person&lastName=" + escaped(asked)).find(written) !=
                          std::string::npos);
            }
        }
    }
}

TEST_CASE("search: a name a page of thousands shares is met whatever its letters", "[edge][api][find]") {
    ApiNode node;
    node.execute(
        "INSERT INTO owner(id,clinic_id,first_name,last_name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 "
        "FROM n"
        " WHERE i<2100) SELECT printf('%08x-0000-4000-8000-%012x',i,i),'" +
        node.clinic_id + "','Jürgen','O''Łach'||i FROM n");
    CHECK(node.get("/api/owners?limit=500&q=jurgen").json.size() == 500);
    CHECK(node.get("/api/owners?limit=500&q=olach").json.size() == 500);
    CHECK(answer(node, "jurgen")["complete"] == true);
}

TEST_CASE("search: names in any order and initials find the person", "[edge][api][find]") {
    ApiNode node;
    owner(node, "Ximena", "Young");
    owner(node, "John Robert", "Smith");
    for (const char* text : {"Young Ximena", "young, ximena", "X Young", "Young X.", "xim you"}) {
        INFO(text);
        CHECK(finds(node, text, "Ximena Young"));
    }
    for (const char* text : {"J. Smith", "J.R. Smith", "Smith J", "Robert Smith"}) {
        INFO(text);
        CHECK(finds(node, text, "John Robert Smith"));
    }
    CHECK(similar(node, "firstName=Young&lastName=Ximena") == R"(Young["name"])");
    CHECK(similar(node, "firstName=X&lastName=young") == R"(Young["name"])");
    CHECK(similar(node, "firstName=J.&lastName=Smith") == R"(Smith["name"])");
    CHECK(similar(node, "firstName=Yann&lastName=Young").empty());
    // One who was entered by an initial is found by the whole name too, as something near.
    owner(node, "K.", "Lehmann");
    CHECK(answer(node, "Karin Lehmann")["near"] == true);
    CHECK(titles(answer(node, "Karin Lehmann")) == std::set<std::string>{"K. Lehmann"});
    CHECK(similar(node, "firstName=Karin&lastName=Lehmann") == R"(Lehmann["name"])");
}

TEST_CASE("search: a telephone number is found by its end and in all its forms", "[edge][api][find]") {
    const std::vector<std::vector<std::string>> numbers{
        {"+44 (0)20 7946 0958", "0044 20 7946 0958", "020 7946 0958", "+442079460958", "(020) 7946-0958",
         "00 44 (0) 20 79460958"},
        {"+1 (555) 010-4477", "555-010-4477", "001 555 010 4477", "5550104477"},
        {"+49 30/123456", "030 123456", "0049-30-123456"},
    };
    ApiNode node;
    const std::string path = "/api/owners/" + owner(node, "Ann", "Young")["id"].get<std::string>();
    owner(node, "Bob", "Old", "020 9999 1112");
    for (const auto& forms : numbers) {
        for (const std::string& written : forms) {
            REQUIRE(node.put(path, {{"phone", written}}).status == 200);
            for (const std::string& asked : forms) {
                INFO(asked << " asked, " << written << " written");
                CHECK(titles(answer(node, asked)) == std::set<std::string>{"Ann Young"});
                CHECK(similar(node, "phone=" + escaped(asked)) == R"(Young["phone"])");
            }
            const std::string digits = forms.front().substr(forms.front().size() - 4);
            CHECK(finds(node, digits, "Ann Young"));
            CHECK(node.get("/api/owners?limit=5&q=" + digits).json.size() == 1);
            CHECK(similar(node, "phone=0201111").empty());
        }
    }
}

TEST_CASE("search: a chip is found by its end, a bill by its number's", "[edge][api][find]") {
    ApiNode node;
    const Json ann = owner(node, "Ann", "Young");
    Json rex = node.new_patient(ann);
    REQUIRE(node.put("/api/patients/" + rex["id"].get<std::string>(), {{"microchip", "941 000 012 345 678"}}).status ==
            200);
    const std::string name = rex["name"].get<std::string>();
    for (const char* text : {"5678", "345678", "12345678", "941000012345678", "941000012", "941 000 012 345 678"}) {
        INFO(text);
        CHECK(finds(node, text, name));
    }
    CHECK_FALSE(finds(node, "34567", name));
    node.new_bill(ann, rex);
    const std::string number = node.get("/api/bills").json[0]["provisionalNumber"].get<std::string>();
    CHECK(finds(node, number.substr(number.size() - 4), number));
}

TEST_CASE("search: one wrong letter still finds, says so, and only when nothing fits", "[edge][api][find]") {
    ApiNode node;
    owner(node, "Ximena", "Gonzalez");
    owner(node, "Zoë", "Παπαδάκης");
    for (const char* text : {"Gonzales", "Gnzalez", "Gonzaelz", "Ggonzalez", "Honzalez", "Ximena Gonzzlez", "Ximnea"}) {
        INFO(text);
        const Json found = answer(node, text);
        CHECK(found["near"] == true);
        CHECK(titles(found) == std::set<std::string>{"Ximena Gonzalez"});
    }
    CHECK(titles(answer(node, "Παπαδάκις")) == std::set<std::string>{"Zoë Παπαδάκης"});
    CHECK(answer(node, "Gonza")["near"] == false);
    CHECK(answer(node, "Gonxxlez")["results"].empty());
    owner(node, "Ann", "Gonzales");
    CHECK(answer(node, "Gonzales")["near"] == false);
    CHECK(titles(answer(node, "Gonzales")) == std::set<std::string>{"Ann Gonzales"});
}

TEST_CASE("search: what the sqlite3 shell writes is marked, and found", "[edge][api][find]") {
    ApiNode node;
    const Json made = owner(node, "Ann", "Young");
    const auto shell = [&](const std::string& sql) {
        vetchart::test::run("sqlite3 -bail '" + node.database->file().string() + "' \"" + sql + "\"");
    };
    shell("UPDATE owner SET last_name='Łach' WHERE id='" + made["id"].get<std::string>() + "'");
    CHECK(node.number("SELECT count(*) FROM search_mark") == 1);
    const Json found = answer(node, "lach");
    CHECK(titles(found) == std::set<std::string>{"Ann Łach"});
    CHECK(found["complete"] == true);
    CHECK(node.number("SELECT count(*) FROM search_mark") == 0);
    // More than a search does on its way: the answer says that something may be missing, until it is done.
    shell(
        "INSERT INTO owner(id,clinic_id,first_name,last_name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 "
        "FROM n "
        "WHERE i<4000) SELECT printf('%08x-0000-4000-8000-%012x',i,i),'" +
        node.clinic_id + "','Eve','Last'||i FROM n");
    CHECK(answer(node, "last1")["complete"] == false);
    while (answer(node, "last1")["complete"] == false) {
    }
    CHECK(titles(answer(node, "last3999")) == std::set<std::string>{"Eve Last3999"});
    shell("DELETE FROM owner WHERE first_name='Eve'");
    CHECK(node.number("SELECT count(*) FROM search_doc") == 1);
}

TEST_CASE("search: the daemon's own write is findable as it commits", "[edge][api][find]") {
    ApiNode node;
    owner(node, "Ann", "Young");
    CHECK(node.number("SELECT count(*) FROM search_mark") == 0);
    CHECK(node.number("SELECT count(*) FROM search_doc WHERE words=''") == 0);
    REQUIRE(node.database->apply([&](vetchart::edge::Connection& connection) -> vetchart::Status {
        connection.exec("UPDATE owner SET last_name='Ølund'");
        return vetchart::Done{};
    }));
    CHECK(node.number("SELECT count(*) FROM search_mark") == 0);
    CHECK(finds(node, "olund", "Ann Ølund"));
}

TEST_CASE("search: another folding takes every row up again", "[edge][api][find]") {
    ApiNode node;
    owner(node, "Ann", "Young");
    node.execute("UPDATE search_state SET fold='another'; UPDATE search_doc SET words='wrong'");
    REQUIRE(node.database->maintain([&](vetchart::edge::Connection& connection) -> vetchart::Status {
        vetchart::edge::refold_if_outdated(connection);
        return vetchart::Done{};
    }));
    CHECK(finds(node, "young", "Ann Young"));
    CHECK(node.number("SELECT count(*) FROM search_doc WHERE words='wrong'") == 0);
}
