import { signal } from '@preact/signals';
import { get, onReached } from '../common/api';
import { hearNodeTime, nodeNow } from '../common/clock';
import { noteChanged } from '../common/data';
import type { AttentionItem, SyncStatus } from './types';

/// The node's own news: server-sent events while the page is looked at, a question every ten seconds where the node
/// has no place left for one more listener. A hidden tab lets go of its connection (a browser has six per node, and
/// several tabs would use them up) and asks for everything anew when it is looked at again.
export const syncStatus = signal<SyncStatus | null>(null);
export const reached = signal(true);
export const now = signal(nodeNow());
export const attention = signal<AttentionItem[]>([]);

/// A node that hangs keeps its connections open, and no script sees the comment lines by which a stream shows that it
/// lives. So after that long without news the node is asked, with a deadline for what takes it milliseconds.
const SILENCE_MS = 10_000;
const ANSWER_MS = 5_000;
const WATCH_MS = 2_500;
const EVENTS_RETRY_MS = 60_000;
const CLOCK_MS = 15_000;

let source: EventSource | null = null;
let watchTimer: ReturnType<typeof setInterval> | null = null;
let retryTimer: ReturnType<typeof setTimeout> | null = null;
let running = false;
/// Since when nothing was heard, or the node was asked last.
let quietSince = 0;
let asking = false;
/// Whether there was a time in which nobody would have told of a change.
let missed = false;
let attentionKey = '';

function heard(): void {
    quietSince = performance.now();
    reached.value = true;
}

function take(status: SyncStatus): void {
    const before = syncStatus.value;
    syncStatus.value = status;
    heard();
    hearNodeTime(status.now);
    now.value = nodeNow();
    const key = `${status.conflicts}/${status.quarantined}/${status.notices ?? 0}/${status.decided ?? 0}`;
    if (key !== attentionKey) {
        attentionKey = key;
        void loadAttention();
    }
    // An event does not carry the time; the page asks when the clock is another.
    if (status.now === undefined && before !== null && before.clockOffsetMs !== status.clockOffsetMs) void poll();
    // Where no event names tables, a pull or a push that moved tells that rows did.
    if (source === null && before !== null) {
        if (before.lastPullAt !== status.lastPullAt || before.pendingChanges !== status.pendingChanges) noteChanged('all');
    }
}

const isOfAttention = (table: string): boolean => table === 'item_decision' || attention.value.some((item) => item.table === table);

const billIn = (value: unknown): unknown => (typeof value === 'object' && value !== null ? (value as { bill_id?: unknown }).bill_id : null);

/// True when an item is about a row: about itself, a part of it (a bill's items), or something written together with it.
export function concerns(item: AttentionItem, table: string, rowId: string): boolean {
    if (rowId === '') return false;
    if (item.table === table && item.rowId === rowId) return true;
    if ((item.changes ?? []).some((change) => change.table === table && change.rowId === rowId)) return true;
    if (table !== 'bill') return false;
    return item.table === 'bill_medical_record'
        ? item.rowId.startsWith(`${rowId}/`)
        : item.table === 'bill_item' && [item.mine, item.theirs, item.base].some((image) => billIn(image) === rowId);
}

export async function loadAttention(): Promise<void> {
    try {
        attention.value = await get<AttentionItem[]>('/api/attention', { quiet: true });
        noteChanged(['attention']);
    } catch {
        // It is asked again with the next change of the numbers.
        attentionKey = '';
    }
}

async function poll(): Promise<void> {
    if (asking) return;
    asking = true;
    try {
        take(await get<SyncStatus>('/api/sync/status', { quiet: true, timeoutMs: ANSWER_MS }));
    } catch {
        // The call itself has told `reached`.
    } finally {
        asking = false;
        quietSince = performance.now();
    }
}

function watch(): void {
    if (performance.now() - quietSince >= SILENCE_MS) void poll();
}

function openEvents(): void {
    if (!running || document.hidden) return;
    watchTimer ??= setInterval(watch, WATCH_MS);
    if (source !== null) return;
    const events = new EventSource('/api/events');
    source = events;
    events.addEventListener('open', () => {
        if (missed) noteChanged('all');
        missed = false;
        heard();
    });
    events.addEventListener('sync', (event) => take(JSON.parse((event as MessageEvent<string>).data) as SyncStatus));
    events.addEventListener('changed', (event) => {
        const { tables } = JSON.parse((event as MessageEvent<string>).data) as { tables: string[] };
        heard();
        noteChanged(tables);
        // The numbers of the status do not move with a decision, nor with an item that says something else by now.
        if (tables.some(isOfAttention)) void loadAttention();
    });
    events.addEventListener('error', () => {
        missed = true;
        void poll();
        if (events.readyState !== EventSource.CLOSED) return;
        source = null;
        if (retryTimer !== null) clearTimeout(retryTimer);
        retryTimer = setTimeout(openEvents, EVENTS_RETRY_MS);
    });
}

function closeEvents(): void {
    source?.close();
    source = null;
    missed = false;
    if (retryTimer !== null) clearTimeout(retryTimer);
    if (watchTimer !== null) clearInterval(watchTimer);
    watchTimer = null;
}

function onVisibility(): void {
    if (!running) return;
    if (document.hidden) {
        closeEvents();
        return;
    }
    now.value = nodeNow();
    noteChanged('all');
    openEvents();
    // This computer may have slept, or its clock been set meanwhile.
    void poll();
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
        now.value = nodeNow();
    }, CLOCK_MS);
    document.addEventListener('visibilitychange', onVisibility);
}
