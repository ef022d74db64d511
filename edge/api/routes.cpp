#include <array>

#include "edge/api/handlers.h"
#include "edge/api/router.h"

namespace vetchart::edge {
namespace {

using enum Access;
using T = ChartTable;

constexpr std::array kRoutes = {
    Route{"POST", "/api/auth/login", login, vetchart::edge::login, "Log in with e-mail and password", {}, true},
    Route{"POST", "/api/auth/logout", open, logout, "End the session (?everywhere=true: all of the person's)"},
    Route{"GET", "/api/auth/me", user, get_me, "The user of the token"},
    Route{"GET", "/api/setup", open, get_setup, "Does the node wait to be set up?"},
    Route{"POST", "/api/setup/enroll", open, enroll_at_setup, "Join central with an invitation", {}, true},
    Route{"POST", "/api/setup", open, set_up, "Make the clinic and its first administrator", {}, true},

    Route{"GET", "/api/search", user, search,
          "Owners, patients and bills by words, numbers and their ends; near: one letter differs"},
    Route{"GET", "/api/owners/similar", user, get_similar_owners, "Owners that look like the one described"},
    Route{"GET", "/api/owners", user, list_charts, "Owners, newest first", T::owner},
    Route{"POST", "/api/owners", user, create_chart, "New owner", T::owner, true},
    Route{"GET", "/api/owners/{id}", user, get_chart, "One owner", T::owner},
    Route{"GET", "/api/owners/{id}/balance", user, get_owner_balance, "What the owner has still to pay"},
    Route{"PUT", "/api/owners/{id}", user, replace_chart, "Change an owner", T::owner, true},
    Route{"DELETE", "/api/owners/{id}", user, delete_chart, "Delete an owner", T::owner},
    Route{"POST", "/api/owners/{id}/restore", user, restore_chart, "Bring a deleted owner back", T::owner},
    Route{"POST", "/api/owners/{id}/merge", user, merge_owner, "Merge into another owner", {}, true},

    Route{"GET", "/api/patients", user, list_charts, "Patients, newest first", T::patient},
    Route{"POST", "/api/patients", user, create_chart, "New patient", T::patient, true},
    Route{"GET", "/api/patients/{id}", user, get_chart, "One patient", T::patient},
    Route{"PUT", "/api/patients/{id}", user, replace_chart, "Change a patient", T::patient, true},
    Route{"DELETE", "/api/patients/{id}", user, delete_chart, "Delete a patient", T::patient},
    Route{"POST", "/api/patients/{id}/restore", user, restore_chart, "Bring a deleted patient back", T::patient},

    Route{"GET", "/api/records", user, list_charts, "Medical records, newest visit first", T::medical_record},
    Route{"POST", "/api/records", user, create_chart, "New medical record", T::medical_record, true},
    Route{"GET", "/api/records/patient/{patientId}", user, list_charts, "A patient's records", T::medical_record},
    Route{"GET", "/api/records/{id}", user, get_chart, "One medical record", T::medical_record},
    Route{"PUT", "/api/records/{id}", user, replace_chart, "Change a medical record", T::medical_record, true},
    Route{"DELETE", "/api/records/{id}", user, delete_chart, "Delete a medical record", T::medical_record},
    Route{"POST", "/api/records/{id}/restore", user, restore_chart, "Bring a deleted record back", T::medical_record},

    Route{"GET", "/api/appointments", user, list_charts, "Appointments, latest first", T::appointment},
    Route{"POST", "/api/appointments", user, create_chart, "New appointment", T::appointment, true},
    Route{"GET", "/api/appointments/{id}", user, get_chart, "One appointment", T::appointment},
    Route{"PUT", "/api/appointments/{id}", user, replace_chart, "Change an appointment", T::appointment, true},
    Route{"PATCH", "/api/appointments/{id}/status", user, set_appointment_status, "Set its status", {}, true},
    Route{"DELETE", "/api/appointments/{id}", user, delete_chart, "Delete an appointment", T::appointment},
    Route{"POST", "/api/appointments/{id}/restore", user, restore_chart, "Bring it back", T::appointment},

    Route{"GET", "/api/bills", user, list_charts, "Bills, newest first", T::bill},
    Route{"POST", "/api/bills", user, create_bill, "New bill with items and record links", T::bill, true},
    Route{"GET", "/api/bills/owner/{ownerId}", user, list_charts, "An owner's bills", T::bill},
    Route{"GET", "/api/bills/patient/{patientId}", user, list_charts, "A patient's bills", T::bill},
    Route{"GET", "/api/bills/{id}", user, get_chart, "One bill", T::bill},
    Route{"PUT", "/api/bills/{id}", user, replace_bill, "Change a bill", T::bill, true},
    Route{"DELETE", "/api/bills/{id}", user, delete_chart, "Delete a bill", T::bill},
    Route{"POST", "/api/bills/{id}/restore", user, restore_chart, "Bring a deleted bill back", T::bill},

    Route{"GET", "/api/service-items", user, list_charts, "The price list", T::service_item},
    Route{"POST", "/api/service-items", user, create_chart, "New price", T::service_item, true},
    Route{"GET", "/api/service-items/{id}", user, get_chart, "One price", T::service_item},
    Route{"PUT", "/api/service-items/{id}", user, replace_chart, "Change a price", T::service_item, true},
    Route{"DELETE", "/api/service-items/{id}", user, delete_chart, "No longer offer it", T::service_item},

    Route{"GET", "/api/staff", admin, get_staff, "Staff of your clinics", T::staff},
    Route{"GET", "/api/vets", user, get_vets, "The active veterinarians"},
    Route{"POST", "/api/staff", admin, create_staff, "New staff member", T::staff, true},
    Route{"PUT", "/api/staff/{id}", admin, replace_staff, "Change a staff member", T::staff, true},
    Route{"POST", "/api/staff/{id}/password", user, set_password, "Set a password", {}, true},
    Route{"POST", "/api/staff/{id}/logout", admin, end_sessions, "End all sessions of a staff member"},
    Route{"GET", "/api/clinic", user, get_clinic, "The clinic (?clinicId= of several)", T::clinic},
    Route{"PUT", "/api/clinic", admin, replace_clinic, "Change the clinic", T::clinic, true},

    Route{"GET", "/api/dashboard/stats", user, get_dashboard, "Counts and the newest records"},
    Route{"GET", "/api/sync/status", user, get_sync_status, "What has been sent and what has not"},
    Route{"POST", "/api/sync/now", user, sync_now, "One complete push and pull"},
    Route{"GET", "/api/attention", user, get_attention, "Conflicts, held work and notices (?status=open|resolved|all)"},
    Route{"POST", "/api/attention/{id}", user, act_on_attention, "Decide one of them", {}, true},

    Route{"GET", "/api/events", user, get_events, "What changes, as server-sent events"},
    Route{"GET", "/api/node", user, get_node, "This node: name, clinics, versions, disk"},
    Route{"POST", "/api/node/backup", admin, back_up_node, "A copy of the database beside it"},
    Route{"POST", "/api/node/enroll", admin, enroll_node_of_page, "Join central", {}, true},

    Route{"GET", "/api/health", open, get_health, "Is the server there?"},
    Route{"GET", "/api/db/health", open, get_database_health, "Does the database answer?"},
    Route{"GET", "/metrics", open, get_metrics, "Prometheus text"},
    Route{"GET", "/api/openapi.json", open, get_openapi, "This description"},
    Route{"GET", "/", open, get_app_page, "The web app"},
};

}  // namespace

std::span<const Route> routes() { return kRoutes; }

}  // namespace vetchart::edge
