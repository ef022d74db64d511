#pragma once

/// Pieces of SQL that several constexpr queries of store/charts*.cpp and store/attention.cpp share. Macros, because
/// only literals can be joined into a constexpr string; included by those .cpp files alone.
///
/// Parameters mean the same in every query: ?1 clinic ids (JSON array; in *_ONE queries the only id), ?2 object of
/// clinic id to present day, ?3 deleted rows too, ?4 LIMIT (-1: none), ?5 ?6 ?7 keys of the last row given,
/// ?8 the id filtered by or the words of the search index, ?9..?12 LIKE patterns that must all match.

#define VC_SCOPE_MANY "x.clinic_id IN (SELECT value FROM json_each(?1))"
#define VC_SCOPE_ONE "x.clinic_id=?1"

#define VC_STAMPS(t) "'createdAt'," t ".created_at,'updatedAt'," t ".updated_at"
#define VC_STAMPS_DELETED(t) VC_STAMPS(t) ",'deletedAt'," t ".deleted_at"

/// A stored integer as the exact decimal number of the JSON.
#define VC_CENTS(c) "json(printf('%d.%02d'," c "/100," c "%100))"

/// What state a person's work on the row is in (docs/architecture.md: sync_item, sync_base, sync_txn).
#define VC_SYNC_STATE(table)                                                                                       \
    "CASE WHEN EXISTS(SELECT 1 FROM sync_item i WHERE i.table_name='" table                                        \
    "' AND i.row_id=x.id AND i.status='open' AND i.kind<>'notice') THEN 'attention' ELSE coalesce((SELECT CASE"    \
    " WHEN t.waiting=1 OR t.outcome='held' THEN 'attention' WHEN t.state='settled' THEN 'confirmed'"               \
    " WHEN t.state IN ('sent','acknowledged') THEN 'sent' ELSE 'local' END"                                        \
    " FROM sync_base s LEFT JOIN sync_txn t"                                                                       \
    " ON t.first_seq=(SELECT max(first_seq) FROM sync_txn WHERE first_seq<=s.last_seq) AND t.last_seq>=s.last_seq" \
    " WHERE s.table_name='" table "' AND s.row_id=x.id),'confirmed') END"

#define VC_OWNER_FIELDS(t)                                                                      \
    "'id'," t ".id,'clinicId'," t ".clinic_id,'firstName'," t ".first_name,'lastName'," t       \
    ".last_name,'email',coalesce(" t ".email,''),'phone',coalesce(" t ".phone,''),'address'," t \
    ".address,'notes',coalesce(" t ".notes,''),'mergedInto'," t ".merged_into," VC_STAMPS_DELETED(t)

/// A patient's own weight is a measurement of this day; one without a day came with the row.
#define VC_OWN_WEIGHT_DAY(t) "coalesce(" t ".weighed_on,substr(" t ".created_at,1,10))"
/// The medical record of patient `t` whose weight is newer than the patient's own: of the newest visit that has one.
/// The unary plus keeps the planner on the patient's index.
#define VC_WEIGHED(t) \
    "(SELECT w.rowid FROM medical_record w WHERE w.clinic_id=" t ".clinic_id AND w.patient_id=" t                    \
    ".id AND w.weight_milli IS NOT NULL AND w.deleted_at IS NULL AND (" t                                            \
    ".weight_milli IS NULL OR w.visit_date>" VC_OWN_WEIGHT_DAY(t) ") ORDER BY +w.visit_date DESC,w.visited_at DESC," \
    "w.created_at DESC,w.id DESC LIMIT 1)"
/// That record as `wx` beside a patient `x`, as `wp` beside a patient `p`: whatever VC_PATIENT_FIELDS shows needs it.
#define VC_WEIGHED_JOIN(t) " LEFT JOIN medical_record w" t " ON w" t ".rowid=" VC_WEIGHED(t)

#define VC_PATIENT_FIELDS(t)                                                                                         \
    "'id'," t ".id,'clinicId'," t ".clinic_id,'ownerId'," t ".owner_id,'name'," t ".name,'species'," t               \
    ".species,'breed'," t ".breed,'birthDate'," t ".birth_date,'age'," t ".age,'deceasedOn'," t                      \
    ".deceased_on,'gender',upper(substr(" t ".gender,1,1))||substr(" t ".gender,2),'weight:milli',coalesce(w" t      \
    ".weight_milli," t ".weight_milli),'weightUnit',coalesce(w" t ".weight_unit," t                                  \
    ".weight_unit),'weighedOn',CASE WHEN w" t ".rowid IS NOT NULL THEN w" t ".visit_date WHEN " t                    \
    ".weight_milli IS NOT NULL THEN " VC_OWN_WEIGHT_DAY(t) " END,'status'," t ".status,'assignedDoctor',coalesce(" t \
                                                           ".assigned_doctor,''),'handlingDifficulty'," t            \
                                                           ".handling_difficulty,'microchip'," t                     \
                                                           ".microchip,'notes'," t ".notes," VC_STAMPS_DELETED(t)

#define VC_RECORD_FIELDS(t)                                                                                            \
    "'id'," t ".id,'clinicId'," t ".clinic_id,'patientId'," t ".patient_id,'visitDate'," t                             \
    ".visit_date,'visitedAt'," t ".visited_at,'recordType'," t ".record_type,'symptoms'," t ".symptoms,'diagnosis'," t \
    ".diagnosis,'treatment'," t ".treatment,'notes'," t ".notes,'veterinarian'," t ".veterinarian,'weight:milli'," t   \
    ".weight_milli,'weightUnit'," t ".weight_unit,'nextDueOn'," t ".next_due_on,'ownerNameSnapshot'," t                \
    ".owner_name_snapshot,'ownerPhoneSnapshot'," t ".owner_phone_snapshot," VC_STAMPS_DELETED(t)

#define VC_APPOINTMENT_FIELDS(t)                                                                                 \
    "'id'," t ".id,'clinicId'," t ".clinic_id,'patientId'," t ".patient_id,'date'," t ".date,'time',coalesce(" t \
    ".time,''),'duration'," t ".duration,'reason'," t ".reason,'status'," t ".status,'notes'," t                 \
    ".notes,'veterinarian'," t ".veterinarian," VC_STAMPS_DELETED(t)

/// A sent bill past its due day is shown as overdue at once; central's sweep stores it later.
#define VC_BILL_FIELDS(t)                                                                                           \
    "'id'," t ".id,'clinicId'," t ".clinic_id,'ownerId'," t ".owner_id,'patientId'," t                              \
    ".patient_id,'appointmentId'," t ".appointment_id,'billNumber',coalesce(" t ".bill_number," t                   \
    ".provisional_number),'provisionalNumber'," t ".provisional_number,'numberStatus',CASE WHEN " t                 \
    ".bill_number IS NULL THEN 'provisional' ELSE 'final' END,'subtotal:cents'," t ".subtotal_cents,'tax:cents'," t \
    ".tax_cents,'totalAmount:cents'," t ".total_cents,'status',CASE WHEN " t ".status='sent' AND " t                \
    ".due_date<json_extract(?2,'$.\"'||" t ".clinic_id||'\"') THEN 'overdue' ELSE " t ".status END,'billDate'," t   \
    ".bill_date,'dueDate'," t ".due_date,'issuedAt'," t ".issued_at,'paidAt'," t ".paid_at,'cancelledAt'," t        \
    ".cancelled_at,'cancelReason'," t ".cancel_reason,'notes'," t ".notes," VC_STAMPS_DELETED(t)

/// The row `t` inside another one, as JsonRow (json_row.h) writes it; null when it is not there.
#define VC_EMBED(name, t, fields) "'" name "{'," t ".id," fields ",'}',NULL"

// Whole rows, what a GET answers: pairs for JsonRow. Of a bill ChartRows (chart_rows.h) adds items and records.
#define VC_OWNER_ROW VC_OWNER_FIELDS("x") ",'syncState'," VC_SYNC_STATE("owner")
#define VC_PATIENT_ROW \
    VC_PATIENT_FIELDS("x") "," VC_EMBED("owner", "o", VC_OWNER_FIELDS("o")) ",'syncState'," VC_SYNC_STATE("patient")
#define VC_PATIENT_WITH_OWNER \
    VC_EMBED("patient", "p", VC_PATIENT_FIELDS("p") "," VC_EMBED("owner", "o", VC_OWNER_FIELDS("o")))
#define VC_RECORD_ROW VC_RECORD_FIELDS("x") "," VC_PATIENT_WITH_OWNER ",'syncState'," VC_SYNC_STATE("medical_record")
#define VC_APPOINTMENT_ROW \
    VC_APPOINTMENT_FIELDS("x") "," VC_PATIENT_WITH_OWNER ",'syncState'," VC_SYNC_STATE("appointment")
#define VC_BILL_ROW                                                \
    VC_BILL_FIELDS("x")                                            \
    "," VC_EMBED("owner", "o", VC_OWNER_FIELDS("o")) "," VC_EMBED( \
        "patient", "p",                                            \
        VC_PATIENT_FIELDS("p")) "," VC_EMBED("appointment", "a",   \
                                             VC_APPOINTMENT_FIELDS("a")) ",'syncState'," VC_SYNC_STATE("bill")
#define VC_BILL_ITEM_ROW                                                                             \
    "'id',i.id,'position',i.position,'description',i.description,'quantity:milli',i.quantity_milli," \
    "'unitPrice:cents',i.unit_price_cents,'totalPrice:cents',i.total_price_cents"
#define VC_PRICE_ROW                                                                                                   \
    "'id',x.id,'clinicId',x.clinic_id,'description',x.description,'unitPrice:cents',x.unit_price_cents,'active:bool'," \
    "x.active," VC_STAMPS("x") ",'syncState'," VC_SYNC_STATE("service_item")

#define VC_OWNER_FROM "owner x"
#define VC_PATIENT_FROM "patient x LEFT JOIN owner o ON o.id=x.owner_id" VC_WEIGHED_JOIN("x")
#define VC_RECORD_FROM                                                                                                \
    "medical_record x LEFT JOIN patient p ON p.id=x.patient_id LEFT JOIN owner o ON o.id=p.owner_id" VC_WEIGHED_JOIN( \
        "p")
#define VC_APPOINTMENT_FROM \
    "appointment x LEFT JOIN patient p ON p.id=x.patient_id LEFT JOIN owner o ON o.id=p.owner_id" VC_WEIGHED_JOIN("p")
#define VC_BILL_FROM                                                                       \
    "bill x LEFT JOIN owner o ON o.id=x.owner_id LEFT JOIN patient p ON p.id=x.patient_id" \
    " LEFT JOIN appointment a ON a.id=x.appointment_id" VC_WEIGHED_JOIN("p")
#define VC_PRICE_FROM "service_item x"

#define VC_LIVE "(?3 OR x.deleted_at IS NULL)"
#define VC_LIVE_PRICE "(?3 OR x.active=1)"

/// The text is folded as the search index is (Connection knows the function). The first pattern always; an unused one
/// is not even compared, since making the text is what costs.
#define VC_LIKE(text)                                                          \
    " AND vc_fold(" text ") LIKE ?9 ESCAPE '\\' AND (?10='%' OR vc_fold(" text \
    ") LIKE ?10 ESCAPE '\\') AND (?11='%'"                                     \
    " OR vc_fold(" text ") LIKE ?11 ESCAPE '\\') AND (?12='%' OR vc_fold(" text ") LIKE ?12 ESCAPE '\\')"
/// What `q` looks at in an owner; the phone also without its blanks and dashes, as people type it.
#define VC_OWNER_TEXT(t)                                                                               \
    "coalesce(" t ".first_name||' '||" t ".last_name||' '||coalesce(" t ".email,'')||' '||coalesce(" t \
    ".phone,'')||' '||coalesce(replace(replace(" t ".phone,' ',''),'-',''),''),'')"
