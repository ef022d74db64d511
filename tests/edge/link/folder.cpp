#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "edge/link/node_folder.h"
#include "edge/store/file/files.h"
#include "tests/support/temp_dir.h"

using namespace vetchart;
using namespace vetchart::edge;

namespace {

unsigned mode_of(const std::filesystem::path& file) {
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    return info.st_mode & 0777U;
}

void put(const std::filesystem::path& file, const std::string& text) { std::ofstream(file) << text; }

}  // namespace

TEST_CASE("node key: what was written is read back, and only the owner may read it", "[edge][link]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path()};
    const auto absent = read_credentials(folder);
    REQUIRE(absent.ok());
    CHECK_FALSE(absent->has_value());
    put(folder.node_key().string() + ".tmp", "left by a crash");
    REQUIRE(write_credentials(folder, {"node-1", "s3cret"}).ok());
    const auto read = read_credentials(folder);
    REQUIRE(read.ok());
    REQUIRE(read->has_value());
    CHECK((*read)->node_id == "node-1");
    CHECK((*read)->secret == "s3cret");
    CHECK(mode_of(folder.node_key()) == 0600);
    CHECK_FALSE(std::filesystem::exists(folder.node_key().string() + ".tmp"));
}

TEST_CASE("node key: a file that is none is an error, not an unenrolled node", "[edge][link]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path()};
    for (const char* text : {"", "{", "[]", "{\"nodeId\": 7}", "{\"nodeId\": \"n\"}", "\xff\xfe"}) {
        put(folder.node_key(), text);
        CHECK_FALSE(read_credentials(folder).ok());
    }
    put(folder.node_key(), std::string(100000, 'x'));
    CHECK_FALSE(read_credentials(folder).ok());
}

TEST_CASE("life file: a damaged one counts as none", "[edge][link]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path()};
    CHECK_FALSE(read_life(folder).has_value());
    const LifeMark mark{"incarnation-1", 42, "abcd"};
    REQUIRE(write_life(folder, mark).ok());
    REQUIRE(read_life(folder).has_value());
    CHECK(*read_life(folder) == mark);
    put(folder.life(), "{\"incarnation\": \"incarnation-1\", \"sealedSeq\": \"42\"}");
    CHECK_FALSE(read_life(folder).has_value());
    REQUIRE(write_life(folder, mark).ok());
    REQUIRE(forget_life(folder).ok());
    CHECK_FALSE(read_life(folder).has_value());
    CHECK(forget_life(folder).ok());
}

TEST_CASE("lock: a second one on the same folder is refused, naming the first process", "[edge][link]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path()};
    {
        const auto first = FolderLock::take(folder);
        REQUIRE(first.ok());
        const auto second = FolderLock::take(folder);
        REQUIRE_FALSE(second.ok());
        CHECK(second.error().code == Errc::busy);
        CHECK(second.error().slug == "folder_in_use");
        CHECK(second.error().context.find(std::to_string(::getpid())) != std::string::npos);
    }
    CHECK(FolderLock::take(folder).ok());
}

TEST_CASE("folder: made with 0700, and an existing one is taken as it is", "[edge][link]") {
    const test::TempDir temp;
    const NodeFolder folder{temp.path() / "a" / "node"};
    REQUIRE(make_folder(folder).ok());
    CHECK(mode_of(folder.root) == 0700);
    CHECK(make_folder(folder).ok());
    put(temp / "file", "x");
    CHECK_FALSE(make_folder(NodeFolder{temp / "file"}).ok());
}

TEST_CASE("files: a write that cannot be finished leaves the old content", "[edge][link]") {
    const test::TempDir temp;
    REQUIRE(write_file_durably(temp / "a", "old").ok());
    CHECK_FALSE(write_file_durably(temp.path() / "missing" / "a", "new").ok());
    CHECK(*read_small_file(temp / "a", 10) == "old");
    CHECK(read_small_file(temp / "a", 2).error().code == Errc::invalid_input);
    CHECK(read_small_file(temp / "b", 2).error().code == Errc::not_found);
    CHECK(read_small_file(temp.path(), 2).error().code == Errc::invalid_input);
}
