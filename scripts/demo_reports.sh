# shellcheck shell=bash
# The demo's end: three of HQ's reports over its clinics, and whether their figures are the bills'.

REPORT_FROM=$(date -u -d "$(date -u +%Y-%m-01) -2 months" +%F)
REPORT_TO=$(date -u +%F)

show_report() { # TITLE NAME ARGUMENT...
    step "$1"
    shift
    saw "$("$CENTRAL" report "$@" 2>&1 || true)"
}

demo_show_reports() {
    show_report "report: what was billed and paid in three months" revenue --from "$REPORT_FROM" --to "$REPORT_TO"
    show_report "report: who owes what, by days past due" receivables
    show_report "report: SOUTH's visits of this month" visits --from "${REPORT_TO%-*}-01" --to "$REPORT_TO" \
        --clinic SOUTH
}

report_sum() { # KEY REPORT ARGUMENT...: over all rows
    local key=$1
    shift
    "$CENTRAL" report "$@" --format json | jq "[.rows[].$key] | add // 0"
}

bill_sum() { # EXPRESSION CONDITION: over bills (b) and their clinics (c)
    sql "$DEMO_DB" -c "SELECT coalesce($1, 0) FROM bill b JOIN clinic c ON c.id = b.clinic_id
        WHERE b.deleted_at IS NULL AND $2"
}

demo_check_reports() {
    local month="date_trunc('month', b.issued_at AT TIME ZONE c.timezone)"
    check_that "revenue has the bills issued in those months" equal \
        "$(report_sum issuedBills revenue --from "$REPORT_FROM" --to "$REPORT_TO")" \
        "$(bill_sum "count(*)" "$month >= '$REPORT_FROM'")"
    check_that "receivables have all that is issued and neither paid nor cancelled" equal \
        "$(report_sum openBills receivables)" "$(bill_sum "count(*)" "b.status IN ('sent', 'overdue')")"
    check_that "visits have the records of the month" equal \
        "$(report_sum visits visits --from "${REPORT_TO%-*}-01" --to "$REPORT_TO" --clinic SOUTH)" \
        "$(sql "$DEMO_DB" -c "SELECT count(*) FROM medical_record r JOIN clinic c ON c.id = r.clinic_id
            WHERE c.code = 'SOUTH' AND r.deleted_at IS NULL AND r.visit_date BETWEEN '${REPORT_TO%-*}-01'
            AND '$REPORT_TO'")"
}
