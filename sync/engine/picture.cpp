#include "sync/engine/picture.h"

#include "sync/model/row_values.h"

namespace vetchart::sync {
namespace {

template <class Map>
const typename Map::mapped_type& found_or_default(const Map& all, const typename Map::key_type& key) {
    static const typename Map::mapped_type kNone;
    const auto found = all.find(key);
    return found == all.end() ? kNone : found->second;
}

template <class Key, class Value>
void put_back(std::map<Key, Value>& all, std::map<Key, Value>& before) {
    for (auto& [key, value] : before) all[key] = std::move(value);
    before.clear();
}

}  // namespace

std::optional<UniqueValues> unique_values(const Table& table, std::size_t index, const Json& image) {
    const Unique& unique = table.uniques[index];
    if (unique.among_live && is_set(image, "deleted_at")) return std::nullopt;
    Json values = Json::array();
    for (const std::string_view column : {unique.first, unique.second}) {
        if (column.empty()) continue;
        const Json& value = value_in(image, column);
        if (value.is_null()) return std::nullopt;
        values.push_back(value);
    }
    return UniqueValues{std::string(table.name), index, values.dump()};
}

void Picture::index(const RowKey& key, const RowState& state, bool add) {
    if (state.is_deleted() && !state.delete_group.empty()) {
        std::set<RowKey>& group = groups_[state.delete_group];
        if (add) {
            group.insert(key);
        } else {
            group.erase(key);
        }
    }
    if (!state.is_live()) return;
    const Table* table = find_table(key.table);
    if (table == nullptr) return;
    for (std::size_t i = 0; i < table->uniques.size(); ++i) {
        const auto values = unique_values(*table, i, state.image);
        if (!values) continue;
        if (add) {
            holders_[*values].insert(key);
        } else if (const auto found = holders_.find(*values); found != holders_.end()) {
            found->second.erase(key);
        }
    }
    for (const Column& column : table->columns) {
        if (column.parent.empty() || column.name == table->clinic_column()) continue;
        const Json& value = value_in(state.image, column.name);
        if (!value.is_string()) continue;
        const RowKey parent{std::string(column.parent), value.get<std::string>()};
        if (add) {
            children_[parent].insert({key, &column});
        } else if (const auto found = children_.find(parent); found != children_.end()) {
            found->second.erase({key, &column});
        }
    }
}

void Picture::set(const RowKey& key, RowState state) {
    const auto [found, is_new] = rows_.try_emplace(key);
    if (is_new && key.table == "staff") staff_ids_.insert(key.id);
    if (!is_new) index(key, found->second, false);
    found->second = std::move(state);
    index(key, found->second, true);
}

void Picture::move(const RowKey& key, RowState state) {
    if (before_) {
        if (const auto found = rows_.find(key); found != rows_.end()) before_->rows.try_emplace(key, found->second);
    }
    set(key, std::move(state));
}

void Picture::move_column(const Cell& cell, ColumnTrace trace) {
    if (before_) before_->columns.try_emplace(cell, columns_[cell]);
    columns_[cell] = std::move(trace);
}

void Picture::move_staff(const std::string& staff_id, StaffTrace trace) {
    if (before_) before_->staff_traces.try_emplace(staff_id, staff_traces_[staff_id]);
    staff_traces_[staff_id] = std::move(trace);
}

void Picture::begin_journal() {
    before_.emplace();
    before_->blocked = blocked_;
}

void Picture::rewind() {
    for (auto& [key, state] : before_->rows) set(key, std::move(state));
    before_->rows.clear();
    put_back(columns_, before_->columns);
    put_back(staff_traces_, before_->staff_traces);
    blocked_ = before_->blocked;
}

const RowState& Picture::at(const RowKey& key, Reads* missing) const {
    if (missing != nullptr && !rows_.contains(key)) missing->rows.insert(key);
    return found_or_default(rows_, key);
}

std::set<RowKey> Picture::holders(const UniqueValues& values, Reads* missing) const {
    if (missing != nullptr && !holders_read_.contains(values)) missing->holders.insert(values);
    return found_or_default(holders_, values);
}

std::set<Naming> Picture::children(const RowKey& key, bool all, Reads* missing) const {
    const bool is_read = families_read_.contains(key) || (!all && children_read_.contains(key));
    if (missing != nullptr && !is_read) (all ? missing->families : missing->children).insert(key);
    return found_or_default(children_, key);
}

std::set<RowKey> Picture::group(const std::string& group, Reads* missing) const {
    if (group.empty()) return {};
    if (missing != nullptr && !groups_read_.contains(group)) missing->groups.insert(group);
    return found_or_default(groups_, group);
}

const ColumnTrace& Picture::column(const Cell& cell, Reads* missing) const {
    if (missing != nullptr && !columns_.contains(cell)) missing->traces.insert(cell);
    return found_or_default(columns_, cell);
}

bool Picture::is_time_zone(const std::string& name, Reads* missing) const {
    const auto found = time_zones_.find(name);
    if (found != time_zones_.end()) return found->second;
    if (missing != nullptr) missing->time_zones.insert(name);
    return true;
}

void Picture::block(const RowKey& key, const Hold& why, bool references) {
    Block& block = blocked_.try_emplace(key, Block{why, references}).first->second;
    block.references = block.references || references;
}

const Hold* Picture::blocked(const RowKey& key) const {
    const auto found = blocked_.find(key);
    return found == blocked_.end() ? nullptr : &found->second.why;
}

const Hold* Picture::blocked_as_parent(const RowKey& key) const {
    const auto found = blocked_.find(key);
    return found == blocked_.end() || !found->second.references ? nullptr : &found->second.why;
}

const StaffTrace& Picture::trace(const std::string& staff_id) const {
    return found_or_default(staff_traces_, staff_id);
}

std::set<std::string> Picture::staff(const std::string& clinic_id,
                                     const std::function<bool(const Json&)>& wanted) const {
    std::set<std::string> found;
    for (const std::string& id : staff_ids_) {
        const RowState& state = found_or_default(rows_, RowKey{"staff", id});
        if (state.is_live() && state.clinic_id == clinic_id && wanted(state.image)) found.insert(id);
    }
    return found;
}

}  // namespace vetchart::sync
