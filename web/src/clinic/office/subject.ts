import { type Table, useQuery } from '../../common/data';
import { formatDay, formatTime, fullName } from '../../common/format';
import { referenceOf } from '../column_words';
import { t } from '../i18n';
import type { Appointment, AttentionItem, Bill, MedicalRecord, Owner, Patient } from '../types';
import { billOf, imageOf, isImage, nameIn, tableWord } from './attention_words';

/// What an item is about, by the name that people at the desk have for it: whose card, which bill's number. Where the
/// item's own images do not say, the node is asked for the row.

interface Question {
    path: string;
    table: Table;
    name: (row: never) => string;
}

/// Which row of the node has the name; null: it is not asked.
function questionOf(item: AttentionItem): Question | null {
    if (item.code === 'archived') return null;
    const bill = billOf(item);
    if (bill !== null) return { path: `/api/bills/${bill}`, table: 'bill', name: (row: Bill) => row.billNumber };
    switch (item.table) {
        case 'owner':
            return { path: `/api/owners/${item.rowId}`, table: 'owner', name: (row: Owner) => fullName(row) };
        case 'patient':
            return { path: `/api/patients/${item.rowId}`, table: 'patient', name: (row: Patient) => row.name };
        case 'medical_record':
            return {
                path: `/api/records/${item.rowId}`,
                table: 'medical_record',
                name: (row: MedicalRecord) => [row.patient?.name, formatDay(row.visitDate)].filter(Boolean).join(', '),
            };
        case 'appointment':
            return {
                path: `/api/appointments/${item.rowId}`,
                table: 'appointment',
                name: (row: Appointment) =>
                    [row.patient?.name, formatDay(row.date), row.time && formatTime(row.time)].filter(Boolean).join(', '),
            };
        default:
            return null;
    }
}

/// Of a taken address the one who has it is shown too: that image is not the item's row.
const ownName = (item: AttentionItem): string => (item.code === 'email_taken' ? '' : nameIn(item.table, imageOf(item), item.clinicId));

/// The item's row in words: "Owner Nora Quist", "Bill BILL-000123", and the word of its table where no name is known.
export function subjectWord(item: AttentionItem, name: string): string {
    const told = name || ownName(item);
    if (told === '') return tableWord(item.table);
    switch (item.table) {
        case 'owner':
            return t('subject.owner', { name: told });
        case 'patient':
            return t('subject.patient', { name: told });
        case 'medical_record':
            return t('subject.record', { name: told });
        case 'appointment':
            return t('subject.appointment', { name: told });
        case 'bill':
        case 'bill_item':
        case 'bill_medical_record':
            return t('subject.bill', { name: told });
        case 'staff':
            return t('subject.member', { name: told });
        case 'clinic':
            return t('subject.clinic', { name: told });
        case 'service_item':
            return t('subject.price', { name: told });
        default:
            return told;
    }
}

const NO_NAME = (_: never): string => '';

interface Named {
    id: string;
    name?: string;
    firstName?: string;
    lastName?: string;
    date?: string;
    patient?: Patient | null;
}

const nameOf = (row: Named): string =>
    row.date ? [row.patient?.name, formatDay(row.date)].filter(Boolean).join(', ') : (row.name ?? fullName(row as Owner));

/// The name of the row that a reference's value names; '': it is none, or this computer does not have the row.
export function useReferenced(column: string | null | undefined, value: unknown): string {
    const reference = column ? referenceOf(column) : null;
    const asked = reference !== null && typeof value === 'string' && value !== '';
    const isList = reference?.path === '/api/vets';
    const path = asked ? (isList ? reference.path : `${reference.path}/${value}`) : null;
    const found = useQuery<Named | Named[]>(path, reference ? [reference.table] : []).data;
    const row = Array.isArray(found) ? found.find(({ id }) => id === value) : found;
    return row ? nameOf(row) : '';
}

export interface Subject {
    /// The name alone, for a sentence; '': nobody knows it.
    name: string;
    words: string;
    /// Whom an item of a taken address names as the one who has it; '' for every other item.
    other: string;
    /// The rows that the two versions name, where the item's column names rows; '' for every other item.
    mine: string;
    theirs: string;
}

export function useSubject(item: AttentionItem): Subject {
    const question = questionOf(item);
    const row = useQuery<never>(question?.path ?? null, question ? [question.table] : []);
    const otherId = item.code === 'email_taken' && typeof item.theirs === 'string' ? item.theirs : null;
    const holder = useQuery<Owner>(otherId === null ? null : `/api/owners/${otherId}`, ['owner']);
    const name = row.data === null ? '' : (question?.name ?? NO_NAME)(row.data);
    const other = isImage(item.theirs) ? nameIn('owner', item.theirs, item.clinicId) : fullName(holder.data);
    const mine = useReferenced(item.column, item.mine);
    const theirs = useReferenced(item.column, item.theirs);
    return {
        mine,
        theirs,
        name: name || ownName(item),
        words: subjectWord(item, name),
        other: item.code === 'email_taken' ? other : '',
    };
}
