import { describe, expect, it, vi } from 'vitest';
import { rateOf, sums } from '../src/clinic/bills/bill_sums';

vi.hoisted(() => {
    Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en-US'], language: 'en-US' }, configurable: true });
});
const line = (quantity: string, unitPrice: string) => ({ key: 1, description: 'x', quantity, unitPrice });

describe('a bill', () => {
    it('is summed in cents, the tax rounded half up', () => {
        expect(sums([line('3', '0.10'), line('0,5', '96.41')], '19')).toEqual({ lines: [30, 4821], subtotal: 4851, tax: 922, total: 5773 });
    });
    it('does not count what is no number yet', () => {
        expect(sums([line('', '5'), line('2', '-1'), line('1', '4')], '')).toEqual({
            lines: [null, null, 400],
            subtotal: 400,
            tax: 0,
            total: 400,
        });
    });
    it('finds the rate it was written with', () => {
        expect(rateOf(48.51, 9.22)).toBe('19');
        expect(rateOf(100, 7.25)).toBe('7.25');
        expect(rateOf(100, 0)).toBe('');
    });
});
