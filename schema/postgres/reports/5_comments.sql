-- What every view and column of schema `report` means, where a BI tool shows it. A column without a comment stops the
-- migration.

COMMENT ON SCHEMA report IS 'HQ''s reports. Names are stable. Definitions: docs/reports.md. Money is in cents of the
row''s currency; days and months are those of the clinic''s time zone; archived rows count.';

DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT * FROM (VALUES
        ('clock', 'What the clock reads where a simulation moved it.'),
        ('fact_clinic', 'One row per clinic.'),
        ('fact_bill', 'One row per bill: drafts, cancelled, soft-deleted and archived ones too, each marked.'),
        ('fact_bill_item', 'One row per line of a bill.'),
        ('fact_staff', 'One row per member of a clinic''s staff.'),
        ('fact_visit', 'One row per medical record, without clinical text; soft-deleted and archived ones are marked.'),
        ('fact_patient', 'One row per patient, without its name; soft-deleted and archived ones are marked.'),
        ('fact_appointment', 'One row per appointment; soft-deleted and archived ones are marked.'),
        ('fact_node', 'One row per node and clinic it keeps.'),
        ('open_items', 'Open conflicts and quarantined transactions per clinic and node.'),
        ('freshness', 'Per clinic: how far its active nodes'' work has arrived. Belongs beside every figure.'),
        ('revenue', 'Bills issued, cancelled, paid and refunded per clinic, currency and month. Drafts never count. An '
            'issued bill counts in its month for ever, also when it was cancelled (then again as cancelled) or '
            'soft-deleted since (then also as deleted). Default range: the last twelve whole months and this one; '
            'report.revenue(from, to) takes another.'),
        ('receivables', 'Issued bills neither paid nor cancelled by the end of the clinic''s today, by days past due. '
            'Drafts do not count, soft-deleted issued bills do. report.receivables(day) takes another day.'),
        ('visits', 'Medical records that are not soft-deleted, per clinic, month, record type and veterinarian: '
            'a person, whatever the spelling of the name. Default range as in revenue.'),
        ('vaccinations', 'Vaccinations given in the default range, and how the active patients stand at its end, or '
            'today. Soft-deleted records and patients do not count; archived ones as given only.'),
        ('patients', 'Patients seen per clinic and month: new, returning; and lapsed. Soft-deleted visits do not '
            'count. Default range as in revenue.'),
        ('appointments', 'Appointments per clinic and weekday by what became of them. Soft-deleted ones do not count. '
            'Default range as in revenue.'),
        ('sync_lag', 'Per node and clinic: last contact, what waited then, what is open, versions.')) v (view, text)
    LOOP
        EXECUTE format('COMMENT ON VIEW report.%I IS %L', r.view, r.text);
    END LOOP;
    FOR r IN SELECT a.attrelid::regclass AS view, a.attname AS col, coalesce(own.text, shared.text) AS text
               FROM pg_attribute a JOIN pg_class k ON k.oid = a.attrelid AND k.relkind = 'v'
               LEFT JOIN (VALUES
        ('clinic_id', 'The clinic: fact_clinic.'),
        ('clinic_code', 'The clinic''s short code.'),
        ('clinic_name', 'The clinic''s name.'),
        ('currency', 'ISO 4217, the clinic''s; amounts of different currencies are never added up.'),
        ('timezone', 'The zone its days are counted in; UTC where the clinic''s own is unknown to this server.'),
        ('timezone_known', 'False: the clinic''s time zone is no name this server knows, so it counts as UTC.'),
        ('bill_id', 'The bill: fact_bill.'), ('patient_id', 'The patient: fact_patient.'),
        ('owner_id', 'The owner; names stay in the charts.'), ('appointment_id', 'The appointment: fact_appointment.'),
        ('node_id', 'The node.'), ('node_name', 'Its name.'),
        ('node_code', 'Its code, in front of its provisional numbers.'),
        ('node_state', 'active or revoked.'), ('scope_state', 'active, or closing: being taken from the node.'),
        ('veterinarian', 'As written in the row.'),
        ('veterinarian_id', 'The member of the staff: fact_staff; NULL: nobody of the staff, as far as is known.'),
        ('is_deleted', 'Soft-deleted by a person.'),
        ('is_archived', 'Its patient was archived.'), ('created_at', 'When the row was made.'),
        ('subtotal_cents', 'Before tax.'), ('tax_cents', 'The tax.'), ('total_cents', 'As printed: subtotal and tax.'),
        ('month', 'First day of the month, by the clinic''s calendar.'),
        ('data_as_of', 'The longest-silent active node of the clinic was last heard then; without nodes: now.'),
        ('pending_changes', 'Changes its nodes had not sent at their last contact.'),
        ('oldest_pending_at', 'The oldest of those changes.'),
        ('conflicts', 'Open conflicts.'), ('quarantined', 'Transactions held in quarantine: not in any figure yet.'),
        ('record_type', 'vaccine, surgery, treatment or dental.'),
        ('weekday', '1 Monday to 7 Sunday.'), ('enrolled_at', 'When the node was enrolled.'),
        ('last_push_at', 'Its last push.'), ('last_pull_at', 'Its last pull.'),
        ('clock_offset_ms', 'How far its clock was off, in ms.'), ('schema_version', 'Schema of its database.'),
        ('app_version', 'Version of its program.'), ('as_of_day', 'The day the row stands for, at its end.')
               ) shared (col, text) ON shared.col = a.attname
               LEFT JOIN (VALUES
        ('clock', 'at', 'NULL: the server''s own clock holds.'),
        ('fact_clinic', 'today', 'The clinic''s calendar day now.'),
        ('fact_bill', 'bill_number', 'Central''s number.'),
        ('fact_bill', 'provisional_number', 'The number printed before central''s was known.'),
        ('fact_bill', 'status', 'draft, sent, paid, overdue or cancelled, as it is now.'),
        ('fact_bill', 'bill_date', 'The day on the bill.'),
        ('fact_bill', 'due_date', 'Payable by the end of this day.'),
        ('fact_bill', 'issued_at', 'First status past draft (not cancelled); NULL: never issued.'),
        ('fact_bill', 'paid_at', 'First time it was paid.'),
        ('fact_bill', 'cancelled_at', 'First time it was cancelled.'),
        ('fact_bill', 'received_at', 'When central first had it.'),
        ('fact_bill', 'issued_on', 'The clinic''s day of the issue.'),
        ('fact_bill', 'paid_on', 'The clinic''s day of the payment; NULL: not paid, or the payment was taken back.'),
        ('fact_bill', 'cancelled_on', 'The clinic''s day an issued bill was cancelled; NULL: it stands.'),
        ('fact_bill', 'refunded_on', 'cancelled_on of a bill that had been paid.'),
        ('fact_bill', 'arrived_late', 'Central had it only after the clinic''s month of the issue was over.'),
        ('fact_bill_item', 'bill_item_id', 'The line.'),
        ('fact_bill_item', 'position', 'Its place on the bill, from 0.'),
        ('fact_bill_item', 'description', 'The text of the line.'),
        ('fact_bill_item', 'quantity_milli', 'Thousandths of a unit.'),
        ('fact_bill_item', 'unit_price_cents', 'Price of a unit.'),
        ('fact_bill_item', 'total_price_cents', 'Price of the line, before tax.'),
        ('fact_staff', 'staff_id', 'The staff member.'), ('fact_staff', 'name', 'First and last name.'),
        ('fact_staff', 'is_active', 'False: has left.'),
        ('fact_visit', 'visit_id', 'The medical record.'),
        ('fact_visit', 'visit_date', 'The clinic''s day of the visit.'),
        ('fact_visit', 'next_due_on', 'When it is due again; NULL: not said.'),
        ('fact_patient', 'species', 'As written.'), ('fact_patient', 'breed', 'As written; may be empty.'),
        ('fact_patient', 'gender', 'male, female or unknown.'), ('fact_patient', 'birth_date', 'NULL: not known.'),
        ('fact_patient', 'deceased_on', 'NULL: alive, as far as is known.'),
        ('fact_patient', 'status', 'active or inactive, as it is now.'),
        ('fact_appointment', 'date', 'The clinic''s day.'),
        ('fact_appointment', 'time', 'The clinic''s wall clock, HH:MM.'),
        ('fact_appointment', 'duration', 'Minutes.'),
        ('fact_appointment', 'status', 'scheduled, completed, cancelled or no-show.'),
        ('fact_node', 'last_seen_at', 'Its last successful contact; NULL: not heard since it was enrolled.'),
        ('freshness', 'active_nodes', 'Nodes that keep the clinic and are not revoked.'),
        ('revenue', 'issued_bills', 'Bills issued in the month.'),
        ('revenue', 'issued_subtotal_cents', 'Of those, before tax.'),
        ('revenue', 'issued_tax_cents', 'Of those, tax.'),
        ('revenue', 'issued_total_cents', 'Of those, with tax.'),
        ('revenue', 'cancelled_bills', 'Issued bills cancelled in the month, whenever they were issued.'),
        ('revenue', 'cancelled_subtotal_cents', 'Of those, before tax.'),
        ('revenue', 'cancelled_tax_cents', 'Of those, tax.'),
        ('revenue', 'cancelled_total_cents', 'Of those, with tax.'),
        ('revenue', 'net_subtotal_cents', 'Issued less cancelled, before tax.'),
        ('revenue', 'net_tax_cents', 'Issued less cancelled, tax.'),
        ('revenue', 'net_total_cents', 'Issued less cancelled, with tax.'),
        ('revenue', 'paid_bills', 'Bills paid in the month, whenever they were issued.'),
        ('revenue', 'paid_subtotal_cents', 'Of those, before tax.'), ('revenue', 'paid_tax_cents', 'Of those, tax.'),
        ('revenue', 'paid_total_cents', 'Of those, with tax.'),
        ('revenue', 'refunded_bills', 'Paid bills cancelled in the month.'),
        ('revenue', 'refunded_total_cents', 'Of those, with tax.'),
        ('revenue', 'late_bills', 'Of the issued: those that reached central after the month was over.'),
        ('revenue', 'late_total_cents', 'Of those, with tax.'),
        ('revenue', 'deleted_bills', 'Of the issued: those soft-deleted since.'),
        ('revenue', 'deleted_total_cents', 'Of those, with tax.'),
        ('receivables', 'open_bills', 'All open bills.'), ('receivables', 'open_total_cents', 'Of all open bills.'),
        ('receivables', 'not_due_bills', 'Due after the day.'), ('receivables', 'not_due_cents', 'Due after the day.'),
        ('receivables', 'due_0_to_30_bills', 'Due on the day or up to 30 days before.'),
        ('receivables', 'due_0_to_30_cents', 'Due on the day or up to 30 days before.'),
        ('receivables', 'due_31_to_60_bills', '31 to 60 days past due.'),
        ('receivables', 'due_31_to_60_cents', '31 to 60 days past due.'),
        ('receivables', 'due_61_to_90_bills', '61 to 90 days past due.'),
        ('receivables', 'due_61_to_90_cents', '61 to 90 days past due.'),
        ('receivables', 'due_over_90_bills', 'More than 90 days past due.'),
        ('receivables', 'due_over_90_cents', 'More than 90 days past due.'),
        ('receivables', 'past_due_bills', 'All that are due: the four age groups together.'),
        ('receivables', 'past_due_cents', 'All that are due: the four age groups together.'),
        ('receivables', 'deleted_bills', 'Of the open: soft-deleted ones.'),
        ('receivables', 'deleted_cents', 'Of the open: soft-deleted ones.'),
        ('visits', 'veterinarian', 'The staff member''s name; of nobody of the staff one of the printed spellings.'),
        ('visits', 'visits', 'Medical records.'),
        ('vaccinations', 'given', 'Vaccine records in the range.'),
        ('vaccinations', 'active_patients', 'Patients with status active, alive, not archived.'),
        ('vaccinations', 'covered_patients', 'Of those: vaccinated, and the next one not due before the day.'),
        ('vaccinations', 'coverage_percent', 'covered_patients of active_patients; NULL without any.'),
        ('vaccinations', 'due_30_days', 'Of the active: the next one is due on the day or within 30 days after.'),
        ('vaccinations', 'overdue', 'Of the active: it was due before the day.'),
        ('vaccinations', 'never_vaccinated', 'Of the active: without any vaccine record.'),
        ('patients', 'seen_patients', 'Patients with a visit in the month.'),
        ('patients', 'new_patients', 'Of those: never seen before.'),
        ('patients', 'returning_patients', 'Of those: seen before the month.'),
        ('patients', 'lapsed_patients', 'Active patients whose last visit became 18 months old in the month.'),
        ('appointments', 'appointments', 'All.'), ('appointments', 'completed', 'Took place.'),
        ('appointments', 'no_show', 'Nobody came.'), ('appointments', 'cancelled', 'Called off.'),
        ('appointments', 'open', 'Still scheduled: to come, or nobody said what became of it.'),
        ('appointments', 'no_show_percent', 'no_show of completed and no_show; NULL without any.'),
        ('appointments', 'cancelled_percent', 'cancelled of all.'),
        ('sync_lag', 'last_contact_at', 'Its last successful contact; NULL: not heard since it was enrolled.'),
        ('sync_lag', 'silent_seconds', 'Seconds since then.'),
        ('sync_lag', 'conflicts', 'Open conflicts of this node''s changes in the clinic.'),
        ('sync_lag', 'quarantined', 'Transactions of this node held in the clinic.')
               ) own (view, col, text) ON own.view = k.relname AND own.col = a.attname
              WHERE k.relnamespace = 'report'::regnamespace AND a.attnum > 0 LOOP
        IF r.text IS NULL THEN
            RAISE EXCEPTION 'report: no comment for %.%', r.view, r.col;
        END IF;
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', r.view, r.col, r.text);
    END LOOP;
END $$;

COMMENT ON FUNCTION report.revenue(date, date, uuid) IS 'The view revenue over other days, and for one clinic.';
COMMENT ON FUNCTION report.receivables(date, uuid) IS 'The view receivables as of the end of another day.';
COMMENT ON FUNCTION report.visits(date, date, uuid) IS 'The view visits over other days.';
COMMENT ON FUNCTION report.vaccinations(date, date, uuid) IS 'The view vaccinations over other days.';
COMMENT ON FUNCTION report.vaccination_due(date, uuid) IS 'Per patient: last day with a vaccination up to a day, and
when the next is due: the earliest next_due_on, else 12 months after, of that day''s records.';
COMMENT ON FUNCTION report.patients(date, date, uuid) IS 'The view patients over other days.';
COMMENT ON FUNCTION report.appointments(date, date, uuid) IS 'The view appointments over other days.';
COMMENT ON FUNCTION report.default_from() IS 'First day of the views'' range.';
COMMENT ON FUNCTION report.default_to() IS 'Last day of the views'' range.';
