import { describe, expect, it } from 'vitest';
import { columnKey, isCompared } from '../src/clinic/column_words';
import { en } from '../src/clinic/i18n/en';
import { COLUMNS } from '../src/common/rows';

describe('the columns that a person compares', () => {
    it('each have a word', () => {
        const without = Object.entries(COLUMNS).flatMap(([table, columns]) =>
            Object.keys(columns)
                .filter((column) => isCompared(table, column))
                .filter((column) => !((columnKey(table, column) ?? '') in en))
                .map((column) => `${table}.${column}`),
        );
        expect(without).toEqual([]);
    });
    it('are no ids, no hash and no stamps of the program', () => {
        for (const column of ['id', 'clinic_id', 'owner_id', 'created_at', 'updated_at', 'version']) {
            expect(isCompared('patient', column)).toBe(false);
        }
        expect(isCompared('staff', 'password_hash')).toBe(false);
        expect(isCompared('bill_item', 'position')).toBe(false);
    });
    it('are shown also when a newer node has them and this app not', () => {
        expect(isCompared('patient', 'nickname')).toBe(true);
        expect(columnKey('patient', 'nickname')).toBe(null);
    });
});
