#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/api/http.h"
#include "edge/store/people/accounts.h"
#include "edge/store/rows/charts.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

/// Who asks: the staff rows a login opened, as they stand now.
namespace vetchart::edge {

struct Context;

struct Session {
    std::string id;  ///< edge/store/people/sessions.h
    std::string email;
    std::vector<StaffLogin> staff;  ///< One per clinic, never empty for a signed-in person; by clinic code.

    [[nodiscard]] bool has_role(const std::string& clinic_id, std::string_view role) const;
    [[nodiscard]] bool is_admin(const std::string& clinic_id) const { return has_role(clinic_id, "admin"); }
    [[nodiscard]] bool is_admin_somewhere() const;
    [[nodiscard]] bool opens(const std::string& clinic_id) const;
    /// All clinics of the login, with the present day of each.
    [[nodiscard]] Reach reach(UtcMillis now) const;
    /// The clinics where the person is an administrator.
    [[nodiscard]] Reach admin_reach(UtcMillis now) const;
};

/// Refuses (403) a change by the cookie's session without the header `X-VetChart: 1`: another site's page can make a
/// browser send the cookie, but not that header.
[[nodiscard]] std::optional<Response> refuse_other_site(const Context& context, const Request& request);

/// The session of a request's token, from the Authorization header or else the cookie (refuse_other_site): 401 without
/// one, 403 when it is bad, expired, or its session has ended; 409 `other_user` when the page that asks was drawn for
/// somebody else (X-VetChart-User: a staff id), since two tabs share one cookie.
[[nodiscard]] std::optional<Response> authenticate(Context& context, const Request& request, Session& session);

/// The user as POST /api/auth/login and GET /api/auth/me answer it.
[[nodiscard]] Json user_json(const Session& session);

/// Lets the app's pages go on with `token` without ever seeing it; an empty one ends the session in this browser.
void set_session_cookie(const Context& context, const Request& request, const std::string& token, Response& response);

/// Begins the session of who just logged in (its id is set) and returns its token.
[[nodiscard]] Result<std::string> open_session(Context& context, Session& session);

/// Ends the session of the request's token, if it has one that is still good.
[[nodiscard]] Status close_session(Context& context, const Request& request);

/// The present day of a clinic; empty when `reach` does not have the clinic.
[[nodiscard]] std::string today_of(const Reach& reach, const std::string& clinic_id);

}  // namespace vetchart::edge
