import { daysBetween, dayIn, formatDay, timeIn } from './format';
import { t } from './i18n';
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

function sendingState(status: SyncStatus, timezone: string, now: number): { text: string; kind: string; days: number } {
    const success = lastSuccess(status);
    const offline = !status.online;
    if (status.pendingChanges === 0) {
        if (success === null) return { text: t('sync.nothing'), kind: 'nothing', days: 0 };
        const text = t('sync.allSent', { ago: ago(success, now) });
        if (!offline) return { text, kind: 'sent', days: 0 };
        return { text: `${text}, ${t('sync.noInternet', { since: since(success, timezone, now) })}`, kind: 'sent-offline', days: 0 };
    }
    const waiting = t('sync.waiting', { n: status.pendingChanges });
    const oldest = status.oldestPendingAt;
    const days = oldest === null ? 0 : Math.floor((now - Date.parse(oldest)) / MS_PER_DAY);
    if (days >= 1) return { text: `${waiting}, ${t('sync.notSentFor', { n: days })}`, kind: `days-${days}`, days };
    if (!offline) return { text: waiting, kind: 'waiting', days: 0 };
    const from = success ?? oldest;
    const reason = from === null ? t('sync.noInternetYet') : t('sync.noInternet', { since: since(from, timezone, now) });
    return { text: `${waiting}, ${reason}`, kind: 'waiting-offline', days: 0 };
}

/// What does not heal by waiting, by the code that `lastError` begins with.
function ownTrouble(status: SyncStatus): 'sync.troubleDatabase' | 'sync.troubleKey' | 'sync.troubleCa' | null {
    const code = (status.lastError ?? '').split(':', 1)[0]!;
    if (code === 'database_moved') return 'sync.troubleDatabase';
    if (code.startsWith('node_key_')) return 'sync.troubleKey';
    return code === 'ca_unusable' ? 'sync.troubleCa' : null;
}

export function syncLine(status: SyncStatus | null, reached: boolean, timezone: string, now: number): SyncLine {
    if (!reached) return { level: 'alarm', text: t('sync.noNode'), kind: 'no-node' };
    if (status === null) return { level: 'fine', text: t('sync.asking'), kind: 'asking' };
    const trouble = ownTrouble(status);
    if (trouble === 'sync.troubleDatabase') return { level: 'alarm', text: t(trouble), kind: trouble };
    const attention = status.conflicts + status.quarantined;
    const needs = attention > 0 ? ` - ${t('sync.attention', { n: attention })}` : '';
    if (status.centralUrl === null) {
        return {
            level: attention > 0 ? 'alarm' : 'fine',
            text: `${t('sync.saved')} - ${t('sync.alone')}${needs}`,
            kind: 'alone' + attention,
        };
    }
    const sending = sendingState(status, timezone, now);
    if (trouble !== null) {
        const text = `${t('sync.saved')} - ${sending.text}, ${t(trouble)}${needs}`;
        return { level: 'alarm', text, kind: `${trouble}/${attention}` };
    }
    const level: Level = attention > 0 || sending.days >= 3 ? 'alarm' : sending.days >= 1 ? 'late' : 'fine';
    return { level, text: `${t('sync.saved')} - ${sending.text}${needs}`, kind: `${sending.kind}/${attention}` };
}
