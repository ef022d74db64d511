import { signal } from '@preact/signals';

/// The address bar as a signal. Links are plain <a href>; a click on one of our own paths does not load the page.
export interface Place {
    path: string;
    query: URLSearchParams;
    /// Counts up with every entry of the history; the same number after "back".
    index: number;
}

/// A form of the page tells whether something unsaved is in it, and which question to ask before it is left.
export interface LeaveGuard {
    isDirty: () => boolean;
    ask: () => Promise<boolean>;
}

interface HistoryState {
    index?: number;
}

const indexNow = (): number => (history.state as HistoryState | null)?.index ?? 0;
const readPlace = (): Place => ({
    path: location.pathname,
    query: new URLSearchParams(location.search),
    index: indexNow(),
});

export const place = signal<Place>(readPlace());

const guards = new Set<LeaveGuard>();
let ignoredPops = 0;

export function addLeaveGuard(guard: LeaveGuard): () => void {
    guards.add(guard);
    return () => guards.delete(guard);
}

const dirtyGuard = (): LeaveGuard | undefined => [...guards].find((guard) => guard.isDirty());

/// Asks one question for all half-written forms of the page; after a yes none of them asks again.
export async function mayLeave(): Promise<boolean> {
    const dirty = dirtyGuard();
    if (dirty === undefined) return true;
    if (!(await dirty.ask())) return false;
    guards.clear();
    return true;
}

export async function navigate(to: string, options: { replace?: boolean } = {}): Promise<boolean> {
    if (to === location.pathname + location.search) return true;
    if (!options.replace && !(await mayLeave())) return false;
    const index = indexNow() + (options.replace ? 0 : 1);
    if (options.replace) history.replaceState({ index }, '', to);
    else history.pushState({ index }, '', to);
    place.value = readPlace();
    return true;
}

/// Changes the query in place, as a filter does: no new entry in the history, no leave question.
export function setQuery(changes: Record<string, string | null>): void {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === '') query.delete(name);
        else query.set(name, value);
    }
    const text = query.toString();
    void navigate(location.pathname + (text ? '?' + text : ''), { replace: true });
}

function onPop(): void {
    if (ignoredPops > 0) {
        ignoredPops -= 1;
        return;
    }
    const target = readPlace();
    if (dirtyGuard() === undefined) {
        place.value = target;
        return;
    }
    // The browser has moved already, so go back to where the form is, ask, and move again after a yes.
    const delta = target.index - place.value.index;
    if (delta === 0) return;
    ignoredPops += 1;
    history.go(-delta);
    void mayLeave().then((leave) => {
        if (leave) history.go(delta);
    });
}

function onClick(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.pathname.startsWith('/api/')) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    void navigate(link.pathname + link.search);
}

export function startRouter(): void {
    if ((history.state as HistoryState | null)?.index === undefined) history.replaceState({ index: 0 }, '');
    place.value = readPlace();
    addEventListener('popstate', onPop);
    document.addEventListener('click', onClick);
    addEventListener('beforeunload', (event) => {
        if (dirtyGuard() !== undefined) event.preventDefault();
    });
}

/// The parameters of `pattern` ("/owners/:id") in `path`, or null when it does not match. As they stand in the
/// address: they go into the API's address as they are.
export function match(pattern: string, path: string): Record<string, string> | null {
    const wanted = pattern.split('/');
    const given = path.replace(/\/+$/, '').split('/');
    if (path === '/') given.splice(0, given.length, '', '');
    if (wanted.length !== given.length) return null;
    const found: Record<string, string> = {};
    for (let i = 0; i < wanted.length; i += 1) {
        const part = wanted[i] ?? '';
        const value = given[i] ?? '';
        if (part.startsWith(':')) {
            if (value === '') return null;
            found[part.slice(1)] = value;
        } else if (part !== value) {
            return null;
        }
    }
    return found;
}
