#include "edge/cli/settings.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <string>

#include "sync/base/error_codes.h"
#include "tests/support/temp_dir.h"

using namespace vetchart;
using namespace vetchart::edge;

namespace {

using Texts = std::map<std::string, std::string>;

Environment variables(Texts values) {
    return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

struct Folder {
    test::TempDir temp;
    Folder() = default;
    explicit Folder(const std::string& toml) { std::ofstream(temp / "edge.toml") << toml; }

    [[nodiscard]] Result<Settings> load(Texts flags = {}, Texts environment = {}) const {
        flags.emplace("data", temp.path().string());
        return load_settings(flags, variables(std::move(environment)));
    }
};

void check_config_error(const Result<Settings>& settings, const std::string& part) {
    REQUIRE_FALSE(settings.ok());
    CHECK(exit_code_of(settings.error()) == 3);
    CHECK(settings.error().context.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("settings: flags win over variables, variables over the file", "[edge][settings]") {
    const Folder folder("listen = \"127.0.0.1:1\"\nnode_name = \"file\"\nlan = true\n");
    const auto all = folder.load({{"listen", "127.0.0.1:3"}},
                                 {{"VETCHART_LISTEN", "127.0.0.1:2"}, {"VETCHART_NODE_NAME", "variable"}});
    REQUIRE(all.ok());
    CHECK(all->listen.port == 3);
    CHECK(all->node_name == "variable");
    CHECK(all->lan);
    CHECK(folder.load({}, {{"VETCHART_LISTEN", "127.0.0.1:2"}})->listen.port == 2);
    CHECK(folder.load()->listen.port == 1);
    CHECK(folder.load({}, {{"VETCHART_LAN", "false"}})->lan == false);
}

TEST_CASE("settings: a wrong file names itself, the line and the key", "[edge][settings]") {
    check_config_error(Folder("\nlisten = 8080\n").load(), "edge.toml:2: listen: ");
    check_config_error(Folder("lan = true\n\nlistn = \"127.0.0.1:1\"\n").load(), "edge.toml:3: listn: ");
    check_config_error(Folder("listen = \"nonsense\"\n").load(), "edge.toml:1: listen: ");
    check_config_error(Folder("lan = true\nthis is no toml\n").load(), "edge.toml:2: ");
    check_config_error(Folder("sweep_seconds = 61\n").load(), "edge.toml:1: sweep_seconds: ");
    check_config_error(Folder("tls_cert = \"a.pem\"\n").load(), "edge.toml:1: tls_cert: ");
    check_config_error(Folder("central_url = \"http://central.example\"\n").load(), "edge.toml:1: central_url: ");
    check_config_error(Folder("[listen]\nhost = \"x\"\n").load(), "edge.toml:1: listen: ");
    check_config_error(Folder("log_level = \"loud\"\n").load(), "edge.toml:1: log_level: ");
    check_config_error(Folder("metrics = \"some\"\n").load(), "edge.toml:1: metrics: ");
}

TEST_CASE("settings: names of the node and readers of its metrics", "[edge][settings]") {
    const Folder folder("hosts = [\"a.example\", \"b.example\"]\nmetrics = \"loopback\"\n");
    REQUIRE(folder.load().ok());
    CHECK(folder.load()->hosts == std::vector<std::string>{"a.example", "b.example"});
    CHECK(folder.load()->metrics == "loopback");
    CHECK(folder.load({{"metrics", "off"}}, {{"VETCHART_HOSTS", "c.example, d.example"}})->hosts ==
          std::vector<std::string>{"c.example", "d.example"});
    CHECK(folder.load({{"metrics", "off"}})->metrics == "off");
    CHECK(Folder().load()->metrics == "open");
}

TEST_CASE("settings: a wrong variable is named, a wrong flag is wrong usage", "[edge][settings]") {
    const Folder folder;
    check_config_error(folder.load({}, {{"VETCHART_LISTEN", "x"}}), "VETCHART_LISTEN: ");
    check_config_error(folder.load({}, {{"VETCHART_LAN", "perhaps"}}), "VETCHART_LAN: ");
    const auto usage = folder.load({{"listen", "x"}});
    REQUIRE_FALSE(usage.ok());
    CHECK(exit_code_of(usage.error()) == 2);
    CHECK(usage.error().context.find("--listen: ") == 0);
    const auto none = load_settings({}, variables({}));
    REQUIRE_FALSE(none.ok());
    CHECK(exit_code_of(none.error()) == 2);
}

TEST_CASE("settings: the proxy is the setting's, or the one all programs share", "[edge][settings][proxy]") {
    const CentralUrl url = *parse_central_url("https://central.example.org");
    const auto used = [&](const Texts& flags, const Texts& environment, const CentralUrl& to) {
        const auto settings = Folder().load(flags, environment);
        REQUIRE(settings.ok());
        const auto proxy = settings->proxy.on_the_way_to(to);
        return proxy ? proxy->user + ":" + proxy->password + "@" + name_of(*proxy) : std::string();
    };
    CHECK(used({}, {}, url).empty());
    CHECK(used({}, {{"HTTPS_PROXY", "http://p.example:3128"}}, url) == ":@p.example:3128");
    CHECK(used({}, {{"https_proxy", "http://a%40b:c%3Ad@[::1]:3128/"}}, url) == "a@b:c:d@::1:3128");
    CHECK(used({}, {{"https_proxy", "p.example"}}, url) == ":@p.example:80");
    CHECK(used({{"proxy", "http://mine"}}, {{"HTTPS_PROXY", "http://p.example:3128"}}, url) == ":@mine:80");
    CHECK(used({}, {{"VETCHART_PROXY", "http://mine"}, {"NO_PROXY", "*"}}, url) == ":@mine:80");
    CHECK(used({{"proxy", "none"}}, {{"HTTPS_PROXY", "http://p.example:3128"}}, url).empty());
    const auto shared = [&](const std::string& exceptions, const std::string& to) {
        const Texts environment{{"HTTPS_PROXY", "http://p.example:3128"}, {"NO_PROXY", exceptions}};
        return !used({}, environment, *parse_central_url(to)).empty();
    };
    CHECK(shared("", "https://central.example.org"));
    CHECK_FALSE(shared("*", "https://central.example.org"));
    CHECK_FALSE(shared("a.example, EXAMPLE.org", "https://central.example.org"));
    CHECK_FALSE(shared(".example.org", "https://central.example.org"));
    CHECK(shared("xample.org", "https://central.example.org"));
    CHECK_FALSE(shared("example.org:443", "https://central.example.org"));
    CHECK(shared("example.org:8443", "https://central.example.org"));
    CHECK_FALSE(shared("", "https://127.0.0.1:8443"));
    CHECK_FALSE(shared("", "http://localhost"));
    check_config_error(Folder("\nproxy = \"socks5://p:1\"\n").load(), "edge.toml:2: proxy: only a proxy");
    check_config_error(Folder("proxy = \"http://vet:s%ecret@p:x\"\n").load(), "edge.toml:1: proxy: ");
    check_config_error(Folder().load({}, {{"VETCHART_PROXY", "http://p:99999"}}), "VETCHART_PROXY: http://");
    check_config_error(Folder().load({}, {{"HTTPS_PROXY", "https://p"}}), "HTTPS_PROXY: only a proxy");
    CHECK(Folder().load({{"proxy", "none"}}, {{"HTTPS_PROXY", "https://p"}}).ok());
    const auto secret = Folder().load({}, {{"HTTPS_PROXY", "http://vet:se%cret@p:1"}});
    REQUIRE_FALSE(secret.ok());
    CHECK(secret.error().context.find("cret") == std::string::npos);
    CHECK(exit_code_of(Folder().load({{"proxy", "ftp://x"}}).error()) == 2);
}

TEST_CASE("settings: names of files in the file are relative to it", "[edge][settings]") {
    const Folder folder("tls_cert = \"a.pem\"\ntls_key = \"/keys/b.pem\"\n");
    const auto settings = folder.load();
    REQUIRE(settings.ok());
    CHECK(settings->tls_cert == folder.temp / "a.pem");
    CHECK(settings->tls_key == "/keys/b.pem");
}

TEST_CASE("settings: where plain HTTP may be served", "[edge][settings]") {
    const Folder folder;
    const auto allowed = [&](const std::string& listen, Texts more = {}) {
        more["listen"] = listen;
        const auto settings = folder.load(more);
        REQUIRE(settings.ok());
        return check_listen(*settings).ok();
    };
    CHECK(allowed("127.0.0.1:0"));
    CHECK(allowed("localhost:80"));
    CHECK(allowed("[::1]:80"));
    CHECK_FALSE(allowed("192.168.1.5:80"));
    CHECK(allowed("192.168.1.5:80", {{"lan", "true"}}));
    CHECK(allowed("[fd00::1]:80", {{"lan", "true"}}));
    CHECK_FALSE(allowed("172.32.0.1:80", {{"lan", "true"}}));
    CHECK_FALSE(allowed("8.8.8.8:80", {{"lan", "true"}}));
    CHECK_FALSE(allowed("0.0.0.0:80", {{"lan", "true"}}));
    CHECK(allowed("0.0.0.0:80", {{"behind_proxy", "true"}}));
    CHECK(allowed("8.8.8.8:443", {{"tls_cert", "c"}, {"tls_key", "k"}}));
}

TEST_CASE("central's address: https anywhere, http on loopback only", "[edge][settings]") {
    CHECK(parse_central_url("https://central.example")->port == 443);
    const auto full = parse_central_url("https://[2001:db8::1]:8443/vet/");
    REQUIRE(full.ok());
    CHECK(full->host == "2001:db8::1");
    CHECK(full->port == 8443);
    CHECK(full->path == "/vet");
    CHECK(origin_of(*full) == "https://[2001:db8::1]:8443");
    CHECK(parse_central_url("http://127.0.0.1:8080").ok());
    for (const char* wrong : {"", "central", "ftp://x", "http://10.0.0.1", "http://127.0.0.1.evil.example", "https://",
                              "https://a:0", "https://a:65536", "https://a:", "https://u@a", "https://a?x",
                              "https://[::1", "https://a b", "https://[x]"}) {
        INFO(wrong);
        CHECK_FALSE(parse_central_url(wrong).ok());
    }
}
