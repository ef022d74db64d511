import { describe, expect, it, vi } from 'vitest';
import { hearNodeTime, nodeNow } from '../src/common/clock';
import { dayIn } from '../src/common/format';
import { syncLine } from '../src/clinic/sync_line';
import type { SyncStatus } from '../src/clinic/types';

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
    state: 'working',
    stateSince: null,
    clockWrongSince: null,
    clockOffsetMs: 0,
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
    it('says how far a first load is, once central has said how much there is', () => {
        const clinic = { id: 'c', code: 'N', name: 'North', state: 'active', loading: true };
        const loading = (more: object) => line({ clinics: [{ ...clinic, ...more }] });
        expect(loading({ rowsArrived: 1200, rowsInAll: null }).text).toBe(
            'Saved here - all sent 2 min ago, the clinic is arriving: 1,200 entries',
        );
        expect(loading({ rowsArrived: 1200, rowsInAll: 5000 }).text).toBe('Saved here - all sent 2 min ago, the clinic is arriving: 24 %');
        expect(loading({ rowsArrived: 5100, rowsInAll: 5000 }).text).toContain('99 %');
        expect(loading({ rowsArrived: 1, rowsInAll: 5000 }).kind).toBe(loading({ rowsArrived: 900, rowsInAll: 5000 }).kind);
        expect(loading({ loading: false }).text).toBe('Saved here - all sent 2 min ago');
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
        const text = line({
            online: false,
            pendingChanges: 1,
            oldestPendingAt: at,
            lastPushAt: at,
            lastPullAt: at,
            lastContactAt: at,
        }).text;
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
        const taken = line({ state: 'damaged', lastError: 'database_moved: vetchart.db was removed while the node runs' });
        expect(taken.level).toBe('alarm');
        expect(taken.text).toMatch(/^Nothing is being saved/);
    });
    it('says what is to be done where the key for central is lost, and that the work is saved', () => {
        for (const state of ['key_missing', 'authority_file']) {
            const lost = line({ online: false, pendingChanges: 3, oldestPendingAt: before(1), state });
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
    it('is calm about what heals by waiting, and tells the network from central', () => {
        const offline = { online: false, pendingChanges: 14, oldestPendingAt: before(40) };
        const at = before(48);
        const away = { ...offline, lastPushAt: at, lastPullAt: at, lastContactAt: at };
        expect(line({ ...away, state: 'no_network' })).toMatchObject({
            level: 'fine',
            text: 'Saved here - 14 waiting, no internet since 09:12',
        });
        expect(line({ ...away, state: 'central_away' })).toMatchObject({
            level: 'fine',
            text: 'Saved here - 14 waiting, central does not answer since 09:12',
        });
        expect(line({ ...away, state: 'connecting' })).toMatchObject({ level: 'fine', text: 'Saved here - 14 waiting' });
    });
    it('says what does not heal by waiting as what it is, with what to do, and never as "no internet"', () => {
        const stuck = { online: false, pendingChanges: 1, oldestPendingAt: before(5) };
        const levels: Record<string, string> = { not_central: 'late', proxy: 'late' };
        const texts = new Set<string>();
        const states = ['certificate_unknown', 'certificate_name', 'certificate_expired', 'not_central', 'proxy', 'key_missing'];
        for (const state of [
            ...states,
            'authority_file',
            'revoked',
            'forbidden',
            'version',
            'refused',
            'disk',
            'clock',
            'trouble',
            'of a newer node',
        ]) {
            const told = line({ ...stuck, state });
            expect([state, told.level]).toEqual([state, levels[state] ?? 'alarm']);
            expect(told.text).toMatch(/^Saved here - 1 waiting, .{20,}/);
            if (state !== 'clock') expect(told.text).not.toContain('no internet');
            texts.add(told.text);
        }
        expect(texts.size).toBe(14);
    });
    it('says in red that the clock is wrong, by how much and since when, also while all is sent', () => {
        const ahead = { state: 'clock', clockOffsetMs: -26 * 3_600_000, clockWrongSince: before(90) };
        expect(line(ahead)).toMatchObject({
            level: 'alarm',
            text: 'Saved here - all sent 2 min ago, the clock of this computer is 26 hours fast since 08:30: set its date and time',
        });
        expect(line({ ...ahead, clockOffsetMs: 7 * 60_000 }).text).toContain('7 minutes slow since 08:30');
        const both = line({ ...ahead, state: 'revoked', online: false }).text;
        expect(both).toContain('revoked this computer');
        expect(both).toContain('26 hours fast');
    });
});

describe("the clinic's clock", () => {
    it("is the node's, whatever this browser's is", () => {
        expect(Math.abs(nodeNow() - Date.now())).toBeLessThan(50);
        hearNodeTime(new Date(Date.now() + 400).toISOString());
        expect(Math.abs(nodeNow() - Date.now())).toBeLessThan(50);
        hearNodeTime('2030-05-06T12:00:00.000Z');
        expect(dayIn('UTC')).toBe('2030-05-06');
        hearNodeTime(undefined);
        expect(dayIn('UTC')).toBe('2030-05-06');
        hearNodeTime(new Date().toISOString());
    });
});
