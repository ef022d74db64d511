#include "edge/api/guarded_server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>

#include "edge/api/guarded_stream.h"

namespace vetchart::edge {
namespace {

constexpr int kLookForStopMs = 100;

/// How many connections each address has. Thread-safe.
class AddressCount {
public:
    /// False: it has its share already.
    bool enter(const std::string& address, int most) {
        const std::lock_guard guard(lock_);
        int& count = counts_[address];
        if (count >= most) return false;
        ++count;
        return true;
    }
    void leave(const std::string& address) {
        const std::lock_guard guard(lock_);
        const auto found = counts_.find(address);
        if (found != counts_.end() && --found->second == 0) counts_.erase(found);
    }

private:
    std::mutex lock_;
    std::map<std::string, int> counts_;
};

bool is_this_computer(const std::string& address) {
    return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

/// Both servers: the library has its loop over a connection's requests twice, and so has nothing to derive from.
template <class Base>
class Guarded final : public Base {
public:
    template <class... Arguments>
    explicit Guarded(const ConnectionLimits& limits, Arguments... arguments) : Base(arguments...), limits_(limits) {}

private:
    bool process_and_close_socket(socket_t sock) override {
        bool done = false;
        {
            const std::string ip = peer_address(sock);
            const int most = is_this_computer(ip) ? 1 << 20 : limits_.per_address_max;
            if (counts_.enter(ip, most)) {
                ::fcntl(sock, F_SETFL, ::fcntl(sock, F_GETFL, 0) | O_NONBLOCK);
                done = serve(sock);
                counts_.leave(ip);
            }
        }
        ::shutdown(sock, SHUT_RDWR);
        ::close(sock);
        return done;
    }

    bool serve(socket_t sock) {
        SSL* ssl = nullptr;
        if constexpr (std::is_same_v<Base, httplib::SSLServer>) {
            ssl = SSL_new(this->ssl_context());
            if (ssl == nullptr) return false;
            SSL_set_fd(ssl, sock);
        }
        GuardedStream stream(sock, ssl, limits_);
        const bool done = stream.shake_hands() && serve_requests(stream, ssl);
        if (ssl != nullptr) {
            if (!stream.broken()) SSL_shutdown(ssl);
            SSL_free(ssl);
        }
        return done;
    }

    bool serve_requests(GuardedStream& stream, SSL* ssl) {
        for (std::size_t left = this->keep_alive_max_count_; left > 0 && wait_for_request(stream); --left) {
            stream.begin_request();
            bool closed = false;
            const bool done = this->process_request(stream, left == 1, closed,
                                                    [ssl](httplib::Request& request) { request.ssl = ssl; });
            if (!done || closed || stream.broken()) return done;
        }
        return true;
    }

    /// Wakes now and then to see whether the server stops.
    bool wait_for_request(GuardedStream& stream) {
        for (int waited = 0; waited < limits_.idle_ms; waited += kLookForStopMs) {
            if (this->svr_sock_ == INVALID_SOCKET) return false;
            if (stream.has_input(kLookForStopMs)) return true;
        }
        return false;
    }

    ConnectionLimits limits_;
    AddressCount counts_;
};

}  // namespace

std::unique_ptr<httplib::Server> make_guarded_server(const std::string& tls_cert, const std::string& tls_key,
                                                     const ConnectionLimits& limits) {
    if (tls_cert.empty() && tls_key.empty()) return std::make_unique<Guarded<httplib::Server>>(limits);
    return std::make_unique<Guarded<httplib::SSLServer>>(limits, tls_cert.c_str(), tls_key.c_str());
}

}  // namespace vetchart::edge
