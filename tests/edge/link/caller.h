#pragma once

#include "edge/link/central_client.h"
#include "edge/link/https_line.h"

namespace vetchart::edge {

struct OwnLine {
    HttpsLine line;
};

/// A client with the line it speaks over.
class Caller : private OwnLine, public CentralClient {
public:
    explicit Caller(const CentralClientOptions& options)
        : OwnLine{HttpsLine(options.line)}, CentralClient(line, options) {}
    using OwnLine::line;
};

}  // namespace vetchart::edge
