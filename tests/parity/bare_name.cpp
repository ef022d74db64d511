// One rule for the spellings of a name, in C++ and in SQL: the same answer for whatever a person may type.
#include "edge/store/file/bare_name.h"

#include <array>
#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include "sync/base/rng.h"
#include "tests/parity/engines.h"
#include "tests/support/chance.h"

namespace {

using vetchart::draw_below;
using vetchart::edge::bare_name;

constexpr std::array kWords = {
    "Rosa",   "ALLEN",  "Rósa", "Müller", "Straße", "O'Brien", "J",    "3",      // Latin
    "Łukasz", "Ørsted", "Æbbe", "Þóra",   "Œuvre",  "Đorđe",                     // letters of their own
    "Νίκος",  "ΑΘΗΝΆ",  "Анна", "Кац",    "Ёлкина",                              // other scripts
    "dR",     "Dra",    "med",  "Vet",    "DVM",    "PhD",     "Prof", "drake",  // titles, and one that begins like one
};
constexpr std::array kBetween = {" ", "  ", ". ", ", ", ",", "-", "\u2019", " \u00a0", "\t", "", "; ", "/", " (", ")"};

std::string random_name() {
    auto& chance = vetchart::test::chance();
    std::string name;
    for (std::uint64_t i = draw_below(chance, 5); i > 0; --i) {
        name += kWords[draw_below(chance, kWords.size())];
        name += kBetween[draw_below(chance, kBetween.size())];
    }
    return name;
}

std::string in_sql(pqxx::work& db, const std::string& name) {
    return db.exec_params1("SELECT bare_name($1)", name)[0].as<std::string>();
}

}  // namespace

TEST_CASE("names: the spellings of one name are one, by title, case, marks, blanks and order", "[parity][names]") {
    const vetchart::test::Engines engines;
    pqxx::connection connection(engines.postgres_url());
    pqxx::work db(connection);
    for (const char* spelling : {"Rosa Allen", "Dr. Rosa Allen", "DR ROSA ALLEN", "Prof. Dr. med. vet. Rosa Allen",
                                 " rosa  allen ", "Allen, Rosa", "Allen, Dr. Rosa", "Rosa Allen, DVM", "Rósa Allen"}) {
        CAPTURE(spelling);
        CHECK(bare_name(spelling) == "rosa allen");
        CHECK(in_sql(db, spelling) == "rosa allen");
    }
    INFO("nothing is guessed from a part, and a name that is all titles keeps them");
    for (const auto& [printed, bare] : {std::pair{"R. Allen", "r allen"},
                                        {"Dr. Allen", "allen"},
                                        {"Rosa Allen-Moss", "rosa allen moss"},
                                        {"Dr. Vet", "dr vet"},
                                        {"Straße", "strasse"},
                                        {"Dra. María Núñez", "maria nunez"},
                                        {" - ", ""},
                                        {"", ""},
                                        {"A, B, C", "a b c"}}) {
        CAPTURE(printed);
        CHECK(bare_name(printed) == bare);
        CHECK(in_sql(db, printed) == bare);
    }
}

TEST_CASE("names: the node and central find the same in a name, whatever it is made of", "[parity][names]") {
    const vetchart::test::Engines engines;
    pqxx::connection connection(engines.postgres_url());
    pqxx::work db(connection);
    for (int i = 0; i < 3000; ++i) {
        const std::string name = random_name();
        CAPTURE(name);
        REQUIRE(bare_name(name) == in_sql(db, name));
    }
}
