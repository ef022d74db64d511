import { signal } from '@preact/signals';
import { get, onReached } from './api';
import { noteChanged } from './data';
import type { AttentionItem, SyncStatus } from './types';

/// The node's own news: server-sent events while the page is looked at, a question every ten seconds where the node
/// has no place left for one more listener. A hidden tab lets go of its connection (a browser has six per node, and
/// several tabs would use them up) and asks for everything anew when it is looked at again.
export const syncStatus = signal<SyncStatus | null>(null);
export const reached = signal(true);
export const now = signal(Date.now());
export const attention = signal<AttentionItem[]>([]);

const POLL_MS = 10_000;
const EVENTS_RETRY_MS = 60_000;
const CLOCK_MS = 15_000;

let source: EventSource | null = null;
let pollTimer: ReturnType<typeof setInterval> | null = null;
let retryTimer: ReturnType<typeof setTimeout> | null = null;
let running = false;
let attentionKey = '';

function take(status: SyncStatus): void {
    const before = syncStatus.value;
    syncStatus.value = status;
    reached.value = true;
    now.value = Date.now();
    const key = `${status.conflicts}/${status.quarantined}/${status.notices ?? 0}`;
    if (key !== attentionKey) {
        attentionKey = key;
        void loadAttention();
    }
    // Where no event names tables, a pull or a push that moved tells that rows did.
    if (source === null && before !== null) {
        if (before.lastPullAt !== status.lastPullAt || before.pendingChanges !== status.pendingChanges) noteChanged('all');
    }
}

export async function loadAttention(): Promise<void> {
    try {
        attention.value = await get<AttentionItem[]>('/api/attention', { quiet: true });
        noteChanged(['attention']);
    } catch {
        // Asked again with the next change of the numbers.
        attentionKey = '';
    }
}

async function poll(): Promise<void> {
    try {
        take(await get<SyncStatus>('/api/sync/status', { quiet: true }));
    } catch {
        // `reached` has been told by the call itself.
    }
}

function startPolling(): void {
    pollTimer ??= setInterval(() => void poll(), POLL_MS);
}

function stopPolling(): void {
    if (pollTimer !== null) clearInterval(pollTimer);
    pollTimer = null;
}

function openEvents(): void {
    if (source !== null || !running || document.hidden) return;
    let opened = false;
    const events = new EventSource('/api/events');
    source = events;
    events.addEventListener('open', () => {
        // What happened between two connections was told to nobody.
        if (opened || pollTimer !== null) noteChanged('all');
        opened = true;
        reached.value = true;
        stopPolling();
    });
    events.addEventListener('sync', (event) => take(JSON.parse((event as MessageEvent<string>).data) as SyncStatus));
    events.addEventListener('changed', (event) => {
        const { tables } = JSON.parse((event as MessageEvent<string>).data) as { tables: string[] };
        noteChanged(tables);
    });
    events.addEventListener('error', () => {
        void poll();
        startPolling();
        if (events.readyState !== EventSource.CLOSED) return;
        source = null;
        if (retryTimer !== null) clearTimeout(retryTimer);
        retryTimer = setTimeout(openEvents, EVENTS_RETRY_MS);
    });
}

function closeEvents(): void {
    source?.close();
    source = null;
    if (retryTimer !== null) clearTimeout(retryTimer);
    stopPolling();
}

function onVisibility(): void {
    if (!running) return;
    if (document.hidden) {
        closeEvents();
        return;
    }
    now.value = Date.now();
    noteChanged('all');
    openEvents();
}

export function startLive(): void {
    if (running) return;
    running = true;
    void poll();
    openEvents();
}

export function stopLive(): void {
    running = false;
    closeEvents();
    syncStatus.value = null;
    attention.value = [];
    attentionKey = '';
}

export function startClock(): void {
    onReached((yes) => {
        reached.value = yes;
    });
    setInterval(() => {
        now.value = Date.now();
    }, CLOCK_MS);
    document.addEventListener('visibilitychange', onVisibility);
}
