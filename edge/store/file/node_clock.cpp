#include "edge/store/file/node_clock.h"

#include <sqlite3.h>

#include <string>
#include <type_traits>

#include "sync/base/result.h"

namespace vetchart::edge {
namespace {

std::string new_name() {
    static std::atomic<int> count{0};
    return "vetchart-clock-" + std::to_string(++count);
}

}  // namespace

/// A copy of the default VFS, whose functions go on finding their data in it. SQLite hands back the pointer to `base`.
struct NodeClock::Vfs {
    sqlite3_vfs base;
    sqlite3_vfs* system = nullptr;
    std::string name = new_name();
    std::atomic<std::int64_t> offset_ms{0};

    static int current_time(sqlite3_vfs* self, sqlite3_int64* julian_ms) {
        const auto* mine = reinterpret_cast<const Vfs*>(self);
        const int code = mine->system->xCurrentTimeInt64(mine->system, julian_ms);
        *julian_ms += mine->offset_ms.load(std::memory_order_relaxed);
        return code;
    }
};

NodeClock::NodeClock() : vfs_(std::make_unique<Vfs>()) {
    static_assert(std::is_standard_layout_v<sqlite3_vfs>);
    vfs_->system = sqlite3_vfs_find(nullptr);
    VC_ASSERT(vfs_->system != nullptr && vfs_->system->iVersion >= 2);
    vfs_->base = *vfs_->system;
    vfs_->base.pNext = nullptr;
    vfs_->base.zName = vfs_->name.c_str();
    vfs_->base.xCurrentTimeInt64 = &Vfs::current_time;
    VC_ASSERT(sqlite3_vfs_register(&vfs_->base, 0) == SQLITE_OK);
}

NodeClock::~NodeClock() { sqlite3_vfs_unregister(&vfs_->base); }

const char* NodeClock::vfs() const { return vfs_->name.c_str(); }

void NodeClock::set_offset(std::chrono::milliseconds offset) { vfs_->offset_ms = offset.count(); }

std::chrono::milliseconds NodeClock::offset() const { return std::chrono::milliseconds(vfs_->offset_ms.load()); }

}  // namespace vetchart::edge
