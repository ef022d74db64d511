import { describe, expect, it } from 'vitest';
import { bareName, handedTo, idToSend, type Signature, type StaffVet, Vets } from '../src/clinic/vets';

const entry = (name: string, id?: string, clinicId = 'north'): StaffVet => ({ clinicId, name, ...(id === undefined ? {} : { id }) });
const row = (veterinarian: string, veterinarianId?: string | null, clinicId = 'north'): Signature => ({
    clinicId,
    veterinarian,
    ...(veterinarianId === undefined ? {} : { veterinarianId }),
});
const names = (vets: Vets): string[] => vets.list.map((vet) => vet.name);

describe('two spellings of a name', () => {
    it('are one by title, case, accents, blanks and order', () => {
        const spellings = [
            'Rosa Allen',
            'Dr. Rosa Allen',
            'DR ROSA ALLEN',
            'Prof. Dr. med. vet. Rosa Allen',
            ' rosa  allen ',
            'Allen, Rosa',
            'Allen, Dr. Rosa',
            'Rosa Allen, DVM',
            'Rósa Allen',
        ];
        expect([...new Set(spellings.map(bareName))]).toEqual(['rosa allen']);
        expect(bareName('Straße')).toBe(bareName('STRASSE'));
        expect(bareName('Dra. María Núñez')).toBe('maria nunez');
    });
    it('are two when a word differs: nothing is guessed from a part', () => {
        expect([...new Set(['Rosa Allen', 'R. Allen', 'Dr. Allen', 'Rosa Allen-Moss', 'Rosa'].map(bareName))]).toHaveLength(5);
    });
    it('keep a title that is all there is, and letters of any script', () => {
        expect(bareName('Dr. Vet')).toBe('dr vet');
        expect(bareName('Д-р Анна Кац')).not.toBe('');
        expect(bareName(' - ')).toBe('');
    });
});

describe('the people of a page', () => {
    it('are the staff first, then the names that are only printed, each once', () => {
        const rows = ['Zoe Kim', 'Dr. Rosa Allen', 'zoe kim', '', 'Rosa Allen', 'Adam Berg'].map((name) => row(name));
        const vets = new Vets([entry('Vera Lind'), entry('Rosa Allen')], rows);
        expect(names(vets)).toEqual(['Rosa Allen', 'Vera Lind', 'Adam Berg', 'Zoe Kim']);
        expect(rows.map((row) => vets.of(row)?.name ?? null)).toEqual([
            'Zoe Kim',
            'Rosa Allen',
            'Zoe Kim',
            null,
            'Rosa Allen',
            'Adam Berg',
        ]);
    });
    it('come one by one from printed names where the staff is not known', () => {
        const vets = new Vets([], [row('Dr. Rosa Allen'), row('Rosa Allen')]);
        expect(names(vets)).toEqual(['Dr. Rosa Allen']);
    });
    it('are told by the id before the name', () => {
        const vets = new Vets([entry('Rosa Allen', 'r'), entry('Vera Lind', 'v')], [row('Rosa Allen', 'v')]);
        expect(vets.of(row('Rosa Allen', 'v'))?.name).toBe('Vera Lind');
        expect(vets.of(row('Dr. Rosa Allen', null))?.name).toBe('Rosa Allen');
    });
    it('are two where two of one clinic have one name', () => {
        const rows = [row('Ann Lee', 'a'), row('Ann Lee', 'b'), row('Ann Lee', null)];
        const vets = new Vets([entry('Ann Lee', 'a'), entry('Ann Lee', 'b')], rows);
        expect(new Set(rows.map((row) => vets.of(row))).size).toBe(3);
        expect(new Set(vets.list.map((vet) => vet.key)).size).toBe(3);
    });
    it('are one on the staff of two clinics', () => {
        const rows = [row('Ann Lee', 'a'), row('Ann Lee', 'b', 'south'), row('Dr. Ann Lee', null, 'south')];
        const vets = new Vets([entry('Ann Lee', 'a'), entry('Ann Lee', 'b', 'south')], rows);
        expect(names(vets)).toEqual(['Ann Lee']);
        expect(new Set(rows.map((row) => vets.of(row))).size).toBe(1);
    });
    it('keep who has left apart from a namesake who is there', () => {
        const left = row('Ann Lee', 'gone');
        const vets = new Vets([entry('Ann Lee', 'a')], [left]);
        expect(names(vets)).toEqual(['Ann Lee', 'Ann Lee']);
        expect(vets.of(left)).not.toBe(vets.of(row('Ann Lee', 'a')));
        expect(names(new Vets([entry('Vera Lind', 'v')], [row('Ann Lee', 'gone'), row('Dr. Ann Lee', 'gone')]))).toEqual([
            'Vera Lind',
            'Ann Lee',
        ]);
    });
    it('are found by their key and by any spelling', () => {
        const vets = new Vets([entry('Rosa Allen')], [row('Zoe Kim')]);
        for (const vet of vets.list) expect(vets.find(vet.key)).toBe(vet);
        expect(vets.find('Dr. Rosa Allen')?.name).toBe('Rosa Allen');
        expect(vets.find('ZOE KIM')?.name).toBe('Zoe Kim');
        expect(vets.find('Nobody')).toBeNull();
    });
});

describe('the id beside a printed name', () => {
    const staff = [entry('Rosa Allen', 'r'), entry('Rosa Allen', 's', 'south'), entry('Ann Lee', 'a'), entry('Ann Lee', 'b')];
    it('is sent when a staff member of that clinic was chosen', () => {
        expect(idToSend(staff, 'Rosa Allen', 'north', null)).toBe('r');
        expect(idToSend(staff, 'Rosa Allen', 'south', row('Vera', null, 'south'))).toBe('s');
    });
    it('is not sent for another text, so that the node matches it, nor for one of two namesakes', () => {
        expect(idToSend(staff, 'Dr. Rosa Allen', 'north', null)).toBeUndefined();
        expect(idToSend(staff, 'Ann Lee', 'north', null)).toBeUndefined();
        expect(idToSend(staff, '', 'north', row('Rosa Allen', 'r'))).toBeUndefined();
    });
    it('stands while the name is not touched', () => {
        expect(idToSend(staff, 'R. A.', 'north', row('R. A.', 'r'))).toBe('r');
        expect(idToSend(staff, 'Rosa Allen', 'north', row('Rosa Allen', null))).toBeNull();
    });
    it('is never sent to a node that does not know it', () => {
        expect(idToSend(staff, 'Rosa Allen', 'north', row('Rosa Allen'))).toBeUndefined();
        expect(idToSend([entry('Rosa Allen')], 'Rosa Allen', 'north', null)).toBeUndefined();
    });
});

describe('a row handed to somebody', () => {
    it('has their name and id, where the node knows ids', () => {
        const rosa = new Vets([entry('Rosa Allen', 'r'), entry('Rosa Allen', 's', 'south')], []).list[0]!;
        expect(handedTo(row('Vera Lind', null), rosa)).toEqual({ veterinarian: 'Rosa Allen', veterinarianId: 'r' });
        expect(handedTo(row('Vera Lind', 'v', 'south'), rosa)).toEqual({ veterinarian: 'Rosa Allen', veterinarianId: 's' });
        expect(handedTo(row('Vera Lind'), rosa)).toEqual({ veterinarian: 'Rosa Allen' });
        expect(handedTo(row('Vera Lind', 'v', 'west'), rosa)).toEqual({ veterinarian: 'Rosa Allen' });
        expect(handedTo(row('Vera Lind', 'v'), null)).toEqual({ veterinarian: '' });
    });
});
