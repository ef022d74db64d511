import { formatDay, formatInstant, formatMoney, formatNumber, formatTime, fullName } from '../../common/format';
import { currencyOf, isAdmin, zoneOf } from '../../common/session';
import type { Role } from '../../common/types';
import { columnKey, isCompared, referenceOf } from '../column_words';
import { type Key, t } from '../i18n';
import { syncStatus } from '../live';
import type { AttentionAction, AttentionItem } from '../types';
import { roleWord, storedWord } from '../words';

/// What an attention item holds, in the person's words: tables, columns, values, people and computers. No constraint's
/// or column's raw name leaves this file.

const TABLES: Record<string, Key> = {
    owner: 'word.owner',
    patient: 'word.patient',
    medical_record: 'word.record',
    appointment: 'word.appointment',
    bill: 'word.bill',
    bill_item: 'bill.items',
    bill_medical_record: 'bill.records',
    staff: 'nav.members',
    clinic: 'word.clinic',
    service_item: 'settings.prices',
};
export const tableWord = (table: string): string => (TABLES[table] ? t(TABLES[table]) : t('subject.entry'));

export const columnWord = (table: string, column: string): string => {
    const key = columnKey(table, column);
    return key ? t(key) : t('attention.otherField');
};

/// The column that an item is about; an address that another has belongs to the owner's row, whatever the item names.
export const columnOf = (item: AttentionItem): string => (item.code === 'email_taken' ? 'email' : (item.column ?? ''));

export type Image = Record<string, unknown>;
export const isImage = (value: unknown): value is Image => typeof value === 'object' && value !== null && !Array.isArray(value);

/// The feed names a node by its id, which says nothing to a person but whether it is this one.
export function nodeWord(node: string | null): string {
    if (node === null || node === '') return '';
    const here = syncStatus.value?.node;
    if (node === here?.id || node === here?.name) return t('attention.thisNode');
    return /^[0-9a-f]{8}-/.test(node) ? t('attention.otherNode') : node;
}

function listWord(value: readonly unknown[]): string {
    return value.map((part) => (typeof part === 'string' ? roleWord(part as Role) : String(part))).join(', ');
}

export function valueWord(table: string, column: string, value: unknown, clinicId: string): string {
    if (value === null || value === undefined || value === '') return t('attention.empty');
    if (column === 'active') return t(value === true || value === 1 ? 'word.yes' : 'word.no');
    if (typeof value === 'number' && column.endsWith('_cents')) return formatMoney(value / 100, currencyOf(clinicId));
    if (typeof value === 'number' && column.endsWith('_milli')) return formatNumber(value / 1000);
    if (column === 'items' && Array.isArray(value) && value.length > 0) return value.join('\n');
    if (Array.isArray(value)) return value.length === 0 ? t('attention.empty') : listWord(value);
    if (typeof value === 'object') return JSON.stringify(value);
    const text = String(value);
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return formatDay(text);
    if (/^\d{4}-\d\d-\d\dT/.test(text)) return formatInstant(text, zoneOf(clinicId));
    if (column === 'time') return formatTime(text);
    return storedWord(table, column, text) ?? text;
}

/// A person by name. Someone of headquarters has an address alone; an id of somebody whom this computer does not know
/// says nothing.
export function personWord(actor: string | null | undefined): string {
    if (!actor || /^[0-9a-f]{8}-/.test(actor)) return '';
    return actor.startsWith('hq:') ? t('decision.headquarters', { who: actor.slice('hq:'.length) }) : actor;
}

/// Who wrote a version, on which computer and when; central's own where nobody is known.
function byLine(
    actor: string | null | undefined,
    node: string | null | undefined,
    at: string | null | undefined,
    clinicId: string,
): string {
    const parts = [personWord(actor), nodeWord(node ?? null), at ? formatInstant(at, zoneOf(clinicId)) : ''].filter(Boolean);
    return parts.length === 0 ? t('attention.atCentral') : parts.join(' · ');
}
export const mineBy = (item: AttentionItem): string => byLine(item.actor, item.node, item.at, item.clinicId);
export const theirsBy = (item: AttentionItem): string => byLine(item.theirsActor, item.theirsNode, item.theirsAt, item.clinicId);

/// Shows a notice of a change that central accepted, with what was before and what is now.
export const tellsWhatWasDone = (item: AttentionItem): boolean => item.kind === 'notice' && item.theirs === null;

/// A person compares what a column says, or the row that it names. Who a veterinarian is stands beside it in print.
const isShown = (table: string, column: string): boolean =>
    isCompared(table, column) || (referenceOf(column) !== null && referenceOf(column)?.table !== 'staff');

/// The rows to compare: one column, or those in which two images differ.
export function compared(item: AttentionItem): [string, unknown, unknown][] {
    // The other owner's whole card is no version of this one's address.
    if (item.code === 'email_taken') return [];
    const [mine, theirs] = tellsWhatWasDone(item) ? [item.base, item.mine] : [item.mine, item.theirs];
    if (!isImage(mine) && !isImage(theirs)) {
        return item.column && columnKey(item.table, item.column) ? [[item.column, mine, theirs]] : [];
    }
    const left = isImage(mine) ? mine : {};
    const right = isImage(theirs) ? theirs : {};
    return [...new Set([...Object.keys(left), ...Object.keys(right)])]
        .filter((name) => isShown(item.table, name))
        .map((name): [string, unknown, unknown] => [name, left[name], right[name]])
        .filter(([, a, b]) => JSON.stringify(a ?? null) !== JSON.stringify(b ?? null));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/// The newest image of the item's row that the item has: of a held change or a group, else of a delete.
export const imageOf = (item: AttentionItem): Image => {
    const change = item.changes?.find((part) => part.table === item.table && part.rowId === item.rowId);
    const found = [item.mine, item.theirs, item.base, change?.mine, change?.base].filter(isImage);
    return Object.assign({}, ...found.reverse()) as Image;
};

/// The bill that an item of a bill's parts is about; null: the item is about no bill.
export function billOf(item: AttentionItem): string | null {
    if (item.table === 'bill') return item.rowId;
    if (item.table === 'bill_medical_record') return item.rowId.split('/')[0] || null;
    return item.table === 'bill_item' ? text(imageOf(item).bill_id) || null : null;
}

/// The page that shows the item's row; null: none does.
export function linkOf(item: AttentionItem): string | null {
    // No node has a page of a row whose patient is in the archive.
    if (item.code === 'archived') return null;
    switch (item.table) {
        case 'owner':
            return `/owners/${item.rowId}`;
        case 'patient':
            return `/patients/${item.rowId}`;
        case 'bill':
        case 'bill_item':
        case 'bill_medical_record': {
            const bill = billOf(item);
            return bill === null ? null : `/bills/${bill}`;
        }
        case 'medical_record':
            return `/records/${item.rowId}`;
        case 'appointment':
            return `/appointments/${item.rowId}`;
        case 'staff':
            return '/members';
        case 'clinic':
        case 'service_item':
            return '/settings';
        default:
            return null;
    }
}

/// The name of the row as the item's own images have it; '': they do not say.
export function nameIn(table: string, image: Image, clinicId: string): string {
    const person = fullName({ firstName: text(image.first_name), lastName: text(image.last_name) });
    switch (table) {
        case 'owner':
        case 'staff':
            return person;
        case 'patient':
        case 'clinic':
            return text(image.name);
        case 'bill':
            return text(image.bill_number) || text(image.provisional_number);
        case 'bill_item':
        case 'service_item':
            return text(image.description);
        case 'medical_record':
            return image.visit_date ? valueWord(table, 'visit_date', image.visit_date, clinicId) : '';
        case 'appointment':
            return image.date ? valueWord(table, 'date', image.date, clinicId) : '';
        default:
            return '';
    }
}

const ACTIONS: Record<AttentionAction, Key> = {
    keep: 'decide.keep',
    useMine: 'decide.useMine',
    setValue: 'decide.setValue',
    mergeOwners: 'decide.mergeOwners',
    restore: 'action.restore',
    retry: 'action.retry',
    editAndRetry: 'decide.editAndRetry',
    discard: 'decide.discard',
};
/// Where an action means something more exact than in general.
const SPECIAL: Record<string, Key> = {
    'email_taken.keep': 'decide.keepWithoutEmail',
    'email_taken.setValue': 'decide.otherEmail',
    'delete_refused.keep': 'decide.keepRow',
    'delete_refused.useMine': 'decide.deleteAllTheSame',
    'notice.keep': 'decide.seen',
};

const isAction = (action: string): action is AttentionAction => action in ACTIONS;

/// What a button of the item, or a decision about it, is called.
export function actionWord(item: Pick<AttentionItem, 'kind' | 'code'>, action: string): string {
    if (!isAction(action)) return t('decision.other');
    const special = SPECIAL[`${item.code}.${action}`] ?? SPECIAL[`${item.kind}.${action}`];
    return t(special ?? ACTIONS[action]);
}

/// The word of the same button on a settled item, where it takes the decision back.
export function undoWord(item: AttentionItem, action: AttentionAction): string {
    if (action === 'keep' && item.kind === 'conflict') return t('undo.keep');
    if (action === 'keep') return t('action.undo');
    if (action === 'retry') return t('undo.retry');
    return actionWord(item, action);
}

export const isSettled = (item: AttentionItem): boolean => item.status === 'resolved';
export const isWaiting = (item: AttentionItem): boolean => item.decision?.state === 'waiting';

/// The actions that stand for this person now, in the order of their buttons. One decision at a time: while one
/// waits for its answer there is nothing to press.
export function actionsOf(item: AttentionItem): AttentionAction[] {
    if (isWaiting(item)) return [];
    return item.actions.filter(isAction).filter((action) => action !== 'discard' || isAdmin(item.clinicId));
}
