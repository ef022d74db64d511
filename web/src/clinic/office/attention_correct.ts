import type { AttentionItem, HeldChange } from '../types';
import { isImage } from './attention_words';
import { fieldOf, type ValueField } from './value_fields';

/// The change that a person corrects: the first, which the others hang on. A node that did not write the work has its
/// head alone.
export function firstChange(item: AttentionItem): HeldChange | undefined {
    if (item.changes.length > 0) return item.changes[0];
    if (item.kind !== 'quarantine' || !isImage(item.mine)) return undefined;
    return { table: item.table, rowId: item.rowId, op: 'update', mine: item.mine, base: null };
}

/// The columns of it that a person can write, with the value as it was written.
export function correctable(item: AttentionItem): [string, ValueField, unknown][] {
    const change = firstChange(item);
    if (change === undefined || change.op === 'delete' || change.mine === null) return [];
    return Object.entries(change.mine).flatMap(([column, value]): [string, ValueField, unknown][] => {
        const field = fieldOf(change.table, column);
        return field === null ? [] : [[column, field, value]];
    });
}
