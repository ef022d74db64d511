import { ApiError, type Fault, type Fields } from './api';
import { formatNumber } from './format';
import { type Key, t } from './i18n';

/// Puts the node's refusals into the person's language, by codes and limits (docs/errors.md). A code that is not
/// known here keeps the node's own English sentence.

/// The node's rule for a new password.
export const PASSWORD_MIN = 8;

const FAULTS: Record<string, Key> = {
    required: 'error.required',
    choice: 'fault.choice',
    positive: 'error.positiveNumber',
    bill_issued: 'fault.billIssued',
    bill_paid: 'fault.billPaid',
    day: 'fault.day',
    time: 'fault.time',
    not_found: 'fault.notFound',
    orphan: 'fault.notFound',
    parent_deleted: 'fault.parentDeleted',
    email_taken: 'fault.taken',
    username_taken: 'fault.taken',
    code_taken: 'fault.taken',
    taken: 'fault.taken',
    bad_email: 'fault.email',
    too_large: 'fault.tooLarge',
    clinic_forbidden: 'error.forbidden',
    instant: 'fault.invalid',
    text: 'fault.invalid',
    flag: 'fault.invalid',
    not_finite: 'fault.invalid',
    invalid: 'fault.invalid',
};

const ANSWERS: Record<string, Key> = {
    unreachable: 'error.unreachable',
    // These are about who this is, and what they may do.
    login_failed: 'error.loginFailed',
    too_many_attempts: 'error.tooManyAttempts',
    login_required: 'error.sessionEnded',
    token_expired: 'error.sessionEnded',
    token_invalid: 'error.sessionEnded',
    header_required: 'error.sessionEnded',
    other_user: 'error.otherUser',
    forbidden: 'error.forbidden',
    clinic_forbidden: 'error.forbidden',
    // These are about rows.
    not_found: 'error.notFound',
    stale: 'error.stale',
    invalid_fields: 'error.fields',
    last_admin: 'fault.lastAdmin',
    bill_closed: 'fault.billClosed',
    bill_issued: 'fault.billIssued',
    bill_paid: 'fault.billPaid',
    cancel_reason: 'fault.cancelReason',
    has_patients: 'fault.hasPatients',
    still_referenced: 'fault.stillReferenced',
    orphan: 'fault.notFound',
    foreign_key: 'fault.notFound',
    parent_deleted: 'fault.parentDeleted',
    email_taken: 'fault.taken',
    username_taken: 'fault.taken',
    code_taken: 'fault.taken',
    taken: 'fault.taken',
    replace_refused: 'fault.taken',
    bad_email: 'fault.email',
    too_large: 'fault.tooLarge',
    immutable: 'fault.immutable',
    number_by_central: 'fault.immutable',
    value_refused: 'fault.invalid',
    action_unavailable: 'fault.actionUnavailable',
    decision_waiting: 'fault.decisionWaiting',
    item_changed: 'error.stale',
    bad_query: 'fault.badQuery',
    bad_days: 'fault.day',
    // These are about the node and central.
    already_set_up: 'fault.alreadySetUp',
    setup_code_wrong: 'fault.setupCode',
    setup_needed: 'fault.setupNeeded',
    already_enrolled: 'fault.alreadyEnrolled',
    into_required: 'fault.intoRequired',
    other_clinics: 'fault.otherClinics',
    ca_not_shown: 'fault.notThisCentral',
    invitation_invalid: 'fault.invitation',
    not_enrolled: 'fault.notEnrolled',
    central_unreachable: 'fault.central',
    central_refused: 'fault.centralRefused',
    outcome_unknown: 'fault.outcomeUnknown',
    busy: 'error.busy',
    database_unavailable: 'error.busy',
    too_many_streams: 'error.busy',
    out_of_space: 'fault.diskFull',
    disk_unwritable: 'fault.diskUnwritable',
    database_moved: 'fault.databaseMoved',
    node_key_missing: 'fault.nodeFiles',
    node_key_unusable: 'fault.nodeFiles',
    node_key_other: 'fault.nodeFiles',
    ca_unusable: 'fault.nodeFiles',
    other_site: 'fault.otherSite',
    wrong_host: 'fault.wrongHost',
    // Only a fault in this program or in the node's set-up leads to these.
    bad_limit: 'error.unknown',
    bad_cursor: 'error.unknown',
    bad_key: 'error.unknown',
    bad_status: 'error.unknown',
    idempotency_key_reused: 'error.unknown',
    internal: 'error.unknown',
    malformed: 'error.unknown',
    malformed_answer: 'error.unknown',
    method_not_allowed: 'error.unknown',
    no_backup: 'error.unknown',
    no_enrolment: 'error.unknown',
    refused: 'error.unknown',
    unsupported_type: 'error.unknown',
    uri_too_long: 'error.unknown',
    expectation_failed: 'error.unknown',
    head_too_large: 'error.unknown',
    not_implemented: 'error.unknown',
    version_unsupported: 'error.unknown',
};

/// An error's words, in the person's language where the app knows the code, else the node's own sentence.
export function errorText(error: unknown): string {
    if (!(error instanceof ApiError)) return t('error.unknown');
    if (error.code === 'weak_password') return t('members.passwordShort', { n: PASSWORD_MIN });
    const key = ANSWERS[error.code];
    return key === undefined ? error.message || t('error.unknown') : t(key);
}

const numberWord = (value: unknown): string => formatNumber(Number(value ?? 0));

function words(fault: Fault): string | null {
    switch (fault.code) {
        case 'length':
            return t(Number(fault.min) > 0 ? 'fault.length' : 'fault.tooLong', { max: numberWord(fault.max) });
        case 'number':
            return t('fault.number', { min: numberWord(fault.min), max: numberWord(fault.max) });
        case 'sum':
            return t('fault.sum', { expected: numberWord(fault.expected) });
        case 'count':
            return t('fault.count', { max: numberWord(fault.max) });
        case 'weak_password':
            return t('members.passwordShort', { n: PASSWORD_MIN });
        default: {
            const key = FAULTS[fault.code];
            return key === undefined ? null : t(key);
        }
    }
}

/// Each refused field with its words.
export function fieldTexts(error: ApiError): Fields {
    const texts: Fields = {};
    for (const [name, sentence] of Object.entries(error.fields)) {
        const fault = error.faults[name];
        const found = fault === undefined ? null : words(fault);
        texts[name] =
            found === null ? sentence : fault?.item === undefined ? found : `${t('bill.item', { n: Number(fault.item) })}: ${found}`;
    }
    return texts;
}
