#include "tests/exchange/world.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "central/intake/enroll.h"
#include "central/intake/node_auth.h"
#include "central/intake/pull.h"
#include "central/store/clinics.h"
#include "central/store/migrate.h"
#include "central/store/nodes.h"
#include "edge/store/file/row_sql.h"
#include "edge/store/people/accounts.h"
#include "sync/base/uuid.h"
#include "sync/model/tables.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {
namespace {

std::string quoted(const std::string& text) { return "'" + text + "'"; }

/// A database with central's schema, copied for each test: made once a process.
const std::string& template_database() {
    static const std::string url = [] {
        auto& server = PrivatePostgres::instance();
        std::string made = server.new_database();
        central::MigrateOptions options;
        options.url = made;
        if (const auto migrated = central::migrate(options); !migrated)
            throw std::runtime_error(migrated.error().context);
        return made;
    }();
    return url;
}

}  // namespace

UtcMillis now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string new_id() { return new_row_id(now()); }

CentralWorld::CentralWorld() : CentralWorld(PrivatePostgres::instance().copy_database(template_database())) {}

CentralWorld::CentralWorld(std::string url) : url_(std::move(url)) {
    central::PoolOptions options;
    options.url = url_;
    pool_ = std::make_unique<central::Pool>(options);
}

std::string CentralWorld::clinic(const std::string& code) {
    central::NewClinic clinic;
    clinic.code = code;
    clinic.name = "Clinic " + code;
    auto id = central::add_clinic(*pool_, "test", clinic, now());
    if (!id) throw std::runtime_error(id.error().context);
    return id.value();
}

std::string CentralWorld::psql(const std::string& sql) {
    std::string text = PrivatePostgres::instance().psql(url_, sql);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

NodeWorld::NodeWorld(CentralWorld& central, const std::string& clinic_code, const std::string& name,
                     Beginning beginning)
    : central_(central), name_(name) {
    auto opened = edge::Database::open(folder_ / "vetchart.db");
    if (!opened) throw std::runtime_error(opened.error().context);
    database_ = std::move(opened).value();
    store_ = std::make_unique<edge::SyncStore>(*database_);
    REQUIRE(store_->new_incarnation(edge::draw_node_code()).ok());
    if (beginning == Beginning::alone) {
        edge::FirstAdmin admin;
        admin.email = "ada@clinic.example";
        admin.password = "a long password";
        const auto clinic = edge::create_first_admin(*database_, admin, now());
        REQUIRE(clinic.ok());
        clinic_id_ = *clinic;
        return;
    }
    enroll(clinic_code);
    pull();
}

void NodeWorld::enroll(const std::string& clinic_code) {
    auto invite = central::create_invite(central_.pool(), "test", {clinic_code}, std::chrono::hours(1), now());
    REQUIRE(invite.ok());
    const auto status = store_->status();
    REQUIRE(status.ok());
    sync::EnrollRequest request;
    request.token = invite->token;
    request.node_name = name_;
    request.node_code = (*status).node_code;
    request.incarnation = (*status).incarnation;
    request.app_version = "test";
    request.schema_version = edge::edge_schema_version();
    auto outcome = central::enroll(central_.pool(), request, now());
    REQUIRE(outcome.ok());
    REQUIRE(outcome->reply.has_value());
    REQUIRE(store_->enrolled(*outcome->reply, name_, "https://central.invalid", now()).ok());
    identity_ = {outcome->reply->node_id, outcome->reply->clinics};
    clinic_id_ = outcome->reply->clinics.front().id;
}

void NodeWorld::join(CentralWorld& central, const std::string& clinic_code) {
    const std::string clinic = central.psql("SELECT id FROM clinic WHERE code = '" + clinic_code + "'");
    REQUIRE(store_->adopt_into(clinic).ok());
    enroll(clinic_code);
}

Status NodeWorld::write(const std::string& sql, const std::string& actor) {
    return database_->write({{clinic_id_, actor}}, [&sql](edge::Connection& connection) -> Status {
        connection.exec(sql.c_str());
        return Done{};
    });
}

void NodeWorld::shell(const std::string& sql) {
    const auto script = folder_ / "shell.sql";
    std::ofstream(script, std::ios::binary) << sql;
    const std::string command =
        "sqlite3 -batch -bail '" + database_->file().string() + "' < '" + script.string() + "' > /dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("the shell refused: " + sql);
}

std::string NodeWorld::read(const std::string& sql) {
    std::string text;
    const Status status = database_->snapshot([&](edge::Connection& connection) -> Status {
        SQLite::Statement query(connection.raw(), sql);
        if (query.executeStep()) text = query.getColumn(0).isNull() ? "NULL" : query.getColumn(0).getString();
        return Done{};
    });
    if (!status) throw std::runtime_error(status.error().context);
    return text;
}

std::string NodeWorld::file_bytes() {
    std::string all;
    for (const char* suffix : {"", "-wal"}) {
        std::ifstream file(database_->file().string() + suffix, std::ios::binary);
        all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
}

sync::PushRequest NodeWorld::next_push() {
    const auto sealed = store_->seal();
    REQUIRE(sealed.ok());
    auto request = store_->next_push(sync::kBatchBytesMax, sync::kBatchTransactionsMax);
    REQUIRE(request.ok());
    request->health.sent_at = format_utc(now());
    return std::move(request).value();
}

central::PushOutcome NodeWorld::deliver(const sync::PushRequest& request) {
    const std::string wire = sync::to_json(request);
    REQUIRE(wire.size() <= sync::kBodyBytesMax);
    auto parsed = sync::parse_push_request(wire);
    if (!parsed) throw std::runtime_error(parsed.error().context);
    auto outcome = central::take_push(central_.pool(), identity_, parsed.value(), now());
    if (!outcome) throw std::runtime_error(outcome.error().context);
    if (outcome->reply) {
        auto reply = sync::parse_push_reply(sync::to_json(*outcome->reply));
        REQUIRE(reply.ok());
        outcome->reply = std::move(reply).value();
    }
    return std::move(outcome).value();
}

void NodeWorld::acknowledge(const sync::PushRequest& request, const sync::PushReply& reply) {
    const Status status = store_->acknowledge(request.incarnation, reply, now());
    if (!status) throw std::runtime_error(status.error().context);
}

std::vector<sync::TransactionResult> NodeWorld::push() {
    std::vector<sync::TransactionResult> results;
    for (int round = 0; round < 1000; ++round) {
        sync::PushRequest request = next_push();
        if (request.transactions.empty()) return results;
        for (const sync::PushRequest& part : sync::split_parts(request, sync::kBatchBytesMax)) {
            const central::PushOutcome outcome = deliver(part);
            INFO((outcome.refusal ? outcome.refusal->code + " " + outcome.refusal->message : ""));
            REQUIRE(outcome.reply.has_value());
            acknowledge(request, *outcome.reply);
            results.insert(results.end(), outcome.reply->results.begin(), outcome.reply->results.end());
        }
    }
    FAIL("the push never ends");
    return results;
}

void NodeWorld::pull(int limit) {
    const auto cursors = store_->cursors();
    REQUIRE(cursors.ok());
    for (const edge::ClinicCursor& cursor : cursors.value()) {
        sync::PullRequest request;
        request.clinic = cursor.clinic_id;
        request.position = cursor.position;
        request.after = cursor.after;
        request.limit = limit;
        for (bool more = true; more;) {
            auto parsed = sync::parse_pull_request(sync::to_json(request));
            REQUIRE(parsed.ok());
            auto answer = central::pull(central_.pool(), identity_, parsed.value());
            REQUIRE(answer.ok());
            REQUIRE_FALSE(answer->refusal.has_value());
            auto page = sync::parse_pull_reply(answer->body);
            REQUIRE(page.ok());
            const Status taken = store_->take_page(page.value(), now());
            if (!taken) throw std::runtime_error("apply: " + taken.error().context);
            more = page->more;
            if (more)
                request.after = sync::PageKey{page->rows.back().version, page->rows.back().table, page->rows.back().id};
        }
    }
    REQUIRE(central::note_contact(central_.pool(), identity_.node_id, true).ok());
}

std::string picture_of(NodeWorld& node, bool without_unsettled) {
    std::string all;
    const Status status = node.database().snapshot([&](edge::Connection& connection) -> Status {
        for (const std::string_view table : sync::kTables) {
            const std::string name(table);
            const std::string image = edge::image_expression(connection, table, "t");
            const std::string id = edge::row_id_expression(table, "t");
            std::string rows = "SELECT " + id + " AS id, " + image + " AS image FROM " + name + " t";
            if (without_unsettled) {
                const std::string bases = "FROM sync_base WHERE table_name = '" + name + "'";
                rows += " WHERE " + id + " NOT IN (SELECT row_id " + bases + ") UNION ALL SELECT row_id, image " +
                        bases + " AND image IS NOT NULL";
            }
            SQLite::Statement query(connection.raw(), "SELECT image FROM (" + rows + ") ORDER BY id");
            while (query.executeStep()) {
                all += name + " " + sync::Json::parse(query.getColumn(0).getString()).dump() + "\n";
            }
        }
        return Done{};
    });
    REQUIRE(status.ok());
    return all;
}

std::string picture_of(CentralWorld& central, const std::string& clinic_id) {
    std::string all;
    for (const std::string_view name : sync::kTables) {
        const std::string table(name);
        const std::string id =
            table == "bill_medical_record" ? "t.bill_id::text || '/' || t.medical_record_id::text" : "t.id::text";
        const std::string clinic = table == "clinic" ? "t.id" : "t.clinic_id";
        const std::string text =
            central.psql("SELECT feed_image(t) || jsonb_build_object('version', t.version) FROM " + table +
                         " t WHERE " + clinic + " = '" + clinic_id + "' ORDER BY (" + id + ") COLLATE \"C\"");
        std::size_t at = 0;
        while (at < text.size()) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            all += table + " " + sync::Json::parse(text.substr(at, end - at)).dump() + "\n";
            at = end + 1;
        }
    }
    return all;
}

std::string owner_sql(const std::string& clinic, const std::string& id, const std::string& first,
                      const std::string& email) {
    return "INSERT INTO owner (id, clinic_id, first_name, last_name, email) VALUES (" + quoted(id) + ", " +
           quoted(clinic) + ", " + quoted(first) + ", 'Test', " + (email.empty() ? "NULL" : quoted(email)) + ");";
}

std::string patient_sql(const std::string& clinic, const std::string& id, const std::string& owner) {
    return "INSERT INTO patient (id, clinic_id, owner_id, name, species, gender, weight_unit, status) VALUES (" +
           quoted(id) + ", " + quoted(clinic) + ", " + quoted(owner) + ", 'Rex', 'Dog', 'male', 'kg', 'active');";
}

std::string record_sql(const std::string& clinic, const std::string& id, const std::string& patient) {
    return "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, symptoms, diagnosis, "
           "treatment, "
           "veterinarian) VALUES (" +
           quoted(id) + ", " + quoted(clinic) + ", " + quoted(patient) +
           ", '2026-11-22', 'treatment', '', '', '', 'Dr Test');";
}

std::string bill_sql(const std::string& clinic, const std::string& id, const std::string& owner,
                     const std::string& patient, const std::string& provisional) {
    return "INSERT INTO bill (id, clinic_id, owner_id, patient_id, provisional_number, subtotal_cents, tax_cents, "
           "total_cents, "
           "status, bill_date, due_date) VALUES (" +
           quoted(id) + ", " + quoted(clinic) + ", " + quoted(owner) + ", " + quoted(patient) + ", " +
           quoted(provisional) + ", 1000, 80, 1080, 'draft', '2026-11-22', '2026-12-22');";
}

std::string item_sql(const std::string& clinic, const std::string& id, const std::string& bill, int position) {
    return "INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, unit_price_cents, "
           "total_price_cents) VALUES (" +
           quoted(id) + ", " + quoted(clinic) + ", " + quoted(bill) + ", " + std::to_string(position) +
           ", 'Exam', 1000, 500, 500);";
}

std::string link_sql(const std::string& clinic, const std::string& bill, const std::string& record) {
    return "INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) VALUES (" + quoted(clinic) + ", " +
           quoted(bill) + ", " + quoted(record) + ");";
}

}  // namespace vetchart::test
