#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "tests/exchange/world.h"

namespace vetchart::test {

/// A clinic with two nodes.
struct TwoNodes {
    CentralWorld central;
    std::string clinic = central.clinic("NORTH");
    NodeWorld a{central, "NORTH", "front desk"};
    NodeWorld b{central, "NORTH", "laptop"};

    void settle() {
        for (int i = 0; i < 3; ++i) {
            a.sync();
            b.sync();
        }
    }
    void require_equal() {
        const std::string all = picture_of(central, clinic);
        REQUIRE(picture_of(a) == all);
        REQUIRE(picture_of(b) == all);
    }
};

}  // namespace vetchart::test
