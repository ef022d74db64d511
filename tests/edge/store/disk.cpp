// What a node's file goes through on a disk that takes no more, and who may read it.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "edge/store/file/backup.h"
#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

mode_t mode_of(const std::filesystem::path& file) {
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    return info.st_mode & 0777U;
}

/// Keeps every file of this process from growing over `bytes` while it lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : signal_(::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, signal_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    sighandler_t signal_;
    rlimit before_{};
};

}  // namespace

TEST_CASE("disk: the database and what lies beside it are for the node's own user alone", "[store][disk]") {
    const mode_t before = ::umask(0022);
    {
        ApiNode node;
        for (const char* name : {"vetchart.db", "vetchart.db-wal", "vetchart.db-shm", "secret.key"}) {
            INFO(name);
            CHECK(mode_of(node.folder / name) == 0600U);
        }
    }
    ::umask(before);
}

TEST_CASE("disk: a write that finds no room is refused whole, and the node goes on", "[store][disk]") {
    ApiNode node;
    const Json body{{"firstName", "Ann"}, {"lastName", "Young"}, {"notes", std::string(10000, 'x')}};
    const std::int64_t room = 64 << 10;
    int saved = 0;
    Reply refused;
    {
        const FileSizeLimit limit(std::filesystem::file_size(node.folder / "vetchart.db-wal") + room);
        for (int i = 0; i < 100 && refused.status == 0; ++i) {
            const Reply reply = node.post("/api/owners", body);
            if (reply.status == 201)
                ++saved;
            else
                refused = reply;
        }
        INFO(refused.body);
        CHECK(refused.status == 503);
        CHECK(refused.json["code"] == "disk_unwritable");
        // Reading goes on.
        CHECK(node.get("/api/owners").json.size() == static_cast<std::size_t>(saved));
        CHECK(node.get("/api/db/health", "").status == 200);
        CHECK(node.get("/api/sync/status").status == 200);
    }
    CHECK(node.post("/api/owners", body).status == 201);
    CHECK(node.get("/api/owners").json.size() == static_cast<std::size_t>(saved) + 1);
    CHECK(node.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check<>'ok'") == 0);
    CHECK(node.number("SELECT count(*) FROM sync_control WHERE txn IS NOT NULL") == 0);
}
