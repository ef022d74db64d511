import { dayIn, formatDay, span } from '../common/format';
import { t } from './i18n';

export interface Aged {
    birthDate: string | null;
    age: number | null;
    createdAt: string;
    updatedAt: string;
}

/// Whole years that have passed; none when the second day is before the first.
const yearsUntil = (from: string, to: string): number => (from > to ? 0 : span(from, to).years);

/// The age in the words a vet would use: weeks, months, then years. Where there is no birth date, an age that somebody
/// noted: it was noted between the row's first day and its last change, and has grown since.
export function formatAge(animal: Aged, on: string): string {
    const birth = animal.birthDate;
    if (birth && birth <= on) {
        const { years, months, days } = span(birth, on);
        if (years >= 2) return t('age.years', { n: years });
        if (months >= 3) return t('age.months', { n: months });
        if (days >= 14) return t('age.weeks', { n: Math.floor(days / 7) });
        return t('age.days', { n: days });
    }
    if (animal.age === null) return '';
    const least = animal.age + yearsUntil(animal.updatedAt.slice(0, 10), on);
    const most = animal.age + yearsUntil(animal.createdAt.slice(0, 10), on);
    return least === most ? t('age.years', { n: least }) : t('age.between', { least, n: most });
}

/// When an age without a birth date was noted, in words; empty where there is a birth date.
export function ageNoted(animal: Aged, timezone: string): string {
    if (animal.age === null || animal.birthDate) return '';
    const age = t('age.years', { n: animal.age });
    const from = dayIn(timezone, new Date(animal.createdAt));
    const to = dayIn(timezone, new Date(animal.updatedAt));
    return from === to
        ? t('age.noted', { age, day: formatDay(from) })
        : t('age.notedBetween', { age, from: formatDay(from), to: formatDay(to) });
}
