import { signal } from '@preact/signals';
import { get } from '../common/api';

/// Whether the node has anybody yet; the app asks before it shows the login page.
export interface SetupState {
    state: 'new' | 'enrolling' | 'loading' | 'ready';
    needsCode: boolean;
    rowsLoaded?: number | null;
    /// About how many rows there are; null as long as central has not said.
    rowsInAll?: number | null;
    lastError?: string | null;
    /// The codes of clinics that arrived from central without anybody who could log in.
    nobody?: string[];
}
export const setup = signal<SetupState | null>(null);

export async function askSetup(): Promise<void> {
    setup.value = await get<SetupState>('/api/setup', { quiet: true });
}
