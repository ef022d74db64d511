#include "tests/e2e/cluster.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>

#include "sync/catalogue/catalogue.h"
#include "tests/support/private_postgres.h"

namespace vetchart::e2e {
namespace {

const std::string kCentral = std::string(VETCHART_BIN_DIR) + "/vetchart-central";
const std::string kEdge = std::string(VETCHART_BIN_DIR) + "/vetchart-edge";

std::string trim_end(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
}

/// Runs a program with its standard error kept apart, so that log lines are not taken for its answer.
std::string run_program(const std::filesystem::path& folder, const std::string& command, const std::string& input) {
    const auto in = folder / "stdin";
    const auto errors = folder / "stderr";
    std::ofstream(in) << input;
    try {
        return trim_end(test::run("( " + command + " <" + in.string() + " 2>" + errors.string() + " )"));
    } catch (const std::exception& e) {
        std::ifstream file(errors);
        throw std::runtime_error(e.what() + std::string(std::istreambuf_iterator<char>(file), {}));
    }
}

void make_certificates(const std::filesystem::path& folder) {
    const std::string key = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
    const std::string at = "cd " + folder.string() + " && ";
    std::ofstream(folder / "srv.ext") << "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n";
    test::run(at + "openssl req -x509" + key + "-days 30 -keyout ca.key -out ca.crt -subj '/CN=Test CA' " +
              "-addext keyUsage=critical,keyCertSign");
    test::run(at + "openssl req" + key + "-keyout srv.key -out srv.csr -subj /CN=srv");
    test::run(at + "openssl x509 -req -in srv.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 " +
              "-extfile srv.ext -out srv.crt");
}

void add_staff(Cluster& cluster, const std::string& clinic, const std::string& domain) {
    const std::string add = "staff add --clinic " + clinic + " --first Test --last Person --email ";
    const std::string password = std::string(kPassword) + "\n";
    cluster.central(add + "admin@" + domain + " --role admin", password);
    cluster.central(add + "vet@" + domain + " --role veterinarian", password);
    cluster.central(add + "staff@" + domain + " --role staff", password);
}

}  // namespace

Node::Node(std::string name, std::filesystem::path folder) : name_(std::move(name)), folder_(std::move(folder)) {}

void Node::start() {
    const std::string address = url_.empty() ? "127.0.0.1:0" : url_.substr(std::string("http://").size());
    process_ = std::make_unique<Process>(
        std::vector<std::string>{kEdge, "serve", "--data", folder_.string(), "--listen", address});
    const auto url = process_->wait_listening();
    if (url_.empty()) url_ = url;
}

int Node::stop() { return process_->terminate(); }

void Node::kill() { process_->kill(); }

void Node::log_in(const std::string& email) {
    const auto reply =
        send(url_, "POST", "/api/auth/login", {}, Json{{"username", email}, {"password", kPassword}}.dump());
    if (reply.status != 200) throw std::runtime_error("login: " + std::to_string(reply.status) + " " + reply.body);
    token_ = reply.json().at("token");
}

Headers Node::with_token(Headers headers) const {
    if (!token_.empty()) headers.emplace("Authorization", "Bearer " + token_);
    return headers;
}

Reply Node::get(const std::string& path, const Headers& headers) const {
    return send(url_, "GET", path, with_token(headers));
}
Reply Node::post(const std::string& path, const Json& body, const Headers& headers) const {
    return send(url_, "POST", path, with_token(headers), body.dump());
}
Reply Node::put(const std::string& path, const Json& body, const Headers& headers) const {
    return send(url_, "PUT", path, with_token(headers), body.dump());
}
Reply Node::remove(const std::string& path) const { return send(url_, "DELETE", path, with_token({})); }
Reply Node::raw(const std::string& method, const std::string& path, const Headers& headers,
                const std::string& body) const {
    return send(url_, method, path, with_token(headers), body);
}

std::string Node::create(const std::string& path, const Json& body) const {
    const auto reply = post(path, body);
    if (reply.status != 201) throw std::runtime_error(path + ": " + std::to_string(reply.status) + " " + reply.body);
    return reply.json().at("id");
}

bool Node::is_all_sent() const {
    const auto s = status();
    return s.is_object() && s.value("online", false) && s.value("pendingChanges", -1) == 0 &&
           s.value("pendingTransactions", -1) == 0;
}

std::string Node::sql(const std::string& query) const {
    const test::TempDir folder;
    std::ofstream(folder / "q.sql") << query << ";\n";
    return trim_end(test::run("sqlite3 -batch -readonly '" + (folder_ / "vetchart.db").string() + "' <" +
                              (folder / "q.sql").string()));
}

Cluster::Cluster() {
    // Filled once per program with the real commands, then copied: migrations and password hashes cost seconds.
    static std::string filled;
    auto& server = test::PrivatePostgres::instance();
    if (filled.empty()) {
        database_ = server.new_database();
        central("migrate");
        central("clinic add --code NORTH --name 'North Clinic' --timezone America/New_York");
        central("clinic add --code SOUTH --name 'South Clinic' --timezone America/Chicago");
        add_staff(*this, "NORTH", "north.example");
        add_staff(*this, "SOUTH", "south.example");
        filled = database_;
    }
    database_ = server.copy_database(filled);
    make_certificates(folder_.path());
    start_central();
}

Cluster::~Cluster() {
    if (Catch::getResultCapture().lastAssertionPassed() && std::uncaught_exceptions() == 0) return;
    std::fprintf(stderr, "--- central\n%s", central_ ? central_->output().c_str() : "");
    for (const auto& node : nodes_)
        std::fprintf(stderr, "--- node %s\n%s", node->name().c_str(), node->output().c_str());
}

void Cluster::start_central() {
    const std::string address = url_.empty() ? "127.0.0.1:0" : url_.substr(std::string("https://").size());
    central_ =
        std::make_unique<Process>(std::vector<std::string>{kCentral, "serve", "--listen", address, "--tls-cert",
                                                           folder_ / "srv.crt", "--tls-key", folder_ / "srv.key"},
                                  std::vector<std::string>{"DATABASE_URL=" + database_});
    url_ = central_->wait_listening();
}

int Cluster::stop_central() { return central_->terminate(); }

void Cluster::kill_central() { central_->kill(); }

std::string Cluster::central(const std::string& arguments, const std::string& input) {
    return run_program(folder_.path(), "DATABASE_URL='" + database_ + "' " + kCentral + " " + arguments, input);
}

std::string Cluster::edge(const std::string& arguments, const std::string& input) {
    return run_program(folder_.path(), kEdge + " " + arguments, input);
}

std::string Cluster::sql(const std::string& query) {
    return trim_end(test::PrivatePostgres::instance().psql(database_, query));
}

std::string Cluster::clinic_id(const std::string& code) {
    return sql("SELECT id FROM clinic WHERE code = '" + code + "'");
}

std::string Cluster::invite(const std::string& clinic, const std::string& url) {
    const std::string at = url.empty() ? url_ : url;
    const auto output = central("node invite --clinic " + clinic + " --url " + at + " --ca " + ca());
    return output.substr(output.find_last_of('\n') + 1);
}

Node& Cluster::enrol_node(const std::string& name, const std::string& clinic, const std::string& url) {
    const auto folder = folder_ / name;
    edge("enroll --data " + folder.string() + " --token " + invite(clinic, url) + " --ca " + ca() + " --name " + name);
    nodes_.push_back(std::make_unique<Node>(name, folder));
    return *nodes_.back();
}

Node& Cluster::add_node(const std::string& name, const std::string& clinic) {
    Node& node = enrol_node(name, clinic);
    node.start();
    const std::string email = clinic == "NORTH" ? "admin@north.example" : "admin@south.example";
    const bool loaded =
        eventually([&] { return node.sql("SELECT count(*) FROM staff WHERE email = '" + email + "'") == "1"; });
    if (!loaded) throw std::runtime_error("no first load:\n" + node.output());
    node.log_in(email);
    return node;
}

bool Cluster::settle(const std::vector<Node*>& nodes, std::chrono::seconds patience) {
    const auto settled = [&](const Node& node) {
        if (!node.is_all_sent()) return false;
        // Every clinic of the node at central's counter: what the others sent has arrived too.
        const auto here = node.sql("SELECT clinic_id || '=' || version FROM sync_cursor ORDER BY clinic_id");
        const auto clinics = node.sql("SELECT group_concat('''' || clinic_id || '''') FROM sync_cursor");
        return here == sql("SELECT clinic_id || '=' || version FROM sync_counter WHERE clinic_id::text IN (" + clinics +
                           ") ORDER BY clinic_id");
    };
    return eventually(
        [&] {
            for (const Node* node : nodes) {
                if (!settled(*node)) return false;
            }
            return true;
        },
        patience);
}

void Cluster::require_same_rows(const std::vector<Node*>& nodes, const std::string& clinic) {
    for (const sync::Table& known : sync::tables()) {
        const std::string table(known.name);
        INFO("table " << table);
        const std::string key = table == "bill_medical_record" ? "bill_id || '/' || medical_record_id" : "id";
        const std::string owner = table == "clinic" ? "id" : "clinic_id";
        const auto rows = nodes.front()->sql("SELECT * FROM " + table + " ORDER BY " + key);
        for (const Node* node : nodes) {
            INFO("node " << node->name());
            REQUIRE(node->sql("SELECT * FROM " + table + " ORDER BY " + key) == rows);
        }
        const std::string keys = "SELECT " + key + " || ' ' || version FROM " + table;
        REQUIRE(nodes.front()->sql(keys + " ORDER BY 1") ==
                sql(keys + " WHERE " + owner + " = '" + clinic_id(clinic) + "' ORDER BY (" + key +
                    " || ' ' || version) COLLATE \"C\""));
    }
}

}  // namespace vetchart::e2e
