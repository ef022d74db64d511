import { computed, signal } from '@preact/signals';
import { ApiError, get, onSessionLost, post } from './api';
import { forgetAll } from './data';
import type { Clinic, Role, User } from './types';

/// Who is logged in, and the clinics that login opens. The cookie itself is out of a script's reach.
export const user = signal<User | null>(null);
export const clinics = signal<Clinic[]>([]);

/// True while the login dialog has to stand over the page because the session ended under it.
export const loginAsked = signal(false);

let answer: ((back: boolean) => void) | null = null;
let asking: Promise<boolean> | null = null;

export const timezone = computed(() => clinics.value[0]?.timezone ?? user.value?.clinics[0]?.timezone ?? 'UTC');
export const currencyOf = (clinicId: string | undefined): string =>
    (clinics.value.find((clinic) => clinic.id === clinicId) ?? clinics.value[0])?.currency ?? 'USD';
export const clinicOf = (clinicId: string | undefined): Clinic | undefined =>
    clinics.value.find((clinic) => clinic.id === clinicId) ?? clinics.value[0];
export const zoneOf = (clinicId: string | undefined): string => clinicOf(clinicId)?.timezone ?? timezone.value;

export function hasRole(role: Role, clinicId?: string): boolean {
    const who = user.value;
    if (who === null) return false;
    if (clinicId === undefined) return who.roles.includes(role);
    return who.clinics.some((clinic) => clinic.id === clinicId && clinic.roles.includes(role));
}
export const isAdmin = (clinicId?: string): boolean => hasRole('admin', clinicId);

export async function loadClinics(): Promise<void> {
    const who = user.value;
    if (who === null) return;
    const loaded = await Promise.all(
        who.clinics.map((clinic) => get<Clinic>(`/api/clinic?clinicId=${encodeURIComponent(clinic.id)}`)),
    );
    clinics.value = loaded;
}

/// Asks the node who this is; null when nobody is logged in.
export async function resume(): Promise<User | null> {
    try {
        user.value = await get<User>('/api/auth/me', { quiet: true });
        await loadClinics();
    } catch (error) {
        if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) throw error;
        user.value = null;
    }
    return user.value;
}

export async function logIn(username: string, password: string): Promise<void> {
    const found = await post<{ user: User }>('/api/auth/login', { username, password }, { quiet: true });
    if (user.value !== null && user.value.id !== found.user.id) forgetAll();
    user.value = found.user;
    await loadClinics();
    if (loginAsked.value) finishAsking(true);
}

export async function logOut(): Promise<void> {
    await post('/api/auth/logout', {}, { quiet: true });
    user.value = null;
    clinics.value = [];
    forgetAll();
}

/// The person gives up the page that the session ended under.
export function leavePage(): void {
    finishAsking(false);
    user.value = null;
    clinics.value = [];
    forgetAll();
}

function finishAsking(back: boolean): void {
    loginAsked.value = false;
    answer?.(back);
    answer = null;
    asking = null;
}

// Several calls can fail at once: they all wait for the same dialog.
onSessionLost(() => {
    if (user.value === null) return Promise.resolve(false);
    asking ??= new Promise<boolean>((resolve) => {
        answer = resolve;
        loginAsked.value = true;
    });
    return asking;
});
