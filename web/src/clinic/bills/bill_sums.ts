import { lineCents, parseAmount, parseMoney, toCents } from '../../common/format';
import type { Bill } from '../types';

/// A bill as it is being written, with texts as typed and sums in cents. Pure.
export interface Line {
    key: number;
    description: string;
    quantity: string;
    unitPrice: string;
}

export interface Sums {
    lines: (number | null)[];
    subtotal: number;
    tax: number;
    total: number;
}

/// Lines that are no numbers yet count as nothing; `lines` is null there.
export function sums(lines: readonly Line[], taxRate: string): Sums {
    const cents = lines.map((line) => {
        const quantity = parseAmount(line.quantity);
        const price = parseMoney(line.unitPrice);
        return quantity === null || price === null || quantity <= 0 || price < 0 ? null : lineCents(quantity, price);
    });
    const subtotal = cents.reduce<number>((sum, amount) => sum + (amount ?? 0), 0);
    const rate = parseAmount(taxRate) ?? 0;
    // Half a cent goes up; the rate has at most three decimals.
    const tax = Math.floor((subtotal * Math.round(rate * 1000) + 50_000) / 100_000);
    return { lines: cents, subtotal, tax, total: subtotal + tax };
}

/// Guesses the rate a stored bill was written with: the shortest one that gives its tax to the cent.
export function rateOf(subtotal: number, tax: number): string {
    const base = toCents(subtotal);
    const wanted = toCents(tax);
    if (base === 0 || wanted === 0) return '';
    for (const digits of [0, 1, 2, 3]) {
        const rate = ((wanted / base) * 100).toFixed(digits);
        const probe: Line = { key: 0, description: '', quantity: '1', unitPrice: String(subtotal) };
        if (sums([probe], rate).tax === wanted) return rate;
    }
    return ((wanted / base) * 100).toFixed(3);
}

/// Records that stand on a bill already, each with that bill's number; a cancelled bill bills nothing.
export function billedRecords(
    bills: readonly Pick<Bill, 'id' | 'status' | 'billNumber' | 'medicalRecordIds' | 'deletedAt'>[],
    except: string | null,
): Map<string, string> {
    const found = new Map<string, string>();
    for (const bill of bills) {
        if (bill.id === except || bill.status === 'cancelled' || bill.deletedAt) continue;
        for (const id of bill.medicalRecordIds) found.set(id, bill.billNumber);
    }
    return found;
}
