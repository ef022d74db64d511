#include "edge/store/file/bare_name.h"

#include <algorithm>
#include <array>
#include <vector>

#include "sync/base/text_fold.h"

namespace vetchart::edge {
namespace {

constexpr std::array<std::string_view, 13> kTitles = {"dr",  "dra", "doctor", "doctora", "prof", "med", "vet",
                                                      "dvm", "vmd", "mrcvs",  "bvsc",    "mvz",  "phd"};

bool is_title(const FoldedWord& word) { return std::find(kTitles.begin(), kTitles.end(), word.text) != kTitles.end(); }

std::string without_titles(std::string_view part) {
    const std::vector<FoldedWord> words = fold_words(part);
    const auto first = std::find_if_not(words.begin(), words.end(), is_title);
    const auto last = std::find_if_not(words.rbegin(), std::make_reverse_iterator(first), is_title).base();
    std::string line;
    for (auto word = first; word != last; ++word) line.append(line.empty() ? "" : " ").append(word->text);
    return line;
}

}  // namespace

std::string bare_name(std::string_view printed) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= printed.size();) {
        const std::size_t end = std::min(printed.find(',', begin), printed.size());
        if (std::string part = without_titles(printed.substr(begin, end - begin)); !part.empty()) {
            parts.push_back(std::move(part));
        }
        begin = end + 1;
    }
    if (parts.empty()) return fold_text(printed);
    if (parts.size() == 2) std::swap(parts.front(), parts.back());
    std::string name;
    for (const std::string& part : parts) name.append(name.empty() ? "" : " ").append(part);
    return name;
}

}  // namespace vetchart::edge
