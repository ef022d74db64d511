import { minutesOf, timeOf } from './format';
import type { Appointment } from './types';

/// How a day of appointments is laid out, and what overlaps. Pure.

export const DEFAULT_DURATION = 30;
export const SNAP_MINUTES = 15;

export const durationOf = (row: Appointment): number => row.duration ?? DEFAULT_DURATION;
export const takesTime = (row: Appointment): boolean => row.status === 'scheduled' || row.status === 'completed';

interface Slot {
    start: number;
    end: number;
}
const slotOf = (row: Appointment): Slot => {
    const start = minutesOf(row.time);
    return { start, end: start + durationOf(row) };
};
const overlaps = (a: Slot, b: Slot): boolean => a.start < b.end && b.start < a.end;

/// Pairs at the same time with the same veterinarian: two laptops met. They are pointed out, never refused.
export function doubleBookings(rows: readonly Appointment[]): [Appointment, Appointment][] {
    const timed = rows.filter((row) => row.time && row.veterinarian && takesTime(row) && !row.deletedAt);
    timed.sort((a, b) => (a.date + a.time).localeCompare(b.date + b.time));
    const found: [Appointment, Appointment][] = [];
    timed.forEach((row, index) => {
        for (const other of timed.slice(index + 1)) {
            if (other.date !== row.date) break;
            if (other.veterinarian === row.veterinarian && overlaps(slotOf(row), slotOf(other))) found.push([row, other]);
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

/// Side by side where they overlap: each gets the first free lane of its cluster.
export function place(rows: readonly Appointment[]): Placed[] {
    const list = rows
        .filter((row) => row.time)
        .map((row): Placed => ({ row, ...slotOf(row), lane: 0, lanes: 1 }))
        .sort((a, b) => a.start - b.start || b.end - a.end);
    let cluster: Placed[] = [];
    let clusterEnd = -1;
    const close = (): void => {
        const lanes = Math.max(1, ...cluster.map((one) => one.lane + 1));
        for (const one of cluster) one.lanes = lanes;
        cluster = [];
    };
    for (const one of list) {
        if (one.start >= clusterEnd) close();
        const taken = new Set(cluster.filter((other) => other.end > one.start).map((other) => other.lane));
        while (taken.has(one.lane)) one.lane += 1;
        cluster.push(one);
        clusterEnd = cluster.length === 1 ? one.end : Math.max(clusterEnd, one.end);
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
