import { signal } from '@preact/signals';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, call } from './api';

/// What pages show, fetched and kept fresh: a small cache in memory (so "back" shows at once and the scroll position
/// holds) and a fetch again whenever a table a page names has changed. Nothing goes into the browser's storage.

export type Table = 'owner' | 'patient' | 'medical_record' | 'appointment' | 'bill' | 'service_item' | 'staff' | 'clinic' | 'attention';

interface Entry {
    rows: unknown;
    etag: string | null;
    next: string | null;
}

const ENTRIES_MAX = 60;
const cache = new Map<string, Entry>();

/// Counts the changes of each table; every query looks at the sum of its tables.
const versions = signal<Record<string, number>>({});

export function noteChanged(tables: readonly string[] | 'all'): void {
    const next = { ...versions.value };
    if (tables === 'all') next.all = (next.all ?? 0) + 1;
    // A change may concern any page that shows the row inside another, so what is cached is only a first picture.
    else for (const table of tables) next[table] = (next[table] ?? 0) + 1;
    versions.value = next;
}

export function forgetAll(): void {
    cache.clear();
}

function keep(path: string, entry: Entry): void {
    cache.delete(path);
    cache.set(path, entry);
    if (cache.size > ENTRIES_MAX) {
        const oldest = cache.keys().next().value;
        if (oldest !== undefined) cache.delete(oldest);
    }
}

const versionOf = (tables: readonly Table[]): number =>
    tables.reduce((sum, table) => sum + (versions.value[table] ?? 0), versions.value.all ?? 0);

export interface Query<T> {
    data: T | null;
    etag: string | null;
    error: ApiError | null;
    loading: boolean;
    reload: () => void;
}

/// Fetches by one GET. `path` null: there is nothing to ask yet.
export function useQuery<T>(path: string | null, tables: readonly Table[] = []): Query<T> {
    const cached = path === null ? undefined : cache.get(path);
    const [state, setState] = useState<{ path: string | null; entry?: Entry; error: ApiError | null }>({
        path,
        entry: cached,
        error: null,
    });
    const [round, setRound] = useState(0);
    const version = versionOf(tables);
    useEffect(() => {
        if (path === null) return undefined;
        const abort = new AbortController();
        call<T>('GET', path, undefined, { signal: abort.signal }).then(
            (answer) => {
                const entry = { rows: answer.data, etag: answer.etag, next: answer.next };
                keep(path, entry);
                setState({ path, entry, error: null });
            },
            (error: ApiError) => {
                if (error.code === 'aborted') return;
                // What was shown stays: a refresh that fails must not take the page away.
                setState((old) => ({ path, entry: old.path === path ? old.entry : undefined, error }));
            },
        );
        return () => abort.abort();
    }, [path, version, round]);
    const reload = useCallback(() => setRound((count) => count + 1), []);
    const entry = state.path === path && state.entry ? state.entry : cached;
    const error = state.path === path ? state.error : null;
    return {
        data: (entry?.rows as T | undefined) ?? null,
        etag: entry?.etag ?? null,
        error,
        loading: path !== null && entry === undefined && error === null,
        reload,
    };
}

export interface Pages<T> {
    rows: T[];
    error: ApiError | null;
    loading: boolean;
    more: boolean;
    loadMore: () => Promise<void>;
}

/// Fetches a list in pages by the Link header. After a change all that was loaded is fetched again, in one request.
export function usePages<T>(path: string | null, tables: readonly Table[], limit = 50): Pages<T> {
    const [wanted, setWanted] = useState({ path, count: limit });
    const count = wanted.path === path ? wanted.count : limit;
    const separator = path?.includes('?') ? '&' : '?';
    const query = useQuery<T[]>(path === null ? null : `${path}${separator}limit=${Math.min(count, 500)}`, tables);
    const [tail, setTail] = useState<{ head: unknown; rows: T[]; next: string | null } | null>(null);
    // The rows of the search before stay until the new ones are there: no flicker while typing.
    const last = useRef<T[]>([]);
    const key = path === null ? '' : `${path}${separator}limit=${Math.min(count, 500)}`;
    if (query.data) last.current = query.data;
    const grown = tail !== null && tail.head === query.data ? tail : null;
    const next = grown ? grown.next : (cache.get(key)?.next ?? null);
    const loadMore = async (): Promise<void> => {
        if (count < 500) {
            setWanted({ path, count: Math.min(500, count + 100) });
            return;
        }
        if (next === null) return;
        const answer = await call<T[]>('GET', next);
        setTail({ head: query.data, rows: [...(grown?.rows ?? []), ...answer.data], next: answer.next });
    };
    return {
        rows: [...(query.data ?? last.current), ...(grown?.rows ?? [])],
        error: query.error,
        loading: query.loading && last.current.length === 0,
        more: next !== null,
        loadMore,
    };
}
