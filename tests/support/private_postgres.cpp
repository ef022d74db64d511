#include "tests/support/private_postgres.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace vetchart::test {
namespace {

const char* const kBin = "/usr/lib/postgresql/15/bin";

/// Runs PostgreSQL's programs as the package's own user when the tests run as root, which PostgreSQL refuses.
std::string as_server(const std::string& command) {
    return geteuid() == 0 ? "runuser -u postgres -- " + command : command;
}

std::string database_of(const std::string& url) {
    const auto at = url.find("dbname=");
    return url.substr(at + 7, url.find(' ', at) - at - 7);
}

}  // namespace

std::string run(const std::string& command) {
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run: " + command);
    std::string output;
    std::array<char, 4096> buffer{};
    std::size_t size = 0;
    while ((size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0) output.append(buffer.data(), size);
    const int status = pclose(pipe);
    if (status != 0) throw std::runtime_error("failed: " + command + "\n" + output);
    return output;
}

PrivatePostgres& PrivatePostgres::instance() {
    static PrivatePostgres server;
    return server;
}

PrivatePostgres::PrivatePostgres() : socket_dir_(folder_.path().string()) {
    const std::string data = socket_dir_ + "/data";
    if (geteuid() == 0) run("chown postgres: " + socket_dir_);
    run(as_server(std::string(kBin) + "/initdb -D " + data + " -U vet -A trust -E UTF8 --locale=C.UTF-8 -N"));
    run(as_server(std::string(kBin) + "/pg_ctl -D " + data + " -l " + socket_dir_ +
                  "/log -w -o \"-c listen_addresses='' "
                  "-c unix_socket_directories='" +
                  socket_dir_ + "' -c fsync=off -c max_connections=200\" start >/dev/null"));
}

PrivatePostgres::~PrivatePostgres() {
    try {
        run(as_server(std::string(kBin) + "/pg_ctl -D " + socket_dir_ + "/data -m immediate -w stop"));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
    }
}

void PrivatePostgres::create(const std::string& statement) {
    psql("host=" + socket_dir_ + " user=vet dbname=postgres", statement);
}

std::string PrivatePostgres::new_database() {
    const std::string name = "t" + std::to_string(getpid()) + "_" + std::to_string(++next_);
    create("CREATE DATABASE " + name);
    return "host=" + socket_dir_ + " user=vet dbname=" + name;
}

std::string PrivatePostgres::copy_database(const std::string& template_url) {
    const std::string name = "t" + std::to_string(getpid()) + "_" + std::to_string(++next_);
    create("CREATE DATABASE " + name + " TEMPLATE " + database_of(template_url));
    return "host=" + socket_dir_ + " user=vet dbname=" + name;
}

std::string PrivatePostgres::psql(const std::string& url, const std::string& sql) {
    const TempDir folder;
    const auto file = folder / "q.sql";
    std::ofstream(file) << sql;
    return run("psql -X -q -A -t -v ON_ERROR_STOP=1 -f " + file.string() + " '" + url + "'");
}

}  // namespace vetchart::test
