#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "tests/exchange/world.h"

namespace vetchart::test {

inline std::string person_sql(const std::string& clinic, const std::string& id, const std::string& name,
                              const std::string& roles) {
    return "INSERT INTO staff (id, clinic_id, email, username, first_name, last_name, password_hash, roles) VALUES ('" +
           id + "', '" + clinic + "', '" + name + "@mail.example', '" + name + "', '" + name + "', 'Lee', 'hash', '" +
           roles + "');";
}

/// A clinic with an administrator, a receptionist and two nodes, and an owner whom both nodes have.
struct Desk {
    CentralWorld central;
    std::string clinic = central.clinic("NORTH");
    std::string ann = new_id(), bob = new_id(), owner = new_id();
    NodeWorld a{central, "NORTH", "front desk"};
    NodeWorld b{central, "NORTH", "laptop"};

    Desk() {
        central.psql(person_sql(clinic, ann, "Ann", R"(["admin"])") + person_sql(clinic, bob, "Bob", R"(["staff"])"));
        REQUIRE(a.write(owner_sql(clinic, owner, "Ada"), ann).ok());
        settle();
    }

    void settle() {
        for (int i = 0; i < 3; ++i) {
            a.sync();
            b.sync();
        }
    }

    /// Both nodes hold what central has, and nothing waits on either.
    void require_equal() {
        settle();
        const std::string all = picture_of(central, clinic);
        REQUIRE(picture_of(a) == all);
        REQUIRE(picture_of(b) == all);
        for (NodeWorld* node : {&a, &b}) {
            REQUIRE(node->read("SELECT count(*) FROM sync_txn WHERE state <> 'settled'") == "0");
            REQUIRE(node->read("SELECT count(*) FROM sync_base") == "0");
        }
    }

    /// The phone of the owner by node A is 111 and stands; by node B it was 222 and lost. Both have the item.
    void conflict() {
        REQUIRE(a.write("UPDATE owner SET phone = '111' WHERE id = '" + owner + "'", ann).ok());
        REQUIRE(b.write("UPDATE owner SET phone = '222' WHERE id = '" + owner + "'", bob).ok());
        a.push();
        b.push();
        settle();
        if (central.psql("SELECT mine FROM sync_item") == "\"111\"") {  // The later edit may stand as well.
            REQUIRE(a.write("UPDATE owner SET phone = '111' WHERE id = '" + owner + "'", ann).ok());
            central.psql("UPDATE sync_item SET mine = '\"222\"', theirs = '\"111\"'");
            settle();
        }
        REQUIRE(phone() == "111");
    }

    static std::string item_of(NodeWorld& node) {
        return node.read("SELECT id FROM sync_item ORDER BY opened_at, id LIMIT 1");
    }

    /// Decides on the node's only item, as it has it.
    Status decide(NodeWorld& node, const std::string& action, const std::string& actor,
                  const std::string& value = "NULL", std::string item = {}) {
        if (item.empty()) item = item_of(node);
        return node.write(
            "INSERT INTO item_decision (id, clinic_id, item_id, item_version, action, value, actor) "
            "SELECT '" +
                new_id() + "', clinic_id, id, version, '" + action + "', " + value + ", '" + actor +
                "' FROM sync_item WHERE id = '" + item + "'",
            actor);
    }

    /// Opens an item at central that today's decide does not open yet.
    std::string open_item(const std::string& kind, const std::string& code, const std::string& table,
                          const std::string& row, const std::string& more_columns = "",
                          const std::string& more_values = "") {
        const std::string id = new_id();
        central.psql(
            "INSERT INTO sync_item (id, clinic_id, kind, code, table_name, row_id, title, reason, at, "
            "node_id, actions" +
            more_columns + ") SELECT '" + id + "', '" + clinic + "', '" + kind + "', '" + code + "', '" + table +
            "', '" + row + "', 'Title', 'Reason', clock_instant(), n.id, '[]'" + more_values +
            " FROM sync_node n WHERE n.name = 'laptop'");
        settle();
        return id;
    }

    std::string phone() { return central.psql("SELECT phone FROM owner WHERE id = '" + owner + "'"); }
    std::string item(const std::string& columns) { return central.psql("SELECT " + columns + " FROM sync_item"); }
    /// Outcomes of all decisions, in the order in which they were made.
    std::string outcomes() {
        return central.psql(
            "SELECT string_agg(coalesce(outcome, 'none'), ' ' ORDER BY created_at, id) FROM item_decision");
    }
    std::string answer() {
        return central.psql("SELECT answer FROM item_decision ORDER BY created_at DESC, id DESC LIMIT 1");
    }
};

}  // namespace vetchart::test
