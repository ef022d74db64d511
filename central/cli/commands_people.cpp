#include <iostream>
#include <memory>

#include "central/cli/context.h"
#include "central/store/hq_users.h"
#include "central/store/staff.h"

namespace vetchart::central {
namespace {

using sync::Json;

struct StaffArguments {
    NewStaff staff;
    bool json = false;
};

struct HqArguments {
    std::string email, role;
    bool json = false;
};

int add_staff_command(const Context& context, StaffArguments given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(given.staff.password, read_password());
        VC_TRY_ASSIGN(const auto id, add_staff(pool, context.actor, given.staff, context.environment.now()));
        print_made({{"id", id}, {"email", given.staff.email}}, {"email", "id"}, given.json);
        return Done{};
    });
}

int list_staff_command(const Context& context, const StaffArguments& given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto staff, list_staff(pool, given.staff.clinic_code));
        Json rows = Json::array();
        for (const auto& person : staff) {
            rows.push_back({{"id", person.id},
                            {"clinic", person.clinic_code},
                            {"email", person.email},
                            {"username", person.username},
                            {"firstName", person.first_name},
                            {"lastName", person.last_name},
                            {"roles", Json::parse(person.roles, nullptr, false)},
                            {"active", person.active}});
        }
        print_rows(rows, {"clinic", "email", "username", "firstName", "lastName", "roles", "active", "id"}, given.json);
        return Done{};
    });
}

int list_hq_command(const Context& context, const HqArguments& given) {
    return with_pool(context, [&](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto users, list_hq_users(pool));
        Json rows = Json::array();
        for (const auto& user : users) {
            rows.push_back({{"id", user.id},
                            {"email", user.email},
                            {"role", user.role},
                            {"active", user.active},
                            {"createdAt", user.created_at}});
        }
        print_rows(rows, {"email", "role", "active", "createdAt", "id"}, given.json);
        return Done{};
    });
}

/// A command that changes something and has nothing to print.
template <class Work>
void set_action(CLI::App* command, Context& context, Work work) {
    command->callback([&context, work] {
        context.action = [&context, work] { return with_pool(context, [&](Pool& pool) { return work(pool); }); };
    });
}

CLI::App* person_command(CLI::App* parent, const char* name, const char* help,
                         const std::shared_ptr<StaffArguments>& given) {
    auto* command = parent->add_subcommand(name, help);
    command->add_option("--clinic", given->staff.clinic_code, "code of the clinic")->required();
    command->add_option("--email", given->staff.email, "who")->required();
    return command;
}

}  // namespace

void add_staff_commands(CLI::App& app, Context& context) {
    auto* staff = app.add_subcommand("staff", "the clinics' staff")->require_subcommand(1);
    const auto given = std::make_shared<StaffArguments>();
    const auto add_roles = [given](CLI::App* command) {
        command->add_option("--role", given->staff.roles, "admin, staff or veterinarian; may be repeated")
            ->required()
            ->allow_extra_args(false);
    };
    auto* add = person_command(staff, "add", "adds a person; the password is read from standard input", given);
    add->add_option("--first", given->staff.first_name, "first name")->required();
    add->add_option("--last", given->staff.last_name, "last name")->required();
    add->add_option("--username", given->staff.username, "else the e-mail address up to the @");
    add->add_flag("--json", given->json, "print JSON");
    add_roles(add);
    add->callback(
        [&context, given] { context.action = [&context, given] { return add_staff_command(context, *given); }; });
    auto* list = staff->add_subcommand("list", "staff of all clinics, or of one");
    list->add_option("--clinic", given->staff.clinic_code, "code of the clinic");
    list->add_flag("--json", given->json, "print JSON");
    list->callback(
        [&context, given] { context.action = [&context, given] { return list_staff_command(context, *given); }; });
    set_action(person_command(staff, "set-password", "sets a password, read from standard input", given), context,
               [&context, given](Pool& pool) -> Status {
                   VC_TRY_ASSIGN(const auto password, read_password());
                   return set_staff_password(pool, context.actor, given->staff.clinic_code, given->staff.email,
                                             password);
               });
    auto* set_roles = person_command(staff, "set-roles", "sets the roles, all of them", given);
    add_roles(set_roles);
    set_action(set_roles, context, [&context, given](Pool& pool) {
        return set_staff_roles(pool, context.actor, given->staff.clinic_code, given->staff.email, given->staff.roles);
    });
    set_action(person_command(staff, "deactivate", "ends a person's logins", given), context,
               [&context, given](Pool& pool) {
                   return deactivate_staff(pool, context.actor, given->staff.clinic_code, given->staff.email);
               });
}

void add_hq_commands(CLI::App& app, Context& context) {
    auto* hq = app.add_subcommand("hq-user", "users of HQ")->require_subcommand(1);
    const auto given = std::make_shared<HqArguments>();
    auto* add = hq->add_subcommand("add", "adds a user; the password is read from standard input");
    add->add_option("--email", given->email, "who")->required();
    add->add_option("--role", given->role, "admin or analyst")->required();
    add->add_flag("--json", given->json, "print JSON");
    set_action(add, context, [&context, given](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto password, read_password());
        VC_TRY_ASSIGN(const auto id,
                      add_hq_user(pool, context.actor, given->email, given->role, password, context.environment.now()));
        print_made({{"id", id}, {"email", given->email}}, {"email", "id"}, given->json);
        return Done{};
    });
    auto* list = hq->add_subcommand("list", "all users of HQ");
    list->add_flag("--json", given->json, "print JSON");
    list->callback(
        [&context, given] { context.action = [&context, given] { return list_hq_command(context, *given); }; });
    auto* set_password = hq->add_subcommand("set-password", "sets a password, read from standard input");
    set_password->add_option("--email", given->email, "who")->required();
    set_action(set_password, context, [&context, given](Pool& pool) -> Status {
        VC_TRY_ASSIGN(const auto password, read_password());
        return set_hq_password(pool, context.actor, given->email, password);
    });
    auto* deactivate = hq->add_subcommand("deactivate", "ends a user's logins");
    deactivate->add_option("--email", given->email, "who")->required();
    set_action(deactivate, context,
               [&context, given](Pool& pool) { return deactivate_hq_user(pool, context.actor, given->email); });
}

}  // namespace vetchart::central
