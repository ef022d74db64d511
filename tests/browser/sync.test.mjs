// Two nodes of a clinic and central: offline and back, a conflict found on both, a refused change found, a bill's number.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isAccessible, launch, logIn, noProblems, openPage, screenshot } from './support/browser.mjs';
import { Clinic, until } from './support/daemons.mjs';

let clinic;
let front;
let laptop;
let browser;
let owner;
let patient;
before(async () => {
    clinic = await Clinic.open();
    await clinic.startCentral();
    front = await clinic.enrolledNode('front');
    laptop = await clinic.enrolledNode('laptop');
    owner = await front.api('POST', '/api/owners', { firstName: 'Nora', lastName: 'Quist', phone: '555 0200', address: '1 Old Road' });
    patient = await front.api('POST', '/api/patients', { ownerId: owner.id, name: 'Pepper', species: 'Dog' });
    await front.sync();
    await until('the laptop to have the owner', () => laptop.api('GET', `/api/owners/${owner.id}`));
    browser = await launch();
});
after(async () => {
    await browser?.close();
    await clinic?.close();
});

const open = async (node) => {
    const page = await openPage(browser, node.url);
    await logIn(page, 'ada@north.example');
    return page;
};
// What an item says whose change a rule of the database alone refused.
const CANNOT = /^(Central could not accept this change|A fault of the program at headquarters)/;
const line = (page, text) => page.locator('.sync-line', { hasText: text }).waitFor();

test('offline and back: the line and the chips say what is sent, without a reload', async () => {
    const page = await open(front);
    await line(page, /^Saved here - all sent/);
    await clinic.central.stop();
    await line(page, /no internet since \d\d:\d\d/);
    await page.goto(`${front.url}/owners/new`);
    await page.getByLabel('First name').fill('Olaf');
    await page.getByLabel('Last name').fill('Offline');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Olaf Offline' }).waitFor();
    await page.getByText('Not sent yet').first().waitFor();
    await line(page, /^Saved here - 1 waiting, no internet since \d\d:\d\d$/);
    await isAccessible(page, 'a row that waits');
    await screenshot(page, 'offline');
    await clinic.central.start();
    await line(page, /^Saved here - all sent/);
    await page.getByText('Not sent yet').first().waitFor({ state: 'detached' });
    const there = await open(laptop);
    await there.goto(`${laptop.url}/owners`);
    await there.getByRole('link', { name: 'Olaf Offline' }).waitFor();
    noProblems(page);
    noProblems(there);
    await page.context().close();
    await there.context().close();
});

test('a bill has a provisional number at once, and the reprint names both', async () => {
    await clinic.central.stop();
    const page = await open(front);
    await page.goto(`${front.url}/bills/new?patient=${patient.id}`);
    await page.getByLabel('Description').fill('Consultation');
    await page.getByLabel('Price', { exact: true }).fill('50');
    await page.getByLabel('Tax rate in %').fill('10');
    await page.getByRole('button', { name: 'Save and send' }).click();
    await page.getByText('Provisional number').first().waitFor();
    const provisional = (await page.getByRole('heading', { level: 1 }).textContent()).replace('Bill ', '');
    await page.getByRole('link', { name: 'Print' }).click();
    await page.getByText('PROVISIONAL NUMBER').waitFor();
    await page.emulateMedia({ media: 'print' });
    for (const aside of ['.topbar', '.nav', '.skip-link', '.toasts']) await page.locator(aside).waitFor({ state: 'hidden' });
    await page.waitForFunction(() => document.documentElement.dataset.paper === 'A4');
    const pdf = await page.pdf({ preferCSSPageSize: true });
    // A4 in points, from the sheet's own @page rule.
    assert.match(pdf.toString('latin1'), /\/MediaBox \[0 0 59[45](\.\d+)? 84[12](\.\d+)?\]/);
    await page.emulateMedia({ media: 'screen' });
    await page.getByLabel('Paper').selectOption('Letter');
    await page.waitForFunction(() => document.documentElement.dataset.paper === 'Letter');
    assert.match((await page.pdf({ preferCSSPageSize: true })).toString('latin1'), /\/MediaBox \[0 0 612 792\]/);
    await clinic.central.start();
    await page.getByText(`Provisional number on the first print: ${provisional}`).waitFor();
    assert.match(await page.locator('.sheet h2').textContent(), /^Bill BILL-\d{6}$/);
    assert.equal(await page.locator('.provisional-mark').count(), 0);
    // The number on the first paper still finds it.
    await page.locator('#search').fill(provisional);
    await page.getByRole('option', { name: /BILL-/ }).waitFor();
    await page.keyboard.press('Escape');
    noProblems(page);
    await page.context().close();
});

test('a conflict made on two nodes is found on both, with both versions', async () => {
    await clinic.central.stop();
    await front.api('PUT', `/api/owners/${owner.id}`, { address: '22 Front Street' });
    await laptop.api('PUT', `/api/owners/${owner.id}`, { address: '33 Laptop Lane' });
    await clinic.central.start();
    for (const node of [front, laptop]) {
        const page = await open(node);
        await line(page, '1 change needs attention');
        await page.goto(`${node.url}/owners/${owner.id}`);
        await page.getByRole('link', { name: 'Needs attention: changed elsewhere' }).first().click();
        await page.getByRole('heading', { level: 1, name: 'Attention' }).waitFor();
        const item = page.locator('.attention-item', { hasText: 'Owner Nora Quist: two versions of “Address”' });
        // The chip leads to its item, which is open and has the focus.
        await item.getByRole('button', { expanded: true }).and(page.locator(':focus')).waitFor();
        await item.getByRole('cell', { name: '22 Front Street' }).waitFor();
        await item.getByRole('cell', { name: '33 Laptop Lane' }).waitFor();
        await item.getByText(/^Two people wrote “Address”/).waitFor();
        await isAccessible(page, 'a conflict');
        if (node === front) await screenshot(page, 'attention-conflict');
        noProblems(page);
        await page.context().close();
    }
});

test('a change that central refuses is found, with the reason', async () => {
    await clinic.postgres.sql("ALTER TABLE patient ADD CONSTRAINT refused_in_a_test CHECK (name <> 'Refused') NOT VALID");
    const page = await open(front);
    await page.goto(`${front.url}/patients/new?owner=${owner.id}`);
    await page.getByLabel('Name', { exact: true }).or(page.getByLabel('Name *')).first().fill('Refused');
    await page.getByLabel('Species').fill('Cat');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Refused' }).waitFor();
    await page.getByRole('link', { name: 'Needs attention: not accepted' }).first().click();
    const item = page.locator('.attention-item', { hasText: 'Refused' });
    await item.getByText(CANNOT).waitFor();
    await item.getByRole('row', { name: /^Name Refused not there$/ }).waitFor();
    await isAccessible(page, 'a refused change');
    await screenshot(page, 'attention-refused');
    await item.getByRole('link', { name: 'Open the entry' }).click();
    await page.getByRole('heading', { level: 1, name: 'Refused' }).waitFor();
    // What was written in one go is held as one, and seen whole: a bill with its items.
    await clinic.postgres.sql("ALTER TABLE bill ADD CONSTRAINT refused_in_a_test CHECK (notes <> 'Refused') NOT VALID");
    await front.api('POST', '/api/bills', {
        ownerId: owner.id, patientId: patient.id, billDate: '2026-03-01', dueDate: '2026-03-31', notes: 'Refused',
        items: [{ description: 'Held exam', quantity: 1, unitPrice: 12.5 }, { description: 'Held bandage', quantity: 2, unitPrice: 3 }],
    });
    await page.goto(`${front.url}/attention`);
    const bill = page.locator('.attention-item', { hasText: 'Held bandage' });
    await page.getByRole('button', { name: /^Bill .*:/ }).first().click();
    await bill.getByText('Written together with it').waitFor();
    await bill.getByText('Held exam').waitFor();
    await bill.getByRole('row', { name: /^Status Draft not there$/ }).waitFor();
    await bill.getByText('$12.50').first().waitFor();
    await isAccessible(page, 'a refused bill');
    await bill.getByText('Held bandage').evaluate((line) => line.scrollIntoView());
    await screenshot(page, 'attention-held-bill');
    noProblems(page);
    await page.context().close();
});
