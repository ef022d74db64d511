-- One line per fact that the migration has to keep; migrated_counts.sql asks the same of the new tables.
SELECT 'owners ' || count(*) FROM "Owner";
SELECT 'patients ' || count(*) FROM "Patient";
SELECT 'records ' || count(*) FROM "MedicalRecord";
SELECT 'appointments ' || count(*) FROM "Appointment";
SELECT 'staff ' || count(*) FROM "User";
SELECT 'bills ' || count(*) || ', cents ' || sum(round("totalAmount"::numeric * 100)) FROM "Bill";
SELECT 'bill items ' || count(*) || ', cents ' || sum(round((item ->> 'totalPrice')::numeric * 100))
FROM "Bill", jsonb_array_elements(items) AS item;
SELECT 'bill links ' || sum(cardinality("medicalRecordIds")) FROM "Bill";
SELECT 'bill numbers ' || min("billNumber") || ' to ' || max("billNumber") FROM "Bill";
