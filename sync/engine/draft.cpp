#include "sync/engine/draft.h"

#include <utility>

#include "sync/base/result.h"

namespace vetchart::sync {

std::optional<RowKey> named_by(const Column& column, const Json& image) {
    const Json& value = value_in(image, column.name);
    if (!value.is_string()) return std::nullopt;
    return RowKey{std::string(column.parent), value.get<std::string>()};
}

bool is_binding(const Column& column) { return column.on_delete == OnDelete::refuse && column.printed.empty(); }

bool is_reference(const Table& table, const Column& column) {
    return !column.parent.empty() && column.name != table.clinic_column();
}

Draft::Draft(const Transaction& decided, const Picture& known, Reads* lacking, const std::set<RowKey>& refused_before)
    : transaction(decided), picture(known), missing(lacking), refused(refused_before), nets(net_changes(decided)) {
    for (std::size_t i = 0; i < nets.size(); ++i) place_[nets[i].key] = i;
}

const Json* Draft::now(const RowKey& key) const {
    if (const auto found = written_.find(key); found != written_.end()) {
        const RowWrite& write = decision.writes[found->second];
        return write.kind == RowWrite::Kind::remove ? nullptr : &write.image;
    }
    const RowState& state = at(key);
    return state.is_live() ? &state.image : nullptr;
}

const NetChange* Draft::net_of(const RowKey& key) const {
    const auto found = place_.find(key);
    if (found == place_.end() || !is_open(nets[found->second])) return nullptr;
    return &nets[found->second];
}

NetChange* Draft::net_of(const RowKey& key) { return const_cast<NetChange*>(std::as_const(*this).net_of(key)); }

RowWrite* Draft::find_write(const RowKey& key) {
    const auto found = written_.find(key);
    return found == written_.end() ? nullptr : &decision.writes[found->second];
}

RowWrite& Draft::add(RowWrite write) {
    VC_ASSERT(!written_.contains(write.key));
    written_[write.key] = decision.writes.size();
    decision.writes.push_back(std::move(write));
    return decision.writes.back();
}

RowWrite& Draft::write_of(const RowKey& key) {
    if (RowWrite* write = find_write(key)) return *write;
    const RowState& state = at(key);
    VC_ASSERT(state.is_live());
    return add({key, state.clinic_id, RowWrite::Kind::update, state.image, {}});
}

void Draft::note(const RowKey& key, const std::string& clinic_id, const char* code, Json mine, Json theirs, Json base) {
    if (!noted_.emplace(key, code).second) return;
    Notice notice{key, clinic_id, code, {}, {}, std::move(mine), std::move(theirs), std::move(base), {}};
    decision.notices.push_back(std::move(notice));
}

}  // namespace vetchart::sync
