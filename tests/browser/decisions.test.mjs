// What needs attention is decided on one of two nodes, by keyboard alone: the row, the item and the other node's screen
// agree; offline, and back; too late; a merge; a correction; on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fitsWidth, isAccessible, launch, logIn, noProblems, openPage, screenshot, showsColumns, SIZES } from './support/browser.mjs';
import { Clinic, until } from './support/daemons.mjs';

/// Within so long after a decision stands, the other node's screen shows it.
const AGREE_MS = 2_000;
const KEEP = 'Keep what is there';
const OTHER = 'Use the other version';

let clinic;
let front;
let laptop;
let browser;
const owners = {};

// One owner for each decision, whose address both nodes change.
const NAMES = ['Kim', 'Uma', 'Sam', 'Olaf', 'Lena', 'Rita', 'Pia'];
const aside = {};
const stands = {};

before(async () => {
    clinic = await Clinic.open();
    await clinic.startCentral();
    front = await clinic.enrolledNode('front');
    laptop = await clinic.enrolledNode('laptop');
    for (const name of NAMES) owners[name] = await front.api('POST', '/api/owners', { firstName: name, lastName: 'Quist', phone: '555 0300' });
    await front.sync();
    await until('the laptop to have the owners', () => laptop.api('GET', `/api/owners/${owners.Pia.id}`));
    await clinic.postgres.sql("ALTER TABLE patient ADD CONSTRAINT refused_in_a_test CHECK (name <> 'Refused') NOT VALID");
    await clinic.central.stop();
    for (const name of NAMES) await front.api('PUT', `/api/owners/${owners[name].id}`, { address: `1 Front Street, ${name}` });
    for (const name of NAMES) await laptop.api('PUT', `/api/owners/${owners[name].id}`, { address: `2 Laptop Lane, ${name}` });
    const email = 'ella.voss@mail.example';
    owners.Ella = await front.api('POST', '/api/owners', { firstName: 'Ella', lastName: 'Voss', phone: '555 0301', email });
    owners.Twin = await laptop.api('POST', '/api/owners', { firstName: 'Ella', lastName: 'Voss-Berg', phone: '555 0301', email });
    await front.api('POST', '/api/patients', { ownerId: owners.Kim.id, name: 'Refused', species: 'Cat' });
    await clinic.central.start();
    for (const node of [front, laptop]) {
        await until(`${node.name} to have what needs attention`, async () => {
            const conflicts = (await node.api('GET', '/api/attention')).filter(({ column }) => column === 'address');
            if (conflicts.length < NAMES.length) throw new Error(`${conflicts.length} conflicts`);
            for (const { rowId, mine, theirs } of conflicts) {
                const name = NAMES.find((known) => owners[known].id === rowId);
                Object.assign(aside, { [name]: mine });
                Object.assign(stands, { [name]: theirs });
            }
            return true;
        });
    }
    browser = await launch();
});
after(async () => {
    await browser?.close();
    await clinic?.close();
});

const openAttention = async (node, options = {}, who = 'ada') => {
    const page = await openPage(browser, `${node.url}/attention`, options);
    await logIn(page, `${who}@north.example`);
    await page.getByRole('heading', { level: 1, name: 'Attention' }).waitFor();
    return page;
};
const conflictOf = (page, name) => page.locator('.attention-item', { hasText: `Owner ${name} Quist: two versions of “Address”` });
const close = async (...pages) => {
    for (const page of pages) {
        noProblems(page);
        await page.context().close();
    }
};

// Goes through the list by `j` until the item's heading has the focus, and opens it.
async function walkTo(page, item) {
    const heading = item.getByRole('heading', { level: 2 }).getByRole('button');
    await heading.waitFor();
    for (let steps = 0; steps < 60; steps += 1) {
        if (await heading.evaluate((element) => element === document.activeElement)) break;
        await page.keyboard.press('j');
    }
    await heading.and(page.locator(':focus')).waitFor();
    if ((await heading.getAttribute('aria-expanded')) !== 'true') await page.keyboard.press('Enter');
    await item.locator('.item-body').waitFor();
}

// Goes on by Tab to the button of that name, and presses it.
async function press(page, item, name) {
    const button = item.getByRole('button', { name, exact: true });
    await button.waitFor();
    for (let steps = 0; steps < 20; steps += 1) {
        if (await button.evaluate((element) => element === document.activeElement)) break;
        await page.keyboard.press('Tab');
    }
    await button.and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
}
const settled = (item) => item.getByText(/^Settled: /).waitFor();
// The item has left the other node's list of open ones, without a reload.
const gone = (item) => item.waitFor({ state: 'detached', timeout: AGREE_MS });

test('what stands is kept: both screens agree, and the row has no chip any more', async () => {
    const [page, there] = [await openAttention(front), await openAttention(laptop)];
    const item = conflictOf(page, 'Kim');
    await walkTo(page, item);
    await isAccessible(page, 'an open item');
    await screenshot(page, 'attention-decide');
    await conflictOf(there, 'Kim').waitFor();
    await press(page, item, KEEP);
    await settled(item);
    await gone(conflictOf(there, 'Kim'));
    // What had the focus went with the decision: the item has it.
    await item.getByRole('heading', { level: 2 }).getByRole('button').and(page.locator(':focus')).waitFor();
    await isAccessible(page, 'a settled item');
    await page.goto(`${front.url}/owners/${owners.Kim.id}`);
    await page.getByText(stands.Kim).waitFor();
    assert.equal(await page.getByText('Needs attention: changed elsewhere').count(), 0);
    await close(page, there);
});

test('the other version is used: the card on the other screen shows it, and it can be taken back', async () => {
    const page = await openAttention(front);
    const there = await openAttention(laptop);
    await there.goto(`${laptop.url}/owners/${owners.Uma.id}`);
    await there.getByText(stands.Uma).waitFor();
    await there.getByRole('link', { name: 'Needs attention: changed elsewhere' }).waitFor();
    const item = conflictOf(page, 'Uma');
    await walkTo(page, item);
    await press(page, item, OTHER);
    await settled(item);
    await there.getByText(aside.Uma).waitFor({ timeout: AGREE_MS });
    await there.getByRole('link', { name: 'Needs attention: changed elsewhere' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Settled', exact: true }).click();
    const past = conflictOf(page, 'Uma');
    await walkTo(page, past);
    await screenshot(page, 'attention-settled');
    await press(page, past, 'Put back what stood');
    await there.getByText(stands.Uma).waitFor();
    await close(page, there);
});

test('something else is written: it stands on both screens', async () => {
    const [page, there] = [await openAttention(front), await openAttention(laptop)];
    const item = conflictOf(page, 'Sam');
    await walkTo(page, item);
    await press(page, item, 'Write something else');
    await page.getByRole('dialog').getByLabel('Address').and(page.locator(':focus')).waitFor();
    await isAccessible(page, 'the dialog for another value');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('3 Own Road');
    await page.keyboard.press('Control+Enter');
    await settled(item);
    await gone(conflictOf(there, 'Sam'));
    await there.goto(`${laptop.url}/owners/${owners.Sam.id}`);
    await there.getByText('3 Own Road').waitFor();
    await close(page, there);
});

test('offline a decision says that it waits, and settles by itself; of two about one item the same stands on both screens', async () => {
    const [page, there] = [await openAttention(front), await openAttention(laptop, {}, 'vera')];
    await clinic.central.stop();
    const olaf = conflictOf(page, 'Olaf');
    await walkTo(page, olaf);
    await press(page, olaf, OTHER);
    await olaf.getByText('Decided, waiting', { exact: true }).waitFor();
    await olaf.getByText(/^Decided, waiting for headquarters: “Use the other version”, Ada Moss/).waitFor();
    assert.equal(await olaf.getByRole('button', { name: KEEP }).count(), 0);
    await isAccessible(page, 'a decision that waits');
    await screenshot(page, 'attention-waiting');
    await page.goto(`${front.url}/owners/${owners.Olaf.id}`);
    await page.getByRole('link', { name: 'Decided, waiting' }).first().click();
    await olaf.getByText(/^Decided, waiting for headquarters/).waitFor();
    // Both nodes decide about the same item before they have met.
    const [mine, theirs] = [conflictOf(page, 'Lena'), conflictOf(there, 'Lena')];
    await walkTo(page, mine);
    await press(page, mine, OTHER);
    await walkTo(there, theirs);
    await press(there, theirs, KEEP);
    for (const item of [mine, theirs]) await item.getByText(/^Decided, waiting for headquarters/).waitFor();
    await clinic.central.start();
    await conflictOf(there, 'Olaf').waitFor({ state: 'detached' });
    const settlement = async (item) => (await item.getByText(/Settled: “/).textContent()).match(/Settled: “.*$/)[0];
    assert.equal(await settlement(mine), await settlement(theirs));
    await there.goto(`${laptop.url}/owners/${owners.Olaf.id}`);
    await there.getByText(aside.Olaf).waitFor();
    await close(page, there);
});

test('an address of two owners: they are merged, and the card that goes leads to the other', async () => {
    const [page, there] = [await openAttention(front), await openAttention(laptop)];
    const item = page.locator('.attention-item', { hasText: 'the e-mail address is taken' });
    await walkTo(page, item);
    await item.getByText(/“ella.voss@mail.example” is already the address of Ella Voss/).waitFor();
    for (const name of ['Leave it without an address', 'Give another address']) await item.getByRole('button', { name }).waitFor();
    await screenshot(page, 'attention-email');
    await press(page, item, 'These are the same person: merge');
    await page.getByRole('dialog').getByText(/The animals and bills of Ella Voss/).waitFor();
    await isAccessible(page, 'the question before a merge');
    await page.keyboard.press('Tab');
    await page.getByRole('dialog').getByRole('button', { name: 'Merge' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await settled(item);
    await gone(there.locator('.attention-item', { hasText: 'the e-mail address is taken' }));
    const both = await Promise.all([owners.Ella, owners.Twin].map(({ id }) => front.api('GET', `/api/owners/${id}?includeDeleted=true`)));
    assert.equal(both.filter(({ mergedInto }) => mergedInto !== null).length, 1);
    assert.equal(both.find(({ mergedInto }) => mergedInto === null).email, 'ella.voss@mail.example');
    await close(page, there);
});

test('of two people who decide about one item the second is told who was first', async () => {
    const [page, there] = [await openAttention(front), await openAttention(laptop, {}, 'vera')];
    await clinic.central.stop();
    const [mine, theirs] = [conflictOf(page, 'Rita'), conflictOf(there, 'Rita')];
    await walkTo(page, mine);
    await press(page, mine, OTHER);
    await walkTo(there, theirs);
    await press(there, theirs, KEEP);
    for (const item of [mine, theirs]) await item.getByText(/^Decided, waiting for headquarters/).waitFor();
    await clinic.central.start();
    for (const item of [mine, theirs]) await item.getByText(/Settled: “/).waitFor();
    const first = /Ada Moss/.test((await mine.getByText(/Settled: “/).textContent()).match(/Settled: “.*$/)[0]) ? mine : theirs;
    const second = first === mine ? theirs : mine;
    await second.getByText(/came too late and changed nothing/).waitFor();
    await close(page, there);
});

test('work that was not accepted is corrected and tried again', async () => {
    const page = await openAttention(front);
    const item = page.locator('.attention-item', { hasText: 'Patient Refused:' });
    await walkTo(page, item);
    await item.getByRole('button', { name: 'Give up this work' }).click();
    await page.getByRole('dialog').getByText('Patient: added').waitFor();
    await page.keyboard.press('Escape');
    await item.getByRole('button', { name: 'Correct and try again' }).click();
    await isAccessible(page, 'the form of a correction');
    await screenshot(page, 'attention-correct');
    await page.getByRole('dialog').getByLabel('Name').fill('Accepted');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await item.or(page.locator('.attention-item', { hasText: 'Patient Accepted:' })).getByText(/^Settled: /).waitFor();
    const there = await openAttention(laptop);
    await there.goto(`${laptop.url}/patients`);
    await there.getByRole('link', { name: 'Accepted' }).waitFor();
    await close(page, there);
});

test('on a phone everything is in sight and can be touched', async () => {
    const page = await openAttention(front, { viewport: SIZES.phone, hasTouch: true, isMobile: true });
    const item = conflictOf(page, 'Pia');
    await item.getByRole('heading', { level: 2 }).getByRole('button').tap();
    await item.getByRole('button', { name: OTHER }).waitFor();
    await fitsWidth(page, 'an open item on a phone');
    await showsColumns(page, 'an open item on a phone');
    await isAccessible(page, 'an open item on a phone');
    await screenshot(page, 'attention-phone');
    await item.getByRole('button', { name: 'Write something else' }).tap();
    await fitsWidth(page, 'the dialog on a phone');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).tap();
    await item.getByRole('button', { name: OTHER }).tap();
    await settled(item);
    await fitsWidth(page, 'a settled item on a phone');
    await close(page);
});
