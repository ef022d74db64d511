import { computed, signal } from '@preact/signals';
import { ApiError, get, onSessionLost, post, type SessionLoss } from './api';
import { forgetAll } from './data';
import type { Clinic, Role, User } from './types';

/// Knows who is logged in, and the clinics that the login opens. The cookie itself is out of a script's reach.
export const user = signal<User | null>(null);
export const clinics = signal<Clinic[]>([]);

/// Why the login dialog stands over the page; null: it does not.
export const loginAsked = signal<SessionLoss | null>(null);

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
    const loaded = await Promise.all(who.clinics.map((clinic) => get<Clinic>(`/api/clinic?clinicId=${encodeURIComponent(clinic.id)}`)));
    clinics.value = loaded;
}

/// Asks the node who this is; null when nobody is logged in.
export async function resume(): Promise<User | null> {
    try {
        user.value = await get<User>('/api/auth/me', { quiet: true, anyUser: true });
        await loadClinics();
    } catch (error) {
        if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) throw error;
        user.value = null;
    }
    return user.value;
}

/// True for one person: the id may change (a node that worked alone joins central); the e-mail is the login's name.
const isSamePerson = (one: User, other: User): boolean => one.id === other.id || one.email === other.email;

/// `mayTakeOver` is asked before a page that somebody else has written on goes on in the name of who logged in; on no
/// the page keeps what stands on it, and its own person can still go on.
export async function logIn(
    username: string,
    password: string,
    mayTakeOver: (before: User, after: User) => Promise<boolean> = () => Promise.resolve(true),
): Promise<void> {
    const call = { quiet: true, anyUser: true };
    const found = await post<{ user: User }>('/api/auth/login', { username, password }, call);
    const before = user.value;
    if (before !== null && !isSamePerson(before, found.user)) {
        if (loginAsked.value !== null && !(await mayTakeOver(before, found.user))) {
            finishAsking(false);
            return;
        }
        forgetAll();
    }
    user.value = found.user;
    await loadClinics();
    if (loginAsked.value !== null) finishAsking(true);
}

/// Logs out here, or with `everywhere` in every browser that the person is logged in in.
export async function logOut(everywhere = false): Promise<void> {
    const path = everywhere ? '/api/auth/logout?everywhere=true' : '/api/auth/logout';
    await post(path, {}, { quiet: !everywhere });
    user.value = null;
    clinics.value = [];
    forgetAll();
}

/// The person gives up the page that the session ended under; whoever is logged in by now goes on with one of their own.
export function leavePage(): void {
    const why = loginAsked.value;
    finishAsking(false);
    user.value = null;
    clinics.value = [];
    forgetAll();
    if (why === 'other') void resume().catch(() => null);
}

function finishAsking(back: boolean): void {
    loginAsked.value = null;
    answer?.(back);
    answer = null;
    asking = null;
}

// Several calls can fail at once: they all wait for the same dialog.
onSessionLost(
    (why) => {
        if (user.value === null) return Promise.resolve(false);
        asking ??= new Promise<boolean>((resolve) => {
            answer = resolve;
            loginAsked.value = why;
        });
        return asking;
    },
    () => user.value?.id ?? null,
);
