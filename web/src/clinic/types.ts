import type { Role, Row } from '../common/types';

/// Shapes of the node's answers (docs/api.md): the clinic's tables, and what the node says about itself.

export interface Owner extends Row {
    firstName: string;
    lastName: string;
    email: string;
    phone: string;
    address: string;
    notes: string;
    mergedInto: string | null;
}

export interface Patient extends Row {
    ownerId: string | null;
    owner?: Owner | null;
    name: string;
    species: string;
    breed: string;
    birthDate: string | null;
    age: number | null;
    deceasedOn: string | null;
    gender: string;
    weight: number | null;
    weightUnit: string;
    status: string;
    assignedDoctor: string;
    /// Of the staff; missing from nodes that know a veterinarian by name alone, here and below.
    assignedDoctorId?: string | null;
    handlingDifficulty: string | null;
    microchip: string | null;
    notes: string | null;
}

export type RecordType = 'vaccine' | 'surgery' | 'treatment' | 'dental';

export interface MedicalRecord extends Row {
    patientId: string;
    patient?: Patient | null;
    visitDate: string;
    visitedAt: string | null;
    recordType: RecordType;
    symptoms: string;
    diagnosis: string;
    treatment: string;
    notes: string | null;
    veterinarian: string;
    veterinarianId?: string | null;
    weight: number | null;
    weightUnit: string | null;
    nextDueOn: string | null;
    ownerNameSnapshot: string | null;
    ownerPhoneSnapshot: string | null;
}

export type AppointmentStatus = 'scheduled' | 'completed' | 'cancelled' | 'no-show';

export interface Appointment extends Row {
    patientId: string;
    patient?: Patient | null;
    date: string;
    time: string;
    duration: number | null;
    reason: string;
    status: AppointmentStatus;
    notes: string | null;
    veterinarian: string;
    veterinarianId?: string | null;
}

export interface BillItem {
    id?: string;
    description: string;
    quantity: number;
    unitPrice: number;
    totalPrice: number;
}

export type BillStatus = 'draft' | 'sent' | 'paid' | 'overdue' | 'cancelled';

export interface Bill extends Row {
    ownerId: string;
    patientId: string;
    appointmentId: string | null;
    billNumber: string;
    provisionalNumber: string;
    numberStatus: 'provisional' | 'final';
    subtotal: number;
    tax: number;
    totalAmount: number;
    status: BillStatus;
    billDate: string;
    dueDate: string;
    issuedAt: string | null;
    paidAt: string | null;
    cancelledAt: string | null;
    cancelReason: string | null;
    notes: string | null;
    items: BillItem[];
    medicalRecordIds: string[];
    medicalRecords?: MedicalRecord[];
    owner?: Owner | null;
    patient?: Patient | null;
}

export interface ServiceItem extends Row {
    description: string;
    unitPrice: number;
    active: boolean;
}

export interface Staff extends Row {
    email: string;
    username: string;
    firstName: string;
    lastName: string;
    roles: Role[];
    active: boolean;
    /// False: the stored password opens nothing until a new one is set.
    hasPassword?: boolean;
}

export interface SyncStatus {
    node: { id: string | null; name: string; code: string };
    clinics: { id: string; code: string; name: string; state: string; loading: boolean; rowsArrived?: number; rowsInAll?: number | null }[];
    centralUrl: string | null;
    online: boolean;
    lastPushAt: string | null;
    lastPullAt: string | null;
    lastContactAt: string | null;
    lastError: string | null;
    /** Names of sync/engine/link_state; one of a newer node is shown as trouble. */
    state: string;
    stateSince: string | null;
    clockWrongSince: string | null;
    clockOffsetMs: number;
    /** The node's corrected time; not in events. */
    now?: string;
    pendingChanges: number;
    pendingTransactions: number;
    oldestPendingAt: string | null;
    conflicts: number;
    quarantined: number;
    notices?: number;
    schemaVersion: number;
}

/** One row's part of a change that this node made and central holds; images by column names. */
export interface HeldChange {
    table: string;
    rowId: string;
    op: 'insert' | 'update' | 'delete';
    mine: Record<string, unknown> | null;
    base: Record<string, unknown> | null;
}

export interface AttentionItem {
    id: string;
    kind: 'conflict' | 'quarantine' | 'notice';
    openedAt: string;
    clinicId: string;
    table: string;
    rowId: string;
    column?: string | null;
    title: string;
    reason: string;
    code: string;
    mine: unknown;
    theirs: unknown;
    base: unknown;
    actor: string | null;
    at: string | null;
    node: string | null;
    /** Who wrote what is in effect; null where central does not know. */
    theirsActor?: string | null;
    theirsAt?: string | null;
    theirsNode?: string | null;
    dependents: string[];
    /** What was written together, the first of changeCount; empty where this node did not write it. */
    changes: HeldChange[];
    changeCount: number | null;
    actions: string[];
}

/** `near`: nothing is written so, these differ in a letter; not `complete`: the search is being made anew. */
export interface SearchAnswer {
    results: SearchHit[];
    near: boolean;
    complete: boolean;
}

export interface SearchHit {
    kind: 'owner' | 'patient' | 'bill';
    id: string;
    clinicId: string;
    title: string;
    detail: string;
    deletedAt: string | null;
    /// Set for a patient.
    deceasedOn?: string | null;
}
