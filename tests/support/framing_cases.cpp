#include "tests/support/framing_cases.h"

#include <iomanip>
#include <sstream>

namespace vetchart::test {
namespace {

/// Collects the cases, which all have the same `host` and `smuggled`.
struct Writer {
    std::string host, smuggled;
    std::vector<FramingCase> cases;

    [[nodiscard]] std::string length() const { return "Content-Length: " + std::to_string(smuggled.size()) + "\r\n"; }
    [[nodiscard]] std::string chunks() const {
        std::ostringstream size;
        size << std::hex << smuggled.size();
        return size.str() + "\r\n" + smuggled + "\r\n0\r\n\r\n";
    }
    /// A request of `method` with more `fields`, each with its end.
    [[nodiscard]] std::string head(const std::string& method, const std::string& fields,
                                   const std::string& target = "/api/health") const {
        return method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
    }
    void taken(const std::string& name, const std::string& bytes, bool is_head = false) {
        cases.push_back({name, bytes, 0, is_head});
    }
    void refused(const std::string& name, const std::string& bytes, int status = 400) {
        cases.push_back({name, bytes, status});
    }
    void field(const std::string& name, const std::string& fields, int status = 400) {
        refused(name, head("POST", fields) + smuggled, status);
    }
    void chunked(const std::string& name, const std::string& body, int status = 400) {
        refused(name, head("POST", "Transfer-Encoding: chunked\r\n") + body + smuggled, status);
    }

    void bodies_nobody_reads();
    void lengths();
    void codings();
    void request_lines();
    void fields();
    void chunk_forms();
};

void Writer::bodies_nobody_reads() {
    for (const std::string method : {"GET", "HEAD", "OPTIONS", "DELETE", "POST", "PUT", "PATCH"}) {
        taken(method + " with a length", head(method, length()) + smuggled, method == "HEAD");
        taken(method + " chunked", head(method, "Transfer-Encoding: chunked\r\n") + chunks(), method == "HEAD");
    }
    taken("multipart", head("POST", "Content-Type: multipart/form-data; boundary=x\r\n" + length()) + smuggled);
    taken("multipart chunked",
          head("POST", "Content-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n") + chunks());
    for (const std::string coding : {"br", "zstd", "gzip", "deflate", "gzip, gzip", "x"}) {
        taken("encoded as " + coding, head("POST", "Content-Encoding: " + coding + "\r\n" + length()) + smuggled);
    }
    taken("no such address", head("POST", length(), "/api/no/such") + smuggled);
    taken("a path of 3,000 characters", head("POST", length(), "/" + std::string(3000, 'a')) + smuggled);
    taken("a host of another site",
          "POST /api/health HTTP/1.1\r\nHost: evil.example\r\n" + length() + "\r\n" + smuggled);
    taken("Expect: 100-continue", head("POST", "Expect: 100-continue\r\n" + length()) + smuggled);
    taken("an upgrade to h2c", head("GET", "Upgrade: h2c\r\nConnection: Upgrade\r\n" + length()) + smuggled);
    taken("a length of 0", head("POST", "Content-Length: 0\r\n"));
    taken("no body at all", head("POST", ""));
    refused("another expectation", head("POST", "Expect: 200-maybe\r\n" + length()) + smuggled, 417);
    refused("a body over every limit", head("POST", "Content-Length: 99999999999\r\n") + smuggled, 413);
    refused("a chunk over every limit", head("POST", "Transfer-Encoding: chunked\r\n") + "7fffffff\r\n" + smuggled,
            413);
}

void Writer::lengths() {
    const std::string n = std::to_string(smuggled.size());
    field("two lengths, equal", length() + length());
    field("two lengths, other", "Content-Length: 0\r\n" + length());
    for (const std::string value : {"5, 5", "5,", ",5", "0x5", "+5", "-5", "-0", "5 5", "5;", "5.0", "1e1", "", "\"5\"",
                                    "18446744073709551616", "99999999999999999999999", "5\xc2\xa0", "\xd9\xa5"}) {
        field("a length of <" + value + ">", "Content-Length: " + value + "\r\n");
    }
    taken("a length between blanks", head("POST", "Content-Length: \t " + n + " \t\r\n") + smuggled);
    taken("a length with zeros before", head("POST", "Content-Length: 000" + n + "\r\n") + smuggled);
    field("a blank before the colon of a length", "Content-Length : " + n + "\r\n");
    field("a tab before the colon of a length", "Content-Length\t: " + n + "\r\n");
    field("a length on a folded line", "Content-Length:\r\n " + n + "\r\n");
    field("a length hidden behind a fold", "X: a\r\n Content-Length: " + n + "\r\n");
}

void Writer::codings() {
    field("a length and chunks", length() + "Transfer-Encoding: chunked\r\n");
    field("chunks and a length", "Transfer-Encoding: chunked\r\n" + length());
    field("chunks and a length of 0", "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n");
    field("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n");
    field("two codings, one unknown", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n");
    for (const std::string value :
         {"xchunked", "chunked, identity", "identity, chunked", "identity", "gzip, chunked", "chunked, chunked",
          "chunked,", ",chunked", "\"chunked\"", "chunked;q=1", "", "x", "chunked\xc2\xa0", "chun ked", "'chunked'"}) {
        field("a coding of <" + value + ">", "Transfer-Encoding: " + value + "\r\n", 501);
    }
    field("a coding behind a tab", "Transfer-Encoding:\tchunked\r\n");
    field("a coding behind a vertical tab",
          "Transfer-Encoding: \x0b"
          "chunked\r\n");
    field("a coding behind a CR", "Transfer-Encoding: \rchunked\r\n");
    field("a coding with NUL", "Transfer-Encoding: chunked" + std::string(1, '\0') + "\r\n");
    field("a coding on a folded line", "Transfer-Encoding:\r\n chunked\r\n");
    field("a blank before the colon of a coding", "Transfer-Encoding : chunked\r\n");
    field("a coding behind a bare LF", "X: a\nTransfer-Encoding: chunked\r\n");
    refused("HTTP/1.0 with chunks",
            "POST / HTTP/1.0\r\nHost: " + host + "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks());
    taken("a coding between blanks", head("POST", "Transfer-Encoding:   chunked  \r\n") + chunks());
    taken("a coding in capitals", head("POST", "TRANSFER-ENCODING: CHUNKED\r\n") + chunks());
}

void Writer::request_lines() {
    const std::string rest = " HTTP/1.1\r\nHost: " + host + "\r\n" + length() + "\r\n" + smuggled;
    for (const std::string method : {"TRACE", "CONNECT", "PROPFIND", "get", "FOO"}) {
        refused("method " + method, method + " /api/health" + rest, 501);
    }
    refused("a method of 40 letters", std::string(40, 'A') + " /" + rest);
    refused("no method", " /" + rest);
    refused("a target with a blank", "GET /a b" + rest);
    refused("two blanks", "GET  /" + rest);
    refused("a tab for a blank", "GET\t/" + rest);
    refused("a blank at the end", "GET / HTTP/1.1 \r\nHost: " + host + "\r\n\r\n" + smuggled);
    refused("a control character in the target", "GET /\x01" + rest);
    refused("a fragment", "GET /#a" + rest);
    refused("a target without a slash", "GET api/health" + rest);
    refused("a star that is no OPTIONS", "GET *" + rest);
    taken("OPTIONS of all", "OPTIONS *" + rest);
    refused("a line of 9,000 characters", "GET /" + std::string(9000, 'a') + rest, 414);
    refused("HTTP/0.9", "GET /\r\n" + smuggled);
    refused("HTTP/0.9 with a version", "GET / HTTP/0.9\r\n\r\n" + smuggled, 505);
    refused("HTTP/1.2", "GET / HTTP/1.2\r\nHost: " + host + "\r\n\r\n" + smuggled, 505);
    refused("HTTP/2", "GET / HTTP/2.0\r\nHost: " + host + "\r\n\r\n" + smuggled, 505);
    refused("HTTP/1.10", "GET / HTTP/1.10\r\nHost: " + host + "\r\n\r\n" + smuggled);
    refused("http/1.1", "GET / http/1.1\r\nHost: " + host + "\r\n\r\n" + smuggled);
    refused("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + smuggled, 505);
    refused("a greeting of TLS", std::string("\x16\x03\x01\x02\x00\x01", 6) + smuggled);
    refused("LF alone", "GET / HTTP/1.1\nHost: " + host + "\n\n" + smuggled);
    refused("CR alone", "GET / HTTP/1.1\rHost: " + host + "\r\r" + smuggled);
    refused("CR CR LF", "GET / HTTP/1.1\r\r\nHost: " + host + "\r\n\r\n" + smuggled);
    refused("two empty lines first", "\r\n\r\nGET /" + rest);
    taken("one empty line first", "\r\nGET /api/health" + rest);
    taken("an absolute target", "GET http://" + host + "/api/health" + rest);
    taken("an absolute target in capitals", "GET HTTP://" + host + "/api/health" + rest);
    refused("an absolute target of another host", "GET http://evil.example/api/health" + rest);
    refused("an absolute target with a user", "GET http://" + host + "@evil.example/" + rest);
    refused("an absolute target without a host", "GET http:///api/health" + rest);
    refused("another scheme", "GET ftp://" + host + "/" + rest);
}

void Writer::fields() {
    refused("no host", "GET /api/health HTTP/1.1\r\n\r\n" + smuggled);
    field("two hosts", "Host: " + host + "\r\n");
    field("two other hosts", "Host: evil.example\r\n");
    refused("a host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" + smuggled);
    refused("a host with a slash", "GET / HTTP/1.1\r\nHost: " + host + "/x\r\n\r\n" + smuggled);
    refused("a host with a user", "GET / HTTP/1.1\r\nHost: a@" + host + "\r\n\r\n" + smuggled);
    refused("a host with a comma", "GET / HTTP/1.1\r\nHost: " + host + ", evil.example\r\n\r\n" + smuggled);
    refused("a field before the host that is folded",
            "GET / HTTP/1.1\r\n X: a\r\nHost: " + host + "\r\n\r\n" + smuggled);
    field("a folded field", "X: a\r\n b\r\n" + length());
    field("a fold by a tab", "X: a\r\n\tb\r\n" + length());
    field("no colon", "Nonsense\r\n" + length());
    field("no name", ": a\r\n" + length());
    field("a blank in a name", "X Y: a\r\n" + length());
    field("a name of no ASCII", "X\xc3\xa9: a\r\n" + length());
    field("NUL in a value", "X: a" + std::string(1, '\0') + "b\r\n" + length());
    field("NUL in a name", "X" + std::string(1, '\0') + ": a\r\n" + length());
    field("CR in a value", "X: a\rb\r\n" + length());
    field("LF at the end of a field", "X: a\n" + length());
    field("a field of 9,000 characters", "X: " + std::string(9000, 'a') + "\r\n" + length(), 431);
    std::string many;
    for (int i = 0; i < 200; ++i) many += "X" + std::to_string(i) + ": a\r\n";
    field("200 fields", many + length(), 431);
    taken("a field without a value", head("POST", "X:\r\n" + length()) + smuggled);
    taken("a field written with percent signs", head("POST", "X: %0d%0aContent-Length: 0\r\n" + length()) + smuggled);
    taken("a range", head("GET", "Range: bytes=0-0\r\n" + length()) + smuggled);
}

void Writer::chunk_forms() {
    for (const std::string size :
         {"0x5", "+5", "-5", " 5", "5 ", "\t5", "", "g", "5,5", "fffffffff", "000000005", ";a", "5\xc2\xa0", "5 ;a"}) {
        chunked("a chunk of size <" + size + ">", size + "\r\nhello\r\n0\r\n\r\n");
    }
    chunked("LF after a size", "5\nhello\r\n0\r\n\r\n");
    chunked("LF after a chunk", "5\r\nhello\n0\r\n\r\n");
    chunked("LF at the end", "5\r\nhello\r\n0\r\n\n");
    chunked("LF after an extension", "5;a\nhello\r\n0\r\n\r\n");
    chunked("CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n");
    chunked("NUL in an extension", "5;a" + std::string(1, '\0') + "\r\nhello\r\n0\r\n\r\n");
    chunked("an extension of 20,000 characters", "5;" + std::string(20000, 'a') + "\r\nhello\r\n0\r\n\r\n");
    chunked("a chunk longer than it says", "5\r\nhello!\r\n0\r\n\r\n");
    chunked("a chunk without its end", "5\r\nhello0\r\n\r\n");
    chunked("a last chunk without its end", "5\r\nhello\r\n0\r\n");
    chunked("a trailer without a colon", "5\r\nhello\r\n0\r\nnonsense\r\n\r\n");
    chunked("a folded trailer", "5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n");
    chunked("trailers of 20,000 characters", "5\r\nhello\r\n0\r\nX: " + std::string(20000, 'a') + "\r\n\r\n");
    const std::string coded = head("POST", "Transfer-Encoding: chunked\r\n");
    taken("chunks with extensions", coded + "5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n");
    taken("chunks with a trailer that is a length", coded + "5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n");
    taken("chunks with capitals and zeros", coded + "0000000A\r\nhellohello\r\n000\r\n\r\n");
    taken("chunks of one byte", coded + "1\r\nh\r\n1\r\ni\r\n0\r\n\r\n");
    taken("the last chunk alone", coded + "0\r\n\r\n");
}

}  // namespace

std::vector<FramingCase> framing_cases(const std::string& host, const std::string& smuggled) {
    Writer writer{host, smuggled, {}};
    writer.bodies_nobody_reads();
    writer.lengths();
    writer.codings();
    writer.request_lines();
    writer.fields();
    writer.chunk_forms();
    return writer.cases;
}

}  // namespace vetchart::test
