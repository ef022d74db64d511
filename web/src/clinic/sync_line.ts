import { dayIn, daysBetween, formatDay, formatNumber, timeIn } from '../common/format';
import { type Key, t } from './i18n';
import type { SyncStatus } from './types';

/// The one line that tells in words whether work is saved and whether it is sent (docs/web.md has the rules). Pure:
/// everything it depends on comes in.
export type Level = 'fine' | 'late' | 'alarm';
export interface SyncLine {
    level: Level;
    text: string;
    /// Changes only when the situation does, not with every minute: what a screen reader is told about.
    kind: string;
}

const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 60 * MS_PER_MINUTE;
const MS_PER_DAY = 24 * MS_PER_HOUR;

export function ago(instant: string, now: number): string {
    const ms = Math.max(0, now - Date.parse(instant));
    if (ms < MS_PER_MINUTE) return t('ago.now');
    if (ms < MS_PER_HOUR) return t('ago.minutes', { n: Math.floor(ms / MS_PER_MINUTE) });
    if (ms < MS_PER_DAY) return t('ago.hours', { n: Math.floor(ms / MS_PER_HOUR) });
    return t('ago.days', { n: Math.floor(ms / MS_PER_DAY) });
}

/// "09:12" of today, with the day when it was an earlier one.
function since(instant: string, timezone: string, now: number): string {
    const at = new Date(instant);
    const time = timeIn(timezone, at);
    const day = dayIn(timezone, at);
    return daysBetween(day, dayIn(timezone, new Date(now))) === 0 ? time : `${formatDay(day, 'weekday')}, ${time}`;
}

/// The last moment something got through, never that of an attempt.
function lastSuccess(status: SyncStatus): string | null {
    const times = [status.lastPushAt, status.lastPullAt, status.lastContactAt].filter((at) => at !== null);
    return times.length === 0 ? null : times.sort()[times.length - 1]!;
}

const CALM = new Set(['working', 'alone', 'connecting', 'no_network', 'central_away', 'not_running']);

/// What does not heal by waiting, with what to do.
const REASONS: Record<string, Key> = {
    clock: 'link.clock',
    certificate_unknown: 'link.certificateUnknown',
    certificate_name: 'link.certificateName',
    certificate_expired: 'link.certificateExpired',
    not_central: 'link.notCentral',
    proxy: 'link.proxy',
    key_missing: 'sync.troubleKey',
    authority_file: 'sync.troubleCa',
    revoked: 'link.revoked',
    forbidden: 'link.forbidden',
    version: 'link.version',
    refused: 'link.refused',
    disk: 'link.disk',
};
/// What whoever sits there can mend by another network.
const OF_THE_NETWORK = new Set(['not_central', 'proxy']);

function howMuch(ms: number): string {
    if (ms < MS_PER_HOUR) return t('clock.minutes', { n: Math.round(ms / MS_PER_MINUTE) });
    if (ms < 2 * MS_PER_DAY) return t('clock.hours', { n: Math.round(ms / MS_PER_HOUR) });
    return t('clock.days', { n: Math.round(ms / MS_PER_DAY) });
}

/// By how much this computer's clock is wrong and since when; null while it is right, as far as anybody knows.
function clockTrouble(status: SyncStatus, timezone: string, now: number): string | null {
    if (status.clockWrongSince === null) return null;
    const by = howMuch(Math.abs(status.clockOffsetMs));
    const from = since(status.clockWrongSince, timezone, now);
    return t(status.clockOffsetMs < 0 ? 'link.clockAhead' : 'link.clockBehind', { by, since: from });
}

/// Why nothing goes through at the moment, where waiting helps.
function calmReason(status: SyncStatus, from: string | null, timezone: string, now: number): string {
    if (status.state === 'central_away') {
        return from === null ? t('link.centralAwayYet') : t('link.centralAway', { since: since(from, timezone, now) });
    }
    return from === null ? t('sync.noInternetYet') : t('sync.noInternet', { since: since(from, timezone, now) });
}

function sendingState(status: SyncStatus, timezone: string, now: number): { text: string; kind: string; days: number } {
    const success = lastSuccess(status);
    // Before the first step has ended nobody knows why. What does not heal by waiting has a sentence of its own.
    const offline = !status.online && status.state !== 'connecting' && (CALM.has(status.state) || status.state === 'clock');
    if (status.pendingChanges === 0) {
        if (success === null) return { text: t('sync.nothing'), kind: 'nothing', days: 0 };
        const text = t('sync.allSent', { ago: ago(success, now) });
        if (!offline) return { text, kind: 'sent', days: 0 };
        return { text: `${text}, ${calmReason(status, success, timezone, now)}`, kind: 'sent-offline', days: 0 };
    }
    const waiting = t('sync.waiting', { n: status.pendingChanges });
    const oldest = status.oldestPendingAt;
    const days = oldest === null ? 0 : Math.floor((now - Date.parse(oldest)) / MS_PER_DAY);
    if (days >= 1) return { text: `${waiting}, ${t('sync.notSentFor', { n: days })}`, kind: `days-${days}`, days };
    if (!offline) return { text: waiting, kind: 'waiting', days: 0 };
    return { text: `${waiting}, ${calmReason(status, success ?? oldest, timezone, now)}`, kind: 'waiting-offline', days: 0 };
}

/// How far the first load of the clinics is that are still arriving; null: none is.
function arriving(status: SyncStatus): string | null {
    const loading = status.clinics.filter((clinic) => clinic.loading && clinic.state === 'active');
    if (loading.length === 0) return null;
    const here = loading.reduce((sum, clinic) => sum + (clinic.rowsArrived ?? 0), 0);
    const all = loading.reduce((sum, clinic) => sum + (clinic.rowsInAll ?? Number.NaN), 0);
    if (!(all > 0)) return t('sync.arriving', { n: formatNumber(here) });
    return t('sync.arrivingPercent', { percent: Math.min(99, Math.floor((here * 100) / all)) });
}

/// The sentences about what does not heal by waiting: a wrong clock beside whatever else there is.
function troubles(status: SyncStatus, timezone: string, now: number): string[] {
    const clock = clockTrouble(status, timezone, now);
    const told = clock === null ? [] : [clock];
    if (CALM.has(status.state) || (status.state === 'clock' && clock !== null)) return told;
    return [t(REASONS[status.state] ?? 'link.trouble'), ...told];
}

export function syncLine(status: SyncStatus | null, reached: boolean, timezone: string, now: number): SyncLine {
    if (!reached) return { level: 'alarm', text: t('sync.noNode'), kind: 'no-node' };
    if (status === null) return { level: 'fine', text: t('sync.asking'), kind: 'asking' };
    if (status.state === 'damaged') return { level: 'alarm', text: t('sync.troubleDatabase'), kind: 'damaged' };
    const attention = status.conflicts + status.quarantined;
    const loading = status.centralUrl === null ? null : arriving(status);
    const needs = attention > 0 ? ` - ${t('sync.attention', { n: attention })}` : '';
    if (status.centralUrl === null) {
        return {
            level: attention > 0 ? 'alarm' : 'fine',
            text: `${t('sync.saved')} - ${t('sync.alone')}${needs}`,
            kind: 'alone' + attention,
        };
    }
    const sending = sendingState(status, timezone, now);
    if (loading !== null) sending.text += `, ${loading}`;
    const told = troubles(status, timezone, now);
    const alarm = attention > 0 || sending.days >= 3 || status.clockWrongSince !== null;
    const level: Level =
        alarm || (told.length > 0 && !OF_THE_NETWORK.has(status.state)) ? 'alarm' : told.length > 0 || sending.days >= 1 ? 'late' : 'fine';
    const text = `${t('sync.saved')} - ${[sending.text, ...told].join(', ')}${needs}`;
    return { level, text, kind: `${sending.kind}/${told.length > 0 ? status.state : ''}/${attention}` };
}
