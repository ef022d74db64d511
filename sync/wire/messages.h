#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/answer.h"
#include "sync/base/result.h"
#include "sync/model/change.h"

/// The messages of docs/sync-protocol.md as values, and their JSON. parse_* accept any bytes and answer
/// Errc::invalid_input with the slug the API shows; they never throw. All are pure and thread-safe.
namespace vetchart::sync {

inline constexpr std::size_t kBodyBytesMax = 8U << 20U;   ///< The largest body before compression, in either direction.
inline constexpr std::size_t kBatchBytesMax = 4U << 20U;  ///< Of the transactions of a push, or the rows of a page.
inline constexpr std::size_t kBatchTransactionsMax = 500;
inline constexpr int kPageRowsMax = 5000;
/// Of every body, either way: SHA-256 of it before compression, in hex.
inline constexpr const char* kBodyDigestHeader = "X-Body-SHA256";
/// A request for the rest of a cut answer has the answer's digest and how much of it (as sent, compressed) is there. An
/// answer, or a request's body, that is only the rest says where it begins.
inline constexpr const char* kResumeDigestHeader = "X-Resume-SHA256";
inline constexpr const char* kResumeOffsetHeader = "X-Resume-Offset";
inline constexpr const char* kBodyOffsetHeader = "X-Body-Offset";
inline constexpr int kJsonDepthMax = 64;

/// Central's commit counter of a clinic, and the random token written in the same transaction.
struct Position {
    std::int64_t version = 0;
    std::string token;
    bool operator==(const Position&) const = default;
};

/// Last key of a page: rows are ordered by (version, table, id).
struct PageKey {
    std::int64_t version = 0;
    std::string table;
    std::string id;
};

struct ScopedClinic {
    std::string id, code, name;
    std::string state = "active";  ///< active or closing
};

struct EnrollRequest {
    std::string token, node_name, node_code, incarnation, app_version;
    int schema_version = 0;
};
struct EnrollReply {
    std::string node_id, secret, server_time;
    std::vector<ScopedClinic> clinics;
    std::int64_t epoch = 0;
};

/// Five of A-Z and 0-9: what stands in front of a node's provisional numbers.
[[nodiscard]] bool is_node_code(std::string_view text);

struct NodeHealth {
    std::int64_t pending_changes = 0, pending_transactions = 0, highest_bill_number = 0;
    std::optional<std::string> oldest_pending_at;
    std::string sent_at;  ///< The node's own clock, uncorrected: central answers with its own.
};

/// One of several parts of a transaction over the batch bound.
struct Part {
    int index = 0;
    int count = 1;
};

struct PushRequest {
    std::string incarnation;
    std::string node_code;
    NodeHealth health;
    std::vector<Transaction> transactions;
    std::optional<Part> part;  ///< Set when `transactions` is one transaction's share.
};

/// Splits a push whose only transaction is over `bytes_max` into parts; any other push stays whole. The size of a
/// transaction is its canonical bytes'.
[[nodiscard]] std::vector<PushRequest> split_parts(PushRequest request, std::size_t bytes_max);

enum class Outcome { applied, merged, held };
[[nodiscard]] const char* to_string(Outcome outcome);
[[nodiscard]] std::optional<Outcome> parse_outcome(std::string_view text);

struct TransactionResult {
    std::int64_t first_seq = 0, last_seq = 0;
    Outcome outcome = Outcome::applied;
    std::map<std::string, std::int64_t> versions;  ///< Clinic id to the version it was accepted at.
    std::optional<std::string> code, reason, item_id;
};
struct PushReply {
    std::int64_t last_seq = 0;
    std::string server_time;
    bool staged = false;
    std::vector<TransactionResult> results;
};

struct PullRequest {
    std::string clinic;
    std::optional<Position> position;
    std::optional<PageKey> after;
    int limit = 2000;
    std::size_t bytes = kBatchBytesMax;  ///< About so much of rows, before compression; one row in any case.
    bool count = false;                  ///< Say how many rows the clinic's feed has.
};
struct FeedRow {
    std::string table, id;
    std::int64_t version = 0;
    Json image;  ///< Object of all columns but version; null: tombstone.
};
/// The same bytes whenever the same page is asked for, as long as its rows stand: a cut answer can be resumed.
struct PullReply {
    std::string clinic;
    std::vector<FeedRow> rows;
    bool more = false;
    std::optional<Position> position;       ///< Set when `more` is false.
    std::optional<std::int64_t> feed_rows;  ///< When asked for.
};

struct WaitRequest {
    std::map<std::string, std::int64_t> clinics;
    int timeout_ms = 25000;
};
struct WaitReply {
    std::vector<std::string> changed;
};

struct MeReply {
    std::string node_id, name, state, server_time;
    std::vector<ScopedClinic> clinics;
    std::int64_t epoch = 0;
};

/// GET /sync/v1/upload: how many bytes of a push's body, as sent, are there from calls that were cut.
[[nodiscard]] std::string upload_reply_json(std::size_t there);
[[nodiscard]] Result<std::size_t> parse_upload_reply(std::string_view text);

/// An error body, either way. `details` holds lastSeq, lastCommon where the message has them.
struct ErrorReply {
    std::string code, message;
    Json details;
};

/// JSON text to a value, refusing depth over kJsonDepthMax, invalid UTF-8, NUL in text and sizes over kBodyBytesMax.
[[nodiscard]] Result<Json> parse_json(std::string_view text);

[[nodiscard]] std::string to_json(const EnrollRequest& message);
[[nodiscard]] std::string to_json(const EnrollReply& message);
[[nodiscard]] std::string to_json(const PushRequest& message);
[[nodiscard]] std::string to_json(const PushReply& message);
[[nodiscard]] std::string to_json(const PullRequest& message);
[[nodiscard]] std::string to_json(const PullReply& message);
[[nodiscard]] std::string to_json(const WaitRequest& message);
[[nodiscard]] std::string to_json(const WaitReply& message);
[[nodiscard]] std::string to_json(const MeReply& message);
[[nodiscard]] std::string to_json(const ErrorReply& message);
/// The error body; its status goes beside it.
[[nodiscard]] std::string to_json(const Refusal& refusal);

[[nodiscard]] Result<EnrollRequest> parse_enroll_request(std::string_view text);
[[nodiscard]] Result<EnrollReply> parse_enroll_reply(std::string_view text);
[[nodiscard]] Result<PushRequest> parse_push_request(std::string_view text);
[[nodiscard]] Result<PushReply> parse_push_reply(std::string_view text);
[[nodiscard]] Result<PullRequest> parse_pull_request(std::string_view text);
[[nodiscard]] Result<PullReply> parse_pull_reply(std::string_view text);
[[nodiscard]] Result<WaitRequest> parse_wait_request(std::string_view text);
[[nodiscard]] Result<WaitReply> parse_wait_reply(std::string_view text);
[[nodiscard]] Result<MeReply> parse_me_reply(std::string_view text);
[[nodiscard]] Result<Refusal> parse_refusal(int status, std::string_view text);

/// What `node invite` prints and `enroll --token` takes: one string (docs/sync-protocol.md).
struct Invitation {
    std::string token, url;
    std::optional<std::string> ca_sha256;  ///< Of the CA certificate's DER, lower-case hex.
};
[[nodiscard]] std::string to_text(const Invitation& invitation);
[[nodiscard]] Result<Invitation> parse_invitation(std::string_view text);

}  // namespace vetchart::sync
