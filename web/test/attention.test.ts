import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { en } from '../src/clinic/i18n/en';
import { attention, concerns } from '../src/clinic/live';
import { actionsOf, billOf, columnOf, compared, linkOf, undoWord, valueWord } from '../src/clinic/office/attention_words';
import { decisionText, KNOWN_CODES, sentencesOf } from '../src/clinic/office/attention_sentences';
import { correctable } from '../src/clinic/office/attention_correct';
import { fieldOf, storedValue, typed } from '../src/clinic/office/value_fields';
import type { Subject } from '../src/clinic/office/subject';
import { rowState } from '../src/clinic/parts';
import type { AttentionItem } from '../src/clinic/types';
import { COLUMNS } from '../src/common/rows';
import { user } from '../src/common/session';
import type { Row, User } from '../src/common/types';

beforeAll(() => void vi.stubGlobal('navigator', { language: 'en', languages: ['en-US'] }));

const nora: Subject = { name: 'Nora Quist', words: 'Owner Nora Quist', other: '', mine: '', theirs: '' };
const item = (told: Partial<AttentionItem>): AttentionItem => ({
    id: 'i1',
    kind: 'conflict',
    openedAt: '2026-11-22T09:00:00.000Z',
    clinicId: 'c1',
    table: 'owner',
    rowId: 'o1',
    column: null,
    title: 'Changed elsewhere',
    reason: 'A sentence of central.',
    code: 'changed_elsewhere',
    mine: null,
    theirs: null,
    base: null,
    actor: 'Ada Moss',
    at: '2026-11-22T09:00:00.000Z',
    node: 'front',
    theirsActor: 'Finn Ross',
    theirsAt: '2026-11-22T09:05:00.000Z',
    theirsNode: 'laptop',
    dependents: [],
    changes: [],
    changeCount: null,
    actions: [],
    status: 'open',
    ...told,
});

describe('an item in words', () => {
    it('names the row, both values, who, where and when', () => {
        const found = sentencesOf(item({ column: 'address', mine: '22 Front Street', theirs: '33 Laptop Lane' }), nora);
        expect(found.title).toBe('Owner Nora Quist: two versions of “Address”');
        expect(found.text).toContain('“33 Laptop Lane” stands (Finn Ross · laptop · Nov 22, 2026, 9:05');
        expect(found.text).toContain('“22 Front Street” was set aside (Ada Moss · front · Nov 22, 2026, 9:00');
    });
    it('has the stored words of a column that knows few', () => {
        const bill = item({ code: 'status_elsewhere', table: 'bill', column: 'status', mine: 'sent', theirs: 'paid' });
        expect(sentencesOf(bill, { ...nora, words: 'Bill BILL-000123' })).toMatchObject({
            title: 'Bill BILL-000123: two steps at once',
            text: expect.stringMatching(/“Paid” .*“Sent” was set aside/) as string,
        });
    });
    it('names both owners of an address', () => {
        const taken = item({
            code: 'email_taken',
            column: 'email',
            mine: 'nora@mail.example',
            theirs: { first_name: 'Nora', last_name: 'Q.' },
        });
        expect(sentencesOf(taken, { ...nora, other: 'Nora Q.' }).text).toMatch(
            /^“nora@mail.example” is already the address of Nora Q\..*so Nora Quist has none/,
        );
        expect(compared(taken)).toEqual([]);
    });
    it('names the rows that a reference names, and no id', () => {
        const moved = item({ table: 'patient', column: 'owner_id', mine: '0192-a', theirs: '0192-b' });
        const text = sentencesOf(moved, { ...nora, mine: 'Olaf Berg', theirs: '' }).text;
        expect(text).toContain('“Olaf Berg” was set aside');
        expect(text).toContain('“another entry” stands');
        expect(text).not.toContain('0192');
    });
    it("keeps central's own sentence for a code that is not known here", () => {
        const found = sentencesOf(item({ code: 'of_tomorrow', kind: 'quarantine' }), nora);
        expect(found.title).toBe('Owner Nora Quist: Not accepted');
        expect(found.text).toMatch(/Why: A sentence of central\.$/);
    });
    it('never has the raw name of a column', () => {
        for (const [table, columns] of Object.entries(COLUMNS)) {
            for (const column of Object.keys(columns)) {
                const found = sentencesOf(item({ table, column, mine: 'a', theirs: 'b' }), nora);
                expect([table, column, /_|\{/.test(found.title + found.text)]).toEqual([table, column, false]);
            }
        }
    });
    it('cuts what is too long for a sentence', () => {
        const found = sentencesOf(item({ column: 'notes', mine: 'x'.repeat(500), theirs: 'short' }), nora);
        expect(found.text).toContain(`“${'x'.repeat(60)}…”`);
    });
    it('has yes, no and the roles in words', () => {
        expect(valueWord('staff', 'active', false, 'c1')).toBe('No');
        expect(valueWord('staff', 'roles', ['admin', 'staff'], 'c1')).toBe('Administrator, Front desk');
        expect(valueWord('owner', 'email', null, 'c1')).toBe('(empty)');
    });
    it('has words for every code of docs/errors.md', () => {
        const page = readFileSync('../docs/errors.md', 'utf8');
        const part = page.split('## Codes of what central holds and tells\n')[1]!.split('\n## ')[0]!;
        const codes = part
            .split('\n')
            .filter((line) => line.startsWith('| `'))
            .flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map((hit) => hit[1]!));
        expect(codes).toContain('admin_needed');
        expect(codes.filter((code) => !KNOWN_CODES.includes(code))).toEqual([]);
    });
    it('has words for every code that the decider lists', () => {
        const page = readFileSync('../docs/adr/0012-one-decider.md', 'utf8');
        const rows = page.split('\n').filter((line) => /^\| (conflict|quarantine|notice) \| `/.test(line));
        const codes = rows.flatMap((line) => [...line.split('|')[2]!.matchAll(/`(\w+)`/g)].map((hit) => hit[1]!));
        expect(codes).toContain('delete_refused');
        expect(codes.filter((code) => !KNOWN_CODES.includes(code))).toEqual([]);
    });
});

describe('the buttons of an item', () => {
    beforeEach(() => {
        user.value = null;
    });
    it('are the actions that stand and that this page knows', () => {
        expect(actionsOf(item({ actions: ['keep', 'useMine', 'of_tomorrow'] }))).toEqual(['keep', 'useMine']);
    });
    it('give up work for administrators only', () => {
        const held = item({ kind: 'quarantine', actions: ['retry', 'discard'] });
        expect(actionsOf(held)).toEqual(['retry']);
        user.value = { roles: ['admin'], clinics: [{ id: 'c1', roles: ['admin'] }] } as unknown as User;
        expect(actionsOf(held)).toEqual(['retry', 'discard']);
    });
    it('are none while a decision waits for its answer', () => {
        const decision = {
            action: 'keep',
            actor: 'Ada Moss',
            decidedAt: '2026-11-22T10:00:00.000Z',
            state: 'waiting' as const,
            answer: null,
        };
        expect(actionsOf(item({ actions: ['keep'], decision }))).toEqual([]);
    });
    it('say on a settled one that they take it back', () => {
        expect(undoWord(item({ status: 'resolved', action: 'useMine' }), 'keep')).toBe('Put back what stood');
        expect(undoWord(item({ status: 'resolved', action: 'restore', kind: 'notice' }), 'keep')).toBe('Undo');
    });
});

describe('a decision', () => {
    const decided = { action: 'useMine', actor: 'Ada Moss', decidedAt: '2026-11-22T10:00:00.000Z', answer: null };
    it('waits for headquarters, by whom and since when', () => {
        const found = decisionText(item({ decision: { ...decided, state: 'waiting' } }));
        expect(found?.text).toMatch(/^Decided, waiting for headquarters: “Use the other version”, Ada Moss, Nov 22, 2026, 10:00/);
    });
    it('that came too late says who decided before', () => {
        const settled = { status: 'resolved' as const, action: 'keep', decidedBy: 'Finn Ross', decidedAt: '2026-11-22T09:30:00.000Z' };
        const found = decisionText(item({ ...settled, decision: { ...decided, state: 'late', answer: 'In English.' } }));
        expect(found?.isTrouble).toBe(true);
        expect(found?.text).toMatch(/came too late.*Settled: “Keep what is there”, Finn Ross/);
    });
    it("that was refused has central's answer", () => {
        const found = decisionText(item({ decision: { ...decided, state: 'refused', answer: 'The address is taken.' } }));
        expect(found?.text).toMatch(/could not carry this out.*The address is taken\.$/);
    });
    it('of headquarters names who it was', () => {
        const settled = item({ status: 'resolved', action: 'keep', decidedBy: 'hq:kim@hq.example', decidedAt: '2026-11-22T09:30:00.000Z' });
        expect(decisionText(settled)?.text).toMatch(/, headquarters \(kim@hq.example\), Nov 22/);
    });
    it('by nobody says that the item settled itself', () => {
        const moot = item({ status: 'resolved', action: 'moot', decidedAt: '2026-11-22T09:30:00.000Z' });
        expect(decisionText(moot)?.text).toMatch(/^It settled itself/);
        expect(decisionText(item({}))).toBe(null);
    });
});

describe('a value that a person writes', () => {
    it('goes to the node and comes from the item as it is stored', () => {
        const price = fieldOf('bill_item', 'unit_price_cents')!;
        expect(typed(price, 123450)).toBe('1234.50');
        expect(storedValue(price, '1234.50')).toBe(123450);
        expect(storedValue(price, 'dear')).toBe(undefined);
        const weight = fieldOf('patient', 'weight_milli')!;
        expect(typed(weight, 28400)).toBe('28.4');
        expect(storedValue(weight, '4.1')).toBe(4100);
        expect(storedValue(weight, '4.00005')).toBe(undefined);
        expect(storedValue(weight, '')).toBe(null);
        expect(storedValue(fieldOf('patient', 'age')!, '4.5')).toBe(undefined);
    });
    it('is chosen where a column knows few', () => {
        const status = fieldOf('appointment', 'status');
        expect(status?.kind === 'choice' && status.options.map(({ value }) => value)).toEqual([
            'scheduled',
            'completed',
            'cancelled',
            'no-show',
        ]);
        expect(storedValue(fieldOf('service_item', 'active')!, '0')).toBe(0);
    });
    it('is none for stamps, ids, numbers by central and passwords', () => {
        for (const column of ['deleted_at', 'owner_id', 'merged_into', 'bill_number', 'password_hash', 'version', 'id', 'roles']) {
            expect(fieldOf('owner', column)).toBe(null);
        }
    });
    it('belongs to the address of an owner where the item names no column', () => {
        expect(columnOf(item({ code: 'email_taken', column: null }))).toBe('email');
    });
    it('corrects the head of work that another computer wrote', () => {
        const held = item({ kind: 'quarantine', table: 'patient', mine: { name: 'Refused' } });
        expect(correctable(held).map(([column, , value]) => [column, value])).toEqual([['name', 'Refused']]);
    });
    it('corrects the first change of a held one', () => {
        const mine = { id: 'p1', name: 'Refused', weight_milli: 4200, created_at: '2026-11-22T09:00:00.000Z' };
        const held = item({ kind: 'quarantine', changes: [{ table: 'patient', rowId: 'p1', op: 'insert', mine, base: null }] });
        expect(correctable(held).map(([column]) => column)).toEqual(['name', 'weight_milli']);
        expect(correctable(item({ changes: [{ table: 'patient', rowId: 'p1', op: 'delete', mine: null, base: mine }] }))).toEqual([]);
    });
});

describe("a row's chip", () => {
    const row = (id: string): Row => ({ id, clinicId: 'c1', createdAt: '', updatedAt: '', syncState: 'attention' });
    it('leads to the item about it', () => {
        attention.value = [item({ id: 'about', column: 'address' })];
        expect(rowState('owner', row('o1'))).toMatchObject({ label: 'chip.changedElsewhere', to: '/attention?item=about' });
    });
    it('leads to the item by the row where the list is not here yet', () => {
        attention.value = [];
        expect(rowState('owner', row('o1'))?.to).toBe('/attention?row=owner/o1');
    });
    it('says that a decision waits', () => {
        const decision = { action: 'keep', actor: null, decidedAt: '2026-11-22T10:00:00.000Z', state: 'waiting' as const, answer: null };
        attention.value = [item({ decision })];
        expect(rowState('owner', row('o1'))).toMatchObject({ level: 'wait', label: 'chip.decided' });
    });
    it('of a bill leads to an item about its parts', () => {
        const part = item({ table: 'bill_item', rowId: 'x', mine: { bill_id: 'b1' } });
        expect(concerns(part, 'bill', 'b1')).toBe(true);
        expect(concerns(part, 'bill', 'b2')).toBe(false);
        expect(billOf(part)).toBe('b1');
        expect(linkOf(part)).toBe('/bills/b1');
        expect(concerns(item({ table: 'bill_medical_record', rowId: 'b1/r1' }), 'bill', 'b1')).toBe(true);
    });
});

describe('the English words of the items', () => {
    it('are whole sentences, and name no table', () => {
        for (const [key, text] of Object.entries(en)) {
            if (!/^item\.\w+$/.test(key)) continue;
            expect([key, /^[A-Z“].*\.$/.test(text as string)]).toEqual([key, true]);
        }
    });
});
