import { describe, expect, it } from 'vitest';
import { doubleBookings, endTimeOf, hoursOf, place } from '../src/clinic/calendar/schedule';
import type { Appointment } from '../src/clinic/types';
import { type StaffVet, Vets } from '../src/clinic/vets';

let ids = 0;
const at = (date: string, time: string, duration: number | null, veterinarian = 'Vera', status = 'scheduled'): Appointment => {
    ids += 1;
    return { id: String(ids), clinicId: 'c', date, time, duration, veterinarian, status } as Appointment;
};
const doubles = (rows: Appointment[], staff: StaffVet[] = []) => doubleBookings(rows, new Vets(staff, rows));

describe('double bookings', () => {
    it('are pairs at the same time with the same veterinarian', () => {
        const rows = [
            at('2026-11-22', '09:00', 30),
            at('2026-11-22', '09:15', 30),
            at('2026-11-22', '09:20', 60),
            at('2026-11-22', '09:00', 30, 'Ada'),
        ];
        expect(doubles(rows)).toHaveLength(3);
    });
    it('are found whatever the spelling of the name', () => {
        const rows = [
            at('2026-11-22', '09:00', 30, 'Rosa Allen'),
            at('2026-11-22', '09:10', 30, 'Dr. Rosa Allen'),
            at('2026-11-22', '09:10', 30, ''),
        ];
        expect(doubles(rows)).toHaveLength(1);
        expect(doubles(rows, [{ clinicId: 'c', name: 'Rosa Allen' }])).toHaveLength(1);
    });
    it("are a person's by the id, whatever is printed", () => {
        const staff = [
            { clinicId: 'c', name: 'Ann Lee', id: 'a' },
            { clinicId: 'c', name: 'Ann Lee', id: 'b' },
        ];
        const ann = at('2026-11-22', '09:00', 30, 'Ann Lee');
        const other = at('2026-11-22', '09:10', 30, 'A. L.');
        expect(
            doubles(
                [
                    { ...ann, veterinarianId: 'a' },
                    { ...other, veterinarianId: 'a' },
                ],
                staff,
            ),
        ).toHaveLength(1);
        expect(
            doubles(
                [
                    { ...ann, veterinarianId: 'a' },
                    { ...other, veterinarianId: 'b' },
                ],
                staff,
            ),
        ).toHaveLength(0);
    });
    it('are not what only touches, is cancelled, or has no time', () => {
        const rows = [
            at('2026-11-22', '09:00', 30),
            at('2026-11-22', '09:30', 30),
            at('2026-11-22', '09:10', 30, 'Vera', 'cancelled'),
            at('2026-11-22', '', 30),
        ];
        expect(doubles(rows)).toEqual([]);
    });
    it('are found across midnight, the turn of the year too', () => {
        const rows = [at('2027-01-01', '00:30', 30), at('2026-12-31', '23:30', 120)];
        expect(doubles(rows)).toHaveLength(1);
    });
});

describe('a day on the page', () => {
    it('ends at midnight, whatever lasts longer', () => {
        const rows = [at('2026-11-22', '23:30', 120)];
        expect(place(rows)[0]!.end).toBe(1440);
        expect(hoursOf(rows)).toEqual({ from: 8, to: 24 });
        expect(endTimeOf(rows[0]!)).toBe('01:30');
    });
    it('puts side by side what overlaps, three deep', () => {
        const rows = [
            at('2026-11-22', '09:00', 60),
            at('2026-11-22', '09:10', 60),
            at('2026-11-22', '09:20', 60),
            at('2026-11-22', '12:00', 30),
        ];
        expect(place(rows).map((placed) => [placed.lane, placed.lanes])).toEqual([
            [0, 3],
            [1, 3],
            [2, 3],
            [0, 1],
        ]);
    });
});
