#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/http.h"
#include "tests/e2e/process.h"
#include "tests/support/temp_dir.h"

namespace vetchart::e2e {

inline constexpr const char* kPassword = "correct horse";

/// An installed node: its folder outlives its process. Start and stop only from the test's own thread; requests may
/// come from any thread, also while it is started again (it keeps its port).
class Node {
public:
    Node(std::string name, std::filesystem::path folder);

    void start();
    int stop();   ///< SIGTERM; the exit status.
    void kill();  ///< SIGKILL.
    void log_in(const std::string& email);

    Reply get(const std::string& path, const Headers& headers = {}) const;
    Reply post(const std::string& path, const Json& body, const Headers& headers = {}) const;
    Reply put(const std::string& path, const Json& body, const Headers& headers = {}) const;
    Reply remove(const std::string& path) const;
    Reply raw(const std::string& method, const std::string& path, const Headers& headers,
              const std::string& body) const;

    /// The id of the new row; throws with the answer when it was refused.
    std::string create(const std::string& path, const Json& body) const;
    Json status() const { return get("/api/sync/status").json(); }
    /// Online, and nothing waits to be sent.
    bool is_all_sent() const;
    /// Rows as `sqlite3` prints them, read beside the daemon.
    std::string sql(const std::string& query) const;

    const std::string& name() const { return name_; }
    const std::string& url() const { return url_; }
    const std::filesystem::path& folder() const { return folder_; }
    std::string output() { return process_ ? process_->output() : ""; }
    Process& process() { return *process_; }

private:
    Headers with_token(Headers headers) const;

    std::string name_;
    std::filesystem::path folder_;
    std::string url_;
    std::string token_;
    std::unique_ptr<Process> process_;
};

/// Central over TLS on a PostgreSQL database of its own, with the clinics NORTH and SOUTH (each with an admin, a vet
/// and a staff member: admin@north.example ...), and nodes made by the real commands.
class Cluster {
public:
    Cluster();
    ~Cluster();  ///< Prints the programs' output when the test has failed.
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    void start_central();  ///< On the same port as before.
    int stop_central();
    void kill_central();
    Process& central_process() { return *central_; }
    [[nodiscard]] bool central_alive() { return central_ && central_->alive(); }
    [[nodiscard]] pid_t central_pid() const { return central_->pid(); }

    /// Enrols a node into the clinic, starts it, waits for its first load, and logs its admin in.
    Node& add_node(const std::string& name, const std::string& clinic);
    /// Enrols a node that reaches central at `url` (its own address when empty); not started yet.
    Node& enrol_node(const std::string& name, const std::string& clinic, const std::string& url = {});
    std::string invite(const std::string& clinic, const std::string& url = {});
    /// A command of vetchart-central; its standard output. Throws when it fails.
    std::string central(const std::string& arguments, const std::string& input = {});
    /// A command of vetchart-edge; the same.
    std::string edge(const std::string& arguments, const std::string& input = {});
    /// SQL at central, as psql prints it (unaligned, tuples only).
    std::string sql(const std::string& query);
    std::string clinic_id(const std::string& code);

    /// Waits until each node has sent all and is at central's position; false at the deadline.
    bool settle(const std::vector<Node*>& nodes, std::chrono::seconds patience = kPatience);
    /// Fails the test where a table of the clinic differs: every column between the nodes, ids and versions to central.
    void require_same_rows(const std::vector<Node*>& nodes, const std::string& clinic);

    const std::string& url() const { return url_; }
    const std::filesystem::path& folder() const { return folder_.path(); }
    std::string ca() const { return (folder_ / "ca.crt").string(); }
    const std::string& database() const { return database_; }

private:
    test::TempDir folder_;
    std::string database_;
    std::string url_;
    std::unique_ptr<Process> central_;
    std::vector<std::unique_ptr<Node>> nodes_;  ///< Ends before the folder does.
};

}  // namespace vetchart::e2e
