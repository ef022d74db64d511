import { afterEach, describe, expect, it, vi } from 'vitest';
import { nextOf } from '../src/common/api';
import { addDays, dayIn, formatDay, lineCents, parseAmount, parseMoney, span, timeIn, timeOf } from '../src/common/format';
import { match } from '../src/common/router';
import { ageNoted, formatAge } from '../src/clinic/age';
import { addMonths, vaccinations, weights, yearChange } from '../src/clinic/charts/chart_facts';
import type { MedicalRecord } from '../src/clinic/types';

vi.hoisted(() => {
    Object.assign(globalThis, {
        location: { pathname: '/', search: '', origin: 'http://node' },
        history: { state: null },
    });
    // The pages are tested in a browser; here only what needs none.
    Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en-US'], language: 'en-US' }, configurable: true });
});

afterEach(() => vi.unstubAllEnvs());

const record = (row: Partial<MedicalRecord>): MedicalRecord => ({
    id: 'r',
    clinicId: 'c',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '',
    patientId: 'p',
    visitDate: '2026-01-01',
    visitedAt: null,
    recordType: 'treatment',
    symptoms: '',
    diagnosis: '',
    treatment: '',
    notes: null,
    veterinarian: 'V',
    veterinarianId: null,
    weight: null,
    weightUnit: null,
    nextDueOn: null,
    ownerNameSnapshot: null,
    ownerPhoneSnapshot: null,
    ...row,
});

describe('days', () => {
    it('stay the same day in every zone', () => {
        for (const zone of ['Pacific/Kiritimati', 'America/Los_Angeles', 'UTC']) {
            vi.stubEnv('TZ', zone);
            expect(formatDay('2026-03-29')).toBe('Mar 29, 2026');
            expect(addDays('2026-03-29', 1)).toBe('2026-03-30');
        }
    });
    it("are the clinic's, not the browser's", () => {
        const at = new Date('2026-11-22T23:30:00Z');
        expect(dayIn('Pacific/Auckland', at)).toBe('2026-11-23');
        expect(dayIn('America/Chicago', at)).toBe('2026-11-22');
        expect(timeIn('America/Chicago', at)).toBe('17:30');
        expect(timeIn('UTC', new Date('2026-11-22T00:05:00Z'))).toBe('00:05');
    });
    it('move by months without leaving the month', () => {
        expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
        expect(addMonths('2024-02-29', 12)).toBe('2025-02-28');
    });
});

const born = (birthDate: string | null) => ({
    birthDate,
    age: null,
    createdAt: '2026-11-01T10:00:00.000Z',
    updatedAt: '2026-11-01T10:00:00.000Z',
});
const noted = (age: number, createdAt: string, updatedAt = createdAt) => ({ birthDate: null, age, createdAt, updatedAt });

describe('ages', () => {
    it('without a birth date grow, and say when they were noted', () => {
        const once = noted(5, '2020-03-12T09:00:00.000Z');
        expect(formatAge(once, '2020-03-12')).toBe('5 years');
        expect(formatAge(once, '2026-11-22')).toBe('11 years');
        expect(ageNoted(once, 'UTC')).toBe('5 years noted on Mar 12, 2020');
        // Changed since, nobody knows whether the age was.
        const changed = noted(5, '2020-03-12T09:00:00.000Z', '2024-05-04T09:00:00.000Z');
        expect(formatAge(changed, '2026-11-22')).toBe('7 to 11 years');
        expect(ageNoted(changed, 'UTC')).toBe('5 years noted between Mar 12, 2020 and May 4, 2024');
        // It ends with the animal's life, and never shrinks.
        expect(formatAge(changed, '2019-01-01')).toBe('5 years');
        expect(ageNoted(born('2016-11-23'), 'UTC')).toBe('');
    });
    it('are told in weeks, months and years', () => {
        expect(formatAge(born('2026-11-01'), '2026-11-22')).toBe('3 weeks');
        expect(formatAge(born('2026-11-21'), '2026-11-22')).toBe('1 day');
        expect(formatAge(born('2025-06-30'), '2026-11-22')).toBe('16 months');
        expect(formatAge(born('2016-11-23'), '2026-11-22')).toBe('9 years');
        expect(formatAge(born(null), '2026-11-22')).toBe('');
    });
    it('count whole months only', () => expect(span('2026-01-31', '2026-02-28').months).toBe(0));
});

describe('amounts', () => {
    it('are read as people of both habits type them', () => {
        expect(parseAmount('1,234.50')).toBe(1234.5);
        expect(parseAmount('1.234,50')).toBe(1234.5);
        expect(parseAmount('12,5')).toBe(12.5);
        expect(parseAmount(' $ 7 ')).toBe(7);
        expect(parseAmount('ten')).toBeNull();
        expect(parseAmount('')).toBeNull();
    });
    it('are multiplied in cents, half a cent up', () => {
        expect(lineCents(3, 0.1)).toBe(30);
        expect(lineCents(1.005, 1)).toBe(101);
        expect(lineCents(0.5, 0.01)).toBe(1);
        expect(lineCents(1, 1.15)).toBe(115);
    });
    it('times stay within the day', () => expect([timeOf(-5), timeOf(75), timeOf(2000)]).toEqual(['00:00', '01:15', '23:59']));
});

describe('a chart', () => {
    it('says of each vaccine when it is due, the most urgent first', () => {
        const rows = [
            record({ recordType: 'vaccine', treatment: 'Rabies', visitDate: '2024-01-10', nextDueOn: '2025-01-10' }),
            record({ recordType: 'vaccine', treatment: 'rabies', visitDate: '2025-01-10', nextDueOn: '2028-01-10' }),
            record({ recordType: 'vaccine', treatment: 'DHPP', visitDate: '2025-11-30' }),
            record({ recordType: 'treatment', treatment: 'Rest' }),
        ];
        expect(vaccinations(rows, '2026-11-22')).toEqual([
            { name: 'DHPP', givenOn: '2025-11-30', dueOn: '2026-11-30', assumed: true, state: 'soon' },
            { name: 'rabies', givenOn: '2025-01-10', dueOn: '2028-01-10', assumed: false, state: 'current' },
        ]);
    });
    it('draws its weights in one unit', () => {
        const points = weights(
            [
                record({ visitDate: '2026-02-01', weight: 11, weightUnit: 'kg' }),
                record({ visitDate: '2025-12-01', weight: 22.046, weightUnit: 'lbs' }),
            ],
            'kg',
        );
        expect(points).toEqual([
            { day: '2025-12-01', weight: 10 },
            { day: '2026-02-01', weight: 11 },
        ]);
        expect(yearChange(points)).toBeCloseTo(10);
    });
});

describe('addresses', () => {
    it('match by their parts', () => {
        expect(match('/owners/:id', '/owners/a1')).toEqual({ id: 'a1' });
        expect(match('/owners/:id', '/owners/')).toBeNull();
        expect(match('/owners/:id', '/owners/%zz')).toEqual({ id: '%zz' });
        expect(match('/', '/')).toEqual({});
        expect(match('/owners', '/owners/')).toEqual({});
    });
    it('of the next page stand in the Link header', () => {
        expect(nextOf('</api/owners?limit=2&cursor=ab>; rel="next"')).toBe('/api/owners?limit=2&cursor=ab');
        expect(nextOf(null)).toBeNull();
    });
});

describe('money as typed', () => {
    it('takes a sign before three digits for thousands, in every language', () => {
        expect(parseMoney('1,234')).toBe(1234);
        expect(parseMoney('1.234')).toBe(1234);
        expect(parseMoney('1.234.567')).toBe(1234567);
        expect(parseMoney("1'234")).toBe(1234);
    });
    it('takes one or two digits for cents', () => {
        expect(parseMoney('12,5')).toBe(12.5);
        expect(parseMoney('12.50')).toBe(12.5);
        expect(parseMoney('1.234,50')).toBe(1234.5);
        expect(parseMoney('1,234.50')).toBe(1234.5);
        expect(parseMoney('')).toBeNull();
        expect(parseMoney('twelve')).toBeNull();
    });
    it('leaves weights as they are', () => expect(parseAmount('4,125')).toBe(4.125));
});
