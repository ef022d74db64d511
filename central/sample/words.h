#pragma once

#include <span>
#include <string>
#include <string_view>

#include "central/sample/calendar.h"

namespace vetchart::central {

using Words = std::span<const std::string_view>;

/// How people are called, reached and addressed where a clinic is.
struct Locale {
    Words first_names, last_names, streets, towns;
    Words clinic_names;  ///< A town goes before it.
    std::span<const Zone> zones;
    std::string_view currency;
    std::string_view weight_unit;   ///< kg or lbs.
    std::string_view phone_prefix;  ///< Of numbers that are kept free for fiction.
    int phone_area_least, phone_area_most;
    int tax_basis_points_least, tax_basis_points_most;
    int price_percent;  ///< Of the list in US dollars.
    bool number_first;  ///< 12 Elm Street, not Elmstrasse 12.
};

/// By the clinic's place in its group: mostly the first, a few of the others.
[[nodiscard]] const Locale& locale_of(int clinic_index);

[[nodiscard]] Words pet_names();
[[nodiscard]] Words handling_notes();
[[nodiscard]] Words owner_notes();
[[nodiscard]] Words cancel_reasons();
[[nodiscard]] Words mail_domains();  ///< All under .example, which belongs to nobody (RFC 2606).

/// Lower-case ASCII letters of a name, for an e-mail address.
[[nodiscard]] std::string ascii_name(std::string_view name);

}  // namespace vetchart::central
