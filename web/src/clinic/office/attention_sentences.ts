import { formatDay, formatInstant } from '../../common/format';
import { zoneOf } from '../../common/session';
import { referenceOf } from '../column_words';
import { type Key, t } from '../i18n';
import type { AttentionItem } from '../types';
import { actionWord, columnWord, isImage, isSettled, mineBy, personWord, theirsBy, valueWord } from './attention_words';
import type { Subject } from './subject';

/// What each code of an item means (docs/errors.md), said to a person: a heading and one or two sentences. A code
/// that is not known here, of a newer central, keeps central's own English sentence.

interface Words {
    title: Key;
    text: Key;
}

const WORDS: Record<string, Words> = {
    changed_elsewhere: { title: 'item.changed.title', text: 'item.changed' },
    status_elsewhere: { title: 'item.status.title', text: 'item.status' },
    bill_changed: { title: 'item.bill.title', text: 'item.bill' },
    email_taken: { title: 'item.email.title', text: 'item.email' },
    delete_refused: { title: 'item.delete.title', text: 'item.delete' },

    waiting: { title: 'item.waiting.title', text: 'item.waiting' },
    archived: { title: 'item.archived.title', text: 'item.archived' },
    depends_on_held: { title: 'item.depends.title', text: 'item.depends' },
    row_missing: { title: 'item.missing.title', text: 'item.missing' },
    row_deleted: { title: 'item.gone.title', text: 'item.gone' },
    invalid_value: { title: 'item.invalid.title', text: 'item.invalid' },
    internal: { title: 'item.internal.title', text: 'item.internal' },
    unreadable: { title: 'item.unreadable.title', text: 'item.unreadable' },
    admin_needed: { title: 'item.adminNeeded.title', text: 'item.adminNeeded' },
    last_admin: { title: 'item.lastAdmin.title', text: 'item.lastAdmin' },
    deactivated_elsewhere: { title: 'item.deactivated.title', text: 'item.deactivated' },
    staff_email_taken: { title: 'item.staffEmail.title', text: 'item.staffEmail' },
    username_taken: { title: 'item.username.title', text: 'item.username' },
    value_taken: { title: 'item.taken.title', text: 'item.taken' },
    code_taken: { title: 'item.code.title', text: 'item.code' },
    unknown_timezone: { title: 'item.timezone.title', text: 'item.timezone' },
    bill_issued: { title: 'item.billIssued.title', text: 'item.billIssued' },

    worked_on_deleted: { title: 'item.workedOnDeleted.title', text: 'item.workedOnDeleted' },
    inserted_over_deleted: { title: 'item.insertedOver.title', text: 'item.insertedOver' },
    brought_back: { title: 'item.broughtBack.title', text: 'item.broughtBack' },
    link_lost: { title: 'item.linkLost.title', text: 'item.linkLost' },
    redirected: { title: 'item.redirected.title', text: 'item.redirected' },
    merge_moot: { title: 'item.mergeMoot.title', text: 'item.mergeMoot' },
    staff_added: { title: 'item.staffAdded.title', text: 'item.staffAdded' },
    staff_changed: { title: 'item.staffChanged.title', text: 'item.staffChanged' },
    staff_deleted: { title: 'item.staffDeleted.title', text: 'item.staffDeleted' },
    password_changed: { title: 'item.password.title', text: 'item.password' },
    clinic_changed: { title: 'item.clinicChanged.title', text: 'item.clinicChanged' },
    staff_joined: { title: 'item.joined.title', text: 'item.joined' },
    staff_joined_without_admin: { title: 'item.joinedWithout.title', text: 'item.joinedWithout' },
    bill_date_ahead: { title: 'item.ahead.title', text: 'item.ahead' },
    provisional_number_taken: { title: 'item.number.title', text: 'item.number' },
};

/// The codes that have words here.
export const KNOWN_CODES: readonly string[] = Object.keys(WORDS);

/// Of these only central's own sentence says which value it is about.
const TOLD_BY_CENTRAL = new Set(['invalid_value']);

/// An item of before codes: a conflict of one column is one of changes elsewhere.
const codeOf = (item: AttentionItem): string => item.code || (item.kind === 'conflict' ? 'changed_elsewhere' : '');

const IN_GENERAL: Record<AttentionItem['kind'], Words> = {
    conflict: { title: 'attention.conflict', text: 'attention.conflictText' },
    quarantine: { title: 'attention.quarantine', text: 'attention.quarantineText' },
    notice: { title: 'attention.notice', text: 'attention.noticeText' },
};

/// So many characters of a value stand in a sentence; the comparison below it has the whole.
const QUOTED_MAX = 60;

function quoted(item: AttentionItem, value: unknown, named: string): string {
    if (isImage(value)) return '';
    if (item.column && value && referenceOf(item.column) !== null) return named || t('attention.otherEntry');
    const words = valueWord(item.table, item.column ?? '', value, item.clinicId).replace(/\s+/g, ' ');
    return words.length > QUOTED_MAX ? `${words.slice(0, QUOTED_MAX).trimEnd()}…` : words;
}

const dateOf = (item: AttentionItem): string => {
    const found = isImage(item.mine) ? item.mine.bill_date : item.mine;
    return typeof found === 'string' ? formatDay(found) : '';
};

function fill(key: Key, item: AttentionItem, subject: Subject): string {
    return t(key, {
        column: item.column ? columnWord(item.table, item.column) : '',
        name: subject.name || subject.words,
        other: subject.other || t('attention.otherOwner'),
        mine: quoted(item, item.mine, subject.mine),
        theirs: quoted(item, item.theirs, subject.theirs),
        mineBy: mineBy(item),
        theirsBy: theirsBy(item),
        day: dateOf(item),
    });
}

export interface Sentences {
    /// The item's heading: what it is about, and what happened to it.
    title: string;
    text: string;
}

export function sentencesOf(item: AttentionItem, subject: Subject): Sentences {
    const found = WORDS[codeOf(item)];
    const title = (key: Key): string => `${subject.words}: ${fill(key, item, subject)}`;
    const why = item.reason ? ` ${t('attention.why', { reason: item.reason })}` : '';
    if (found !== undefined) {
        const text = fill(found.text, item, subject);
        return { title: title(found.title), text: TOLD_BY_CENTRAL.has(item.code) ? text + why : text };
    }
    const general = IN_GENERAL[item.kind];
    return { title: title(general.title), text: t(general.text) + why };
}

const instant = (at: string | null | undefined, item: AttentionItem): string => formatInstant(at, zoneOf(item.clinicId));
const by = (who: string | null | undefined): string => personWord(who) || t('decision.somebody');

/// Ways in which an item is settled without a decision about it.
const BY_ITSELF: Record<string, Key> = {
    moot: 'decision.wasMoot',
    restored: 'decision.wasRestored',
    erased: 'decision.wasErased',
};

function settledText(item: AttentionItem): string {
    if (!isSettled(item)) return '';
    const action = item.action ?? '';
    const at = instant(item.decidedAt, item);
    const key = BY_ITSELF[action];
    return key ? t(key, { at }) : t('decision.settled', { action: actionWord(item, action), who: by(item.decidedBy), at });
}

/// How the item was settled, or what became of the last decision about it; null: nobody has decided yet.
export function decisionText(item: AttentionItem): { text: string; isTrouble: boolean } | null {
    const { decision } = item;
    const settled = settledText(item);
    if (!decision) return settled === '' ? null : { text: settled, isTrouble: false };
    const mine = { action: actionWord(item, decision.action), who: by(decision.actor), at: instant(decision.decidedAt, item) };
    switch (decision.state) {
        case 'waiting':
            return { text: t('decision.waitingText', mine), isTrouble: false };
        case 'late':
            // The answer names whoever was first; where the item tells it too, it is said in the person's language.
            return { text: [t('decision.late', mine), settled || (decision.answer ?? '')].filter(Boolean).join(' '), isTrouble: true };
        case 'refused':
            return { text: [t('decision.refused', mine), decision.answer ?? ''].filter(Boolean).join(' '), isTrouble: true };
        case 'done':
            return { text: settled || t('decision.settled', mine), isTrouble: false };
    }
}
