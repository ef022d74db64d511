import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { get } from '../common/api';
import { user } from '../common/session';
import { type Signature, type StaffVet, Vets } from './vets';

/// The staff's veterinarians. They are only offered and grouped by: without them every name stands for itself.
const staff = signal<StaffVet[]>([]);
let askedFor = '';

const NONE: readonly Signature[] = [];

/// The people of a page, with those that `rows` name. Any name may be typed all the same.
export function useVets(rows: readonly Signature[] = NONE): { vets: Vets; staff: readonly StaffVet[] } {
    useEffect(() => {
        const key = user.value?.id ?? '';
        if (key === askedFor && staff.value.length > 0) return;
        askedFor = key;
        get<StaffVet[]>('/api/vets', { quiet: true }).then(
            (found) => (staff.value = found),
            () => undefined,
        );
    }, []);
    const known = staff.value;
    const vets = useMemo(() => new Vets(known, rows), [known, rows]);
    return { vets, staff: known };
}
