import { type ApiError, type Fields, type Fault } from './api';
import { formatNumber } from './format';
import { type Key, t } from './i18n';

/// What the node refused, in the person's language: by its codes and limits (docs/errors.md). What is not known here
/// stays the node's own English sentence.

const FAULTS: Record<string, Key> = {
    required: 'error.required',
    choice: 'fault.choice',
    day: 'fault.day',
    time: 'fault.time',
    not_found: 'fault.notFound',
    orphan: 'fault.notFound',
    parent_deleted: 'fault.parentDeleted',
    email_taken: 'fault.taken',
    username_taken: 'fault.taken',
    code_taken: 'fault.taken',
    taken: 'fault.taken',
    too_large: 'fault.tooLarge',
    clinic_forbidden: 'error.forbidden',
    bad_email: 'fault.email',
};

/// Whole answers, beside those of ui/form.tsx.
const ANSWERS: Record<string, Key> = {
    last_admin: 'fault.lastAdmin',
    bill_closed: 'fault.billClosed',
    bill_issued: 'fault.billIssued',
    still_referenced: 'fault.stillReferenced',
    orphan: 'fault.notFound',
    parent_deleted: 'fault.parentDeleted',
    email_taken: 'fault.taken',
    taken: 'fault.taken',
    setup_code_wrong: 'fault.setupCode',
    already_set_up: 'fault.alreadySetUp',
    out_of_space: 'fault.diskFull',
    too_large: 'fault.tooLarge',
    central_unreachable: 'fault.central',
    invitation_invalid: 'fault.invitation',
    header_required: 'error.sessionEnded',
    internal: 'error.unknown',
};

export function answerText(error: ApiError): string | null {
    const key = ANSWERS[error.code];
    return key === undefined ? null : t(key);
}

const numberWord = (value: unknown): string => formatNumber(Number(value ?? 0));

function words(name: string, fault: Fault): string | null {
    if (name === 'token') return t('fault.invitation');
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
            return t('members.passwordShort', { n: 8 });
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
        const found = fault === undefined ? null : words(name, fault);
        texts[name] =
            found === null ? sentence : fault?.item === undefined ? found : `${t('bill.item', { n: Number(fault.item) })}: ${found}`;
    }
    return texts;
}
