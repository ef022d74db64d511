import { language } from '../common/i18n';
import type { Role } from '../common/types';
import { type Key, t } from './i18n';
import { shownSpecies } from './species';
import type { AppointmentStatus, Bill, BillStatus, RecordType } from './types';

/// The stored words of the data in the person's language; colour only repeats what the word says.
const RECORD_TYPES: Record<RecordType, Key> = {
    vaccine: 'recordType.vaccine',
    surgery: 'recordType.surgery',
    treatment: 'recordType.treatment',
    dental: 'recordType.dental',
};
const APPOINTMENT: Record<AppointmentStatus, Key> = {
    scheduled: 'appointmentStatus.scheduled',
    completed: 'appointmentStatus.completed',
    cancelled: 'appointmentStatus.cancelled',
    'no-show': 'appointmentStatus.noShow',
};
const BILL: Record<BillStatus, Key> = {
    draft: 'billStatus.draft',
    sent: 'billStatus.sent',
    paid: 'billStatus.paid',
    overdue: 'billStatus.overdue',
    cancelled: 'billStatus.cancelled',
};
const ROLES: Record<Role, Key> = { admin: 'role.admin', staff: 'role.staff', veterinarian: 'role.veterinarian' };

export const recordTypeWord = (type: RecordType): string => t(RECORD_TYPES[type] ?? 'recordType.treatment');
export const appointmentWord = (status: AppointmentStatus): string => t(APPOINTMENT[status]);
export const billWord = (status: BillStatus): string => t(BILL[status]);
export const roleWord = (role: Role): string => t(ROLES[role]);
export const genderWord = (gender: string): string => {
    const key = gender.toLowerCase();
    return key === 'male' ? t('gender.male') : key === 'female' ? t('gender.female') : t('gender.unknown');
};
export const handlingWord = (level: string | null): string =>
    level === 'easy' ? t('handling.easy') : level === 'medium' ? t('handling.medium') : level === 'hard' ? t('handling.hard') : '';
export const unitWord = (unit: string | null): string => (unit === 'lbs' ? t('unit.lbs') : unit === 'kg' ? t('unit.kg') : '');

export const speciesWord = (species: string): string => shownSpecies(species, language());
/// An animal's kind and breed in one text.
export const kindText = (row: { species: string; breed: string }): string =>
    [speciesWord(row.species), row.breed].filter(Boolean).join(', ');

/// The labels of columns, by table and column as the database names them.
const STORED: Record<string, Record<string, Key>> = {
    'bill.status': BILL,
    'appointment.status': APPOINTMENT,
    'medical_record.record_type': RECORD_TYPES,
    'patient.status': { active: 'patientStatus.active', inactive: 'patientStatus.inactive' },
    'patient.gender': { female: 'gender.female', male: 'gender.male', unknown: 'gender.unknown' },
    'patient.weight_unit': { kg: 'unit.kg', lbs: 'unit.lbs' },
    'patient.handling_difficulty': { easy: 'handling.easy', medium: 'handling.medium', hard: 'handling.hard' },
};
/// The word for a stored value of a column that knows few; null for every other.
export function storedWord(table: string, column: string, value: string): string | null {
    if (table === 'patient' && column === 'species') return speciesWord(value);
    const key = STORED[`${table}.${column}`]?.[value];
    return key === undefined ? null : t(key);
}

/// The values of a column that knows few, with their words; null for every other column.
export function storedChoices(table: string, column: string): { value: string; label: string }[] | null {
    const known = STORED[`${table}.${column}`];
    return known === undefined ? null : Object.entries(known).map(([value, key]) => ({ value, label: t(key) }));
}

export const RECORD_TYPE_VALUES: RecordType[] = ['treatment', 'vaccine', 'surgery', 'dental'];
export const APPOINTMENT_VALUES: AppointmentStatus[] = ['scheduled', 'completed', 'no-show', 'cancelled'];

export const RecordTypeChip = ({ type }: { type: RecordType }) => <span class={`chip chip-type type-${type}`}>{recordTypeWord(type)}</span>;
export const AppointmentChip = ({ status }: { status: AppointmentStatus }) => (
    <span class={`chip chip-status appt-${status}`}>{appointmentWord(status)}</span>
);
export const BillChip = ({ status }: { status: BillStatus }) => <span class={`chip chip-status bill-${status}`}>{billWord(status)}</span>;

export function BillNumber({ row }: { row: Bill }) {
    return row.numberStatus === 'provisional' ? <span class="chip">{t('bill.provisional')}</span> : null;
}
