#include "sync/engine/net_change.h"

namespace vetchart::sync {
namespace {

void keep_first_old(NetChange& net, const Change& change) {
    if (!change.old_values.is_object()) return;
    for (const auto& [column, value] : change.old_values.items()) {
        if (!net.old_values.contains(column)) net.old_values[column] = value;
    }
}

void merge(NetChange& net, const Change& change) {
    switch (change.op) {
        case Op::insert:
            // Deleted and inserted again in one transaction: the row goes on with other values.
            net.op = net.gone ? Op::insert : Op::update;
            net.gone = false;
            net.new_values = change.new_values;
            return;
        case Op::update:
            keep_first_old(net, change);
            for (const auto& [column, value] : change.new_values.items()) net.new_values[column] = value;
            return;
        case Op::remove:
            if (net.op == Op::insert) {
                net.gone = true;
                return;
            }
            keep_first_old(net, change);
            net.op = Op::remove;
            net.new_values = Json::object();
    }
}

NetChange begin(const Change& change) {
    NetChange net;
    net.key = {change.table, change.row_id};
    net.clinic_id = change.clinic_id;
    net.op = change.op;
    if (change.old_values.is_object()) net.old_values = change.old_values;
    if (change.new_values.is_object()) net.new_values = change.new_values;
    return net;
}

}  // namespace

const Json* NetChange::old_value(std::string_view column) const {
    const auto found = old_values.find(column);
    return found == old_values.end() ? nullptr : &*found;
}

bool NetChange::moves(std::string_view column) const {
    const auto value = new_values.find(column);
    if (value == new_values.end()) return false;
    const Json* old = old_value(column);
    return old == nullptr || *old != *value;
}

std::vector<NetChange> net_changes(const Transaction& transaction) {
    std::vector<NetChange> nets;
    std::map<RowKey, std::size_t> place;
    for (std::size_t i = 0; i < transaction.changes.size(); ++i) {
        const Change& change = transaction.changes[i];
        const auto [found, is_new] = place.try_emplace(RowKey{change.table, change.row_id}, nets.size());
        if (is_new) {
            nets.push_back(begin(change));
        } else {
            merge(nets[found->second], change);
        }
        nets[found->second].changes.push_back(i);
    }
    return nets;
}

}  // namespace vetchart::sync
