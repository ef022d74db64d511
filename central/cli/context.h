#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "central/cli/cli.h"
#include "sync/model/change.h"

namespace vetchart::central {

/// What the commands share while the arguments are read.
struct Context {
    const Environment& environment;
    std::string database_url;     ///< --database-url; else DATABASE_URL, else the PG* variables.
    std::function<int()> action;  ///< Of the command that was named.
    std::string actor;            ///< For audit_log: the operating system's user.
};

/// Each adds its commands. `app` lives as long as the context.
void add_schema_commands(CLI::App& app, Context& context);        ///< migrate
void add_serve_command(CLI::App& app, Context& context);          ///< serve
void add_clinic_commands(CLI::App& app, Context& context);        ///< clinic
void add_node_commands(CLI::App& app, Context& context);          ///< node
void add_staff_commands(CLI::App& app, Context& context);         ///< staff
void add_hq_commands(CLI::App& app, Context& context);            ///< hq-user
void add_report_commands(CLI::App& app, Context& context);        ///< report
void add_report_login_commands(CLI::App& app, Context& context);  ///< report-login
void add_archive_commands(CLI::App& app, Context& context);       ///< archive
void add_owner_commands(CLI::App& app, Context& context);         ///< owner
void add_item_commands(CLI::App& app, Context& context);          ///< conflicts, quarantine
void add_sample_command(CLI::App& app, Context& context);         ///< sample

/// Opens the pool and runs `work` on it. A wrong setting is kExitConfiguration; an error of `work` is told and mapped.
int with_pool(const Context& context, const std::function<Status(Pool&)>& work);

/// Tells `error` on standard error in one line and gives its exit code.
int report(const Error& error);
int report(int exit_code, const std::string& sentence);

/// `rows` as JSON (one array) or as a table whose columns are `columns` (JSON keys), for people.
void print_rows(const sync::Json& rows, const std::vector<std::string>& columns, bool as_json);
/// What a command made: one JSON object, or a table of one row.
void print_made(const sync::Json& row, const std::vector<std::string>& columns, bool as_json);

/// The first line of standard input; on a terminal asked for, and not shown. Errors: invalid_input (none came).
Result<std::string> read_password();

}  // namespace vetchart::central
