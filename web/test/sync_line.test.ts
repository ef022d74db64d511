import { describe, expect, it, vi } from 'vitest';
import { syncLine } from '../src/lib/sync_line';
import type { SyncStatus } from '../src/lib/types';

vi.hoisted(() => {
    Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en-GB'], language: 'en-GB' }, configurable: true });
});

const now = Date.parse('2026-11-22T10:00:00Z');
const before = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();
const DAY = 24 * 60;
const base: SyncStatus = {
    node: { id: 'n', name: 'front', code: 'AB2CD' },
    clinics: [],
    centralUrl: 'https://central.example',
    online: true,
    lastPushAt: before(2),
    lastPullAt: before(2),
    lastContactAt: before(2),
    lastError: null,
    pendingChanges: 0,
    pendingTransactions: 0,
    oldestPendingAt: null,
    conflicts: 0,
    quarantined: 0,
    schemaVersion: 1,
};
const line = (changes: Partial<SyncStatus>) => syncLine({ ...base, ...changes }, true, 'UTC', now);

describe('the sync line', () => {
    it('says that all is sent, and when that was', () => {
        expect(line({})).toMatchObject({ level: 'fine', text: 'Saved here - all sent 2 min ago' });
    });
    it('never says so while something waits', () => {
        expect(line({ pendingChanges: 3, oldestPendingAt: before(1) }).text).toBe('Saved here - 3 waiting');
    });
    it('tells since when there is no internet, by the last success and not the last attempt', () => {
        const offline = { online: false, pendingChanges: 14, oldestPendingAt: before(40) };
        const at = before(48);
        expect(line({ ...offline, lastPushAt: at, lastPullAt: at, lastContactAt: at })).toMatchObject({
            level: 'fine',
            text: 'Saved here - 14 waiting, no internet since 09:12',
        });
    });
    it('names the day where that was an earlier one', () => {
        const at = before(12 * 60);
        const text = line({ online: false, pendingChanges: 1, oldestPendingAt: at, lastPushAt: at, lastPullAt: at, lastContactAt: at }).text;
        // Whether a comma follows the weekday differs between the versions of ICU.
        expect(text).toMatch(/^Saved here - 1 waiting, no internet since Sat,? 21 Nov, 22:00$/);
    });
    it('turns amber after a day and red after three', () => {
        const waiting = (days: number) => line({ online: false, pendingChanges: 2, oldestPendingAt: before(days * DAY + 5) });
        expect(waiting(1)).toMatchObject({ level: 'late', text: 'Saved here - 2 waiting, not sent for 1 day' });
        expect(waiting(2).level).toBe('late');
        expect(waiting(3)).toMatchObject({ level: 'alarm', text: 'Saved here - 2 waiting, not sent for 3 days' });
    });
    it('never says saved on a node whose database was taken from under it', () => {
        const taken = line({ lastError: 'database_moved: vetchart.db was removed while the node runs' });
        expect(taken.level).toBe('alarm');
        expect(taken.text).toMatch(/^Nothing is being saved/);
    });
    it('says what is to be done where the key for central is lost, and that the work is saved', () => {
        for (const code of ['node_key_missing', 'node_key_unusable', 'node_key_other', 'ca_unusable']) {
            const lost = line({ online: false, pendingChanges: 3, oldestPendingAt: before(1), lastError: `${code}: text` });
            expect(lost.level).toBe('alarm');
            expect(lost.text).toMatch(/^Saved here - 3 waiting, .* is (missing or )?damaged/);
        }
    });
    it('is red while changes need attention', () => {
        expect(line({ conflicts: 2, quarantined: 1 })).toMatchObject({
            level: 'alarm',
            text: 'Saved here - all sent 2 min ago - 3 changes need attention',
        });
    });
    it('says nothing is being saved when the node does not answer', () => {
        expect(syncLine(base, false, 'UTC', now).level).toBe('alarm');
    });
    it('has its own words for a node without central', () => {
        expect(line({ centralUrl: null, pendingChanges: 9 }).text).toBe('Saved here - this computer works alone');
    });
    it('is told to a screen reader again only when the situation changes', () => {
        const later = syncLine(base, true, 'UTC', now + 60_000);
        expect(later.text).not.toBe(line({}).text);
        expect(later.kind).toBe(line({}).kind);
    });
});
