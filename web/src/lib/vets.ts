import { useEffect } from 'preact/hooks';
import { signal } from '@preact/signals';
import { get } from './api';
import { fullName } from './format';
import { isAdmin, user } from './session';
import type { Appointment, MedicalRecord, Staff } from './types';

/// Names to offer where a veterinarian is asked for. An administrator's node tells the staff; others are offered the
/// names that the newest records and appointments carry. Any name may be typed all the same.
const names = signal<string[]>([]);
let askedFor = '';

async function load(): Promise<void> {
    const found = new Set<string>();
    if (user.value?.roles.includes('veterinarian')) found.add(fullName(user.value));
    if (isAdmin()) {
        const staff = await get<Staff[]>('/api/staff', { quiet: true });
        for (const one of staff) if (one.active && one.roles.includes('veterinarian')) found.add(fullName(one));
    } else {
        const [appointments, records] = await Promise.all([
            get<Appointment[]>('/api/appointments?limit=100', { quiet: true }),
            get<MedicalRecord[]>('/api/records?limit=100', { quiet: true }),
        ]);
        for (const row of [...appointments, ...records]) if (row.veterinarian) found.add(row.veterinarian);
    }
    names.value = [...found].sort((a, b) => a.localeCompare(b));
}

export function useVets(): string[] {
    useEffect(() => {
        const key = user.value?.id ?? '';
        if (key === askedFor && names.value.length > 0) return;
        askedFor = key;
        // Only suggestions: without them the field takes any name.
        load().catch(() => undefined);
    }, []);
    return names.value;
}
