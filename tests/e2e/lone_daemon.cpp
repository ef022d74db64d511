#include "tests/e2e/lone_daemon.h"

#include <sstream>

#include "tests/e2e/http.h"
#include "tests/e2e/raw.h"
#include "tests/support/private_postgres.h"

namespace vetchart::e2e {
namespace {

const std::string kBin = VETCHART_BIN_DIR;

}  // namespace

std::unique_ptr<LoneDaemon> LoneDaemon::node(const std::vector<std::string>& more,
                                             const std::vector<std::string>& before) {
    auto daemon = std::make_unique<LoneDaemon>();
    // A shell that leaves its number and then becomes what it is told.
    std::vector<std::string> argv{"/bin/sh", "-c", R"(echo $$ >"$0"; exec "$@")", daemon->folder_ / "pid"};
    argv.insert(argv.end(), before.begin(), before.end());
    const std::string data = daemon->folder_ / "node";
    argv.insert(argv.end(), {kBin + "/vetchart-edge", "serve", "--data", data, "--listen", "127.0.0.1:0"});
    argv.insert(argv.end(), more.begin(), more.end());
    daemon->start(argv, {});
    return daemon;
}

std::unique_ptr<LoneDaemon> LoneDaemon::central(const std::vector<std::string>& more) {
    auto daemon = std::make_unique<LoneDaemon>();
    const std::string database = test::PrivatePostgres::instance().new_database();
    test::run("DATABASE_URL=\"" + database + "\" " + kBin + "/vetchart-central migrate 2>&1");
    std::vector<std::string> argv{kBin + "/vetchart-central", "serve", "--plain-http", "--listen", "127.0.0.1:0"};
    argv.insert(argv.end(), more.begin(), more.end());
    daemon->start(argv, {"DATABASE_URL=" + database});
    return daemon;
}

void LoneDaemon::start(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
    process_ = std::make_unique<Process>(argv, environment);
    url_ = process_->wait_listening();
    port_ = port_of(url_);
}

int LoneDaemon::answered() const {
    std::istringstream lines(send(url_, "GET", "/metrics").body);
    double count = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("http_request_duration_seconds_count")) count += std::stod(line.substr(line.rfind(' ')));
    }
    return static_cast<int>(count);
}

long LoneDaemon::status_kb(const std::string& name) const {
    return std::stol(
        test::run("sed -n 's/^" + name + ":[ \\t]*//p' /proc/$(cat " + (folder_ / "pid").string() + ")/status"));
}

}  // namespace vetchart::e2e
