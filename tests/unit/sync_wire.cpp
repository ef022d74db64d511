#include <catch2/catch.hpp>
#include <ctime>

#include "sync/model/change_json.h"
#include "sync/wire/gzip.h"
#include "sync/wire/messages.h"
#include "sync/wire/push_scan.h"

using namespace vetchart;
using namespace vetchart::sync;

namespace {

const std::string kClinic = "018f0000-0000-7000-8000-000000000001";
const std::string kRow = "018f0000-0000-7000-8000-000000000002";
const std::string kLife = "018f0000-0000-4000-8000-000000000003";

Transaction one_insert(std::int64_t seq, std::size_t note_size = 1) {
    Change change;
    change.seq = seq;
    change.table = "owner";
    change.row_id = kRow;
    change.clinic_id = kClinic;
    change.op = Op::insert;
    change.new_values = {{"id", kRow},
                         {"clinic_id", kClinic},
                         {"first_name", "Zoë"},
                         {"notes", std::string(note_size, 'x')},
                         {"email", nullptr}};
    Transaction transaction;
    transaction.first_seq = transaction.last_seq = seq;
    transaction.actor = "00000000-0000-7000-8800-000000000001";
    transaction.at = "2026-11-22T08:30:00.123Z";
    transaction.schema_version = 1;
    transaction.changes = {change};
    transaction.digest = expected_digest(chain_seed(kLife), transaction);
    return transaction;
}

PushRequest push_of(std::vector<Transaction> transactions) {
    PushRequest request;
    request.incarnation = kLife;
    request.node_code = "AB3DE";
    request.health.sent_at = "2026-11-22T08:30:00.123Z";
    request.transactions = std::move(transactions);
    return request;
}

std::string code_of(const std::string& text) {
    const auto parsed = parse_push_request(text);
    return parsed ? "taken" : parsed.error().slug;
}

}  // namespace

TEST_CASE("wire: a push comes back from JSON as it was, and so does its digest", "[sync][wire]") {
    const PushRequest sent = push_of({one_insert(7)});
    const auto parsed = parse_push_request(to_json(sent));
    REQUIRE(parsed.ok());
    REQUIRE(to_json(*parsed) == to_json(sent));
    REQUIRE(expected_digest(chain_seed(kLife), parsed->transactions[0]) == sent.transactions[0].digest);
}

TEST_CASE("wire: the canonical form does not depend on the order of keys", "[sync][wire]") {
    const Transaction original = one_insert(1);
    Transaction turned = original;
    turned.changes[0].new_values =
        Json::parse("{\"notes\":\"x\",\"email\":null,\"first_name\":\"Zo\\u00eb\",\"clinic_id\":\"" + kClinic +
                    "\",\"id\":\"" + kRow + "\"}");
    REQUIRE(canonical_bytes(turned) == canonical_bytes(original));
}

TEST_CASE("wire: nobody's hand and an adopted row go over the wire, and into the digest", "[sync][wire]") {
    PushRequest push;
    push.incarnation = kLife;
    push.node_code = "ABCDE";
    push.health.sent_at = "2026-11-22T08:30:00.123Z";
    Transaction shell = one_insert(1);
    shell.actor.reset();
    shell.adopted = true;
    shell.digest = expected_digest(chain_seed(kLife), shell);
    push.transactions = {shell, one_insert(2)};
    const auto read = parse_push_request(to_json(push));
    REQUIRE(read.ok());
    REQUIRE_FALSE(read->transactions[0].actor.has_value());
    REQUIRE(read->transactions[0].adopted);
    REQUIRE(expected_digest(chain_seed(kLife), read->transactions[0]) == shell.digest);
    REQUIRE(read->transactions[1].actor == "00000000-0000-7000-8800-000000000001");
    REQUIRE_FALSE(read->transactions[1].adopted);
    // A log of before, whose transactions name e-mails: their digests still fit.
    Transaction old = one_insert(1);
    old.actor = "vet@clinic.example";
    REQUIRE(canonical_bytes(old).find("\"actor\":\"vet@clinic.example\",\"at\":") == 1);
}

TEST_CASE("wire: the digest changes with every part of a transaction", "[sync][wire]") {
    const Transaction original = one_insert(1);
    const Digest digest = expected_digest(chain_seed(kLife), original);
    const auto differs = [&](auto change) {
        Transaction other = original;
        change(other);
        return expected_digest(chain_seed(kLife), other) != digest;
    };
    REQUIRE(differs([](Transaction& t) { t.actor = "00000000-0000-7000-8800-000000000002"; }));
    REQUIRE(differs([](Transaction& t) { t.actor.reset(); }));
    REQUIRE(differs([](Transaction& t) { t.adopted = true; }));
    REQUIRE(differs([](Transaction& t) { t.at = "2026-11-22T08:30:00.124Z"; }));
    REQUIRE(differs([](Transaction& t) { t.schema_version = 2; }));
    REQUIRE(differs([](Transaction& t) { t.changes[0].row_version = 1; }));
    REQUIRE(differs([](Transaction& t) { t.changes[0].new_values["notes"] = "y"; }));
    REQUIRE(expected_digest(chain_seed(kClinic), original) != digest);
}

TEST_CASE("wire: what is not a push is malformed, whatever it is", "[sync][wire]") {
    const Json good = Json::parse(to_json(push_of({one_insert(1)})));
    const auto with = [&good](auto change) {
        Json bad = good;
        change(bad);
        return code_of(bad.dump());
    };
    REQUIRE(code_of(good.dump()) == "taken");
    for (const char* text : {"", "nonsense", "[]", "42", "{", "{\"incarnation\":1}", "\"\xff\xfe\""}) {
        INFO(text);
        REQUIRE(code_of(text) == "malformed");
    }
    REQUIRE(code_of(std::string(200000, '[')) == "malformed");
    REQUIRE(code_of(std::string(200000, '[') + std::string(200000, ']')) == "malformed");
    REQUIRE(code_of("{\"a\":\"\\u0000\"}") == "malformed");
    REQUIRE(code_of(std::string(kBodyBytesMax + 1, ' ')) == "too_large");
    REQUIRE(with([](Json& j) { j["transactions"][0]["changes"][0]["op"] = "drop"; }) == "malformed");
    REQUIRE(with([](Json& j) { j["transactions"][0]["changes"][0]["seq"] = 2; }) == "malformed");
    REQUIRE(with([](Json& j) { j["transactions"][0]["changes"][0]["new"]["notes"] = 1.5; }) == "malformed");
    REQUIRE(with([](Json& j) { j["transactions"][0]["changes"][0]["new"]["notes"] = Json::array(); }) == "malformed");
    REQUIRE(with([](Json& j) { j["transactions"][0]["changes"][0]["new"]["notes"] = 18446744073709551615U; }) ==
            "malformed");
    REQUIRE(with([](Json& j) { j["transactions"][0]["changes"][0]["old"] = Json::object(); }) == "malformed");
    REQUIRE(with([](Json& j) { j["transactions"][0]["changes"] = Json::array(); }) == "malformed");
    REQUIRE(with([](Json& j) { j["transactions"][0]["digest"] = "abc"; }) == "malformed");
    REQUIRE(with([](Json& j) { j["transactions"][0]["at"] = "yesterday"; }) == "malformed");
    REQUIRE(with([](Json& j) { j["transactions"][0]["firstSeq"] = -1; }) == "malformed");
    REQUIRE(with([](Json& j) { j["incarnation"] = "x"; }) == "malformed");
    REQUIRE(with([](Json& j) { j["health"].erase("sentAt"); }) == "malformed");
    REQUIRE(with([](Json& j) { j["transactions"].push_back(j["transactions"][0]); }) == "malformed");
}

TEST_CASE("wire: a body of many small objects is read in time that grows with its bytes alone", "[sync][wire]") {
    std::string text = "[{}";
    for (int i = 0; i < 200000; ++i) text += ",{}";
    const std::clock_t begun = std::clock();
    REQUIRE(parse_json(text + "]").ok());
    // Tens of milliseconds; half a minute when each object is compared with all before it.
    REQUIRE((std::clock() - begun) / CLOCKS_PER_SEC < 5);
}

TEST_CASE("wire: a transaction over the bound is cut into parts that join to the same", "[sync][wire]") {
    Transaction big = one_insert(1, 1000);
    for (int i = 2; i <= 50; ++i) {
        big.changes.push_back(big.changes.front());
        big.changes.back().seq = i;
    }
    big.last_seq = 50;
    big.digest = expected_digest(chain_seed(kLife), big);
    const auto parts = split_parts(push_of({big}), 10000);
    REQUIRE(parts.size() > 3);
    std::vector<Change> joined;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        REQUIRE(parts[i].part->index == static_cast<int>(i));
        REQUIRE(parts[i].part->count == static_cast<int>(parts.size()));
        const auto parsed = parse_push_request(to_json(parts[i]));
        REQUIRE(parsed.ok());
        joined.insert(joined.end(), parsed->transactions[0].changes.begin(), parsed->transactions[0].changes.end());
    }
    Transaction whole = big;
    whole.changes = joined;
    REQUIRE(expected_digest(chain_seed(kLife), whole) == big.digest);
    REQUIRE(split_parts(push_of({one_insert(1)}), 10000).size() == 1);
}

TEST_CASE("wire: pull, wait, enroll and me come back from JSON as they were", "[sync][wire]") {
    PullRequest pull;
    pull.clinic = kClinic;
    pull.position = Position{7, kRow};
    pull.after = PageKey{8, "owner", kRow};
    pull.bytes = 70000;
    pull.count = true;
    REQUIRE(to_json(*parse_pull_request(to_json(pull))) == to_json(pull));
    PullReply page;
    page.clinic = kClinic;
    page.feed_rows = 12;
    page.rows = {{"owner", kRow, 8, Json{{"id", kRow}}}, {"bill", kRow, 9, nullptr}};
    page.position = Position{9, kRow};
    REQUIRE(to_json(*parse_pull_reply(to_json(page))) == to_json(page));
    page.position.reset();
    REQUIRE_FALSE(parse_pull_reply(to_json(page)).ok());
    REQUIRE(*parse_upload_reply(upload_reply_json(17)) == 17);
    WaitRequest wait{{{kClinic, 4}}, 1000};
    REQUIRE(to_json(*parse_wait_request(to_json(wait))) == to_json(wait));
    REQUIRE_FALSE(parse_wait_request("{\"clinics\":{},\"timeoutMs\":99999999}").ok());
    EnrollReply enrolled{kRow, "secret", "2026-11-22T08:30:00.123Z", {{kClinic, "NORTH", "North", "active"}}, 3};
    REQUIRE(to_json(*parse_enroll_reply(to_json(enrolled))) == to_json(enrolled));
    const Invitation invitation{"token", "https://central.example:8443", std::string(64, 'a')};
    const auto read = parse_invitation(to_text(invitation));
    REQUIRE(read.ok());
    REQUIRE((read->token == "token" && read->url == invitation.url && read->ca_sha256 == invitation.ca_sha256));
    for (const char* text : {"", "%%%", "bm90IGpzb24", "e30"}) REQUIRE_FALSE(parse_invitation(text).ok());
}

TEST_CASE("wire: gzip comes back whole, and neither a bomb nor a cut stream gets through", "[sync][wire]") {
    const std::string text(1 << 20, 'a');
    const std::string packed = gzip(text);
    REQUIRE(packed.size() < 5000);
    REQUIRE(gunzip(packed, text.size()).value() == text);
    REQUIRE(gunzip(packed, text.size() - 1).error().slug == "too_large");
    REQUIRE(gunzip(packed.substr(0, packed.size() / 2), text.size()).error().slug == "malformed");
    REQUIRE(gunzip(packed.substr(0, packed.size() - 1), text.size()).error().slug == "malformed");
    REQUIRE(gunzip(packed + "x", text.size()).error().slug == "malformed");
    REQUIRE(gunzip("not gzip", 100).error().slug == "malformed");
    REQUIRE(gunzip("", 100).error().slug == "malformed");
    REQUIRE(gunzip(gzip(""), 100).value().empty());
}

TEST_CASE("wire: a push is counted before it is built: its clinics, its values, the last of its parts",
          "[sync][wire]") {
    auto request = push_of({one_insert(1)});
    const auto plain = scan_push(to_json(request));
    REQUIRE(plain.ok());
    CHECK(plain->clinics == std::set<std::string>{kClinic});
    CHECK(plain->value_count > 20);
    CHECK(plain->value_count < 40);
    CHECK_FALSE(plain->is_last_part);
    request.part = Part{0, 3};
    CHECK_FALSE(scan_push(to_json(request))->is_last_part);
    request.part = Part{2, 3};
    CHECK(scan_push(to_json(request))->is_last_part);
    // However the name is written, it is the same name.
    CHECK(scan_push("{\"clinic\\u0049d\":\"" + kClinic + "\"}")->clinics.size() == 1);
    CHECK(scan_push("[" + std::string(1000, '1') + "]").error().slug == "malformed");
    CHECK(scan_push("[[[]").error().slug == "malformed");
    CHECK(scan_push(std::string(100000, '[')).error().slug == "malformed");
    CHECK(scan_push("").error().slug == "malformed");
    CHECK(scan_push("[1,2,[3]]")->value_count == 5);
}
