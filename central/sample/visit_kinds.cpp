#include "central/sample/visit_kinds.h"

#include "sync/base/result.h"

namespace vetchart::central {
namespace {

using S = Service;

constexpr VisitKind kDogVaccine{RecordType::vaccine,
                                kDog,
                                0,
                                kEvenly,
                                0,
                                200,
                                "Yearly vaccination",
                                "None",
                                "Healthy",
                                "Rabies, DHPP and leptospirosis given; dewormed",
                                {S::exam, S::rabies, S::distemper, S::leptospirosis, S::deworming},
                                0,
                                false};
constexpr VisitKind kPuppyVaccine{RecordType::vaccine,
                                  kDog,
                                  0,
                                  kEvenly,
                                  0,
                                  200,
                                  "Puppy vaccination",
                                  "None",
                                  "Healthy",
                                  "DHPP given, next in four weeks; dewormed",
                                  {S::exam, S::distemper, S::bordetella, S::deworming, S::none},
                                  0,
                                  false};
constexpr VisitKind kCatVaccine{RecordType::vaccine,
                                kCat,
                                0,
                                kEvenly,
                                0,
                                200,
                                "Yearly vaccination",
                                "None",
                                "Healthy",
                                "Rabies and FVRCP given; dewormed",
                                {S::exam, S::rabies, S::feline, S::deworming, S::none},
                                0,
                                false};
constexpr VisitKind kKittenVaccine{RecordType::vaccine,
                                   kCat,
                                   0,
                                   kEvenly,
                                   0,
                                   200,
                                   "Kitten vaccination",
                                   "None",
                                   "Healthy",
                                   "FVRCP given, next in four weeks; dewormed",
                                   {S::exam, S::feline, S::deworming, S::none, S::none},
                                   0,
                                   false};
constexpr VisitKind kRabbitVaccine{RecordType::vaccine,
                                   kRabbit,
                                   0,
                                   kEvenly,
                                   0,
                                   200,
                                   "Vaccination",
                                   "None",
                                   "Healthy",
                                   "Myxomatosis and RHD vaccine given; nails trimmed",
                                   {S::exam, S::rabbit_vaccine, S::nail_trim, S::none, S::none},
                                   0,
                                   false};
constexpr VisitKind kNeuterDog{RecordType::surgery,
                               kDog,
                               0,
                               kEvenly,
                               0,
                               200,
                               "Neutering",
                               "None",
                               "Elective neutering",
                               "Neutered under anaesthesia; collar for ten days",
                               {S::anaesthesia, S::neuter_dog, S::pain_tablets, S::none, S::none},
                               850,
                               false};
constexpr VisitKind kNeuterCat{RecordType::surgery,
                               kCat,
                               0,
                               kEvenly,
                               0,
                               200,
                               "Neutering",
                               "None",
                               "Elective neutering",
                               "Neutered under anaesthesia",
                               {S::neuter_cat, S::injection, S::none, S::none, S::none},
                               500,
                               false};
constexpr VisitKind kNeuterRabbit{RecordType::surgery,
                                  kRabbit,
                                  0,
                                  kEvenly,
                                  0,
                                  200,
                                  "Neutering",
                                  "None",
                                  "Elective neutering",
                                  "Neutered under anaesthesia",
                                  {S::neuter_rabbit, S::injection, S::none, S::none, S::none},
                                  800,
                                  false};
constexpr VisitKind kCleaning{RecordType::dental,
                              kDog | kCat,
                              0,
                              kEvenly,
                              15,
                              200,
                              "Dental cleaning",
                              "Bad breath, tartar",
                              "Periodontal disease, grade 1",
                              "Scaled and polished under anaesthesia",
                              {S::blood_panel, S::anaesthesia, S::dental_cleaning, S::none, S::none},
                              60,
                              false};
constexpr VisitKind kExtractions{RecordType::dental,
                                 kDog | kCat,
                                 0,
                                 kEvenly,
                                 25,
                                 200,
                                 "Dental treatment",
                                 "Eats on one side, bad breath",
                                 "Periodontal disease, grade 3",
                                 "Scaled; loose teeth extracted; soft food for a week",
                                 {S::anaesthesia, S::dental_cleaning, S::extraction, S::pain_tablets, S::antibiotics},
                                 650,
                                 false};
constexpr VisitKind kRecheck{RecordType::treatment,
                             kAll,
                             0,
                             kEvenly,
                             0,
                             200,
                             "Recheck",
                             "Improved",
                             "Healing as expected",
                             "Treatment goes on as planned",
                             {S::recheck, S::none, S::none, S::none, S::none},
                             120,
                             false};
constexpr VisitKind kEuthanasia{RecordType::treatment,
                                kAll,
                                0,
                                kEvenly,
                                0,
                                200,
                                "Quality of life",
                                "No longer eats, weak",
                                "Terminal illness",
                                "Euthanasia in the owner's presence",
                                {S::euthanasia, S::cremation, S::none, S::none, S::none},
                                0,
                                true};

}  // namespace

std::string_view to_text(RecordType type) {
    switch (type) {
        case RecordType::vaccine: return "vaccine";
        case RecordType::surgery: return "surgery";
        case RecordType::treatment: return "treatment";
        case RecordType::dental: return "dental";
    }
    return "treatment";
}

const VisitKind& vaccination(unsigned species, bool first_year) {
    if (species == kDog) return first_year ? kPuppyVaccine : kDogVaccine;
    if (species == kCat) return first_year ? kKittenVaccine : kCatVaccine;
    VC_ASSERT(species == kRabbit);
    return kRabbitVaccine;
}

const VisitKind& neutering(unsigned species) {
    if (species == kDog) return kNeuterDog;
    if (species == kCat) return kNeuterCat;
    VC_ASSERT(species == kRabbit);
    return kNeuterRabbit;
}

const VisitKind& dental_work(bool extractions) { return extractions ? kExtractions : kCleaning; }
const VisitKind& recheck() { return kRecheck; }
const VisitKind& euthanasia() { return kEuthanasia; }

}  // namespace vetchart::central
