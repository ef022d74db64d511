#include "edge/store/file/backup.h"

#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>

#include "edge/cli/commands.h"
#include "edge/cli/open_node.h"
#include "edge/store/check/check.h"
#include "sync/base/error_codes.h"
#include "sync/base/uuid.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"
#include "tests/support/temp_dir.h"

using namespace vetchart;
using namespace vetchart::edge;
namespace fs = std::filesystem;

namespace {

UtcMillis now() { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// A clinic that works alone, in a folder of its own.
struct Clinic {
    test::TempDir temp;
    NodeFolder folder{temp / "node"};
    std::unique_ptr<OpenNode> node;
    std::string clinic_id;

    Clinic() {
        open();
        FirstAdmin admin;
        admin.email = "admin@example.org";
        admin.password = "long enough";
        auto made = create_first_admin(node->database(), admin, now());
        REQUIRE(made.ok());
        clinic_id = *made;
    }

    void open() {
        auto opened = OpenNode::open(folder, test::chance());
        REQUIRE(opened.ok());
        node = std::move(*opened);
    }

    Status add_owner(const std::string& first_name) const {
        const std::string sql = "INSERT INTO owner (id, clinic_id, first_name, last_name, address) VALUES ('" +
                                new_row_id(test::chance(), now()) + "', '" + clinic_id + "', '" + first_name +
                                "', 'L', '')";
        return node->database().write({}, [&](Connection& connection) -> Status {
            connection.exec(sql.c_str());
            return Done{};
        });
    }

    [[nodiscard]] Command command() const {
        Command result{{}, false, now, nullptr, test::chance()};
        result.settings.folder = folder;
        return result;
    }
};

/// Asks the sqlite3 shell, so that none of our own code stands between.
std::string query(const fs::path& file, const std::string& sql) {
    return test::run("sqlite3 '" + file.string() + "' \"" + sql + "\"");
}

LifeMark life_of(OpenNode& node) {
    auto life = read_node_life(node.database());
    REQUIRE(life.ok());
    return life->mark;
}

}  // namespace

TEST_CASE("life: a folder opened again goes on under its incarnation", "[edge][life]") {
    Clinic clinic;
    const LifeMark before = life_of(*clinic.node);
    REQUIRE(clinic.node->store().log.seal().ok());
    REQUIRE(clinic.node->keep_life().ok());
    clinic.node.reset();
    clinic.open();
    CHECK(life_of(*clinic.node).incarnation == before.incarnation);
    CHECK(*read_life(clinic.folder) == life_of(*clinic.node));
    CHECK(life_of(*clinic.node).sealed_seq > before.sealed_seq);
}

TEST_CASE("life: a crash between seal and life file does not end the incarnation", "[edge][life]") {
    Clinic clinic;
    const std::string before = life_of(*clinic.node).incarnation;
    REQUIRE(clinic.node->store().log.seal().ok());
    clinic.node.reset();
    clinic.open();
    CHECK(life_of(*clinic.node).incarnation == before);
}

TEST_CASE("life: an older copy of the database, or one without its file, begins a new incarnation", "[edge][life]") {
    Clinic clinic;
    const LifeMark before = life_of(*clinic.node);
    const fs::path copy = clinic.temp / "copy.db";
    REQUIRE(copy_database(clinic.folder.database(), copy).ok());
    REQUIRE(clinic.node->store().log.seal().ok());
    REQUIRE(clinic.node->keep_life().ok());
    clinic.node.reset();
    SECTION("a copy put in its place") {
        fs::remove(clinic.folder.database().string() + "-wal");
        fs::remove(clinic.folder.database().string() + "-shm");
        fs::rename(copy, clinic.folder.database());
    }
    SECTION("the file is gone") { fs::remove(clinic.folder.life()); }
    SECTION("the file is damaged") { std::ofstream(clinic.folder.life()) << "{"; }
    SECTION("another digest at the same place") {
        LifeMark other = *read_life(clinic.folder);
        other.digest = std::string(64, '0');
        REQUIRE(write_life(clinic.folder, other).ok());
    }
    clinic.open();
    CHECK(life_of(*clinic.node).incarnation != before.incarnation);
    CHECK(*read_life(clinic.folder) == life_of(*clinic.node));
}

TEST_CASE("folder: a second opening is refused while the first lives", "[edge][life]") {
    Clinic clinic;
    const auto second = OpenNode::open(clinic.folder, test::chance());
    REQUIRE_FALSE(second.ok());
    CHECK(exit_code_of(second.error()) == 1);
}

TEST_CASE("backup: taken while rows are written, restored, gives those rows and a new incarnation", "[edge][backup]") {
    Clinic clinic;
    std::atomic<bool> stop{false};
    std::atomic<int> written{0};
    std::thread writer([&] {
        while (!stop) {
            if (clinic.add_owner("Owner").ok()) ++written;
        }
    });
    while (written < 50) std::this_thread::yield();
    const int before = written;
    const fs::path file = clinic.temp / "backup.db";
    const int code = run_backup(clinic.command(), file.string());
    const int after = written;
    stop = true;
    writer.join();
    REQUIRE(code == 0);
    const int held = std::stoi(query(file, "SELECT count(*) FROM owner"));
    CHECK(held >= before);
    CHECK(held <= after + 1);
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600U);
    CHECK_FALSE(fs::exists(file.string() + "-wal"));
    CHECK_FALSE(fs::exists(file.string() + ".tmp"));

    REQUIRE(clinic.node->store().log.seal().ok());
    REQUIRE(clinic.node->keep_life().ok());
    const LifeMark life = life_of(*clinic.node);
    CHECK(run_restore(clinic.command(), file.string()) == 1);  // in use
    clinic.node.reset();
    REQUIRE(run_restore(clinic.command(), file.string()) == 0);
    clinic.open();
    CHECK(life_of(*clinic.node).incarnation != life.incarnation);
    const std::string rows = "SELECT group_concat(id || first_name) FROM (SELECT * FROM owner ORDER BY id)";
    CHECK(query(clinic.folder.database(), rows) == query(file, rows));
    const auto report = check_database(clinic.node->database());
    REQUIRE(report.ok());
    CHECK(report->damage.empty());
    CHECK(report->differences.empty());
    // What was there before the restore is kept whole beside it.
    int kept = 0;
    for (const auto& entry : fs::directory_iterator(clinic.folder.root)) {
        if (entry.path().filename().string().rfind("vetchart.db.before-restore-", 0) != 0) continue;
        ++kept;
        CHECK(std::stoi(query(entry.path(), "SELECT count(*) FROM owner")) == written);
    }
    CHECK(kept == 1);
}

TEST_CASE("backup: holds neither the node's secret nor the key of the tokens", "[edge][backup]") {
    Clinic clinic;
    REQUIRE(write_credentials(clinic.folder, {"node", "THE-NODE-SECRET"}).ok());
    std::ofstream(clinic.folder.secret_key()) << "THE-TOKEN-KEY";
    const fs::path file = clinic.temp / "backup.db";
    REQUIRE(run_backup(clinic.command(), file.string()) == 0);
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    CHECK(bytes.find("THE-NODE-SECRET") == std::string::npos);
    CHECK(bytes.find("THE-TOKEN-KEY") == std::string::npos);
}

TEST_CASE("restore: a file that is no whole backup is refused and changes nothing", "[edge][backup]") {
    Clinic clinic;
    REQUIRE(clinic.add_owner("Stays").ok());
    const fs::path good = clinic.temp / "good.db";
    REQUIRE(run_backup(clinic.command(), good.string()) == 0);
    const LifeMark life = life_of(*clinic.node);
    clinic.node.reset();
    const fs::path bad = clinic.temp / "bad.db";
    SECTION("not there") { CHECK(run_restore(clinic.command(), bad.string()) == 1); }
    SECTION("no database") {
        std::ofstream(bad) << std::string(10000, 'x');
        CHECK(run_restore(clinic.command(), bad.string()) == 4);
    }
    SECTION("another program's database") {
        query(bad, "CREATE TABLE t (x); PRAGMA user_version = 1;");
        CHECK(run_restore(clinic.command(), bad.string()) == 4);
    }
    SECTION("cut in the middle") {
        fs::copy_file(good, bad);
        fs::resize_file(bad, fs::file_size(bad) / 2 / 4096 * 4096);
        CHECK(run_restore(clinic.command(), bad.string()) == 4);
    }
    SECTION("of a newer version") {
        fs::copy_file(good, bad);
        query(bad, "PRAGMA user_version = 9999;");
        CHECK(run_restore(clinic.command(), bad.string()) == 4);
    }
    CHECK(query(clinic.folder.database(), "SELECT first_name FROM owner") == "Stays\n");
    clinic.open();
    CHECK(life_of(*clinic.node) == life);
}

TEST_CASE("restore: an interrupted one is not taken for an empty folder", "[edge][backup]") {
    Clinic clinic;
    const fs::path good = clinic.temp / "good.db";
    REQUIRE(run_backup(clinic.command(), good.string()) == 0);
    clinic.node.reset();
    fs::rename(clinic.folder.database(), clinic.folder.incoming());
    const auto opened = OpenNode::open(clinic.folder, test::chance());
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().slug == "restore_interrupted");
    CHECK(run_restore(clinic.command(), good.string()) == 0);
    CHECK(OpenNode::open(clinic.folder, test::chance()).ok());
}

TEST_CASE("check: a changed log, a changed digest and a wrong next number are found", "[edge][check]") {
    Clinic clinic;
    for (int i = 0; i < 5; ++i) REQUIRE(clinic.add_owner("Owner").ok());
    REQUIRE(clinic.node->store().log.seal().ok());
    const auto differences = [&] {
        const auto report = check_database(clinic.node->database());
        REQUIRE(report.ok());
        CHECK(report->damage.empty());
        return report->differences.size();
    };
    CHECK(differences() == 0);
    const fs::path file = clinic.folder.database();
    SECTION("a value in the log") {
        query(file, "UPDATE change_log SET new = json_set(new, '\\$.first_name', 'Other') WHERE seq = 4");
        CHECK(differences() > 0);
    }
    SECTION("a row of the log") {
        query(file, "DELETE FROM change_log WHERE seq = 4");
        CHECK(differences() > 0);
    }
    SECTION("a digest") {
        query(file, "UPDATE sync_txn SET digest = '" + std::string(64, '0') + "' WHERE first_seq = 4");
        CHECK(differences() > 0);
    }
    SECTION("the head") {
        query(file, "UPDATE node_state SET sealed_seq = sealed_seq - 1");
        CHECK(differences() > 0);
    }
}
