#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vetchart::central {

/// What a clinic sells; the order is that of price_list().
enum class Service : std::uint8_t {
    exam,
    recheck,
    emergency,
    rabies,
    distemper,
    feline,
    rabbit_vaccine,
    leptospirosis,
    bordetella,
    deworming,
    microchip,
    nail_trim,
    blood_panel,
    thyroid_test,
    urinalysis,
    fecal_test,
    skin_scrape,
    ear_cytology,
    radiograph,
    ultrasound,
    fluids,
    injection,
    antibiotics,
    pain_tablets,
    ear_drops,
    eye_drops,
    allergy_tablets,
    allergy_shot,
    tick_spot,
    shampoo,
    diet_can,
    diet_bag,
    bandage,
    anaesthesia,
    dental_cleaning,
    extraction,
    neuter_dog,
    neuter_cat,
    neuter_rabbit,
    mass_removal,
    histology,
    wound_repair,
    cystotomy,
    hospital_day,
    insulin,
    heart_tablets,
    kidney_diet,
    beak_trim,
    euthanasia,
    cremation,
    none
};

struct ServiceEntry {
    Service service;
    std::string_view description;
    std::int64_t cents;  ///< In US dollars, before the clinic's own level.
    std::int64_t quantity_least_milli, quantity_most_milli, quantity_step_milli;
    bool by_weight;  ///< Costs more for a heavy animal (neutering, anaesthesia).
};

[[nodiscard]] std::span<const ServiceEntry> price_list();

/// quantity * unit price, rounded half up to the cent (docs/api.md).
[[nodiscard]] constexpr std::int64_t line_cents(std::int64_t quantity_milli, std::int64_t unit_price_cents) {
    return (quantity_milli * unit_price_cents + 500) / 1000;
}

/// Rounded half up to the cent.
[[nodiscard]] constexpr std::int64_t tax_cents(std::int64_t subtotal_cents, int basis_points) {
    return (subtotal_cents * basis_points + 5000) / 10000;
}

}  // namespace vetchart::central
