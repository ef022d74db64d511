import { useEffect } from 'preact/hooks';
import { signal } from '@preact/signals';
import { get } from '../common/api';
import { user } from '../common/session';

/// Names to offer where a veterinarian is asked for. Any name may be typed all the same.
const names = signal<string[]>([]);
let askedFor = '';

async function load(): Promise<void> {
    const vets = await get<{ name: string }[]>('/api/vets', { quiet: true });
    const found = new Set(vets.map((one) => one.name));
    names.value = [...found].sort((a, b) => a.localeCompare(b));
}

export function useVets(): string[] {
    useEffect(() => {
        const key = user.value?.id ?? '';
        if (key === askedFor && names.value.length > 0) return;
        askedFor = key;
        // They are only suggestions: without them the field takes any name.
        load().catch(() => undefined);
    }, []);
    return names.value;
}
