# shellcheck shell=bash
# ./dev demo --once: two nodes of one clinic work offline, then meet. Every step says what it saw.

TODAY=$(date -u +%F)
DUE=$(date -u -d '+30 days' +%F)
declare -A NEW_OWNER=() NEW_PATIENT=() NEW_RECORDS=() NEW_APPOINTMENT=() NEW_BILL=() PROVISIONAL=()

new_row() { # NODE PATH JSON: the new row's id
    api POST "$1" "$2" "$3" | jq -er .id
}

offline_chart() { # NODE OWNER PATIENT: owner, patient, two records and an appointment
    local node=$1 owner patient first second
    owner=$(new_row "$node" /api/owners "$(jq -nc --arg last "$2" '{firstName: "Dana", lastName: $last,
        email: ("dana." + ($last | ascii_downcase) + "@mail.example"), phone: "+1-555-0199", address: "1 Elm St",
        notes: ""}')")
    patient=$(new_row "$node" /api/patients "$(jq -nc --arg owner "$owner" --arg name "$3" '{
        ownerId: $owner, name: $name, species: "Dog", breed: "Beagle", age: 3, gender: "Female",
        weight: 11.4, weightUnit: "kg", status: "active"}')")
    first=$(new_record "$node" "$patient" vaccine "Rabies booster")
    second=$(new_record "$node" "$patient" dental "Scale and polish")
    NEW_APPOINTMENT[$node]=$(new_row "$node" /api/appointments "$(jq -nc --arg patient "$patient" --arg day "$DUE" '{
        patientId: $patient, date: $day, time: "09:30", duration: 30, reason: "Follow-up", veterinarian: "J Lee"}')")
    NEW_OWNER[$node]=$owner
    NEW_PATIENT[$node]=$patient
    NEW_RECORDS[$node]="$first $second"
}

new_record() { # NODE PATIENT TYPE TREATMENT
    new_row "$1" /api/records "$(jq -nc --arg patient "$2" --arg type "$3" --arg treatment "$4" --arg day "$TODAY" '{
        patientId: $patient, visitDate: $day, recordType: $type, symptoms: "None", diagnosis: "Healthy",
        treatment: $treatment, notes: "", veterinarian: "J Lee"}')"
}

# Three items, linked to both records.
offline_bill() { # NODE
    local bill
    bill=$(api POST "$1" /api/bills "$(jq -nc --arg owner "${NEW_OWNER[$1]}" --arg patient "${NEW_PATIENT[$1]}" \
        --arg appointment "${NEW_APPOINTMENT[$1]}" --arg records "${NEW_RECORDS[$1]}" \
        --arg day "$TODAY" --arg due "$DUE" '{
        ownerId: $owner, patientId: $patient, appointmentId: $appointment, medicalRecordIds: ($records | split(" ")),
        items: [{description: "Exam", quantity: 1, unitPrice: 55, totalPrice: 55},
                {description: "Rabies booster", quantity: 1, unitPrice: 32.5, totalPrice: 32.5},
                {description: "Dental cleaning", quantity: 1, unitPrice: 180, totalPrice: 180}],
        subtotal: 267.5, tax: 21.4, totalAmount: 288.9, status: "sent", billDate: $day, dueDate: $due, notes: ""}')")
    NEW_BILL[$1]=$(jq -er .id <<<"$bill")
    PROVISIONAL[$1]=$(jq -er .billNumber <<<"$bill")
    check_that "$1: the bill shows its provisional number ${PROVISIONAL[$1]}, three items, two records, 288.90" \
        json_holds "$bill" '.numberStatus == "provisional" and .billNumber == .provisionalNumber
                 and (.items | length) == 3 and (.medicalRecordIds | length) == 2
                 and .totalAmount == 288.9 and .syncState == "local"'
}

is_offline() { json_holds "$(status_of "$1")" '.online == false'; }
is_all_sent() { json_holds "$(status_of "$1")" '.online and .pendingChanges == 0 and .pendingTransactions == 0'; }
has_final_bill() { # NODE BILL-OF-NODE
    json_holds "$(api GET "$1" "/api/bills/${NEW_BILL[$2]}")" '.numberStatus == "final" and .syncState == "confirmed"'
}

pending_line() { # NODE
    status_of "$1" | jq -r '"online: \(.online), waiting: \(.pendingChanges) changes in \(.pendingTransactions) "
                            + "transactions, the oldest of \(.oldestPendingAt // "-")"'
}

# SOUTH's node knows one clinic, and shows the owners that central has of it and no others.
south_is_alone() {
    local shown known
    [ "$(node_sql south 'SELECT group_concat(code) FROM clinic')" = SOUTH ] || return 1
    shown=$(api GET south /api/owners | jq -r '.[].id' | sort)
    known=$(sql "$DEMO_DB" -c "SELECT o.id FROM owner o JOIN clinic c ON c.id = o.clinic_id
        WHERE c.code = 'SOUTH' AND o.deleted_at IS NULL" | sort)
    [ -n "$shown" ] && [ "$shown" = "$known" ]
}

demo_check_migration() {
    step "the migrated clinic is whole"
    check_that "owners to bill links: the same counts, the same cents, the same numbers" \
        equal "$LEGACY_COUNTS" "$MIGRATED_COUNTS"
    check_that "migration_issue is empty" equal "$(sql "$DEMO_DB" -c 'SELECT count(*) FROM migration_issue')" 0
    check_that "a second migrate has nothing to do" "$CENTRAL" migrate
    check_that "SOUTH's node has no row of NORTH" south_is_alone
}

demo_go_offline() {
    local node
    step "central is stopped (SIGTERM); both nodes of NORTH notice and go on"
    stop_process central
    for node in front laptop; do
        api POST "$node" /api/sync/now >/dev/null 2>&1 || true
        wait_until 90 "$node to see that central is gone" is_offline "$node"
        saw "$node: $(pending_line "$node")"
    done
}

# The owner of the first patient that has a record.
pick_owner_with_history() {
    node_sql front "SELECT p.owner_id FROM patient p JOIN medical_record r ON r.patient_id = p.id
                    WHERE p.owner_id IS NOT NULL ORDER BY p.id LIMIT 1"
}

demo_work_offline() {
    local node
    RECORDS_BEFORE=$(node_sql front "SELECT count(*) FROM medical_record")
    step "offline work: on each node an owner, a patient, two records, an appointment, a bill"
    offline_chart front Frontdesk Biscuit
    offline_bill front
    offline_chart laptop Laptop Pepper
    offline_bill laptop
    login laptop vet@vetchart.example
    check_that "a vet logs in on the laptop with no network" json_holds "$(api GET laptop /api/auth/me)" \
        '.roles == ["veterinarian"]'
    login laptop admin@vetchart.example

    step "offline: the front desk deletes an owner who has patients with records"
    DELETED_OWNER=$(pick_owner_with_history)
    DELETED_PATIENTS=$(node_sql front "SELECT group_concat(id, ' ') FROM patient WHERE owner_id = '$DELETED_OWNER'")
    api DELETE front "/api/owners/$DELETED_OWNER?withPatients=keep" >/dev/null
    check_that "the owner is out of the list, the row keeps its place" equal \
        "$(api GET front /api/owners | jq --arg id "$DELETED_OWNER" 'map(select(.id == $id)) | length')" 0

    step "offline: both nodes change the phone of one owner"
    CONFLICT_OWNER=$(node_sql front "SELECT id FROM owner WHERE id <> '$DELETED_OWNER' AND deleted_at IS NULL
                                     AND version > 0 ORDER BY id DESC LIMIT 1")
    api PUT front "/api/owners/$CONFLICT_OWNER" '{"phone": "+1-555-1000"}' >/dev/null
    api PUT laptop "/api/owners/$CONFLICT_OWNER" '{"phone": "+1-555-2000"}' >/dev/null
    saw "$(for node in front laptop; do phone_of "$node"; done)"

    step "offline: what a person sees"
    for node in front laptop; do
        saw "$node: $(pending_line "$node")"
        check_that "$node: work is waiting, and says since when" json_holds "$(status_of "$node")" \
            '.online == false and .pendingTransactions >= 7 and .oldestPendingAt != null'
        check_that "$node: the bill is marked as not sent yet" json_holds \
            "$(api GET "$node" "/api/bills/${NEW_BILL[$node]}")" '.syncState == "local"'
    done
    check_that "the laptop does not know the front desk's owner yet" \
        equal "$(node_sql laptop "SELECT count(*) FROM owner WHERE id = '${NEW_OWNER[front]}'")" 0
}

phone_of() { # NODE
    printf '%s has %s\n' "$1" "$(api GET "$1" "/api/owners/$CONFLICT_OWNER" | jq -r .phone)"
}

demo_check_conflict() {
    local node item
    step "the phone that both changed: one value everywhere, the other one kept"
    saw "$(for node in front laptop; do phone_of "$node"; done)"
    check_that "both nodes show the same phone" equal \
        "$(api GET front "/api/owners/$CONFLICT_OWNER" | jq -r .phone)" \
        "$(api GET laptop "/api/owners/$CONFLICT_OWNER" | jq -r .phone)"
    for node in front laptop; do
        item=$(api GET "$node" /api/attention | jq -c --arg id "$CONFLICT_OWNER" 'map(select(.rowId == $id)) | .[0]')
        check_that "$node: the attention list has both values" json_holds "$item" '.kind == "conflict"
            and ([.mine, .theirs | tostring] | (join(" ") | contains("+1-555-1000") and contains("+1-555-2000")))'
    done
}

demo_come_back() {
    local started=$SECONDS node other
    step "central is back; nobody presses a button"
    start_central
    for node in front laptop; do
        wait_until 90 "$node to send all" is_all_sent "$node"
        for other in front laptop; do
            wait_until 90 "the final number of ${PROVISIONAL[$other]} on $node" has_final_bill "$node" "$other"
        done
    done
    saw "all sent, pulled and numbered after $((SECONDS - started)) s"
    for node in front laptop; do saw "$node: $(pending_line "$node")"; done
}

demo_check_numbers() {
    local maker node bill numbers=()
    step "final bill numbers"
    for maker in front laptop; do
        for node in front laptop; do
            bill=$(api GET "$node" "/api/bills/${NEW_BILL[$maker]}")
            numbers+=("$(jq -r .billNumber <<<"$bill")")
            check_that "$node: ${PROVISIONAL[$maker]} is now $(jq -r .billNumber <<<"$bill")" json_holds "$bill" \
                ".numberStatus == \"final\" and (.billNumber | test(\"^BILL-[0-9]{6,}\$\"))
                 and .provisionalNumber == \"${PROVISIONAL[$maker]}\" and (.items | length) == 3
                 and (.medicalRecordIds | length) == 2"
        done
    done
    check_that "both nodes show the same number for a bill" \
        equal "${numbers[0]} ${numbers[2]}" "${numbers[1]} ${numbers[3]}"
    check_that "the two bills have two numbers" equal "$(printf '%s\n' "${numbers[@]}" | sort -u | wc -l)" 2
    check_that "no number is given twice, none is missing" equal \
        "$(sql "$DEMO_DB" -c 'SELECT count(*) - count(DISTINCT bill_number) FROM bill')" 0
    check_that "a bill is found by the number on its paper" json_holds \
        "$(api GET laptop "/api/bills?q=${PROVISIONAL[front]}")" "map(.id) == [\"${NEW_BILL[front]}\"]"
}

demo_check_deleted_owner() {
    local node patient
    step "the deleted owner's patients and records stand"
    for node in front laptop; do
        check_that "$node: the owner is hidden" equal \
            "$(api GET "$node" /api/owners | jq --arg id "$DELETED_OWNER" 'map(select(.id == $id)) | length')" 0
        for patient in $DELETED_PATIENTS; do
            check_that "$node: patient $patient is there, with its owner shown as deleted" json_holds \
                "$(api GET "$node" "/api/patients/$patient")" \
                ".owner.id == \"$DELETED_OWNER\" and .owner.deletedAt != null"
        done
        check_that "$node: $RECORDS_BEFORE records before, and the four new ones" equal \
            "$(node_sql "$node" 'SELECT count(*) FROM medical_record')" "$((RECORDS_BEFORE + 4))"
    done
}

demo_scenario() {
    demo_check_migration
    demo_go_offline
    demo_work_offline
    demo_come_back
    demo_check_numbers
    demo_check_deleted_owner
    demo_check_conflict
    step "the same rows everywhere: all columns of all ten tables"
    check_same_rows front laptop NORTH
    local path
    for path in owners patients records appointments bills; do check_same_list front laptop "/api/$path"; done
    check_that "SOUTH still sees nothing of it" south_is_alone
    demo_show_reports
    demo_check_reports
    step "result"
    say "      $((DEMO_CHECKS - DEMO_FAILURES)) of $DEMO_CHECKS checks held"
    [ "$DEMO_FAILURES" = 0 ] || die "the scenario failed"
}
