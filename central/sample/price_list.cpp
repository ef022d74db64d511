#include "central/sample/price_list.h"

namespace vetchart::central {
namespace {

constexpr std::int64_t kOne = 1000;

constexpr ServiceEntry entry(Service service, std::string_view description, std::int64_t cents,
                             bool by_weight = false) {
    return {service, description, cents, kOne, kOne, kOne, by_weight};
}
constexpr ServiceEntry several(Service service, std::string_view description, std::int64_t cents, std::int64_t least,
                               std::int64_t most, std::int64_t step = kOne) {
    return {service, description, cents, least, most, step, false};
}

constexpr ServiceEntry kEntries[] = {entry(Service::exam, "Examination", 6200),
                                     entry(Service::recheck, "Recheck examination", 3800),
                                     entry(Service::emergency, "Emergency examination", 14500),
                                     entry(Service::rabies, "Rabies vaccine", 2850),
                                     entry(Service::distemper, "Distemper-parvo vaccine (DHPP)", 3650),
                                     entry(Service::feline, "Feline vaccine (FVRCP)", 3450),
                                     entry(Service::rabbit_vaccine, "Myxomatosis-RHD vaccine", 4200),
                                     entry(Service::leptospirosis, "Leptospirosis vaccine", 2950),
                                     entry(Service::bordetella, "Bordetella vaccine", 2675),
                                     entry(Service::deworming, "Deworming", 1895),
                                     entry(Service::microchip, "Microchip and registration", 4500),
                                     entry(Service::nail_trim, "Nail trim", 1850),
                                     entry(Service::blood_panel, "Blood panel", 13800),
                                     entry(Service::thyroid_test, "Thyroid test (T4)", 6450),
                                     entry(Service::urinalysis, "Urinalysis", 5250),
                                     entry(Service::fecal_test, "Fecal test", 3995),
                                     entry(Service::skin_scrape, "Skin scrape and cytology", 4875),
                                     entry(Service::ear_cytology, "Ear cytology", 3925),
                                     several(Service::radiograph, "Radiograph, per view", 11250, 1000, 3000),
                                     entry(Service::ultrasound, "Abdominal ultrasound", 28500),
                                     several(Service::fluids, "Fluids, per litre", 4780, 250, 1500, 250),
                                     several(Service::injection, "Injection, per ml", 1235, 200, 2500, 100),
                                     several(Service::antibiotics, "Antibiotic tablet", 145, 10000, 28000),
                                     several(Service::pain_tablets, "Anti-inflammatory tablet", 215, 5000, 30000, 500),
                                     entry(Service::ear_drops, "Ear drops, bottle", 3690),
                                     entry(Service::eye_drops, "Eye drops, bottle", 2980),
                                     several(Service::allergy_tablets, "Allergy tablet", 335, 14000, 60000),
                                     entry(Service::allergy_shot, "Allergy injection", 9875, true),
                                     several(Service::tick_spot, "Tick and flea treatment, dose", 2195, 1000, 6000),
                                     entry(Service::shampoo, "Medicated shampoo", 2450),
                                     several(Service::diet_can, "Diet food, can", 395, 4000, 24000),
                                     several(Service::diet_bag, "Diet food, per kg", 1385, 1500, 7500, 500),
                                     entry(Service::bandage, "Bandage", 3250),
                                     entry(Service::anaesthesia, "Anaesthesia and monitoring", 16500, true),
                                     entry(Service::dental_cleaning, "Dental cleaning", 24500),
                                     several(Service::extraction, "Tooth extraction", 5850, 1000, 6000),
                                     entry(Service::neuter_dog, "Neutering, dog", 32000, true),
                                     entry(Service::neuter_cat, "Neutering, cat", 18500),
                                     entry(Service::neuter_rabbit, "Neutering, rabbit", 21000),
                                     entry(Service::mass_removal, "Removal of a mass", 38500, true),
                                     entry(Service::histology, "Histology", 17850),
                                     entry(Service::wound_repair, "Wound repair", 19800),
                                     entry(Service::cystotomy, "Bladder surgery", 98000),
                                     several(Service::hospital_day, "Hospital, per day", 12500, 500, 4000, 500),
                                     entry(Service::insulin, "Insulin, vial", 8990),
                                     several(Service::heart_tablets, "Heart tablet", 265, 28000, 90000),
                                     several(Service::kidney_diet, "Kidney diet, per kg", 1645, 1500, 6000, 500),
                                     entry(Service::beak_trim, "Beak or tooth trim", 2650),
                                     entry(Service::euthanasia, "Euthanasia", 13500),
                                     entry(Service::cremation, "Cremation", 18500, true)};

constexpr bool in_order() {
    for (std::size_t i = 0; i < std::size(kEntries); ++i) {
        if (static_cast<std::size_t>(kEntries[i].service) != i) return false;
    }
    return std::size(kEntries) == static_cast<std::size_t>(Service::none);
}
static_assert(in_order());

}  // namespace

std::span<const ServiceEntry> price_list() { return kEntries; }

}  // namespace vetchart::central
