-- The facts of legacy_counts.sql, from the migrated tables: line by line the same after a migration that lost nothing.
SELECT 'owners ' || count(*) FROM owner;
SELECT 'patients ' || count(*) FROM patient;
SELECT 'records ' || count(*) FROM medical_record;
SELECT 'appointments ' || count(*) FROM appointment;
SELECT 'staff ' || count(*) FROM staff JOIN clinic ON clinic.id = clinic_id WHERE code = 'NORTH';
SELECT 'bills ' || count(*) || ', cents ' || sum(total_cents) FROM bill;
SELECT 'bill items ' || count(*) || ', cents ' || sum(total_price_cents) FROM bill_item;
SELECT 'bill links ' || count(*) FROM bill_medical_record;
SELECT 'bill numbers ' || min(bill_number) || ' to ' || max(bill_number) FROM bill;
