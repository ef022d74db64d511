// What may become of a node's folder: lost, emptied, replaced or half written files, and root's hand.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/e2e/cluster.h"
#include "tests/support/private_postgres.h"

namespace vetchart::e2e {
namespace {

namespace fs = std::filesystem;

const std::string kEdge = std::string(VETCHART_BIN_DIR) + "/vetchart-edge";
constexpr const char* kAdmin = "admin@lone.example";

struct Ended {
    int code = -1;
    std::string output;
};

/// Runs a command; returns both outputs and its exit code.
Ended run_edge(const std::string& arguments, const std::string& input = "", const std::string& program = kEdge) {
    const test::TempDir folder;
    std::ofstream(folder / "in") << input;
    const std::string text =
        test::run("( " + program + " " + arguments + " <" + (folder / "in").string() + " 2>&1 ); echo \"exit=$?\"");
    const auto at = text.rfind("exit=");
    return {std::stoi(text.substr(at + 5)), text.substr(0, at)};
}

std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// Name and content of all that lies in a folder, but for the lock.
std::map<std::string, std::string> files_of(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        if (name != "lock" && entry.is_regular_file()) files[name] = content(entry.path());
    }
    return files;
}

/// A clinic that works alone, with an administrator.
struct Lone {
    test::TempDir temp;
    fs::path folder = temp / "node";
    Node node{"lone", folder};

    Lone() {
        const auto made = run_edge("init --data " + folder.string() + " --admin-email " + kAdmin, kPassword);
        INFO(made.output);
        REQUIRE(made.code == 0);
    }
    void start() {
        node.start();
        node.log_in(kAdmin);
    }
    [[nodiscard]] std::string owner(const std::string& name) const {
        return node.create("/api/owners", {{"firstName", name}, {"lastName", "Owner"}});
    }
    [[nodiscard]] std::string data() const { return "--data " + folder.string(); }
    [[nodiscard]] fs::path rescued() const {
        for (const auto& entry : fs::directory_iterator(folder)) {
            if (entry.path().filename().string().starts_with("vetchart.db.rescued-")) return entry.path();
        }
        return {};
    }
};

void remove_database(const fs::path& folder) {
    for (const char* name : {"vetchart.db", "vetchart.db-wal", "vetchart.db-shm"}) fs::remove(folder / name);
}

void sql(const fs::path& file, const std::string& statement) {
    test::run("sqlite3 '" + file.string() + "' \"" + statement + "\"");
}

}  // namespace

TEST_CASE("e2e: a database lost or emptied beside its life is code 4 in every command, and nothing is changed",
          "[e2e][folder]") {
    const Lone lone;
    const fs::path& folder = lone.folder;
    const std::string life = content(folder / "life.json");
    const std::map<std::string, std::function<void()>> kinds = {
        {"removed", [] {}},
        {"0 bytes", [&] { std::ofstream(folder / "vetchart.db"); }},
        {"no schema", [&] { sql(folder / "vetchart.db", "CREATE TABLE t (x); DROP TABLE t"); }},
        {"a table of no version", [&] { sql(folder / "vetchart.db", "CREATE TABLE t (x)"); }},
        {"a name that leads nowhere", [&] { fs::create_symlink(folder / "gone", folder / "vetchart.db"); }},
        {"life.json of 0 bytes", [&] { std::ofstream(folder / "life.json"); }},
        {"life.json half written", [&] { std::ofstream(folder / "life.json") << life.substr(0, life.size() / 2); }},
        {"node.key alone",
         [&] {
             fs::remove(folder / "life.json");
             std::ofstream(folder / "node.key") << "{}";
         }},
        {"a WAL alone",
         [&] {
             fs::remove(folder / "life.json");
             std::ofstream(folder / "vetchart.db-wal") << "the work of a day";
         }},
    };
    const std::vector<std::string> commands = {"serve --listen 127.0.0.1:0",
                                               "init --admin-email a@b.example",
                                               "enroll --token x",
                                               "sync --once",
                                               "status",
                                               "check",
                                               "backup " + (lone.temp / "backup.db").string(),
                                               "staff set-password --email a@b.example"};
    for (const auto& [kind, spoil] : kinds) {
        INFO(kind);
        remove_database(folder);
        fs::remove(folder / "node.key");
        std::ofstream(folder / "life.json") << life;
        spoil();
        const auto before = files_of(folder);
        for (const std::string& command : commands) {
            const auto ended = run_edge(command + " " + lone.data(), kPassword);
            INFO(command << "\n" << ended.output);
            CHECK(ended.code == 4);
            CHECK((ended.output.find("restore") != std::string::npos || kind == "a table of no version"));
            CHECK(files_of(folder) == before);
        }
    }
    // Without any of these the folder is a new one.
    remove_database(folder);
    fs::remove(folder / "life.json");
    fs::remove(folder / "node.key");
    CHECK(run_edge("status " + lone.data()).code == 1);
    CHECK(run_edge("init --admin-email a@b.example " + lone.data(), kPassword).code == 0);
}

TEST_CASE("e2e: a copy put in beside another database's WAL is not opened, and restore keeps both", "[e2e][folder]") {
    Lone lone;
    const std::string backup = (lone.temp / "backup.db").string();
    lone.start();
    (void)lone.owner("Before");
    REQUIRE(run_edge("backup " + backup + " " + lone.data()).code == 0);
    (void)lone.owner("After");
    lone.node.kill();
    const std::string wal = content(lone.folder / "vetchart.db-wal");
    REQUIRE(!wal.empty());
    fs::copy_file(backup, lone.folder / "vetchart.db", fs::copy_options::overwrite_existing);
    for (const std::string command : {"serve --listen 127.0.0.1:0", "status", "check"}) {
        const auto ended = run_edge(command + " " + lone.data());
        INFO(ended.output);
        CHECK(ended.code == 4);
        CHECK(ended.output.find("wal_foreign") != std::string::npos);
    }
    CHECK(content(lone.folder / "vetchart.db-wal") == wal);
    CHECK(content(lone.folder / "vetchart.db") == content(backup));
    REQUIRE(run_edge("restore " + backup + " " + lone.data()).code == 0);
    int kept = 0;
    for (const auto& [name, bytes] : files_of(lone.folder)) kept += name.ends_with("-wal") && bytes == wal ? 1 : 0;
    CHECK(kept == 1);
    CHECK(run_edge("check " + lone.data()).code == 0);

    // The same with no database at all beside the WAL that is left.
    fs::remove(lone.folder / "vetchart.db");
    std::ofstream(lone.folder / "vetchart.db-wal", std::ios::binary) << wal;
    REQUIRE(run_edge("restore " + backup + " " + lone.data()).code == 0);
    CHECK(run_edge("check " + lone.data()).code == 0);
    lone.start();
    CHECK(lone.node.sql("SELECT group_concat(first_name) FROM owner") == "Before");
}

TEST_CASE("e2e: a database taken from under the daemon is noticed before the next write is told as saved",
          "[e2e][folder]") {
    // In place two databases are mixed: what is kept of that passed the integrity check, and is no promise.
    enum class Copy { whole, perhaps, unreadable, none };
    struct Kind {
        std::string name;
        std::function<void(const Lone&)> take;
        Copy copy;
        Lone lone{};

        Kind(std::string called, std::function<void(const Lone&)> how, Copy expected)
            : name(std::move(called)), take(std::move(how)), copy(expected) {}
    };
    const auto backup_of = [](const Lone& lone) { return lone.temp / "backup.db"; };
    std::vector<std::unique_ptr<Kind>> kinds;
    const auto add = [&](const char* name, std::function<void(const Lone&)> take, Copy copy) {
        kinds.push_back(std::make_unique<Kind>(name, std::move(take), copy));
    };
    add(
        "removed", [](const Lone& lone) { fs::remove(lone.folder / "vetchart.db"); }, Copy::whole);
    add(
        "removed with its companions", [](const Lone& lone) { remove_database(lone.folder); }, Copy::whole);
    add(
        "its WAL removed", [](const Lone& lone) { fs::remove(lone.folder / "vetchart.db-wal"); }, Copy::whole);
    add(
        "its index replaced",
        [](const Lone& lone) {
            fs::remove(lone.folder / "vetchart.db-shm");
            std::ofstream(lone.folder / "vetchart.db-shm");
        },
        Copy::whole);
    add(
        "replaced by a file moved over it",
        [&](const Lone& lone) { fs::rename(backup_of(lone), lone.folder / "vetchart.db"); }, Copy::whole);
    add(
        "overwritten by a copy",
        [&](const Lone& lone) {
            fs::copy_file(backup_of(lone), lone.folder / "vetchart.db", fs::copy_options::overwrite_existing);
        },
        Copy::perhaps);
    add(
        "overwritten by another node's fresh database",
        [&](const Lone& lone) {
            const fs::path other = lone.temp / "other";
            REQUIRE(run_edge("init --admin-email b@c.example --data " + other.string(), kPassword).code == 0);
            fs::copy_file(other / "vetchart.db", lone.folder / "vetchart.db", fs::copy_options::overwrite_existing);
        },
        Copy::unreadable);
    add(
        "the WAL emptied", [](const Lone& lone) { fs::resize_file(lone.folder / "vetchart.db-wal", 0); },
        Copy::unreadable);
    add(
        "its folder moved", [](const Lone& lone) { fs::rename(lone.folder, lone.temp / "elsewhere"); }, Copy::none);

    for (const auto& kind : kinds) {
        INFO(kind->name);
        Lone& lone = kind->lone;
        lone.start();
        REQUIRE(run_edge("backup " + backup_of(lone).string() + " " + lone.data()).code == 0);
        (void)lone.owner("Saved");
        kind->take(lone);
        const auto refused = lone.node.post("/api/owners", {{"firstName", "Lost"}, {"lastName", "Owner"}});
        INFO(refused.body);
        CHECK(refused.status == 503);
        CHECK(refused.json().value("code", "") == "database_moved");
        CHECK(lone.node.get("/api/db/health").status == 503);
        // Where what lies there now cannot be read as this node's, nobody can ask for more.
        if (kind->copy == Copy::unreadable) continue;
        CHECK(lone.node.status().value("lastError", "").starts_with("database_moved: "));
        CHECK(lone.node.get("/metrics").body.find("\nvetchart_database_damaged 1") != std::string::npos);
    }
    for (const auto& kind : kinds) {
        INFO(kind->name << "\n" << kind->lone.node.output());
        Lone& lone = kind->lone;
        CHECK(lone.node.process().wait_end() == 4);
        const auto copy = fs::exists(lone.folder) ? lone.rescued() : fs::path();
        if (kind->copy == Copy::whole || kind->copy == Copy::none) REQUIRE(copy.empty() == (kind->copy == Copy::none));
        if (kind->copy != Copy::whole) continue;
        REQUIRE(run_edge("restore " + copy.string() + " " + lone.data()).code == 0);
        lone.start();
        CHECK(lone.node.sql("SELECT group_concat(first_name) FROM owner") == "Saved");
        CHECK(lone.node.stop() == 0);
    }
}

TEST_CASE("e2e: a second daemon finds no way in by another path, nor where the lock file was deleted",
          "[e2e][folder]") {
    Lone lone;
    lone.start();
    fs::create_directory_symlink(lone.folder, lone.temp / "link");
    fs::create_directory(lone.temp / "twin");
    fs::create_hard_link(lone.folder / "vetchart.db", lone.temp / "twin" / "vetchart.db");
    const auto refused = [&](const fs::path& folder) {
        const auto ended = run_edge("serve --listen 127.0.0.1:0 --data " + folder.string());
        INFO(ended.output);
        return ended.code == 1 && ended.output.find("folder_in_use") != std::string::npos;
    };
    CHECK(refused(lone.folder));
    CHECK(refused(lone.temp / "link"));
    CHECK(refused(lone.temp / "twin"));
    fs::remove(lone.folder / "lock");
    CHECK(refused(lone.folder));
    CHECK(refused(lone.temp / "link"));
    CHECK(!lone.owner("Still").empty());
    CHECK(lone.node.stop() == 0);
}

TEST_CASE("e2e: what root's commands make in a node's folder belongs to the folder's owner", "[e2e][folder]") {
    Lone lone;
    const bool root = ::geteuid() == 0;
    const uid_t user = root ? 65534 : ::geteuid();
    const auto all_belong = [&] {
        for (const auto& entry : fs::recursive_directory_iterator(lone.folder)) {
            struct stat info {};
            REQUIRE(::lstat(entry.path().c_str(), &info) == 0);
            INFO(entry.path().filename());
            CHECK(info.st_uid == user);
            CHECK((info.st_mode & 0077U) == 0U);
        }
    };
    if (root) {
        fs::remove_all(lone.folder);
        fs::create_directory(lone.folder);
        REQUIRE(::chown(lone.folder.c_str(), user, user) == 0);
        REQUIRE(::chmod(lone.temp.path().c_str(), 0711) == 0);
        REQUIRE(run_edge("init --admin-email " + std::string(kAdmin) + " " + lone.data(), kPassword).code == 0);
    }
    all_belong();
    const std::string inside = (lone.folder / "nightly.db").string();
    REQUIRE(run_edge("backup " + inside + " " + lone.data()).code == 0);
    REQUIRE(run_edge("restore " + inside + " " + lone.data()).code == 0);
    REQUIRE(run_edge("staff set-password --email " + std::string(kAdmin) + " " + lone.data(), kPassword).code == 0);
    REQUIRE(run_edge("check " + lone.data()).code == 0);
    // What root left there before is given to the owner too.
    if (root) REQUIRE(::chown((lone.folder / "lock").c_str(), 0, 0) == 0);
    REQUIRE(run_edge("staff set-password --email " + std::string(kAdmin) + " " + lone.data(), kPassword).code == 0);
    all_belong();

    const fs::path program = lone.temp / "vetchart-edge";
    fs::copy_file(kEdge, program);
    std::vector<std::string> argv;
    if (root) {
        const std::string id = std::to_string(user);
        argv = {"/usr/bin/setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"};
    }
    for (const std::string& part : {program.string(), std::string("serve"), std::string("--data"), lone.folder.string(),
                                    std::string("--listen"), std::string("127.0.0.1:0")}) {
        argv.push_back(part);
    }
    Process daemon(argv);
    const std::string url = daemon.wait_listening();
    const auto login =
        send(url, "POST", "/api/auth/login", {}, Json{{"username", kAdmin}, {"password", kPassword}}.dump());
    INFO(login.body);
    REQUIRE(login.status == 200);
    const auto made =
        send(url, "POST", "/api/owners", {{"Authorization", "Bearer " + login.json().at("token").get<std::string>()}},
             Json{{"firstName", "A"}, {"lastName", "B"}}.dump());
    CHECK(made.status == 201);
    // Root's commands beside the daemon: they read, and leave nothing that shuts it out.
    REQUIRE(run_edge("status " + lone.data()).code == 0);
    REQUIRE(run_edge("backup " + inside + " " + lone.data()).code == 0);
    all_belong();
    CHECK(daemon.terminate() == 0);
}

TEST_CASE("e2e: an unusable secret.key is made anew with a word, and everybody logs in again", "[e2e][folder]") {
    Lone lone;
    lone.start();
    REQUIRE(lone.node.stop() == 0);
    for (const std::size_t size : {0U, 31U, 4096U}) {
        INFO(size);
        std::ofstream(lone.folder / "secret.key") << std::string(size, 'k');
        lone.node.start();
        CHECK(lone.node.get("/api/owners").status != 200);
        lone.node.log_in(kAdmin);
        CHECK(lone.node.get("/api/owners").status == 200);
        CHECK(lone.node.output().find("everybody has to log in again") != std::string::npos);
        CHECK(fs::file_size(lone.folder / "secret.key") == 32);
        REQUIRE(lone.node.stop() == 0);
    }
}

TEST_CASE("e2e: with an unusable key for central the clinic works, and is told why nothing is sent", "[e2e][folder]") {
    Lone lone;
    lone.start();
    REQUIRE(lone.node.stop() == 0);
    const std::string url = "https://127.0.0.1:9/";
    sql(lone.folder / "vetchart.db", "UPDATE node_state SET node_id = 'node-1', central_url = '" + url + "'");
    const std::string good = R"({"nodeId": "node-1", "secret": "s"})";
    struct Kind {
        const char* slug;
        std::function<void()> spoil;
    };
    const Kind kinds[] = {
        {"node_key_missing", [&] { fs::remove(lone.folder / "node.key"); }},
        {"node_key_unusable", [&] { std::ofstream(lone.folder / "node.key"); }},
        {"node_key_other", [&] { std::ofstream(lone.folder / "node.key") << R"({"nodeId":"n2","secret":"s"})"; }},
        {"ca_unusable",
         [&] {
             std::ofstream(lone.folder / "node.key") << good;
             std::ofstream(lone.folder / "ca.pem");
         }},
    };
    for (const auto& kind : kinds) {
        INFO(kind.slug);
        kind.spoil();
        const auto once = run_edge("sync --once " + lone.data());
        INFO(once.output);
        CHECK(once.code == 1);
        CHECK(once.output.find(kind.slug) != std::string::npos);
        lone.start();
        CHECK(!lone.owner("Works").empty());
        CHECK(lone.node.status().value("lastError", "").starts_with(kind.slug));
        const auto now = lone.node.post("/api/sync/now", Json::object());
        CHECK(now.status == 503);
        CHECK(now.json().value("code", "") == kind.slug);
        REQUIRE(lone.node.stop() == 0);
    }
    // Mended under the running daemon, by SIGHUP.
    lone.start();
    fs::remove(lone.folder / "ca.pem");
    lone.node.process().signal(SIGHUP);
    CHECK(eventually([&] { return !lone.node.status().value("lastError", "").starts_with("ca_unusable"); }));
    CHECK(lone.node.stop() == 0);
}

TEST_CASE("e2e: no signal but those that stop it ends the node, and SIGHUP takes the log level anew", "[e2e][folder]") {
    Lone lone;
    const std::string lock = content(lone.folder / "lock");
    Process early({kEdge, "serve", "--data", lone.folder.string(), "--listen", "127.0.0.1:0"});
    // From when it is known to be our program: before, a signal meets the loader.
    REQUIRE(eventually([&] { return content(lone.folder / "lock") != lock; }));
    for (int i = 0; i < 20; ++i) early.signal(SIGHUP);
    const std::string url = early.wait_listening();
    std::ofstream(lone.folder / "edge.toml") << "log_level = \"debug\"\n";
    for (const int number : {SIGHUP, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2}) early.signal(number);
    CHECK(eventually([&] { return early.output().find("log level debug") != std::string::npos; }));
    std::ofstream(lone.folder / "edge.toml") << "log_level = \"loud\"\n";
    early.signal(SIGHUP);
    CHECK(eventually([&] { return early.output().find("the old settings stay") != std::string::npos; }));
    CHECK(send(url, "GET", "/api/health", {}).status == 200);
    early.signal(SIGTERM);
    for (int i = 0; i < 5; ++i) early.signal(SIGHUP);
    CHECK(early.wait_end() == 0);
}

}  // namespace vetchart::e2e
