#pragma once

#include <httplib.h>

#include <cstddef>
#include <string>

#include "edge/api/guarded_stream.h"

namespace vetchart::edge {

/// A request as the library gets to read it: a head of ours and the whole body, both in memory. It cannot read past
/// their end into the next request, nor leave a rest of them in the connection. What it writes goes to the peer.
class ReplayStream final : public httplib::Stream {
public:
    /// `connection` and `body` must outlive it.
    ReplayStream(GuardedStream& connection, std::string head, const std::string& body)
        : connection_(connection), head_(std::move(head)), body_(body) {}

    /// True: a byte of an answer was sent.
    [[nodiscard]] bool has_answered() const { return has_answered_; }

    [[nodiscard]] bool is_readable() const override { return at_ < head_.size() + body_.size(); }
    [[nodiscard]] bool is_writable() const override { return connection_.is_writable(); }
    ssize_t read(char* to, std::size_t size) override;
    ssize_t write(const char* from, std::size_t size) override;
    void get_remote_ip_and_port(std::string& ip, int& port) const override {
        peer_address(connection_.socket(), ip, port);
    }
    void get_local_ip_and_port(std::string& ip, int& port) const override {
        own_address(connection_.socket(), ip, port);
    }
    [[nodiscard]] socket_t socket() const override { return connection_.socket(); }

private:
    GuardedStream& connection_;
    std::string head_;
    const std::string& body_;
    std::size_t at_ = 0;
    bool has_answered_ = false;
};

}  // namespace vetchart::edge
