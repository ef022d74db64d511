#include "host/tcp_counts.h"

// This is the kernel's own header, which alone has the byte counts; netinet/tcp.h does not go beside it.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace vetchart::host {

TcpCounts tcp_counts(int socket) {
    tcp_info info{};
    socklen_t size = sizeof(info);
    if (socket < 0 || ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
    TcpCounts counts;
    counts.sent = info.tcpi_bytes_acked;
    counts.received = info.tcpi_bytes_received;
    counts.unacknowledged = info.tcpi_unacked > 0 || info.tcpi_notsent_bytes > 0;
    return counts;
}

}  // namespace vetchart::host
