#include "central/cli/context.h"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <map>

#include "central/store/migrate.h"
#include "sync/base/text.h"

namespace vetchart::central {
namespace {

/// How the database's rules are told to the person at the shell.
std::string sentence_of(const Error& error) {
    static const std::map<std::string, std::string> known{
        {"clinic_code_key", "a clinic with this code exists already"},
        {"clinic_code_check", "the code must be 2 to 16 characters of A-Z and 0-9"},
        {"clinic_name_check", "the name must have 1 to 200 characters"},
        {"clinic_currency_check", "the currency must be three letters A-Z (ISO 4217)"},
        {"staff_clinic_id_email_key", "somebody of this clinic has this e-mail address already"},
        {"staff_clinic_id_username_key", "somebody of this clinic has this user name already: give another --username"},
        {"staff_email_check", "the e-mail address must have 1 to 254 characters"},
        {"staff_username_check", "the user name must have 1 to 100 characters"},
        {"staff_first_name_check", "the first name must have 1 to 100 characters"},
        {"staff_last_name_check", "the last name must have 1 to 100 characters"},
        {"hq_user_email_key", "an HQ user with this e-mail address exists already"}};
    const auto found = known.find(error.slug);
    return found == known.end() ? error.context : found->second;
}

/// Keeps standard input from echoing while it lives.
class QuietTerminal {
public:
    QuietTerminal() {
        if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    ~QuietTerminal() {
        if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;

private:
    termios before_{};
    bool changed_ = false;
};

std::string cell(const sync::Json& row, const std::string& column) {
    const auto at = row.find(column);
    if (at == row.end() || at->is_null()) return "-";
    if (at->is_string()) return at->get<std::string>();
    if (!at->is_array()) return at->dump();
    std::string text;
    for (const auto& item : *at) text += (text.empty() ? "" : ", ") + item.get<std::string>();
    return text;
}

}  // namespace

int with_pool(const Context& context, const std::function<Status(Pool&)>& work) {
    auto options = pool_options_from_environment(context.database_url);
    if (!options) return report(kExitConfiguration, options.error().context);
    if (const auto known = require_current_schema(options->url); !known) return report(known.error());
    Pool pool(std::move(*options), context.environment.rng);
    const auto status = work(pool);
    return status ? kExitDone : report(status.error());
}

int report(const Error& error) { return report(exit_code_of(error), sentence_of(error)); }

int report(int exit_code, const std::string& sentence) {
    std::cerr << "vetchart-central: " << sentence << '\n';
    return exit_code;
}

void print_rows(const sync::Json& rows, const std::vector<std::string>& columns, bool as_json) {
    if (as_json) {
        std::cout << rows.dump(2) << '\n';
        return;
    }
    std::vector<std::size_t> widths;
    for (const auto& column : columns) {
        std::size_t width = column.size();
        for (const auto& row : rows) width = std::max(width, code_point_count(cell(row, column)));
        widths.push_back(width);
    }
    const auto print = [&](const auto& text_of) {
        std::string line;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::string text = text_of(columns[i]);
            line += text + std::string(widths[i] - code_point_count(text) + 2, ' ');
        }
        std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
    };
    print([](const std::string& column) { return column; });
    for (const auto& row : rows) {
        print([&](const std::string& column) { return cell(row, column); });
    }
}

void print_made(const sync::Json& row, const std::vector<std::string>& columns, bool as_json) {
    if (as_json) {
        std::cout << row.dump(2) << '\n';
    } else {
        print_rows(sync::Json::array({row}), columns, false);
    }
}

Result<std::string> read_password() {
    std::string password;
    if (isatty(STDIN_FILENO) == 1) {
        std::cerr << "Password: ";
        const QuietTerminal quiet;
        std::getline(std::cin, password);
        std::cerr << '\n';
    } else {
        std::getline(std::cin, password);
    }
    if (!password.empty() && password.back() == '\r') password.pop_back();
    if (password.empty()) return Error{Errc::invalid_input, "a password is read from standard input: none came"};
    return password;
}

}  // namespace vetchart::central
