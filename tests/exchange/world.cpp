#include "tests/exchange/world.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "central/store/clinics.h"
#include "central/store/migrate.h"
#include "central/store/nodes.h"
#include "edge/link/enroll.h"
#include "edge/store/file/row_sql.h"
#include "edge/store/people/accounts.h"
#include "sync/base/uuid.h"
#include "sync/catalogue/catalogue.h"
#include "tests/support/chance.h"
#include "tests/support/private_postgres.h"

namespace vetchart::test {
namespace {

Instant monotonic() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now());
}

/// What a step of the exchange brought; throws when it failed.
template <class T>
T done(const char* step, Result<T> result) {
    if (!result) throw std::runtime_error(std::string(step) + ": " + result.error().context);
    return std::move(result).value();
}

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

std::string new_id() { return new_row_id(test::chance(), now()); }

CentralWorld::CentralWorld() : CentralWorld(PrivatePostgres::instance().copy_database(template_database())) {}

CentralWorld::CentralWorld(std::string url) : url_(std::move(url)) {
    central::PoolOptions options;
    options.url = url_;
    pool_ = std::make_unique<central::Pool>(options, test::chance());
    api_ = std::make_unique<central::CentralApi>(central::ApiParts{*pool_, hub_, gate_, metrics_, now, {}});
}

std::string CentralWorld::clinic(const std::string& code) {
    central::NewClinic clinic;
    clinic.code = code;
    clinic.name = "Clinic " + code;
    auto id = central::add_clinic(*pool_, "test", clinic, now());
    if (!id) throw std::runtime_error(id.error().context);
    return id.value();
}

int CentralWorld::signs() {
    const std::string name = "vetchart_signs_total{kind=\"highest_number\"} ";
    const std::string text = metrics_.text({});
    const auto at = text.find(name);
    return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + name.size());
}

std::string CentralWorld::psql(const std::string& sql) {
    std::string text = PrivatePostgres::instance().psql(url_, sql);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

NodeWorld::NodeWorld(CentralWorld& central, const std::string& clinic_code, const std::string& name,
                     Beginning beginning)
    : central_(central), name_(name) {
    auto opened = edge::Database::open(folder_ / "vetchart.db", test::chance());
    if (!opened) throw std::runtime_error(opened.error().context);
    database_ = std::move(opened).value();
    store_ = std::make_unique<edge::SyncStore>(*database_);
    REQUIRE(store_->lives.new_incarnation(edge::draw_node_code(test::chance())).ok());
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

void NodeWorld::enroll(const std::string& clinic_code, const std::string& into) {
    auto invite = central::create_invite(central_.pool(), "test", {clinic_code}, std::chrono::hours(1), now());
    REQUIRE(invite.ok());
    const edge::NodeFolder folder{folder_.path()};
    edge::EnrollOrder order;
    order.token = sync::to_text(sync::Invitation{invite->token, "https://central.invalid", std::nullopt});
    order.node_name = name_;
    order.into = into;
    const auto open_line = [this](const edge::LineOptions&) { return std::make_unique<Line>(central_.api()); };
    const auto enrolled = edge::enroll_node(folder, *database_, *store_, order, open_line, now);
    if (!enrolled) throw std::runtime_error("enroll: " + enrolled.error().context);
    clinic_id_ = enrolled->clinics.front().id;
    const auto options = edge::client_options(folder, *store_, {}, {});
    REQUIRE(options.ok());
    line_ = open_line(options->line);
    client_ = std::make_unique<edge::CentralClient>(*line_, *options);
    exchange_ = std::make_unique<edge::Exchange>(
        *store_, *client_, edge::ExchangeHooks{now, &monotonic, chance(), [] { return Status(Done{}); }});
}

void NodeWorld::join(const std::string& clinic_code) { enroll(clinic_code, clinic_code); }

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
    const auto sealed = store_->log.seal();
    REQUIRE(sealed.ok());
    auto request = store_->log.next_push(sync::kBatchBytesMax, sync::kBatchTransactionsMax);
    REQUIRE(request.ok());
    request->health.sent_at = format_utc(now());
    return std::move(request).value();
}

Answer<sync::PushReply> NodeWorld::deliver(const sync::PushRequest& request) {
    auto answer = client_->push(request);
    if (!answer) return Refusal{503, answer.error().slug, answer.error().context};
    return std::move(answer).value();
}

std::vector<sync::TransactionResult> NodeWorld::push() {
    line_->results.clear();
    for (bool more = true; more;) more = done("push", exchange_->push()).more;
    return line_->results;
}

void NodeWorld::push_without_answer() {
    bool asked = false;
    line_->fate = [&asked](const edge::LineRequest& request) {
        asked = asked || request.path == "/sync/v1/push";
        return Line::Fate{.answer_bytes = request.path == "/sync/v1/push" ? 0 : SIZE_MAX};
    };
    const auto pushed = exchange_->push();
    line_->fate = nullptr;
    REQUIRE(pushed.ok() != asked);
}

void NodeWorld::pull(int limit) {
    const auto cursors = store_->inbox.cursors();
    REQUIRE(cursors.ok());
    line_->page_rows_max = limit;
    for (const edge::ClinicCursor& cursor : cursors.value()) {
        while (done("pull", exchange_->pull(cursor.clinic_id))) {
        }
    }
    line_->page_rows_max = 0;
}

void NodeWorld::ask_scope() { done("scope", exchange_->scope()); }

std::string picture_of(NodeWorld& node, bool without_unsettled) {
    std::string all;
    const Status status = node.database().snapshot([&](edge::Connection& connection) -> Status {
        for (const sync::Table& table : sync::tables()) {
            const std::string name(table.name);
            const std::string image = edge::image_expression(name, "t");
            const std::string id = edge::row_id_expression(name, "t");
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
    for (const sync::Table& known : sync::tables()) {
        const std::string table(known.name);
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
