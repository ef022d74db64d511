#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/engine/decide.h"

/// Who may change the staff and the data of a clinic: the parts of decide() that judge a hand (docs/data-rules.md,
/// *Staff and clinic*). Pure. Precondition of all: the picture knows the actor's staff row, every active administrator
/// of the clinics whose staff is written, and who has an e-mail or user name that a new row brings.
namespace vetchart::sync {

/// True for the tables that only an administrator changes.
[[nodiscard]] bool is_guarded_table(std::string_view table);

/// True when somebody of the clinic already logs in under `value`, be it an e-mail or a user name: without case and
/// outer blanks, as a login compares them.
[[nodiscard]] bool is_login_name_taken(const Picture& picture, const std::string& clinic_id, const Json& value);

/// The same for one row: `name` is in that form already.
[[nodiscard]] bool is_login_name_of(const Json& image, const std::string& name);

/// True when the picture lets the enrolment of a node that worked alone bring its rows, and `transaction` is one.
[[nodiscard]] bool brings_staff(const Transaction& transaction, const Picture& picture);

/// Takes the admin role from a row that an enrolment brings, where the clinic has an active administrator that did not
/// come with it. True: it was taken.
bool strip_admin(const Picture& picture, const std::string& clinic_id, Json& image);

/// Why the effect of `transaction` may not stand, or nullopt: its hand is not the clinic's administrator's, it would
/// leave a clinic without one, or it makes somebody active without having seen that another deactivated them.
[[nodiscard]] std::optional<Hold> refuse_hand(const Transaction& transaction, const Picture& picture,
                                              const Decision& decision);

/// What the clinic's administrators are told of the effect on its staff and data, one notice a row. No password hash
/// is in it.
[[nodiscard]] std::vector<Notice> tell_admins(const Transaction& transaction, const Picture& picture,
                                              const Decision& decision);

}  // namespace vetchart::sync
