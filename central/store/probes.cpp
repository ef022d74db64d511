#include "central/store/probes.h"

#include <pqxx/pqxx>

namespace vetchart::central {
namespace {

constexpr const char* kWrite = R"(
WITH made AS (INSERT INTO db_probes (payload) SELECT repeat('x', $2) FROM generate_series(1, $1) RETURNING id)
SELECT jsonb_build_object('count', count(*), 'payloadSize', $2::integer, 'firstId', min(id), 'lastId', max(id))
FROM made)";
constexpr const char* kScan = R"(
SELECT jsonb_build_object('count', count(*), 'rows', coalesce(jsonb_agg(jsonb_build_object('id', p.id,
       'payloadSize', length(p.payload),
       'createdAt', to_char(p.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY p.created_at DESC, p.id DESC),
       '[]'))
FROM (SELECT id, payload, created_at FROM db_probes ORDER BY created_at DESC LIMIT $1) p)";

}  // namespace

Result<std::string> write_probes(Pool& pool, int count, int size) {
    std::string json;
    VC_TRY(pool.transact("test-write", [&](pqxx::work& transaction) -> Status {
        json = transaction.exec_params(kWrite, count, size)[0][0].c_str();
        return Done{};
    }));
    return json;
}

Result<std::string> scan_probes(Pool& pool, int limit) {
    std::string json;
    VC_TRY(pool.read("test-scan", [&](pqxx::dbtransaction& transaction) -> Status {
        json = transaction.exec_params(kScan, limit)[0][0].c_str();
        return Done{};
    }));
    return json;
}

}  // namespace vetchart::central
