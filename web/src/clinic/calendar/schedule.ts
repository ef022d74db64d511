import { daysBetween, minutesOf, timeOf } from '../../common/format';
import type { Appointment } from '../types';
import type { Vets } from '../vets';

/// How a day of appointments is laid out, and what overlaps. Pure.

export const DEFAULT_DURATION = 30;
/// The node gives at most so many appointments of some days in one answer.
export const SCHEDULE_MAX = 5000;
export const SNAP_MINUTES = 15;

export const durationOf = (row: Appointment): number => row.duration ?? DEFAULT_DURATION;
export const takesTime = (row: Appointment): boolean => row.status === 'scheduled' || row.status === 'completed';

/// Letters that tell the veterinarians apart, as few as do: "VL", or "VLi" where two would be the same.
export function initialsOf(names: readonly string[]): string[] {
    const taken = new Set<string>();
    return names.map((name) => {
        const words = name.split(/\s+/).filter(Boolean);
        const first = words[0]?.[0] ?? '';
        const last = words.length > 1 ? words[words.length - 1]! : (words[0] ?? '').slice(1);
        let length = 1;
        let text = first + last.slice(0, length);
        while (taken.has(text) && length < last.length) {
            length += 1;
            text = first + last.slice(0, length);
        }
        while (taken.has(text)) text += '*';
        taken.add(text);
        return text;
    });
}

/// The lowest block that can be read and hit, its gap counted in.
const BLOCK_PX_MIN = 28;
const PX_PER_MINUTE_MIN = 1.4;
const PX_PER_MINUTE_MAX = 4;

/// Pixels per minute of a day's grid: so many that the shortest visit is still a line of text.
export function scaleOf(rows: readonly Appointment[]): number {
    const shortest = Math.min(DEFAULT_DURATION, ...rows.filter((row) => row.time).map(durationOf));
    return Math.min(PX_PER_MINUTE_MAX, Math.max(PX_PER_MINUTE_MIN, BLOCK_PX_MIN / shortest));
}
/// A visit that is shorter still is drawn as if it took so long.
export const leastMinutes = (scale: number): number => BLOCK_PX_MIN / scale;

interface Slot {
    start: number;
    end: number;
}
const MINUTES_PER_DAY = 24 * 60;
const slotOf = (row: Appointment): Slot => {
    const start = minutesOf(row.time);
    return { start, end: start + durationOf(row) };
};
/// Puts days on one line of time, so that a visit past midnight meets one that begins on the day after.
const absoluteSlot = (row: Appointment, firstDay: string): Slot => {
    const { start, end } = slotOf(row);
    const before = daysBetween(firstDay, row.date) * MINUTES_PER_DAY;
    return { start: before + start, end: before + end };
};

/// When an appointment ends, on the clock: past midnight it is the next day's time.
export const endTimeOf = (row: Appointment): string => timeOf(slotOf(row).end % MINUTES_PER_DAY);
const overlaps = (a: Slot, b: Slot): boolean => a.start < b.end && b.start < a.end;

/// Finds pairs at the same time with the same veterinarian, as two laptops make them. They are shown, never refused.
export function doubleBookings(rows: readonly Appointment[], vets: Vets): [Appointment, Appointment][] {
    const timed = rows.filter((row) => row.time && takesTime(row) && !row.deletedAt && vets.of(row) !== null);
    timed.sort((a, b) => (a.date + a.time).localeCompare(b.date + b.time));
    const found: [Appointment, Appointment][] = [];
    const firstDay = timed[0]?.date ?? '';
    timed.forEach((row, index) => {
        const slot = absoluteSlot(row, firstDay);
        for (const other of timed.slice(index + 1)) {
            const next = absoluteSlot(other, firstDay);
            if (next.start >= slot.end) break;
            if (vets.of(other) === vets.of(row) && overlaps(slot, next)) found.push([row, other]);
        }
    });
    return found;
}

export interface Placed {
    row: Appointment;
    start: number;
    end: number;
    lane: number;
    lanes: number;
}

/// Lays overlapping visits side by side: each gets the first free lane of its cluster. `least`: the shortest's minutes.
export function place(rows: readonly Appointment[], least = 0): Placed[] {
    const list = rows
        .filter((row) => row.time)
        .map((row): Placed => ({ row, ...slotOf(row), lane: 0, lanes: 1 }))
        // A column ends with its day.
        .map((placed): Placed => ({ ...placed, end: Math.min(Math.max(placed.end, placed.start + least), MINUTES_PER_DAY) }))
        .sort((a, b) => a.start - b.start || b.end - a.end);
    let cluster: Placed[] = [];
    let clusterEnd = -1;
    const close = (): void => {
        const lanes = Math.max(1, ...cluster.map((placed) => placed.lane + 1));
        for (const placed of cluster) placed.lanes = lanes;
        cluster = [];
    };
    for (const placed of list) {
        if (placed.start >= clusterEnd) close();
        const taken = new Set(cluster.filter((other) => other.end > placed.start).map((other) => other.lane));
        while (taken.has(placed.lane)) placed.lane += 1;
        cluster.push(placed);
        clusterEnd = cluster.length === 1 ? placed.end : Math.max(clusterEnd, placed.end);
    }
    close();
    return list;
}

/// The hours to show: a usual day, and whatever lies outside of it.
export function hoursOf(rows: readonly Appointment[]): { from: number; to: number } {
    let from = 8;
    let to = 18;
    for (const row of rows) {
        if (!row.time) continue;
        const { start, end } = slotOf(row);
        from = Math.min(from, Math.floor(start / 60));
        to = Math.max(to, Math.min(24, Math.ceil(end / 60)));
    }
    return { from, to };
}

export const snap = (minutes: number): string => timeOf(Math.round(minutes / SNAP_MINUTES) * SNAP_MINUTES);
