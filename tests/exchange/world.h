#pragma once

#include <memory>
#include <string>
#include <vector>

#include "central/api/central_api.h"
#include "central/store/pool.h"
#include "edge/link/exchange.h"
#include "edge/store/file/database.h"
#include "edge/store/log/sync_store.h"
#include "tests/exchange/line.h"
#include "tests/support/temp_dir.h"

namespace vetchart::test {

/// Central on a fresh PostgreSQL database: all of it but the server.
class CentralWorld {
public:
    CentralWorld();
    /// Central on a database that is there and migrated already.
    explicit CentralWorld(std::string url);
    /// Makes a clinic; returns its id.
    std::string clinic(const std::string& code);
    std::string psql(const std::string& sql);
    central::Pool& pool() { return *pool_; }
    central::CentralApi& api() { return *api_; }
    /// How often a node told what cannot be.
    int signs();

private:
    std::string url_;
    std::unique_ptr<central::Pool> pool_;
    central::FeedHub hub_;
    central::PushGate gate_{16};
    central::Metrics metrics_;
    std::unique_ptr<central::CentralApi> api_;
};

/// A staff id that central does not know: a hand for what anybody may write.
inline constexpr const char* kSomebody = "00000000-0000-7000-8800-000000000001";

enum class Beginning { enrolled, alone };

/// A node: a real SQLite file, enrolled at `central`, or with a clinic and an admin (ada@clinic.example) of its own. It
/// exchanges by edge::Exchange, over a line whose faults a test chooses.
class NodeWorld {
public:
    NodeWorld(CentralWorld& central, const std::string& clinic_code, const std::string& name,
              Beginning beginning = Beginning::enrolled);

    /// A node that worked alone enrols: its rows move into the clinic.
    void join(const std::string& clinic_code);

    /// Writes by the hand of the staff id `actor` in one captured transaction.
    Status write(const std::string& sql, const std::string& actor = kSomebody);
    /// Writes with the sqlite3 shell, beside the open database.
    void shell(const std::string& sql);
    /// The first column of the first row, "" when there is none, NULL as "NULL".
    std::string read(const std::string& sql);

    /// The database's file and its WAL, as they are on the disk.
    std::string file_bytes();

    /// Seals and takes the next push, as it goes over the wire.
    sync::PushRequest next_push();
    /// Says that push to central, whatever the node has: an answer of 5xx is a refusal of 503 here.
    Answer<sync::PushReply> deliver(const sync::PushRequest& request);
    /// Push until nothing is left; throws when a step fails. Returns what central decided.
    std::vector<sync::TransactionResult> push();
    /// Central takes a batch, if there is one, and its answer never arrives.
    void push_without_answer();
    /// Pull until central has no more, in pages of `limit`.
    void pull(int limit = 2000);
    /// Asks for the node's clinics.
    void ask_scope();
    void sync() {
        push();
        pull();
    }

    [[nodiscard]] const std::string& clinic_id() const { return clinic_id_; }
    edge::SyncStore& store() { return *store_; }
    edge::Database& database() { return *database_; }
    Line& line() { return *line_; }
    edge::Exchange& exchange() { return *exchange_; }

private:
    void enroll(const std::string& clinic_code, const std::string& into = {});

    CentralWorld& central_;
    std::string name_;
    TempDir folder_;
    std::unique_ptr<edge::Database> database_;
    std::unique_ptr<edge::SyncStore> store_;
    std::unique_ptr<Line> line_;  ///< This and the next two: of an enrolled node.
    std::unique_ptr<edge::CentralClient> client_;
    std::unique_ptr<edge::Exchange> exchange_;
    std::string clinic_id_;
};

/// All rows of the ten tables (version included), one JSON text a line: equal on every node and at central when
/// they agree. `without_unsettled`: as if the node's own unsettled work were not there, by its base images.
std::string picture_of(NodeWorld& node, bool without_unsettled = false);
std::string picture_of(CentralWorld& central, const std::string& clinic_id);

std::string new_id();
UtcMillis now();

/// SQL that makes rows with ids of the caller's choice.
std::string owner_sql(const std::string& clinic, const std::string& id, const std::string& first,
                      const std::string& email = "");
std::string patient_sql(const std::string& clinic, const std::string& id, const std::string& owner);
std::string record_sql(const std::string& clinic, const std::string& id, const std::string& patient);
std::string bill_sql(const std::string& clinic, const std::string& id, const std::string& owner,
                     const std::string& patient, const std::string& provisional);
std::string item_sql(const std::string& clinic, const std::string& id, const std::string& bill, int position);
std::string link_sql(const std::string& clinic, const std::string& bill, const std::string& record);

}  // namespace vetchart::test
