import type { ClinicColumns } from './rows';

/// Shapes of every answer (docs/api.md): a row with its stamps, and who is logged in where.
export type SyncState = 'local' | 'sent' | 'confirmed' | 'attention';

export interface Row {
    id: string;
    clinicId: string;
    createdAt: string;
    updatedAt: string;
    deletedAt?: string | null;
    syncState?: SyncState;
}

export type Role = 'admin' | 'staff' | 'veterinarian';

export type Clinic = Row & ClinicColumns;

export interface User {
    id: string;
    username: string;
    email: string;
    firstName: string;
    lastName: string;
    roles: Role[];
    clinics: { id: string; code: string; name: string; timezone: string; roles: Role[] }[];
}
