/// Talks to the node. The session is a cookie that scripts cannot read; every call that is no GET carries a header that
/// a foreign page cannot send.

export interface Answer<T> {
    data: T;
    etag: string | null;
    /// Path of the next page of a list, from the Link header.
    next: string | null;
}

export type Fields = Record<string, string>;

/// A refused field as a program reads it: the code, and the limits it is measured by.
export interface Fault {
    code: string;
    [limit: string]: unknown;
}

export class ApiError extends Error {
    constructor(
        /// The answer's status; 0: the node did not answer at all.
        readonly status: number,
        readonly code: string,
        message: string,
        readonly fields: Fields = {},
        readonly body: Record<string, unknown> = {},
        readonly etag: string | null = null,
    ) {
        super(message);
    }

    get faults(): Record<string, Fault> {
        return (this.body.fieldCodes ?? {}) as Record<string, Fault>;
    }
}

export interface CallOptions {
    ifMatch?: string | null;
    idempotencyKey?: string;
    signal?: AbortSignal;
    /// Sends the call for whoever the cookie's session belongs to: it asks who that is.
    anyUser?: boolean;
    /// A background call takes an expired session as an error like others: nobody is asked to log in.
    quiet?: boolean;
    timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

/// Why the page cannot go on: its session has ended, or another window has put somebody else's in its place.
export type SessionLoss = 'ended' | 'other';

/// Asks the person to log in again over the page (session.ts sets it); false: they left instead.
let askLogin: ((why: SessionLoss) => Promise<boolean>) | null = null;
/// For whom the page was drawn. A browser has one session for all its windows; the node does nothing for anyone else.
let whoAsks: () => string | null = () => null;
export function onSessionLost(ask: (why: SessionLoss) => Promise<boolean>, who: () => string | null): void {
    askLogin = ask;
    whoAsks = who;
}

/// Whether the last call reached the node. Told to the sync line.
let reachedListener: ((reached: boolean) => void) | null = null;
export function onReached(listener: (reached: boolean) => void): void {
    reachedListener = listener;
}

/// Draws a random id without crypto.randomUUID, which a browser does not offer on a clinic's LAN without TLS.
export function newKey(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function nextOf(link: string | null): string | null {
    const found = link?.match(/<([^>]+)>\s*;\s*rel="?next"?/);
    return found?.[1] ?? null;
}

function lossOf(error: ApiError): SessionLoss | null {
    if (error.code === 'other_user') return 'other';
    if (error.status === 401) return error.code === 'login_failed' ? null : 'ended';
    return error.status === 403 && error.code.startsWith('token_') ? 'ended' : null;
}

async function once<T>(method: string, path: string, body: unknown, options: CallOptions): Promise<Answer<T>> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (method !== 'GET') headers['X-VetChart'] = '1';
    const who = options.anyUser ? null : whoAsks();
    if (who !== null) headers['X-VetChart-User'] = who;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (options.ifMatch) headers['If-Match'] = options.ifMatch;
    if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), options.timeoutMs ?? TIMEOUT_MS);
    const stop = (): void => timeout.abort();
    options.signal?.addEventListener('abort', stop);
    try {
        const response = await fetch(path, {
            method,
            headers,
            credentials: 'same-origin',
            cache: 'no-store',
            signal: timeout.signal,
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        reachedListener?.(true);
        return read<T>(response, text, path);
    } catch (error) {
        if (error instanceof ApiError) throw error;
        if (options.signal?.aborted) throw new ApiError(0, 'aborted', 'aborted');
        reachedListener?.(false);
        throw new ApiError(0, 'unreachable', 'The node does not answer.');
    } finally {
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', stop);
    }
}

/// A refused invitation has the code of a refused login: here they are told apart.
const codeOf = (code: string, path: string): string => (code === 'token_invalid' && path.endsWith('/enroll') ? 'invitation_invalid' : code);

function read<T>(response: Response, text: string, path: string): Answer<T> {
    let data: unknown = null;
    try {
        data = text === '' ? null : JSON.parse(text);
    } catch {
        throw new ApiError(response.status || 500, 'malformed_answer', 'The answer was not readable.');
    }
    const etag = response.headers.get('ETag');
    if (response.ok) return { data: data as T, etag, next: nextOf(response.headers.get('Link')) };
    const body = (data ?? {}) as Record<string, unknown>;
    const message = typeof body.message === 'string' ? body.message : response.statusText;
    const code = typeof body.code === 'string' ? body.code : `http_${response.status}`;
    throw new ApiError(response.status, codeOf(code, path), message, (body.fields ?? {}) as Fields, body, etag);
}

export async function call<T>(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer<T>> {
    try {
        return await once<T>(method, path, body, options);
    } catch (error) {
        const why = error instanceof ApiError ? lossOf(error) : null;
        if (why === null || options.quiet || askLogin === null) throw error;
        if (!(await askLogin(why))) throw error;
        return once<T>(method, path, body, options);
    }
}

export const get = async <T>(path: string, options: CallOptions = {}): Promise<T> => (await call<T>('GET', path, undefined, options)).data;

export const post = async <T>(path: string, body: unknown = {}, options: CallOptions = {}): Promise<T> =>
    (await call<T>('POST', path, body, options)).data;

/// `path?name=value&...` without the empty ones.
export function withQuery(path: string, values: Record<string, string | number | undefined | null>): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(values)) {
        if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
    }
    const text = query.toString();
    return text ? `${path}?${text}` : path;
}
