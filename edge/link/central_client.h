#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "edge/link/transport.h"
#include "sync/base/answer.h"
#include "sync/base/result.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {

/// Who this node is to central. Kept in DIR/node.key, never in the database, never in a backup or a log.
struct Credentials {
    std::string node_id;
    std::string secret;
};

struct CentralClientOptions {
    LineOptions line;
    std::optional<Credentials> credentials;  ///< Absent while enrolling.
    int schema_version = 0;
};

/// What a node says to central (docs/sync-protocol.md), over a line. What arrived before a cut, here of an answer or
/// at central of a request, is not sent again: the same call, repeated, goes on from there. A call blocks. Not
/// thread-safe.
///
/// Errors of every call: `unavailable` when no trustworthy answer came - the line's own failures, an answer that is not
/// central's (slugs of link_failure.h), a body without its digest or with another (slug `line_cut`), an answer of 429
/// or 5xx (slug of its body). All may be repeated: a push is known by its digests, and an enrolment whose answer was
/// lost needs a new invitation.
class CentralClient {
public:
    /// `line` must outlive this.
    CentralClient(Transport& line, CentralClientOptions options);

    [[nodiscard]] Result<Answer<sync::EnrollReply>> enroll(const sync::EnrollRequest& request);
    [[nodiscard]] Result<Answer<sync::MeReply>> me();
    [[nodiscard]] Result<Answer<sync::PushReply>> push(const sync::PushRequest& request);
    [[nodiscard]] Result<Answer<sync::PullReply>> pull(const sync::PullRequest& request);
    /// The long poll: returns when central has news or the request's timeout passed.
    [[nodiscard]] Result<Answer<sync::WaitReply>> wait(const sync::WaitRequest& request);

    /// The last call failed, but either side has more of it than before: the same call goes on from there.
    [[nodiscard]] bool moved() const { return moved_; }

private:
    /// A request on its way: its body as it is sent, and what names it when it is repeated.
    struct Outgoing {
        const char* method = "POST";
        std::string path;
        std::string name;
        std::string digest, encoding, bytes;
        std::size_t there = 0;  ///< Of `bytes`, what central has from a call that was cut.
        std::chrono::milliseconds hold{};
    };
    /// An answer that was cut: what of it arrived, and the name of its request.
    struct CutAnswer {
        std::string name, digest, encoding, bytes;
    };

    template <class T>
    Result<Answer<T>> call(Outgoing out, Result<T> (*parse)(std::string_view));
    static Outgoing outgoing_of(const char* method, const std::string& path, const std::string& body,
                                const std::string& name = {});
    [[nodiscard]] LineRequest request_of(const Outgoing& out) const;
    Result<LineAnswer> exchange(Outgoing out);
    Result<std::size_t> ask_what_is_there();
    Result<LineAnswer> transmit(const Outgoing& out);
    bool keep_cut(const std::string& name, LineAnswer answer, std::size_t had);

    Transport& line_;
    CentralClientOptions options_;
    std::optional<CutAnswer> cut_answer_;
    std::optional<Outgoing> cut_request_;
    std::size_t acknowledged_ = 0;  ///< Of the last call's body.
    bool moved_ = false;
};

}  // namespace vetchart::edge
