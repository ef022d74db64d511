// kill -9 while central archives and erases, and while a node takes an erasure and rewrites its file. Where it can be
// said, the moment is one that a lock holds still.
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/e2e/cluster.h"
#include "tests/e2e/samples.h"

namespace vetchart::e2e {
namespace {

/// A shell on a database that stays open: what its statements lock is locked until it goes.
class Session {
public:
    Session(const std::string& shell, const std::string& statements)
        : pipe_(popen((shell + " >/dev/null").c_str(), "we")) {
        if (pipe_ == nullptr) throw std::runtime_error("cannot run: " + shell);
        std::fputs((statements + "\n").c_str(), pipe_);
        std::fflush(pipe_);
    }
    ~Session() { pclose(pipe_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

private:
    FILE* pipe_;
};

/// Every row of every table, in one digest.
std::string picture_of(Cluster& cluster) {
    return cluster.sql(R"(
SELECT md5(string_agg(k.nspname || '.' || c.relname || (xpath('/row/n/text()', query_to_xml(format(
    'SELECT md5(coalesce(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C"), '''')) AS n FROM %I.%I t',
    k.nspname, c.relname), false, true, '')))[1]::text, ',' ORDER BY k.nspname, c.relname))
FROM pg_class c JOIN pg_namespace k ON k.oid = c.relnamespace
WHERE c.relkind = 'r' AND k.nspname IN ('public', 'archive'))");
}

/// The tables of central in which `pattern` stands.
std::string tables_with(Cluster& cluster, const std::string& pattern) {
    return cluster.sql(
        "SELECT string_agg(DISTINCT k.nspname || '.' || c.relname, ',') FROM pg_class c JOIN pg_namespace k ON k.oid = "
        "c.relnamespace WHERE c.relkind = 'r' AND k.nspname IN ('public', 'archive') AND (xpath('/row/n/text()', "
        "query_to_xml(format('SELECT count(*) AS n FROM %I.%I t WHERE t::text ~ %L', k.nspname, c.relname, '" +
        pattern + "'), false, true, '')))[1]::text <> '0'");
}

std::vector<std::string> central_command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), std::string(VETCHART_BIN_DIR) + "/vetchart-central");
    return arguments;
}

/// Starts the command, and kills it where it first needs `table`.
void kill_before(Cluster& cluster, const std::string& table, const std::vector<std::string>& arguments) {
    INFO("killed before it writes " << table);
    const std::string others =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND "
        "backend_type = 'client backend'";
    {
        const Session lock("psql -X -q '" + cluster.database() + "'",
                           "BEGIN; LOCK TABLE " + table + " IN EXCLUSIVE MODE;");
        REQUIRE(eventually([&] {
            return cluster.sql(
                       "SELECT count(*) > 0 FROM pg_locks WHERE mode = 'ExclusiveLock' AND granted AND "
                       "relation = '" +
                       table + "'::regclass") == "t";
        }));
        Process command(central_command(arguments), {"DATABASE_URL=" + cluster.database()});
        const auto waits = [&] { return cluster.sql(others + " AND wait_event_type = 'Lock'") == "1"; };
        CHECK(eventually([&] { return waits() || !command.alive(); }));
        INFO(command.output());
        CHECK(command.alive());
        command.kill();
    }
    REQUIRE(eventually([&] { return cluster.sql(others) == "0"; }));
}

/// Starts the command, and kills it as soon as what it did can be seen.
void kill_after(Cluster& cluster, const std::string& done, const std::vector<std::string>& arguments) {
    Process command(central_command(arguments), {"DATABASE_URL=" + cluster.database()});
    REQUIRE(eventually([&] { return cluster.sql(done) == "t"; }));
    command.kill();
}

/// An owner named `mark`, with a patient, a record and a bill; nothing else carries the name.
Visit visit_of(const Node& node, const std::string& mark) {
    Visit visit;
    visit.owner = node.create("/api/owners", sample_owner(mark));
    visit.patient = node.create("/api/patients", sample_patient(visit.owner, "Rex"));
    visit.records.push_back(node.create("/api/records", sample_record(visit.patient, "dental")));
    visit.bill = node.create("/api/bills", sample_bill(visit.owner, visit.patient, visit.records));
    return visit;
}

/// Makes the same and stops both programs, so that only the commands move anything.
Visit visit_at_rest(Cluster& cluster, Node& node, const std::string& mark) {
    Visit visit = visit_of(node, mark);
    REQUIRE(cluster.settle({&node}));
    REQUIRE(node.stop() == 0);
    REQUIRE(cluster.stop_central() == 0);
    return visit;
}

std::string file_bytes(const Node& node) {
    std::string bytes;
    for (const char* name : {"vetchart.db", "vetchart.db-wal"}) {
        std::ifstream file(node.folder() / name, std::ios::binary);
        bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
}

/// True when the node knows of the erasure and has rewritten its file.
bool is_clean(const Node& node, const std::string& owner) {
    return node.sql("SELECT o.last_name || s.file_dirty FROM owner o, erasure_state s WHERE o.id = '" + owner + "'") ==
           "(erased)0";
}

void require_forgotten(Cluster& cluster, const Node& node, const std::string& owner, const std::string& mark) {
    REQUIRE(eventually([&] { return is_clean(node, owner); }));
    CHECK(file_bytes(node).find(mark) == std::string::npos);
    CHECK_NOTHROW(cluster.edge("check --data " + node.folder().string()));
}

}  // namespace

TEST_CASE("e2e: kill -9 of archive and restore moves a patient whole or not at all", "[e2e][kill]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    const Visit visit = visit_at_rest(cluster, node, "moving");
    const std::string bill = cluster.sql("SELECT bill_number FROM bill");
    const std::string live = picture_of(cluster);
    const std::vector<std::string> put_away{"archive", "patient", visit.patient, "--reason", "moved away"};
    for (const char* table : {"sync_counter", "archive.bill_item", "patient", "audit_log"}) {
        kill_before(cluster, table, put_away);
        CHECK(picture_of(cluster) == live);
    }
    kill_after(cluster, "SELECT count(*) = 1 FROM archive.entry", put_away);
    CHECK(cluster.sql("SELECT count(*) FROM patient") == "0");
    CHECK(cluster.sql("SELECT count(*) FROM bill_item") == "0");
    CHECK(cluster.sql("SELECT count(*) FROM archive.bill_item") == "3");
    const std::string archived = picture_of(cluster);
    CHECK_THROWS_WITH(cluster.central("archive patient " + visit.patient + " --reason again"),
                      Catch::Contains("archived"));
    CHECK(picture_of(cluster) == archived);

    for (const char* table : {"bill_item", "archive.patient", "audit_log"}) {
        kill_before(cluster, table, {"archive", "restore", visit.patient});
        CHECK(picture_of(cluster) == archived);
    }
    cluster.central("archive restore " + visit.patient);
    CHECK(cluster.sql("SELECT count(*) FROM archive.bill_item") == "0");
    cluster.start_central();
    node.start();
    REQUIRE(cluster.settle({&node}));
    cluster.require_same_rows({&node}, "NORTH");
    CHECK(cluster.sql("SELECT bill_number FROM bill") == bill);
}

TEST_CASE("e2e: kill -9 of an erasure leaves the person whole, and a repeat leaves nothing", "[e2e][kill]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    const Visit visit = visit_at_rest(cluster, node, "Lindqvist");
    const std::string live = picture_of(cluster);
    const std::vector<std::string> erase{"owner", "erase", visit.owner, "--reason", "asked"};
    for (const char* table : {"sync_counter", "owner", "sync_journal", "audit_log"}) {
        kill_before(cluster, table, erase);
        CHECK(picture_of(cluster) == live);
    }
    kill_after(cluster, "SELECT count(*) = 1 FROM owner_erasure", erase);
    CHECK(tables_with(cluster, "indqvist|555-0199") == "");
    cluster.central("owner erase " + visit.owner + " --reason again");
    CHECK(tables_with(cluster, "indqvist|555-0199") == "");
    cluster.start_central();
    node.start();
    require_forgotten(cluster, node, visit.owner, "indqvist");
    REQUIRE(cluster.settle({&node}));
    cluster.require_same_rows({&node}, "NORTH");
}

TEST_CASE("e2e: a node killed while it takes an erasure or rewrites its file ends clean", "[e2e][kill]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    // A file that takes a while to rewrite.
    cluster.sql(R"(
INSERT INTO owner (id, clinic_id, first_name, last_name, address, notes)
SELECT gen_random_uuid(), c.id, 'N' || n, 'Test', '', repeat(md5(n::text), 600)
FROM clinic c, generate_series(1, 500) n WHERE c.code = 'NORTH')");
    struct Moment {
        std::string name;
        std::function<bool(const std::string& owner)> is_now;
    };
    const auto is_dirty = [&node](const std::string& how) {
        return node.sql("SELECT file_dirty FROM erasure_state") == how;
    };
    const std::vector<Moment> moments{
        {"as it is told", [](const std::string&) { return true; }},
        {"the rows are overwritten",
         [&](const std::string& owner) {
             return node.sql("SELECT last_name FROM owner WHERE id = '" + owner + "'") == "(erased)";
         }},
        {"the file is being rewritten", [&](const std::string&) { return is_dirty("2"); }},
        {"a part of the new file is there",
         [&](const std::string&) {
             const auto size = [&](const char* name) { return std::filesystem::file_size(node.folder() / name); };
             return size("vetchart.db-wal") > size("vetchart.db") / 3;
         }},
        {"a reader holds the WAL", [&](const std::string&) { return is_dirty("3"); }},
    };
    std::vector<Visit> visits;
    const auto mark_of = [](std::size_t i) { return "Lindqvist" + std::to_string(i); };
    while (visits.size() < moments.size()) visits.push_back(visit_of(node, mark_of(visits.size())));
    REQUIRE(cluster.settle({&node}));
    int met = 0;
    for (std::size_t i = 0; i < moments.size(); ++i) {
        INFO(moments[i].name);
        const std::string& owner = visits[i].owner;
        const std::string mark = mark_of(i);
        std::optional<Session> reader;
        if (i + 1 == moments.size()) {
            reader.emplace("sqlite3 -batch '" + (node.folder() / "vetchart.db").string() + "'",
                           "BEGIN; SELECT count(*) FROM owner;");
        }
        cluster.central("owner erase " + owner + " --reason asked");
        // A moment that was over before anybody looked is no failure: the kill then comes after it.
        REQUIRE(eventually([&] { return moments[i].is_now(owner) || is_clean(node, owner); }));
        met += is_clean(node, owner) ? 0 : 1;
        node.kill();
        reader.reset();
        CHECK(node.sql("PRAGMA integrity_check") == "ok");
        const auto left = node.sql("SELECT (SELECT count(*) FROM owner WHERE last_name = '" + mark +
                                   "') || (SELECT count(*) FROM medical_record WHERE owner_name_snapshot = 'Dana " +
                                   mark + "') || (SELECT count(*) FROM change_log WHERE instr(new, '" + mark + "'))");
        CAPTURE(left);
        CHECK((left == "000" || left == "112"));
        node.start();
        require_forgotten(cluster, node, owner, mark);
    }
    CHECK(met >= 1);  // at least the one that the reader holds still
    REQUIRE(cluster.settle({&node}));
    cluster.require_same_rows({&node}, "NORTH");
    WARN(met << " of " << moments.size() << " kills before the file was clean");
}

}  // namespace vetchart::e2e
