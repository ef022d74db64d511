#include <algorithm>

#include "sync/engine/bill_rules.h"
#include "sync/engine/draft.h"
#include "sync/engine/links.h"

namespace vetchart::sync {
namespace {

constexpr const char* kEdited = "edited";
constexpr const char* kNamed = "named";

bool is_a_persons(const Column& column) { return column.writer == Writer::person || column.writer == Writer::action; }

/// The deletes of a transaction, as far as they would change something.
class Deletes {
public:
    explicit Deletes(Draft& draft) : draft_(draft) {
        for (NetChange& net : draft.nets) {
            if (net.op != Op::remove || !draft.is_open(net) || !draft.at(net.key).is_live()) continue;
            nets_.push_back(&net);
            place_[net.key] = nets_.size() - 1;
        }
    }

    void refuse() {
        for (std::size_t i = 0; i < nets_.size(); ++i) {
            const char* why = cause(*nets_[i]);
            if (why != nullptr) refuse(i, why);
        }
        while (!refused_.empty() && spread()) {
        }
        for (const auto& [i, why] : refused_) leave_links(nets_[i]->key);
        make_conflicts();
    }

private:
    /// Why this delete by itself may not be; nullptr: it may.
    [[nodiscard]] const char* cause(const NetChange& net) const {
        if (draft_.refused.contains(net.key)) return kNamed;
        const RowState& state = draft_.at(net.key);
        const Table& table = table_of(net.key.table);
        for (const Column& column : table.columns) {
            const Json* seen = net.old_value(column.name);
            if (seen == nullptr || !is_a_persons(column)) continue;
            const Json& theirs = value_in(state.image, column.name);
            if (*seen != theirs && !is_same_reference(draft_, column, *seen, theirs)) return kEdited;
        }
        if (net.key.table == "bill") {
            if (is_issued(state)) return kEdited;
            const auto digest = digest_seen(draft_.transaction, net.key.id);
            if (digest && *digest != digest_of(bill_group_at_central(draft_, net.key.id))) return kEdited;
        }
        if (draft_.picture.named_in_archive(net.key)) return kNamed;
        for (const Naming& child : draft_.picture.children(net.key, false, draft_.missing)) {
            if (!is_binding(*child.column) && child.column->printed.empty()) continue;
            if (place_.contains(child.row)) continue;
            // A child that the transaction turns away is judged once that is decided (cut_links).
            const NetChange* turned = draft_.net_of(child.row);
            if (turned == nullptr || !turned->moves(child.column->name)) return kNamed;
        }
        return nullptr;
    }

    void refuse(std::size_t i, const char* why) {
        if (refused_.emplace(i, why).second) draft_.drop(*nets_[i]);
    }

    /// A row that is kept keeps what it names; and what hangs on it, which went for its sake. True: there was more.
    bool spread() {
        const std::size_t before = refused_.size();
        for (std::size_t i = 0; i < nets_.size(); ++i) {
            const Table& table = table_of(nets_[i]->key.table);
            const Json& image = draft_.at(nets_[i]->key).image;
            for (const Column& column : table.columns) {
                if (!is_reference(table, column)) continue;
                const auto parent = named_by(column, image);
                const auto found = parent ? place_.find(*parent) : place_.end();
                if (found == place_.end()) continue;
                link(i, found->second);
                if (refused_.contains(found->second)) refuse(i, nullptr);
                if (refused_.contains(i) && is_binding(column)) refuse(found->second, nullptr);
            }
        }
        return refused_.size() > before;
    }

    /// Links that the transaction cut for the sake of a delete stay.
    void leave_links(const RowKey& kept) {
        for (NetChange& net : draft_.nets) {
            if (net.op != Op::update || !draft_.is_open(net)) continue;
            const Table& table = table_of(net.key.table);
            for (const Column& column : table.columns) {
                if (column.on_delete != OnDelete::set_null || !is_reference(table, column)) continue;
                if (!net.moves(column.name) || !value_in(net.new_values, column.name).is_null()) continue;
                if (named_by(column, net.old_values) == kept) net.drop(column.name);
            }
        }
    }

    void link(std::size_t a, std::size_t b) { root_[root(a)] = root(b); }
    std::size_t root(std::size_t i) {
        while (root_.contains(i) && root_[i] != i) i = root_[i];
        return i;
    }

    /// One for each refused delete with all that hangs on it: about its topmost row.
    void make_conflicts() {
        std::map<std::size_t, std::vector<std::size_t>> sets;
        for (const auto& [i, why] : refused_) sets[root(i)].push_back(i);
        for (auto& [ignored, set] : sets) {
            const std::size_t top = *std::min_element(set.begin(), set.end(), [&](std::size_t a, std::size_t b) {
                return *table_index(nets_[a]->key.table) < *table_index(nets_[b]->key.table);
            });
            const NetChange& net = *nets_[top];
            Conflict conflict{net.key,
                              net.clinic_id,
                              kConflictDelete,
                              "",
                              nullptr,
                              draft_.at(net.key).image,
                              net.old_values,
                              true,
                              {},
                              {},
                              {}};
            for (const std::size_t i : set) {
                conflict.changes.insert(conflict.changes.end(), nets_[i]->changes.begin(), nets_[i]->changes.end());
                if (refused_[i] != nullptr && conflict.reason.empty()) conflict.reason = refused_[i];
            }
            std::sort(conflict.changes.begin(), conflict.changes.end());
            draft_.decision.conflicts.push_back(std::move(conflict));
        }
    }

    Draft& draft_;
    std::vector<NetChange*> nets_;
    std::map<RowKey, std::size_t> place_;
    std::map<std::size_t, const char*> refused_;  ///< And why; nullptr: for another's sake.
    std::map<std::size_t, std::size_t> root_;
};

}  // namespace

void set_aside_refused_deletes(Draft& draft) { Deletes(draft).refuse(); }

void cut_links(Draft& draft, std::set<RowKey>& refused) {
    for (std::size_t i = 0; i < draft.decision.writes.size(); ++i) {
        if (draft.decision.writes[i].kind != RowWrite::Kind::remove) continue;
        const RowKey gone = draft.decision.writes[i].key;
        for (const Naming& child : draft.picture.children(gone, false, draft.missing)) {
            const Json* image = draft.now(child.row);
            if (image == nullptr || named_by(*child.column, *image) != gone) continue;
            if (is_binding(*child.column) || !child.column->printed.empty()) {
                refused.insert(gone);
                continue;
            }
            const std::string column(child.column->name);
            RowWrite& write = draft.write_of(child.row);
            write.image[column] = nullptr;
            write.columns.insert(column);
            if (!draft.touches(child.row)) {
                draft.note(child.row, write.clinic_id, kNoticeLinkLost, nullptr, nullptr, {{column, gone.id}});
            }
        }
    }
}

}  // namespace vetchart::sync
