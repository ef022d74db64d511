import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { billedRecords } from '../src/clinic/bills/bill_sums';
import { pricesFor } from '../src/clinic/bills/price_match';
import { initialsOf, leastMinutes, place, scaleOf } from '../src/clinic/calendar/schedule';
import { de } from '../src/clinic/i18n/de';
import { en } from '../src/clinic/i18n/en';
import { es } from '../src/clinic/i18n/es';
import { offeredSpecies, shownSpecies, storedSpecies } from '../src/clinic/species';
import type { Appointment, Bill, MedicalRecord, ServiceItem } from '../src/clinic/types';

describe('kinds of animals', () => {
    it("are stored under one name in every language, and shown in the person's", () => {
        expect(storedSpecies('Hund')).toBe('Dog');
        expect(storedSpecies(' perro ')).toBe('Dog');
        expect(storedSpecies('Dog')).toBe('Dog');
        expect(shownSpecies('Dog', 'de')).toBe('Hund');
        // What a page stored in its own language before.
        expect(shownSpecies('Katze', 'es')).toBe('Gato');
        expect(offeredSpecies('de')).toContain('Meerschweinchen');
        expect(offeredSpecies('en').map(storedSpecies)).toEqual(offeredSpecies('en'));
    });
    it('that no list has stay as they were typed', () => {
        expect(storedSpecies('Axolotl')).toBe('Axolotl');
        expect(shownSpecies('Axolotl', 'de')).toBe('Axolotl');
    });
});

describe('the words of the pages', () => {
    it('name no node: that is no word for a receptionist', () => {
        for (const catalogue of [en, de, es]) {
            const texts = Object.values(catalogue).flatMap((found) => (typeof found === 'string' ? [found] : Object.values(found)));
            expect((texts as string[]).filter((text) => /\bnodes?\b|knoten|\bnodos?\b/i.test(text))).toEqual([]);
        }
        expect(readFileSync('index.html', 'utf8')).not.toMatch(/\bnode\b/i);
    });
    it('are not translated by a browser', () => {
        const html = readFileSync('index.html', 'utf8');
        expect(html).toMatch(/<html[^>]* translate="no"/);
        expect(html).toContain('<meta name="google" content="notranslate">');
    });
});

describe('the lists of the pages', () => {
    it('have no end but one that is told', () => {
        const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
            .filter((name) => /\.tsx?$/.test(name))
            .map((name) => [name, readFileSync('src/' + name, 'utf8')] as const);
        const ended = sources.flatMap(([name, text]) =>
            [...text.matchAll(/limit(?:=|: )(?:\d+|[A-Z_]+)/g)].map((found) => `${name}: ${found[0]}`),
        );
        // The pick list and the search say that there is more; the chip's question needs no more than a few.
        expect(ended.sort()).toEqual([
            'clinic/charts/patient_form.tsx: limit: 20',
            'clinic/search.tsx: limit: HITS_MAX',
            'common/picker.tsx: limit: OFFERED_MAX',
        ]);
    });
});

describe('a price', () => {
    const prices = [
        'Consultation',
        'Rabies vaccination',
        'DHPP vaccination',
        'Dental cleaning',
        'Nail trim',
        'Blood panel',
        'Tollwutimpfung',
    ].map((description, index) => ({ id: String(index), description, unitPrice: index }) as ServiceItem);
    const found = (recordType: MedicalRecord['recordType'], treatment: string, diagnosis = ''): string[] =>
        pricesFor({ recordType, treatment, diagnosis, symptoms: '', notes: null }, prices).map((price) => price.description);
    it('is found from what a record really says', () => {
        expect(found('vaccine', 'Rabies')).toEqual(['Rabies vaccination']);
        expect(found('vaccine', 'Gave rabies vaccine (lot 4711) s.c. left shoulder')).toEqual(['Rabies vaccination']);
        expect(found('dental', 'Cleaning of teeth under sedation, tartar removed')).toEqual(['Dental cleaning']);
        expect(found('treatment', 'Trimmed all nails')).toEqual(['Nail trim']);
        expect(found('treatment', '', 'Blood panel without findings')).toEqual(['Blood panel']);
        expect(found('vaccine', 'TOLLWUTIMPFUNG aufgefrischt')).toEqual(['Tollwutimpfung']);
    });
    it('is found for each thing that was done', () =>
        expect(found('vaccine', 'DHPP and rabies').sort()).toEqual(['DHPP vaccination', 'Rabies vaccination']));
    it('is not guessed', () => {
        expect(found('vaccine', 'Leptospirosis')).toEqual([]);
        expect(found('treatment', 'Ear drops twice a day')).toEqual([]);
    });
});

describe('a record', () => {
    it("on another bill is known by that bill's number, unless it was cancelled", () => {
        const bill = (id: string, status: string, ids: string[]) =>
            ({ id, status, billNumber: 'B-' + id, medicalRecordIds: ids, deletedAt: null }) as unknown as Bill;
        const bills = [bill('1', 'sent', ['a']), bill('2', 'cancelled', ['b']), bill('3', 'draft', ['c'])];
        expect([...billedRecords(bills, null)]).toEqual([
            ['a', 'B-1'],
            ['c', 'B-3'],
        ]);
        expect([...billedRecords(bills, '3')]).toEqual([['a', 'B-1']]);
    });
});

describe('a day of short visits', () => {
    const row = (id: string, time: string, duration: number) =>
        ({ id, date: '2026-11-22', time, duration, status: 'scheduled', veterinarian: 'V' }) as Appointment;
    it('has a line of text for each', () => {
        for (const minutes of [5, 10, 15, 30]) {
            const rows = [row('a', '09:00', minutes)];
            const scale = scaleOf(rows);
            const [placed] = place(rows, leastMinutes(scale));
            expect((placed!.end - placed!.start) * scale).toBeGreaterThanOrEqual(28);
        }
    });
    it('lets none lie on the next', () => {
        const rows = [row('a', '09:00', 5), row('b', '09:05', 5), row('c', '09:10', 5)];
        const placed = place(rows, leastMinutes(scaleOf(rows)));
        for (const a of placed)
            for (const b of placed) {
                if (a !== b && a.lane === b.lane) expect(a.end <= b.start || b.end <= a.start).toBe(true);
            }
    });
    it('tells veterinarians apart by their letters', () => {
        expect(initialsOf(['Vera Lind', 'Viktor Lang', 'Cher', 'Vera Lind-Olsen'])).toEqual(['VL', 'VLa', 'Ch', 'VLi']);
    });
});
