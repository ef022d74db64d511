#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace vetchart::test {

/// A tiny HTTP proxy on loopback that knows CONNECT alone.
class ConnectProxy {
public:
    /// `authorization` is what Proxy-Authorization has to be; empty: the proxy asks for none. `refusal` is a status
    /// that it answers instead of opening a way.
    explicit ConnectProxy(std::string authorization = {}, int refusal = 0);
    ~ConnectProxy();
    ConnectProxy(const ConnectProxy&) = delete;
    ConnectProxy& operator=(const ConnectProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::string url(const std::string& user = {}) const;
    /// The targets asked for, in order.
    [[nodiscard]] std::vector<std::string> asked() const;
    /// How many ways were opened.
    [[nodiscard]] int opened() const;
    /// Resets every open way.
    void cut();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vetchart::test
