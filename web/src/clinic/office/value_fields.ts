import { parseAmount, parseMoney, toCents, typedNumber } from '../../common/format';
import { type Key, t } from '../i18n';
import { storedChoices } from '../words';

/// The form field in which a person writes a column's value. An item has values as rows are stored, and so has a decision
/// (docs/api.md): amounts in cents, weights in thousandths, flags 0 and 1.
export type ValueField =
    | { kind: 'line'; type: 'text' | 'email' | 'tel' | 'date' | 'time'; maxLength: number }
    | { kind: 'area' }
    | { kind: 'number'; unit: 'cents' | 'milli' | 'whole' }
    | { kind: 'choice'; isFlag?: true; options: { value: string; label: string }[] };

const DAYS = new Set(['birth_date', 'deceased_on', 'weighed_on', 'visit_date', 'next_due_on', 'date', 'bill_date', 'due_date']);
const AREAS = new Set(['notes', 'symptoms', 'diagnosis', 'treatment', 'cancel_reason', 'address']);
const WHOLE = new Set(['age', 'duration']);
/// Columns that nobody writes by hand here: instants, ids, passwords, and lists that have a page of their own.
const UNWRITTEN = /(_at|_id|^id|_into|_hash|^roles|^version|^bill_number|^provisional_number)$/;
const TEXT_MAX = 500;

/// null: a person cannot write this column on the attention page.
export function fieldOf(table: string, column: string): ValueField | null {
    if (UNWRITTEN.test(column)) return null;
    const choices = storedChoices(table, column);
    if (choices !== null) return { kind: 'choice', options: choices };
    if (column === 'active') {
        const option = (value: string, label: Key) => ({ value, label: t(label) });
        return { kind: 'choice', isFlag: true, options: [option('1', 'word.yes'), option('0', 'word.no')] };
    }
    if (DAYS.has(column)) return { kind: 'line', type: 'date', maxLength: 10 };
    if (column === 'time') return { kind: 'line', type: 'time', maxLength: 5 };
    if (AREAS.has(column) || (table === 'appointment' && column === 'reason')) return { kind: 'area' };
    if (column.endsWith('_cents')) return { kind: 'number', unit: 'cents' };
    if (column.endsWith('_milli')) return { kind: 'number', unit: 'milli' };
    if (WHOLE.has(column)) return { kind: 'number', unit: 'whole' };
    return { kind: 'line', type: column === 'email' ? 'email' : column === 'phone' ? 'tel' : 'text', maxLength: TEXT_MAX };
}

const SCALE = { cents: 100, milli: 1000, whole: 1 } as const;

/// The stored value as the field shows it.
export function typed(field: ValueField, value: unknown): string {
    if (value === null || value === undefined) return '';
    if (field.kind === 'number' && typeof value === 'number') {
        return typedNumber(value / SCALE[field.unit], field.unit === 'cents' ? 2 : undefined);
    }
    if (typeof value === 'boolean') return value ? '1' : '0';
    return String(value);
}

/// What was typed, as it is stored; undefined: it is no such value.
export function storedValue(field: ValueField, text: string): unknown {
    const plain = text.trim();
    switch (field.kind) {
        case 'number': {
            if (plain === '') return null;
            const amount = field.unit === 'cents' ? parseMoney(plain) : parseAmount(plain);
            if (amount === null) return undefined;
            if (field.unit === 'cents') return toCents(amount);
            const whole = Number((amount * SCALE[field.unit]).toFixed(4));
            return Number.isInteger(whole) ? whole : undefined;
        }
        case 'choice':
            return plain === '' ? null : field.isFlag ? Number(plain) : plain;
        case 'line':
            // A day, a time or an address that is not given is none; a text that is not given is an empty one.
            return plain === '' && field.type !== 'text' && field.type !== 'tel' ? null : plain;
        case 'area':
            return plain;
    }
}
