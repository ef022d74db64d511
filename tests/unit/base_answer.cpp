#include <catch2/catch.hpp>
#include <memory>

#include "sync/base/answer.h"
#include "sync/base/result.h"

namespace vetchart {
namespace {

/// A refusal that tells its own side more than the other one hears.
struct Explained : Refusal {
    std::string because;
};

Result<Answer<int, Explained>> ask(int question) {
    if (question == 0) return Error{Errc::unavailable, "no line"};
    if (question < 0) return Answer<int, Explained>(Explained{{409, "gap", "There is a gap.", {{"lastSeq", 7}}}, "a"});
    return Answer<int, Explained>(question);
}

}  // namespace

TEST_CASE("answer: a reply or a refusal, never both, and neither when nobody could be asked", "[base][answer]") {
    CHECK_FALSE(ask(0).ok());
    const auto well = ask(5);
    REQUIRE(well.ok());
    REQUIRE_FALSE(well->is_refused());
    CHECK(well->reply() == 5);
    const auto no = ask(-1);
    REQUIRE(no.ok());
    REQUIRE(no->is_refused());
    CHECK(no->refusal().status == 409);
    CHECK(no->refusal().details.at("lastSeq") == 7);
    CHECK(no->refusal().because == "a");
}

TEST_CASE("answer: a reply that cannot be copied is moved out", "[base][answer]") {
    Answer<std::unique_ptr<int>> answer(std::make_unique<int>(3));
    CHECK(*std::move(answer).reply() == 3);  // NOLINT(bugprone-use-after-move): CHECK is a loop of one round
}

}  // namespace vetchart
