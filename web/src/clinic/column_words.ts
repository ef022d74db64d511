import type { Table } from '../common/data';
import { COLUMNS } from '../common/rows';
import type { Key } from './i18n';

/// Words of columns that are not those of a field of the same name.
const WORDS: Record<string, Key> = {
    age: 'field.ageYears',
    handling_difficulty: 'field.handling',
    weighed_on: 'field.weighedOn',
    visit_date: 'record.visitDate',
    visited_at: 'field.visitedAt',
    record_type: 'record.type',
    symptoms: 'record.symptoms',
    diagnosis: 'record.diagnosis',
    treatment: 'record.treatment',
    veterinarian: 'record.veterinarian',
    next_due_on: 'record.nextDue',
    owner_name_snapshot: 'field.ownerNameSnapshot',
    owner_phone_snapshot: 'field.ownerPhoneSnapshot',
    date: 'appointments.date',
    time: 'appointments.time',
    duration: 'appointments.duration',
    reason: 'appointments.reason',
    subtotal_cents: 'bill.subtotal',
    tax_cents: 'bill.tax',
    total_cents: 'bill.total',
    items: 'bill.items',
    records: 'bill.records',
    bill_date: 'bill.date',
    due_date: 'bill.due',
    issued_at: 'bill.issuedAt',
    paid_at: 'bill.paidAt',
    cancelled_at: 'bill.cancelledAt',
    cancel_reason: 'bill.cancelReason',
    bill_number: 'bill.finalNumber',
    provisional_number: 'bill.provisionalNumber',
    description: 'bill.description',
    quantity_milli: 'bill.quantity',
    unit_price_cents: 'bill.unitPrice',
    total_price_cents: 'bill.total',
    username: 'field.username',
    roles: 'members.roles',
    active: 'field.active',
    code: 'settings.code',
    timezone: 'settings.timezone',
    currency: 'settings.currency',
    deleted_at: 'chip.deleted',
};

/// What a column that names another row says, and where the node has that row's name. A veterinarian's is among those of
/// `/api/vets`, since nobody but an administrator sees the staff.
const REFERENCES: Record<string, { word: Key; path: string; table: Table }> = {
    owner_id: { word: 'word.owner', path: '/api/owners', table: 'owner' },
    merged_into: { word: 'merge.into', path: '/api/owners', table: 'owner' },
    patient_id: { word: 'word.patient', path: '/api/patients', table: 'patient' },
    appointment_id: { word: 'word.appointment', path: '/api/appointments', table: 'appointment' },
    veterinarian_id: { word: 'record.veterinarian', path: '/api/vets', table: 'staff' },
    assigned_doctor_id: { word: 'field.assignedDoctor', path: '/api/vets', table: 'staff' },
};

/// null: the column names no row that a person knows.
export const referenceOf = (column: string): { path: string; table: Table } | null => REFERENCES[column] ?? null;

/// Decisions on items are told by the items; nobody compares two of them.
const UNCOMPARED = new Set(['item_decision']);

/// False for ids, places and the program's own stamps, which are of no use to a person who compares two versions. A
/// column that this app does not know, of a newer node, is shown.
export const isCompared = (table: string, column: string): boolean => !UNCOMPARED.has(table) && COLUMNS[table]?.[column] !== null;

/// The key of a column's word; null: the column has none.
export function columnKey(table: string, column: string): Key | null {
    if (UNCOMPARED.has(table)) return null;
    const member = COLUMNS[table]?.[column];
    return WORDS[column] ?? REFERENCES[column]?.word ?? (member ? (`field.${member}` as Key) : null);
}
