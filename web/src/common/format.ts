import { nodeNow } from './clock';
import { locale } from './i18n';

/// Days ("2026-11-22") are the clinic's calendar: they are formatted and counted in UTC and so never move by a zone.
/// Instants are shown in the clinic's zone.

const MS_PER_DAY = 86_400_000;
const cache = new Map<string, Intl.DateTimeFormat>();

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = locale() + JSON.stringify(options);
    let found = cache.get(key);
    if (!found) {
        found = new Intl.DateTimeFormat(locale(), options);
        cache.set(key, found);
    }
    return found;
}

export const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text + 'T00:00:00Z'));

const stamp = (day: string): number => Date.parse(day.slice(0, 10) + 'T00:00:00Z');

export function formatDay(day: string | null | undefined, style: 'short' | 'long' | 'weekday' = 'short'): string {
    if (!day || Number.isNaN(stamp(day))) return '';
    const options: Record<typeof style, Intl.DateTimeFormatOptions> = {
        short: { year: 'numeric', month: 'short', day: 'numeric' },
        long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
        weekday: { weekday: 'short', month: 'short', day: 'numeric' },
    };
    return dateFormat({ ...options[style], timeZone: 'UTC' }).format(stamp(day));
}

export const addDays = (day: string, count: number): string => new Date(stamp(day) + count * MS_PER_DAY).toISOString().slice(0, 10);

export const daysBetween = (from: string, to: string): number => Math.round((stamp(to) - stamp(from)) / MS_PER_DAY);

/// The Monday (or Sunday, where weeks begin so) of the week of `day`.
export function weekStart(day: string): string {
    const weekday = new Date(stamp(day)).getUTCDay();
    const first = /-(US|CA|MX|BR|JP|IL|PH|CO|PE|VE)$/.test(locale()) || locale() === 'en' ? 0 : 1;
    return addDays(day, -((weekday - first + 7) % 7));
}

function partsIn(timezone: string, at: Date): Record<string, string> {
    const options: Intl.DateTimeFormatOptions = {
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
    };
    let format: Intl.DateTimeFormat;
    try {
        format = new Intl.DateTimeFormat('en-US', { ...options, timeZone: timezone });
    } catch {
        format = new Intl.DateTimeFormat('en-US', options);
    }
    return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
}

/// The clinic's day now.
export function dayIn(timezone: string, at = new Date(nodeNow())): string {
    const parts = partsIn(timezone, at);
    return `${parts.year}-${parts.month}-${parts.day}`;
}

/// The clinic's wall clock now, "HH:MM".
export function timeIn(timezone: string, at = new Date(nodeNow())): string {
    const parts = partsIn(timezone, at);
    return `${parts.hour}:${parts.minute}`;
}

export function formatInstant(instant: string | null | undefined, timezone: string): string {
    if (!instant) return '';
    const at = new Date(instant);
    if (Number.isNaN(at.getTime())) return instant;
    return `${formatDay(dayIn(timezone, at))}, ${formatTime(timeIn(timezone, at))}`;
}

/// A wall-clock time "HH:MM" as people of the locale write it.
export function formatTime(time: string): string {
    if (!/^\d\d:\d\d/.test(time)) return time;
    const at = Date.parse(`2000-01-01T${time.slice(0, 5)}:00Z`);
    return dateFormat({ hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(at);
}

/// Formats a time as formatTime does, but without "AM" and "PM", for the narrow lines of a list in order of the day.
export function formatClock(time: string): string {
    if (!/^\d\d:\d\d/.test(time)) return time;
    const at = Date.parse(`2000-01-01T${time.slice(0, 5)}:00Z`);
    const parts = dateFormat({ hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).formatToParts(at);
    return parts
        .filter((part) => part.type !== 'dayPeriod')
        .map((part) => part.value)
        .join('')
        .trim();
}

/// Formats a full hour, as short as the locale has it: "8 AM", "08 Uhr".
export const formatHour = (hour: number): string => dateFormat({ hour: 'numeric', timeZone: 'UTC' }).format(Date.UTC(2000, 0, 1, hour));

export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

export function timeOf(minutes: number): string {
    const clamped = Math.max(0, Math.min(24 * 60 - 1, minutes));
    return `${String(Math.floor(clamped / 60)).padStart(2, '0')}:${String(clamped % 60).padStart(2, '0')}`;
}

export function formatMoney(amount: number, currency: string): string {
    try {
        return new Intl.NumberFormat(locale(), { style: 'currency', currency }).format(amount);
    } catch {
        return `${formatNumber(amount, 2)} ${currency}`;
    }
}

export const formatNumber = (value: number, digits = 3): string =>
    new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);

/// A number as the person would type it: the language's decimal sign, nothing between thousands.
export const typedNumber = (value: number, decimals?: number): string =>
    new Intl.NumberFormat(locale(), {
        useGrouping: false,
        minimumFractionDigits: decimals ?? 0,
        maximumFractionDigits: decimals ?? 3,
    }).format(value);

/// Reads what a person typed as an amount: "12.5", "12,50", "1.234,50". null: it is no number.
export function parseAmount(text: string): number | null {
    let plain = text.replace(/[\s'\u00a0\u202f]/g, '').replace(/[^\d.,+-]/g, '');
    const comma = plain.lastIndexOf(',');
    const point = plain.lastIndexOf('.');
    if (comma >= 0 && point >= 0) {
        // The later of the two is the decimal sign.
        plain = comma > point ? plain.replace(/\./g, '').replace(',', '.') : plain.replace(/,/g, '');
    } else {
        plain = plain.replace(',', '.');
    }
    if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain)) return null;
    return Number(plain);
}

/// Reads an amount of money. It has at most two decimals, so a sign before exactly three digits parts thousands in
/// every language ("1,234" and "1.234" are both twelve hundred and thirty-four).
export function parseMoney(text: string): number | null {
    const plain = text.replace(/[^\d.,+-]/g, '');
    return parseAmount(/^[+-]?\d{1,3}(,\d{3})+$|^[+-]?\d{1,3}(\.\d{3})+$/.test(plain) ? plain.replace(/[.,]/g, '') : plain);
}

/// Turns an amount into cents, half a cent up; no binary float ever decides a sum.
export const toCents = (amount: number): number => Math.round(Number((amount * 100).toFixed(4)));
export const lineCents = (quantity: number, unitPrice: number): number =>
    Math.floor((Math.round(quantity * 1000) * toCents(unitPrice) + 500) / 1000);

/// Whole years, months and days from one day to a later one.
export function span(from: string, to: string): { years: number; months: number; days: number } {
    const [y1 = 0, m1 = 0, d1 = 0] = from.split('-').map(Number);
    const [y2 = 0, m2 = 0, d2 = 0] = to.split('-').map(Number);
    let months = (y2 - y1) * 12 + (m2 - m1);
    if (d2 < d1) months -= 1;
    return { years: Math.floor(months / 12), months, days: Math.max(0, daysBetween(from, to)) };
}

export const fullName = (person: { firstName: string; lastName: string } | null | undefined): string =>
    person ? `${person.firstName} ${person.lastName}`.trim() : '';
