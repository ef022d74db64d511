import { addDays, daysBetween, span } from '../../common/format';
import type { MedicalRecord } from '../types';

/// What a chart's records say together: vaccinations and weights. Pure.

/// A vaccination that names no next day is due after a year, as in the reports.
const DEFAULT_MONTHS = 12;
export const DUE_SOON_DAYS = 30;
const KG_PER_LB = 0.45359237;

export interface Vaccination {
    name: string;
    givenOn: string;
    dueOn: string;
    /// True when the day comes only from the rule of a year.
    assumed: boolean;
    state: 'overdue' | 'soon' | 'current';
}

export function addMonths(day: string, months: number): string {
    const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
    const first = new Date(Date.UTC(year, month - 1 + months, 1));
    const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
    first.setUTCDate(Math.min(date, last));
    return first.toISOString().slice(0, 10);
}

/// The latest vaccination of each kind, the most urgent first. The kind is what the record's treatment says.
export function vaccinations(records: readonly MedicalRecord[], today: string): Vaccination[] {
    const latest = new Map<string, MedicalRecord>();
    for (const record of records) {
        if (record.recordType !== 'vaccine' || record.deletedAt) continue;
        const name = vaccineName(record).toLowerCase();
        const known = latest.get(name);
        if (!known || known.visitDate < record.visitDate) latest.set(name, record);
    }
    return [...latest.values()]
        .map((record) => {
            const dueOn = record.nextDueOn ?? addMonths(record.visitDate, DEFAULT_MONTHS);
            const state: Vaccination['state'] = dueOn < today ? 'overdue' : daysBetween(today, dueOn) <= DUE_SOON_DAYS ? 'soon' : 'current';
            return { name: vaccineName(record), givenOn: record.visitDate, dueOn, assumed: record.nextDueOn === null, state };
        })
        .sort((a, b) => a.dueOn.localeCompare(b.dueOn));
}

const vaccineName = (record: MedicalRecord): string =>
    (record.treatment || record.diagnosis || record.notes || '').split('\n')[0]!.trim().slice(0, 80);

export interface WeightPoint {
    day: string;
    weight: number;
}

/// The weights of the records in one unit, oldest first; of several on a day the last one counts.
export function weights(records: readonly MedicalRecord[], unit: string): WeightPoint[] {
    const byDay = new Map<string, number>();
    for (const record of [...records].sort((a, b) => a.createdAt.localeCompare(b.createdAt))) {
        if (record.weight === null || record.deletedAt) continue;
        const from = record.weightUnit ?? unit;
        const factor = from === unit ? 1 : unit === 'kg' ? KG_PER_LB : 1 / KG_PER_LB;
        byDay.set(record.visitDate, Math.round(record.weight * factor * 1000) / 1000);
    }
    return [...byDay].map(([day, weight]) => ({ day, weight })).sort((a, b) => a.day.localeCompare(b.day));
}

/// The change since the weight about a year ago, in per cent; null when there is too little to tell.
export function yearChange(points: readonly WeightPoint[]): number | null {
    const last = points[points.length - 1];
    if (!last) return null;
    const before = points.filter((point) => point.day >= addDays(last.day, -400) && span(point.day, last.day).months >= 1);
    const first = before[0];
    return first ? ((last.weight - first.weight) / first.weight) * 100 : null;
}
