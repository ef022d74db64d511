import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { ApiError, call, type Fields, newKey } from './api';
import { ask } from './dialog';
import { type Doubt, doubtsAbout } from './doubt';
import { errorText, fieldTexts } from './faults';
import { t } from './i18n';
import { addLeaveGuard } from './router';

/// The state of one form. It lives in memory as long as the page does: an expired session puts a login dialog over it
/// and the same request goes out again afterwards.
export type Values = Record<string, unknown>;

export interface Stale<V extends Values> {
    mine: V;
    /// The row as the node has it, and as this form shows it.
    current: Values;
    theirs: V;
    etag: string | null;
}

/// How a form shows a row of the node. `taken` hears of the row, for what a form keeps beside its values.
export interface Reading<V extends Values> {
    read: (row: never) => V;
    taken?: (row: never) => void;
}

export interface Form<V extends Values> {
    values: Signal<V>;
    errors: Signal<Fields>;
    problem: Signal<string>;
    busy: Signal<boolean>;
    stale: Signal<Stale<V> | null>;
    root: { current: HTMLFormElement | null };
    set: (changes: Partial<V>) => void;
    /// Shows new values from the node, as long as the person has not written anything.
    reset: (values: V, etag?: string | null) => void;
    /// `meanings`: what an answer's code says about the fields of this form.
    send: <T>(method: string, path: string, body: Values, meanings?: Record<string, Fields>) => Promise<T | null>;
    fail: (errors: Fields) => void;
    /// Asks about what is possible but unusual in what was changed; true: save it. `before`: as the row has it, null for a new one.
    sure: (before: Values | null, find: () => Doubt[] | Promise<Doubt[]>) => Promise<boolean>;
    isDirty: () => boolean;
    resolveStale: (keep: 'mine' | 'theirs') => void;
}

export const confirmLeave = (): Promise<boolean> =>
    ask({
        title: t('leave.title'),
        text: t('leave.text'),
        yes: t('leave.yes'),
        no: t('leave.no'),
        danger: true,
    });

function focusFirstError(root: HTMLFormElement | null): void {
    requestAnimationFrame(() => {
        const first = root?.querySelector<HTMLElement>('[aria-invalid="true"]') ?? root?.querySelector<HTMLElement>('.problem');
        first?.focus();
    });
}

export function useForm<V extends Values>(initial: V, initialEtag: string | null = null, reading?: Reading<V>): Form<V> {
    const values = useSignal(initial);
    const errors = useSignal<Fields>({});
    const problem = useSignal('');
    const busy = useSignal(false);
    const stale = useSignal<Stale<V> | null>(null);
    const memory = useRef({ saved: JSON.stringify(initial), etag: initialEtag, key: '', keyBody: '', asking: false });
    const root = useRef<HTMLFormElement | null>(null);
    const isDirty = (): boolean => JSON.stringify(values.peek()) !== memory.current.saved;

    useEffect(() => addLeaveGuard({ isDirty, ask: confirmLeave }), []);

    return useMemo<Form<V>>(() => {
        const showFailure = (error: ApiError, texts: Fields): void => {
            const shown = new Set(
                Array.from(root.current?.querySelectorAll('[data-field]') ?? [], (field) => field.getAttribute('data-field')),
            );
            errors.value = texts;
            const others = Object.entries(texts).filter(([name]) => !shown.has(name));
            const words = others.map(([, sentence]) => sentence).join(' ');
            problem.value = Object.keys(texts).length === 0 ? errorText(error) : words || t('error.fields');
            focusFirstError(root.current);
        };
        const send = async <T,>(method: string, path: string, body: Values, meanings: Record<string, Fields> = {}): Promise<T | null> => {
            if (busy.value) return null;
            const state = memory.current;
            // The key makes sure that the same body, sent again after a lost answer, makes no second row.
            const text = method + path + JSON.stringify(body);
            if (state.keyBody !== text) Object.assign(state, { keyBody: text, key: newKey() });
            busy.value = true;
            errors.value = {};
            problem.value = '';
            try {
                const answer = await call<T>(method, path, body, {
                    ifMatch: method === 'PUT' ? state.etag : null,
                    idempotencyKey: method === 'POST' ? state.key : undefined,
                });
                state.etag = answer.etag;
                state.saved = JSON.stringify(values.value);
                state.keyBody = '';
                return answer.data;
            } catch (error) {
                if (!(error instanceof ApiError)) throw error;
                if (error.code === 'stale' && error.body.current && reading) {
                    const current = error.body.current as Values;
                    stale.value = { mine: values.value, current, theirs: reading.read(current as never), etag: error.etag };
                } else {
                    showFailure(error, meanings[error.code] ?? fieldTexts(error));
                }
                return null;
            } finally {
                busy.value = false;
            }
        };
        return {
            values,
            errors,
            problem,
            busy,
            stale,
            root,
            send,
            set: (changes) => {
                values.value = { ...values.value, ...changes };
                const names = Object.keys(changes).filter((name) => name in errors.value);
                if (names.length === 0) return;
                const rest = { ...errors.value };
                for (const name of names) delete rest[name];
                errors.value = rest;
            },
            reset: (next, etag = null) => {
                if (JSON.stringify(values.value) !== memory.current.saved) return;
                memory.current.saved = JSON.stringify(next);
                memory.current.etag = etag;
                values.value = next;
            },
            fail: (found) => {
                errors.value = found;
                problem.value = t('error.fields');
                focusFirstError(root.current);
            },
            sure: async (before, find) => {
                if (busy.value || memory.current.asking) return false;
                memory.current.asking = true;
                try {
                    const doubts = doubtsAbout(await find(), values.value, before);
                    const points = doubts.map((doubt) => doubt.text);
                    return (
                        points.length === 0 ||
                        (await ask({ title: t('doubt.title'), text: '', points, yes: t('doubt.save'), no: t('doubt.back') }))
                    );
                } finally {
                    memory.current.asking = false;
                }
            },
            isDirty,
            resolveStale: (keep) => {
                const found = stale.value;
                if (found === null) return;
                memory.current.etag = found.etag;
                if (keep === 'theirs') {
                    memory.current.saved = JSON.stringify(found.theirs);
                    values.value = found.theirs;
                    reading?.taken?.(found.current as never);
                }
                stale.value = null;
            },
        };
    }, []);
}

/// Every field of `names` that is blank gets "required".
export function required(values: Values, names: readonly string[]): Fields {
    const found: Fields = {};
    for (const name of names) {
        const value = values[name];
        if (value === null || value === undefined || String(value).trim() === '') found[name] = t('error.required');
    }
    return found;
}
