#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "edge/store/file/json_row.h"
#include "edge/store/rows/charts.h"

namespace vetchart::edge {

/// The rows of a chart statement as JSON text. Its columns are two sort keys and the row's id, then the pairs of
/// row_of() (charts_sql.h). A bill's items and records are read for kBillsAtOnce bills together, so a list of any
/// length costs two statements more each kBillsAtOnce rows, and holds no more than these in memory.
class ChartRows {
public:
    ChartRows(Connection& connection, ChartTable table, std::string_view sql);

    /// The statement; bind it before the first next(), and reset it after the last.
    [[nodiscard]] SQLite::Statement& statement() { return row_.statement(); }
    /// Goes on to the next row; false when there is none.
    [[nodiscard]] bool next();
    /// The keys of the row that next() went to.
    [[nodiscard]] const std::string& json() const { return ready_.front().json; }
    [[nodiscard]] const ListKey& key() const { return ready_.front().key; }

private:
    static constexpr std::size_t kBillsAtOnce = 64;
    struct Ready {
        ListKey key;
        std::string json;
    };
    bool read_one();
    void add_bill_parts();

    Connection& connection_;
    JsonRow row_;
    bool bills_;
    bool ended_ = false;
    std::deque<Ready> ready_;
};

}  // namespace vetchart::edge
