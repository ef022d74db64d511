import type { Doubt } from '../common/doubt';
import { addDays, formatDay, formatNumber } from '../common/format';
import { t } from './i18n';
import { storedSpecies } from './species';
import type { Patient } from './types';

const FIRST_DAY = '1900-01-01';
const DAYS_AHEAD_MAX = 3 * 366;
const KG_PER_LB = 0.45359237;
const AGE_MAX = 50;
/// So many times the last weight, or so small a part of it, is more often a slip of the decimal sign than an animal.
const WEIGHT_FACTOR = 5;
/// The weights, in kg and by the stored name of the kind, above which hardly any animal of it lies.
const KG_MAX: Record<string, number> = {
    Dog: 120,
    Cat: 20,
    Rabbit: 12,
    Bird: 160,
    Horse: 1300,
    Hamster: 1,
    'Guinea pig': 3,
    Reptile: 300,
    Ferret: 4,
    Cow: 1500,
    Goat: 150,
    Sheep: 200,
};
const KG_MAX_OTHERS = 1500;

type Maybe = string | null | undefined;
const longAgo = (name: string, what: string, day: Maybe): Doubt[] =>
    day && day < FIRST_DAY ? [{ fields: [name], text: t('doubt.longAgo', { what, day: formatDay(day) }) }] : [];
const future = (name: string, what: string, day: Maybe, today: string): Doubt[] =>
    day && day > today ? [{ fields: [name], text: t('doubt.future', { what, day: formatDay(day) }) }] : [];
const farAhead = (name: string, what: string, day: Maybe, today: string): Doubt[] =>
    day && day > addDays(today, DAYS_AHEAD_MAX) ? [{ fields: [name], text: t('doubt.far', { what, day: formatDay(day) }) }] : [];
const before = (fields: string[], what: string, day: Maybe, other: string, otherDay: Maybe): Doubt[] =>
    day && otherDay && day < otherDay
        ? [{ fields, text: t('doubt.before', { what, day: formatDay(day), other, otherDay: formatDay(otherDay) }) }]
        : [];

interface Weight {
    weight: number | null;
    unit: string;
}
const kgOf = ({ weight, unit }: Weight): number => (weight ?? 0) * (unit === 'lbs' ? KG_PER_LB : 1);
const weightText = ({ weight, unit }: Weight): string => `${formatNumber(weight ?? 0)} ${t(unit === 'lbs' ? 'unit.lbs' : 'unit.kg')}`;

export const lastWeight = (row: Patient | null): Weight | null =>
    row === null || row.weight === null ? null : { weight: row.weight, unit: row.weightUnit };

export function weightDoubts(now: Weight, species: string, last: Weight | null): Doubt[] {
    const fields = ['weight', 'weightUnit'];
    const kg = kgOf(now);
    if (kg <= 0) return [];
    if (kg > (KG_MAX[storedSpecies(species)] ?? KG_MAX_OTHERS)) return [{ fields, text: t('doubt.weight', { weight: weightText(now) }) }];
    const lastKg = last === null ? 0 : kgOf(last);
    if (last !== null && lastKg > 0 && (kg >= lastKg * WEIGHT_FACTOR || kg * WEIGHT_FACTOR <= lastKg)) {
        return [{ fields, text: t('doubt.weightJump', { weight: weightText(now), last: weightText(last) }) }];
    }
    return [];
}

export function patientDoubts(values: { birthDate: string; deceasedOn: string; age: number | null }, today: string): Doubt[] {
    const born = t('field.birthDate');
    const died = t('field.deceasedOn');
    return [
        ...longAgo('birthDate', born, values.birthDate),
        ...future('birthDate', born, values.birthDate, today),
        ...longAgo('deceasedOn', died, values.deceasedOn),
        ...future('deceasedOn', died, values.deceasedOn, today),
        ...before(['deceasedOn', 'birthDate'], died, values.deceasedOn, born, values.birthDate),
        ...(values.age !== null && values.age > AGE_MAX ? [{ fields: ['age'], text: t('doubt.age', { n: values.age }) }] : []),
    ];
}

export function recordDoubts(values: { visitDate: string; nextDueOn: string }, patient: Patient, today: string): Doubt[] {
    const visit = t('record.visitDate');
    const due = t('record.nextDue');
    return [
        ...longAgo('visitDate', visit, values.visitDate),
        ...future('visitDate', visit, values.visitDate, today),
        ...before(['visitDate'], visit, values.visitDate, t('field.birthDate'), patient.birthDate),
        ...before(['visitDate'], t('field.deceasedOn'), patient.deceasedOn, visit, values.visitDate),
        ...before(['nextDueOn', 'visitDate'], due, values.nextDueOn, visit, values.visitDate),
        ...farAhead('nextDueOn', due, values.nextDueOn, today),
    ];
}

export function appointmentDoubts(values: { date: string }, patient: Patient | null, today: string): Doubt[] {
    const date = t('appointments.date');
    const died = patient?.deceasedOn;
    return [
        ...longAgo('date', date, values.date),
        ...farAhead('date', date, values.date, today),
        ...(died ? [{ fields: ['patientId'], text: t('doubt.deceased', { name: patient.name, day: formatDay(died) }) }] : []),
    ];
}

export function billDoubts(values: { billDate: string; dueDate: string }, today: string): Doubt[] {
    const date = t('bill.date');
    const due = t('bill.due');
    return [
        ...longAgo('billDate', date, values.billDate),
        ...future('billDate', date, values.billDate, today),
        ...before(['dueDate', 'billDate'], due, values.dueDate, date, values.billDate),
        ...farAhead('dueDate', due, values.dueDate, today),
    ];
}

export const chipDoubts = (chip: string, others: readonly Patient[]): Doubt[] =>
    others.length === 0
        ? []
        : [{ fields: ['microchip'], text: t('doubt.chip', { chip, names: others.map((patient) => patient.name).join(', ') }) }];
