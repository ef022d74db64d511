import type {
    AppointmentColumns,
    BillColumns,
    MedicalRecordColumns,
    OwnerColumns,
    PatientColumns,
    ServiceItemColumns,
    StaffColumns,
} from '../common/rows';
import type { Row } from '../common/types';

/// Shapes of the node's answers (docs/api.md): the clinic's tables, and what the node says about itself.

export type Owner = Row & OwnerColumns;

export interface Patient extends Row, PatientColumns {
    owner?: Owner | null;
}

export type RecordType = MedicalRecordColumns['recordType'];

export interface MedicalRecord extends Row, MedicalRecordColumns {
    patient?: Patient | null;
}

export type AppointmentStatus = AppointmentColumns['status'];

export interface Appointment extends Row, AppointmentColumns {
    patient?: Patient | null;
}

export interface BillItem {
    id?: string;
    description: string;
    quantity: number;
    unitPrice: number;
    totalPrice: number;
}

export type BillStatus = BillColumns['status'];

export interface Bill extends Row, Omit<BillColumns, 'billNumber'> {
    /// The provisional number, until central gives one.
    billNumber: string;
    numberStatus: 'provisional' | 'final';
    items: BillItem[];
    medicalRecordIds: string[];
    medicalRecords?: MedicalRecord[];
    owner?: Owner | null;
    patient?: Patient | null;
}

export type ServiceItem = Row & ServiceItemColumns;

export interface Staff extends Row, StaffColumns {
    /// False: what is kept as the password opens nothing until a new one is set.
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
    /** Items whose decision waits for central. */
    decided?: number;
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

export type AttentionAction = 'keep' | 'useMine' | 'setValue' | 'mergeOwners' | 'restore' | 'retry' | 'editAndRetry' | 'discard';

/** What a person decided about an item, and what central made of it; `late`: another had decided before. */
export interface ItemDecision {
    action: string;
    actor: string | null;
    decidedAt: string;
    state: 'waiting' | 'done' | 'late' | 'refused';
    answer: string | null;
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
    /** In a conflict `mine` is the version that lost, `theirs` the one that stands. Who wrote that; null where central
     * does not know. */
    theirsActor?: string | null;
    theirsAt?: string | null;
    theirsNode?: string | null;
    dependents: string[];
    /** What was written together, the first of changeCount; empty where this node did not write it. */
    changes: HeldChange[];
    changeCount: number | null;
    actions: string[];
    /** Sent back with a decision: what the person saw. */
    version?: number;
    /** Left out by a node that cannot decide. */
    status?: 'open' | 'resolved';
    /** How a resolved one was settled: an action, or `moot` where a later write did it. */
    action?: string | null;
    decidedBy?: string | null;
    decidedAt?: string | null;
    decision?: ItemDecision | null;
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
