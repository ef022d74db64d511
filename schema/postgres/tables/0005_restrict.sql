-- Phase 5: records, appointments and bills hold on to what they name. An appointment that goes only leaves its bills.
ALTER TABLE medical_record ADD CONSTRAINT medical_record_patient_id_fkey
    FOREIGN KEY (patient_id) REFERENCES patient (id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE appointment ADD CONSTRAINT appointment_patient_id_fkey
    FOREIGN KEY (patient_id) REFERENCES patient (id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE bill
    ADD CONSTRAINT bill_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES owner (id) ON DELETE RESTRICT NOT VALID,
    ADD CONSTRAINT bill_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient (id) ON DELETE RESTRICT NOT VALID,
    ADD CONSTRAINT bill_appointment_id_fkey FOREIGN KEY (appointment_id) REFERENCES appointment (id) ON DELETE SET NULL
        NOT VALID;
ALTER TABLE bill_item ADD CONSTRAINT bill_item_bill_id_fkey
    FOREIGN KEY (bill_id) REFERENCES bill (id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE bill_medical_record
    ADD CONSTRAINT bill_medical_record_bill_id_fkey FOREIGN KEY (bill_id) REFERENCES bill (id) ON DELETE RESTRICT NOT
        VALID,
    ADD CONSTRAINT bill_medical_record_medical_record_id_fkey
        FOREIGN KEY (medical_record_id) REFERENCES medical_record (id) ON DELETE RESTRICT NOT VALID;
