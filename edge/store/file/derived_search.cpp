#include "edge/store/file/derived_search.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "edge/store/file/bind.h"
#include "edge/store/file/search_words.h"

namespace vetchart::edge {
namespace {

// The same index over the same documents, in the temporary schema; its tables are then filled with the bytes of the
// real one's.
constexpr const char* kCopyIndex = R"(
CREATE TEMP VIEW proof_text (doc, words) AS SELECT doc, words FROM main.search_doc WHERE words <> '';
CREATE VIRTUAL TABLE temp.proof_index USING fts5(words, content = 'proof_text', content_rowid = 'doc',
    tokenize = 'ascii', prefix = '1 2 3');
DELETE FROM temp.proof_index_data;
INSERT INTO temp.proof_index_data SELECT * FROM main.search_index_data;
DELETE FROM temp.proof_index_idx;
INSERT INTO temp.proof_index_idx SELECT * FROM main.search_index_idx;
DELETE FROM temp.proof_index_docsize;
INSERT INTO temp.proof_index_docsize SELECT * FROM main.search_index_docsize)";
constexpr const char* kProve = "INSERT INTO temp.proof_index (proof_index, rank) VALUES ('integrity-check', 1)";
constexpr const char* kDropCopy = "DROP TABLE IF EXISTS temp.proof_index; DROP VIEW IF EXISTS temp.proof_text";

constexpr const char* kWalked = R"(
SELECT CASE WHEN walk_kind IS NULL THEN 3 WHEN walk_kind = 'owner' THEN 0 WHEN walk_kind = 'patient' THEN 1 ELSE 2 END,
       walk_id FROM search_state)";
constexpr const char* kState = "SELECT count(*) FROM search_state";

// Rows that should have a document by now (?1 ?2: how far the walk is), and what stands in it.
constexpr const char* kRows = R"(
SELECT s.kind, s.row_id, s.names, s.email, s.phone, s.code, d.words,
       d.clinic_id IS s.clinic_id AND d.gone IS s.gone, m.doc IS NOT NULL, d.doc IS NULL
FROM search_source s LEFT JOIN search_doc d ON d.kind = s.kind AND d.row_id = s.row_id
     LEFT JOIN search_mark m ON m.doc = d.doc)";
constexpr const char* kOrphans = R"(
SELECT d.kind, d.row_id FROM search_doc d
WHERE NOT EXISTS (SELECT 1 FROM owner o WHERE d.kind = 'owner' AND o.id = d.row_id)
  AND NOT EXISTS (SELECT 1 FROM patient p WHERE d.kind = 'patient' AND p.id = d.row_id)
  AND NOT EXISTS (SELECT 1 FROM bill b WHERE d.kind = 'bill' AND b.id = d.row_id))";

int place_of(const std::string& kind) { return kind == "owner" ? 0 : kind == "patient" ? 1 : 2; }

/// Why the document of a row of kRows is wrong; empty: it is right.
std::string fault_of_row(SQLite::Statement& row, int walked_kind, const std::string& walked_id, bool same_fold) {
    const std::string kind = row.getColumn(0).getString();
    const std::string id = row.getColumn(1).getString();
    const std::string name = "the document of " + kind + " " + id;
    const bool is_due = place_of(kind) < walked_kind || (place_of(kind) == walked_kind && id <= walked_id);
    if (row.getColumn(9).getInt() != 0) return is_due ? name + " is missing" : std::string();
    if (row.getColumn(7).getInt() == 0) return name + " has another clinic or state";
    if (row.getColumn(8).getInt() != 0 || !same_fold) return {};
    const SearchSource source{row.getColumn(2).getString(), row.getColumn(3).getString(), row.getColumn(4).getString(),
                              row.getColumn(5).getString()};
    if (row.getColumn(6).getString() == document_words(source)) return {};
    return is_due ? name + " has other words" : std::string();
}

}  // namespace

std::optional<std::string> fault_of_index(Connection& connection) {
    try {
        connection.exec(kCopyIndex);
        connection.exec(kProve);
        connection.exec(kDropCopy);
        return std::nullopt;
    } catch (const SQLite::Exception& e) {
        const int code = extended_code_of(e);
        // A full disk or a damaged file says nothing about the index.
        if (code != SQLITE_CORRUPT_VTAB && (code & 0xff) != SQLITE_ERROR && (code & 0xff) != SQLITE_CONSTRAINT) throw;
        return "search_index is not what its documents make";
    }
}

std::vector<std::string> faults_of_documents(Connection& connection, std::size_t faults_max) {
    std::vector<std::string> faults;
    SQLite::Statement count(connection.raw(), kState);
    if (!count.executeStep() || count.getColumn(0).getInt() != 1) return {"search_state has lost its row"};
    SQLite::Statement walked(connection.raw(), kWalked);
    walked.executeStep();
    const int walked_kind = walked.getColumn(0).getInt();
    const std::string walked_id = walked.getColumn(1).getString();
    SQLite::Statement fold(connection.raw(), "SELECT fold FROM search_state");
    fold.executeStep();
    const bool same_fold = fold.getColumn(0).getString() == fold_version();
    SQLite::Statement rows(connection.raw(), kRows);
    while (faults.size() < faults_max && rows.executeStep()) {
        std::string fault = fault_of_row(rows, walked_kind, walked_id, same_fold);
        if (!fault.empty()) faults.push_back(std::move(fault));
    }
    SQLite::Statement orphans(connection.raw(), kOrphans);
    while (faults.size() < faults_max && orphans.executeStep()) {
        faults.push_back("there is a document, but no " + orphans.getColumn(0).getString() + " " +
                         orphans.getColumn(1).getString());
    }
    return faults;
}

void clear_way_for_search(Connection& connection) {
    const char* has_index = "SELECT count(*) FROM sqlite_schema WHERE name = 'search_index' AND sql LIKE '%fts5%'";
    if (connection.raw().execAndGet(has_index).getInt() == 0) {
        // The index's name is free or something else has it, so what is left of its tables belongs to nothing.
        connection.exec(
            "DROP TABLE IF EXISTS search_index_data; DROP TABLE IF EXISTS search_index_idx;"
            "DROP TABLE IF EXISTS search_index_docsize; DROP TABLE IF EXISTS search_index_config");
        return;
    }
    // What FTS5 asks for when it opens a table, also one that is to be dropped.
    connection.exec(
        "CREATE TABLE IF NOT EXISTS search_index_data (id INTEGER PRIMARY KEY, block BLOB);"
        "INSERT INTO search_index_data (id, block) VALUES (1, x''), (10, x'00000000000000')"  // of an empty index
        " ON CONFLICT (id) DO UPDATE SET block = excluded.block;"
        "CREATE TABLE IF NOT EXISTS search_index_idx (segid, term, pgno, PRIMARY KEY (segid, term)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS search_index_docsize (id INTEGER PRIMARY KEY, sz BLOB);"
        "CREATE TABLE IF NOT EXISTS search_index_config (k PRIMARY KEY, v) WITHOUT ROWID;"
        "INSERT INTO search_index_config (k, v) VALUES ('version', 4) ON CONFLICT (k) DO UPDATE SET v = 4");
}

}  // namespace vetchart::edge
