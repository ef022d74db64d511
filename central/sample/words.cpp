#include "central/sample/words.h"

#include <array>

namespace vetchart::central {
namespace {

constexpr std::string_view kAmericanFirst[] = {
    "Mary",    "James",   "Patricia", "Robert",  "Jennifer", "John",    "Linda",   "Michael", "Elizabeth", "David",
    "Barbara", "William", "Susan",    "Richard", "Jessica",  "Joseph",  "Sarah",   "Thomas",  "Karen",     "Carlos",
    "Nancy",   "Daniel",  "Lisa",     "Matthew", "Maria",    "Anthony", "Sandra",  "Mark",    "Ashley",    "Luis",
    "Emily",   "Steven",  "Kimberly", "Andrew",  "Michelle", "Paul",    "Amanda",  "Joshua",  "Melissa",   "Kevin",
    "Deborah", "Brian",   "Rosa",     "George",  "Priya",    "Wei",     "Shanice", "Omar",    "Mei",       "Jamal"};
constexpr std::string_view kAmericanLast[] = {
    "Smith",  "Johnson",  "Williams", "Brown",  "Jones",    "Garcia", "Miller",   "Davis",  "Rodriguez", "Martinez",
    "Lopez",  "Gonzalez", "Wilson",   "Lee",    "Thomas",   "Taylor", "Moore",    "Martin", "Jackson",   "Perez",
    "White",  "Harris",   "Sanchez",  "Clark",  "Ramirez",  "Lewis",  "Robinson", "Walker", "Young",     "Allen",
    "King",   "Wright",   "Scott",    "Nguyen", "Hill",     "Flores", "Green",    "Adams",  "Nelson",    "Baker",
    "Rivera", "Campbell", "Mitchell", "Patel",  "O'Connor", "Kim",    "Chen",     "Khan",   "Cohen",     "Novak"};
constexpr std::string_view kAmericanStreets[] = {"Oak Street",  "Maple Avenue",  "Elm Street",  "Washington Street",
                                                 "Lake Drive",  "Hill Road",     "Pine Street", "Cedar Lane",
                                                 "Main Street", "Park Avenue",   "River Road",  "Sunset Boulevard",
                                                 "Mill Road",   "Church Street", "Orchard Way", "County Road 9"};
constexpr std::string_view kAmericanTowns[] = {"Riverside", "Fairview",   "Greenville", "Springfield", "Madison",
                                               "Clinton",   "Georgetown", "Salem",      "Franklin",    "Ashland",
                                               "Oakdale",   "Milton",     "Dover",      "Newport",     "Lakewood"};
constexpr std::string_view kEnglishClinics[] = {
    "Animal Hospital", "Veterinary Clinic", "Pet Care", "Small Animal Practice", "Vets", "Companion Care"};
constexpr Zone kAmericanZones[] = {
    {"America/New_York", -300, ClockRule::american},    {"America/Chicago", -360, ClockRule::american},
    {"America/Los_Angeles", -480, ClockRule::american}, {"America/Denver", -420, ClockRule::american},
    {"America/Phoenix", -420, ClockRule::fixed},        {"Pacific/Honolulu", -600, ClockRule::fixed}};

constexpr std::string_view kGermanFirst[] = {
    "Anna",  "Peter", "Maria",  "Michael", "Sabine", "Thomas", "Ursula", "Andreas", "Monika", "Wolfgang",
    "Petra", "Klaus", "Renate", "Jürgen",  "Karin",  "Stefan", "Birgit", "Bernd",   "Heike",  "Uwe",
    "Lena",  "Jonas", "Mia",    "Leon",    "Ayşe",   "Mehmet", "Lukas",  "Sophie",  "Felix",  "Zoë"};
constexpr std::string_view kGermanLast[] = {
    "Müller",   "Schmidt",  "Schneider",  "Fischer", "Weber",    "Meyer",        "Wagner", "Becker",
    "Schulz",   "Hoffmann", "Koch",       "Bauer",   "Richter",  "Klein",        "Wolf",   "Schröder",
    "Neumann",  "Braun",    "Zimmermann", "Krüger",  "Hartmann", "Lange",        "Krause", "Yılmaz",
    "Kowalski", "Jäger",    "Groß",       "Vogel",   "Weiß",     "von der Heide"};
constexpr std::string_view kGermanStreets[] = {"Hauptstraße", "Gartenweg",   "Bahnhofstraße", "Schulstraße",
                                               "Dorfstraße",  "Lindenallee", "Bergstraße",    "Am Mühlbach"};
constexpr std::string_view kGermanTowns[] = {"Neustadt", "Altdorf", "Steinbach", "Waldheim", "Grünau", "Bergen"};
constexpr std::string_view kGermanClinics[] = {"Tierklinik", "Tierarztpraxis", "Kleintierpraxis"};
constexpr Zone kGermanZones[] = {{"Europe/Berlin", 60, ClockRule::european},
                                 {"Europe/Vienna", 60, ClockRule::european}};

constexpr std::string_view kCanadianFirst[] = {"Olivia", "Liam",   "Emma",   "Noah",    "Charlotte", "Étienne",
                                               "Sophie", "Benoît", "Amélie", "William", "Chloé",     "Owen",
                                               "Hannah", "Ravi",   "Fatima", "Lucas",   "Geneviève", "Jacob"};
constexpr std::string_view kCanadianLast[] = {"Tremblay", "Gagnon",  "Roy",      "Singh",    "MacDonald", "Wong",
                                              "Côté",     "Smith",   "Bouchard", "Campbell", "Leblanc",   "Fraser",
                                              "Lavoie",   "Dhillon", "Morin",    "McLeod",   "Gauthier",  "Stewart"};
constexpr std::string_view kCanadianStreets[] = {"King Street",    "Queen Street",   "rue Saint-Jean",
                                                 "Maple Crescent", "Lakeshore Road", "chemin du Lac"};
constexpr std::string_view kCanadianTowns[] = {"Brookfield", "Lakeside", "Saint-Martin", "Fort Hill", "Northbrook"};
constexpr Zone kCanadianZones[] = {{"America/Toronto", -300, ClockRule::american},
                                   {"America/Regina", -360, ClockRule::fixed},
                                   {"America/Halifax", -240, ClockRule::american}};

constexpr Locale kAmerican{kAmericanFirst,
                           kAmericanLast,
                           kAmericanStreets,
                           kAmericanTowns,
                           kEnglishClinics,
                           kAmericanZones,
                           "USD",
                           "lbs",
                           "+1-",
                           201,
                           989,
                           500,
                           950,
                           100,
                           true};
constexpr Locale kGerman{kGermanFirst, kGermanLast, kGermanStreets, kGermanTowns, kGermanClinics,
                         kGermanZones, "EUR",       "kg",           "+49-",       30,
                         99,           1900,        1900,           90,           false};
constexpr Locale kCanadian{kCanadianFirst,
                           kCanadianLast,
                           kCanadianStreets,
                           kCanadianTowns,
                           kEnglishClinics,
                           kCanadianZones,
                           "CAD",
                           "kg",
                           "+1-",
                           204,
                           867,
                           500,
                           1300,
                           130,
                           true};

constexpr std::string_view kPetNames[] = {
    "Bella",   "Max",    "Luna",    "Charlie", "Lucy",   "Cooper", "Daisy",  "Buddy",  "Milo",   "Rocky",
    "Molly",   "Bear",   "Bailey",  "Leo",     "Stella", "Duke",   "Sadie",  "Teddy",  "Lola",   "Tucker",
    "Zoe",     "Oliver", "Penny",   "Jack",    "Ruby",   "Toby",   "Willow", "Simba",  "Coco",   "Oscar",
    "Nala",    "Loki",   "Chloe",   "Felix",   "Pepper", "Gizmo",  "Mochi",  "Smokey", "Ginger", "Shadow",
    "Biscuit", "Ziggy",  "Maple",   "Bandit",  "Hazel",  "Scout",  "Olive",  "Thor",   "Peanut", "Rosie",
    "Sammy",   "Tigger", "Waffles", "Minou",   "Kira",   "Balu",   "Cleo",   "Storm",  "Fluffy", "Pip"};
constexpr std::string_view kHandlingNotes[] = {
    "Muzzle for nail trims.",         "Prefers to be examined on the floor.", "Travels badly; allow time to calm down.",
    "Eats anything: no loose swabs.", "Two people for blood draws.",          "Calm with treats."};
constexpr std::string_view kOwnerNotes[] = {"Prefers calls after 17:00.", "Asks for a written estimate first.",
                                            "Brings all animals in one visit.", "Wants reminders by e-mail only.",
                                            "Hard of hearing: write, do not call."};
constexpr std::string_view kCancelReasons[] = {"Billed to the wrong owner",
                                               "Entered twice",
                                               "Wrong price",
                                               "Covered by warranty of the earlier treatment",
                                               "Goodwill",
                                               "Wrong patient"};
constexpr std::string_view kMailDomains[] = {"mail.example", "post.example", "inbox.example", "family.example"};

}  // namespace

const Locale& locale_of(int clinic_index) {
    switch (clinic_index % 20) {
        case 3:
        case 13: return kGerman;
        case 9: return kCanadian;
        default: return kAmerican;
    }
}

Words pet_names() { return kPetNames; }
Words handling_notes() { return kHandlingNotes; }
Words owner_notes() { return kOwnerNotes; }
Words cancel_reasons() { return kCancelReasons; }
Words mail_domains() { return kMailDomains; }

std::string ascii_name(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (c >= 'a' && c <= 'z') text += c;
        if (c >= 'A' && c <= 'Z') text += static_cast<char>(c - 'A' + 'a');
    }
    return text.empty() ? "owner" : text;
}

}  // namespace vetchart::central
