#include "central/attention/sentences.h"

#include <map>

#include "sync/model/row_values.h"

namespace vetchart::central {
namespace {

std::string label_of(const std::string& table) {
    const sync::Table* known = sync::find_table(table);
    return known == nullptr ? table : std::string(known->label);
}

/// The field as a form calls it, or the row where it is no field.
std::string field_of(const sync::Conflict& conflict) {
    const sync::Column* column = sync::find_column(conflict.key.table, conflict.column);
    std::string row = label_of(conflict.key.table);
    if (column == nullptr) return row;
    if (conflict.column == "deleted_at") return row + ", whether it is deleted";
    if (conflict.column == "merged_into") return row + ", whom it was merged into";
    return column->label.empty() ? row : row + ", " + std::string(column->label);
}

}  // namespace

Sentences sentences_of(const sync::Conflict& conflict) {
    const std::string& code = conflict.code;
    if (code == sync::kConflictEmail) {
        const std::string other =
            sync::text_in(conflict.theirs, "first_name") + " " + sync::text_in(conflict.theirs, "last_name");
        return {"E-mail address of another owner",
                other +
                    " has this address already, so this owner has none now. Give another address, or merge the two "
                    "if they are the same person."};
    }
    if (code == sync::kConflictBill) {
        return {
            "A bill was changed in two places",
            "What the bill says was changed elsewhere before this change arrived. The version that was there stays; "
            "the other is kept here, whole."};
    }
    if (code == sync::kConflictDelete) {
        return {"Not deleted: " + label_of(conflict.key.table),
                conflict.reason == "edited"
                    ? "It was changed elsewhere before the deletion arrived, so it is still there, as it is now."
                    : "Other rows name it that whoever deleted it could not see, so it is still there."};
    }
    if (code == sync::kConflictStatus) {
        return {"Two steps of one bill",
                "Two people moved this bill on at the same time. The step that is further stands; "
                "the other is kept here."};
    }
    return {"Changed elsewhere: " + field_of(conflict),
            "Two people changed the same value. The later one stands; the other is kept here."};
}

Sentences sentences_of(const sync::Notice& notice) {
    if (!notice.title.empty()) return {notice.title, notice.reason};
    const std::string row = label_of(notice.key.table);
    static const std::map<std::string, Sentences, std::less<>> kTexts{
        {sync::kNoticeBroughtBack,
         {"Brought back: ",
          "It was deleted for good elsewhere. Later work needs it, so it is there again, with all that was deleted "
          "with "
          "it."}},
        {sync::kNoticeInsertedOverDeleted,
         {"There again: ", "It was deleted for good elsewhere, and came in again by other work."}},
        {sync::kNoticeLinkLost,
         {"A link was lost: ", "It named something that was deleted for good. The link is empty now."}},
        {sync::kNoticeRedirected,
         {"Goes to another owner: ",
          "The owner it named had been merged into another one meanwhile. It belongs to that one now."}},
        {sync::kNoticeMergeMoot,
         {"Not merged: ",
          "The other owner was merged into this one, or is gone. Both merges together would leave nobody, "
          "so this one was left out."}},
        {sync::kNoticeWorkedOnDeleted,
         {"Work on something deleted: ",
          "Somebody worked on it without having seen that it was deleted. The work is kept; bring it back where the "
          "deletion was wrong."}}};
    const auto found = kTexts.find(notice.code);
    if (found == kTexts.end()) return {notice.title, notice.reason};
    return {found->second.title + row, found->second.reason};
}

std::string title_of_held(const std::string& code, const sync::Transaction& transaction) {
    if (code == sync::kHeldArchived) return "Kept for an archived patient";
    return "Not accepted: " + label_of(transaction.changes.front().table);
}

}  // namespace vetchart::central
