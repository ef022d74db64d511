import { describe, expect, it, vi } from 'vitest';
import { type Doubt, doubtsAbout } from '../src/common/doubt';
import { appointmentDoubts, billDoubts, chipDoubts, patientDoubts, recordDoubts, weightDoubts } from '../src/clinic/doubts';
import type { Patient } from '../src/clinic/types';

vi.hoisted(() => {
    Object.assign(globalThis, { location: { pathname: '/', search: '', origin: 'http://node' }, history: { state: null } });
    Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en-US'], language: 'en-US' }, configurable: true });
});

const TODAY = '2026-11-22';
const texts = (doubts: Doubt[]): string[] => doubts.map((doubt) => doubt.text);
const rex = { id: 'p', name: 'Rex', birthDate: '2020-01-01', deceasedOn: '2026-06-01' } as Patient;

describe('what is asked about before it is saved', () => {
    it('a life that begins before 1900, after today, or after its end', () => {
        const values = { birthDate: '2016-02-03', deceasedOn: '', age: null };
        expect(patientDoubts(values, TODAY)).toEqual([]);
        expect(texts(patientDoubts({ ...values, birthDate: '0202-02-03' }, TODAY))).toEqual(['Birth date: Feb 3, 202 is before 1900.']);
        expect(texts(patientDoubts({ ...values, birthDate: '2026-12-03' }, TODAY))).toEqual(['Birth date: Dec 3, 2026 is still to come.']);
        expect(texts(patientDoubts({ ...values, deceasedOn: '2015-01-01' }, TODAY))).toEqual([
            'Died on (Jan 1, 2015) is before Birth date (Feb 3, 2016).',
        ]);
        expect(patientDoubts({ ...values, birthDate: '', age: 99 }, TODAY)).toHaveLength(1);
    });
    it('a visit to come, before the birth, after the death, and a next day before its visit', () => {
        const record = (visitDate: string, nextDueOn = '') => texts(recordDoubts({ visitDate, nextDueOn }, rex, TODAY));
        expect(record('2026-05-01', '2027-05-01')).toEqual([]);
        expect(record('2026-11-23')).toContain('Visit: Nov 23, 2026 is still to come.');
        expect(record('2019-05-01')).toEqual(['Visit (May 1, 2019) is before Birth date (Jan 1, 2020).']);
        expect(record('2026-07-01')).toEqual(['Died on (Jun 1, 2026) is before Visit (Jul 1, 2026).']);
        expect(record('2026-05-01', '2025-05-01')).toEqual(['Next due (May 1, 2025) is before Visit (May 1, 2026).']);
        expect(record('2026-05-01', '2062-05-01')).toEqual(['Next due: May 1, 2062 is years ahead.']);
    });
    it('a weight that no such animal has, or that is another by a decimal sign', () => {
        const kg = (weight: number) => ({ weight, unit: 'kg' });
        expect(weightDoubts(kg(28.4), 'Dog', kg(27.9))).toEqual([]);
        expect(texts(weightDoubts(kg(4000), 'Dog', null))).toEqual(['Weight: 4,000 kg is more than such an animal weighs.']);
        expect(weightDoubts(kg(4000), 'Elefant', null)).toHaveLength(1);
        expect(weightDoubts(kg(600), 'Pferd', null)).toEqual([]);
        expect(texts(weightDoubts(kg(42), 'Dog', kg(4.2)))).toEqual(['Weight: 42 kg, where it was 4.2 kg before.']);
        expect(weightDoubts({ weight: 9.3, unit: 'lbs' }, 'Cat', kg(4.2))).toEqual([]);
        expect(weightDoubts({ weight: null, unit: 'kg' }, 'Cat', kg(4.2))).toEqual([]);
    });
    it('a bill that is due before its date, an appointment of an animal that died, a chip that another has', () => {
        expect(texts(billDoubts({ billDate: '2026-11-22', dueDate: '2026-11-01' }, TODAY))).toEqual([
            'Due (Nov 1, 2026) is before Date (Nov 22, 2026).',
        ]);
        expect(texts(appointmentDoubts({ date: '2026-11-23' }, rex, TODAY))).toEqual(['Rex died on Jun 1, 2026.']);
        expect(texts(chipDoubts('985', [rex]))).toEqual(['Microchip 985 is also that of Rex.']);
    });
    it('only what was changed: what older data has is not asked about at every save', () => {
        const doubts: Doubt[] = [{ fields: ['birthDate'], text: 'x' }];
        expect(doubtsAbout(doubts, { birthDate: '1890-01-01' }, { birthDate: '1890-01-01' })).toEqual([]);
        expect(doubtsAbout(doubts, { birthDate: '1890-01-01' }, { birthDate: '1990-01-01' })).toEqual(doubts);
        expect(doubtsAbout(doubts, { birthDate: '1890-01-01' }, null)).toEqual(doubts);
    });
});
