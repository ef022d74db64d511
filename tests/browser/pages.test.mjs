// Every page: axe finds nothing, it fits 360 and 1920 pixels, both themes; and what a page has to keep to: the keyboard
// alone, back, two tabs, a session that ends under a half-written record.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fitsWidth, hasValue, isAccessible, launch, logIn, noProblems, openPage, screenshot, showsColumns, SIZES, watch } from './support/browser.mjs';
import { Clinic, dayFromNow } from './support/daemons.mjs';
import { seed } from './support/seed.mjs';

let clinic;
let node;
let made;
let browser;
before(async () => {
    clinic = await Clinic.open();
    await clinic.startCentral();
    node = await clinic.enrolledNode('front');
    made = await seed(node);
    await node.sync();
    browser = await launch();
});
after(async () => {
    await browser?.close();
    await clinic?.close();
});

const admin = async (options) => {
    const page = await openPage(browser, node.url, options);
    await logIn(page, 'ada@north.example');
    return page;
};
const go = async (page, path, heading) => {
    await page.goto(node.url + path);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    await page.waitForFunction(() => !document.querySelector('.loading'));
};

const pages = () => {
    const { owners, patients, bills } = made;
    return [
        ['today', '/', 'Hello, Ada'],
        ['appointments-day', '/appointments', 'Appointments'],
        ['appointments-week', '/appointments?view=week', 'Appointments'],
        ['owners', '/owners', 'Owners'],
        ['owner', `/owners/${owners[0].id}`, 'Maria Alvarez'],
        ['owner-new', '/owners/new', 'New owner'],
        ['owner-edit', `/owners/${owners[0].id}/edit`, /^Edit Maria/],
        ['patients', '/patients', 'Patients'],
        ['patient-new', '/patients/new', 'New patient'],
        ['patient-edit', `/patients/${patients[0].id}/edit`, 'Edit Bella'],
        ['chart', `/patients/${patients[0].id}`, 'Bella'],
        ['chart-print', `/patients/${patients[0].id}/print`, 'Chart of Bella'],
        ['bills', '/bills', 'Bills'],
        ['bill', `/bills/${bills[1].id}`, /^Bill /],
        ['bill-new', `/bills/new?patient=${patients[2].id}`, 'New bill'],
        ['bill-edit', `/bills/${bills[3].id}/edit`, /^Edit bill/],
        ['bill-print', `/bills/${bills[1].id}/print`, /^Print bill/],
        ['attention', '/attention', 'Attention'],
        ['members', '/members', 'Members'],
        ['settings', '/settings', 'Settings'],
        ['settings-prices', '/settings?part=prices', 'Settings'],
        ['settings-node', '/settings?part=node', 'Settings'],
        ['settings-password', '/settings?part=password', 'Settings'],
    ];
};

test('every page is accessible and fits a phone and a wall screen, in light and dark', async () => {
    const page = await openPage(browser, node.url);
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    await isAccessible(page, 'login');
    await screenshot(page, 'login');
    await logIn(page, 'ada@north.example');
    for (const [name, path, heading] of pages()) {
        await page.setViewportSize(SIZES.desk);
        await page.emulateMedia({ colorScheme: 'light' });
        await go(page, path, heading);
        await isAccessible(page, name);
        await showsColumns(page, name);
        await screenshot(page, name);
        await page.emulateMedia({ colorScheme: 'dark' });
        await isAccessible(page, `${name}, dark`, ['color-contrast']);
        if (name === 'chart') await screenshot(page, 'chart-dark');
        for (const size of ['phone', 'wall']) {
            await page.setViewportSize(SIZES[size]);
            await fitsWidth(page, `${name} at ${SIZES[size].width}`);
            if (size === 'phone') await showsColumns(page, `${name} at ${SIZES[size].width}`);
            if (size === 'phone' && ['today', 'chart', 'appointments-day'].includes(name)) {
                await page.emulateMedia({ colorScheme: 'light' });
                await screenshot(page, `${name}-phone`);
            }
        }
    }
    noProblems(page);
    await page.context().close();
});

test('every page fits a phone with text twice as large, in German', async () => {
    const large = await launch(32);
    try {
        const page = await openPage(large, node.url, { viewport: SIZES.phone });
        await logIn(page, 'ada@north.example');
        await page.evaluate(() => localStorage.setItem('vetchart.language', 'de'));
        for (const [name, path] of pages()) {
            await go(page, path, /./);
            await fitsWidth(page, `${name}, large text`);
        }
        noProblems(page);
    } finally {
        await large.close();
    }
});

test('the weight curve takes the colours of the theme and of paper', async () => {
    const page = await admin({ colorScheme: 'dark' });
    await go(page, `/patients/${made.patients[0].id}`, 'Bella');
    const drawnIn = (accent) =>
        page.waitForFunction((wanted) => {
            const canvas = document.querySelector('.curve canvas');
            if (!canvas) return false;
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            for (let at = 0; at < data.length; at += 4) {
                if (wanted.every((one, index) => data[at + index] === one)) return true;
            }
            return false;
        }, accent);
    await drawnIn([0x4c, 0xc2, 0xaa, 255]);
    await page.emulateMedia({ media: 'print' });
    await drawnIn([0x0f, 0x6b, 0x5c, 255]);
    await page.emulateMedia({ media: 'screen' });
    await drawnIn([0x4c, 0xc2, 0xaa, 255]);
    await page.emulateMedia({ colorScheme: 'light' });
    await drawnIn([0x0f, 0x6b, 0x5c, 255]);
    noProblems(page);
    await page.context().close();
});

test('the dialogs are accessible', async () => {
    const page = await admin();
    await go(page, `/patients/${made.patients[0].id}`, 'Bella');
    await page.keyboard.press('n');
    await page.getByRole('dialog', { name: 'New record for Bella' }).waitFor();
    await isAccessible(page, 'new record');
    await screenshot(page, 'record-new');
    await page.keyboard.press('Escape');
    await go(page, '/appointments', 'Appointments');
    await page.getByRole('button', { name: /Rex/ }).click();
    await page.getByRole('dialog', { name: 'Appointment of Rex' }).waitFor();
    await isAccessible(page, 'appointment');
    await screenshot(page, 'appointment');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await isAccessible(page, 'keyboard shortcuts');
    noProblems(page);
    await page.context().close();
});

test('a visit is found and written with the keyboard alone', async () => {
    const page = await admin();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('bella');
    await page.getByRole('option', { name: /Bella/ }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Bella' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await page.keyboard.press('n');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('Eats less');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Gingivitis');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('Gingivitis').waitFor();
    // The first Tab of a page offers to skip the navigation.
    await page.goto(node.url + '/owners');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.activeElement?.textContent === 'Skip to the page');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.getByRole('heading', { level: 1, name: 'Patients' }).waitFor();
    noProblems(page);
    await page.context().close();
});

test('an appointment moves by drag, and by its dialog without a mouse', async () => {
    const page = await admin();
    // The columns are the veterinarians': they stand when those are known.
    const vets = page.waitForResponse((response) => response.url().endsWith('/api/vets'));
    await go(page, '/appointments', 'Appointments');
    await (await vets).finished();
    const block = page.getByRole('button', { name: /Luna/ });
    await block.scrollIntoViewIfNeeded();
    const box = await block.boundingBox();
    await page.mouse.move(box.x + 20, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + 20, box.y + 60, { steps: 5 });
    await page.mouse.move(box.x + 20, box.y + 8 + 84, { steps: 5 });
    await page.mouse.up();
    await page.getByText(/Luna moved to/).waitFor();
    const moved = await node.api('GET', `/api/appointments?from=${dayFromNow()}&limit=100`);
    assert.equal(moved.find((row) => row.patient.name === 'Luna').time, '10:30');
    await page.getByRole('button', { name: /10:30.*Luna/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '15 min earlier' }).press('Enter');
    await page.getByText(/Luna moved to .*10:15/).waitFor();
    noProblems(page);
    await page.context().close();
});

test('back returns to the search as it was, and asks before it leaves a half-written form', async () => {
    const page = await admin();
    await go(page, '/owners', 'Owners');
    await page.getByRole('searchbox').fill('nair');
    await page.waitForURL(/q=nair/);
    await page.getByRole('link', { name: 'Priya Nair' }).click();
    await page.getByRole('heading', { level: 1, name: 'Priya Nair' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Owners' }).waitFor();
    await hasValue(page.getByRole('searchbox'), 'nair');
    await page.getByRole('link', { name: 'New owner' }).click();
    await page.getByLabel('First name').fill('Half');
    await page.goBack();
    await page.getByRole('button', { name: 'Stay' }).click();
    await hasValue(page.getByLabel('First name'), 'Half');
    await page.goBack();
    await page.getByRole('button', { name: 'Leave without saving' }).click();
    await page.getByRole('heading', { level: 1, name: 'Owners' }).waitFor();
    noProblems(page);
    await page.context().close();
});

test('two tabs: what one saves the other shows, and the later of two edits decides with both in sight', async () => {
    const page = await admin();
    const other = await page.context().newPage();
    watch(other);
    const owner = made.owners[3];
    await other.goto(`${node.url}/owners/${owner.id}`);
    await other.getByRole('heading', { level: 1, name: 'Tom Okafor' }).waitFor();
    await go(page, `/owners/${owner.id}/edit`, /^Edit Tom/);
    await page.getByLabel('Phone').fill('555 7777');
    await other.bringToFront();
    await other.getByRole('link', { name: 'Edit', exact: true }).click();
    await other.getByLabel('Address').fill('4 Church Row');
    await other.getByRole('button', { name: 'Save' }).click();
    await other.getByText('4 Church Row').waitFor();
    await page.bringToFront();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog', { name: 'Somebody changed this meanwhile' }).waitFor();
    await isAccessible(page, 'two versions');
    await page.getByRole('button', { name: 'Save mine' }).click();
    await page.getByRole('heading', { level: 1, name: 'Tom Okafor' }).waitFor();
    await other.bringToFront();
    await other.getByText('555 7777').waitFor();
    noProblems(page);
    noProblems(other);
    await page.context().close();
});

test('of two edits the other is taken whole, a bill with its items and a weight as it is typed', async () => {
    const page = await admin();
    await page.evaluate(() => localStorage.setItem('vetchart.language', 'de'));
    const save = page.getByRole('button', { name: 'Speichern', exact: true });
    const takeOther = () => page.getByRole('button', { name: 'Die andere übernehmen' }).click();
    const bill = made.bills[3];
    await go(page, `/bills/${bill.id}/edit`, /^Rechnung .+ bearbeiten$/);
    await hasValue(page.getByLabel('Preis', { exact: true }), '48,00');
    const items = [{ description: 'Ear drops', quantity: 1.5, unitPrice: 12, totalPrice: 18 }];
    await node.api('PUT', `/api/bills/${bill.id}`, { items, subtotal: 18, tax: 0, totalAmount: 18 });
    await page.getByLabel('Notizen').fill('Mine');
    await save.click();
    await takeOther();
    await hasValue(page.getByLabel('Beschreibung'), 'Ear drops');
    await hasValue(page.getByLabel('Menge'), '1,5');
    await save.click();
    await page.getByRole('cell', { name: 'Ear drops' }).waitFor();
    const daisy = made.patients[6];
    await go(page, `/patients/${daisy.id}/edit`, 'Daisy bearbeiten');
    await node.api('PUT', `/api/patients/${daisy.id}`, { weight: 8.25, weightUnit: 'kg' });
    await page.getByLabel('Notizen').fill('Mine');
    await save.click();
    await takeOther();
    await hasValue(page.getByLabel('Gewicht'), '8,25');
    await save.click();
    await page.getByRole('heading', { level: 1, name: 'Daisy' }).waitFor();
    assert.equal((await node.api('GET', `/api/patients/${daisy.id}`)).weight, 8.25);
    noProblems(page);
    await page.context().close();
});

test('a node that hangs with its connections open is noticed before anybody saves', async () => {
    const page = await openPage(browser, 'about:blank');
    await page.clock.install();
    await page.goto(node.url);
    await logIn(page, 'ada@north.example');
    await page.locator('.sync-line', { hasText: 'Saved here' }).waitFor();
    node.daemon.child.kill('SIGSTOP');
    try {
        await page.clock.runFor(13_000);
        await page.clock.runFor(6_000);
        await page.locator('.sync-line', { hasText: 'cannot reach its computer' }).waitFor();
    } finally {
        node.daemon.child.kill('SIGCONT');
    }
    await page.clock.runFor(13_000);
    await page.locator('.sync-line', { hasText: 'Saved here' }).waitFor();
    noProblems(page);
    await page.context().close();
});

test('a session that ends does not take a half-written record with it', async () => {
    const page = await admin();
    await go(page, `/patients/${made.patients[1].id}`, 'Mishka');
    await page.keyboard.press('n');
    const record = page.getByRole('dialog', { name: 'New record for Mishka' });
    await record.getByLabel('Symptoms').fill('Sneezes since yesterday');
    await page.context().clearCookies();
    await record.getByRole('button', { name: 'Save record' }).click();
    const login = page.getByRole('dialog', { name: 'Please log in again' });
    await login.waitFor();
    await isAccessible(page, 'login again');
    await login.getByLabel('Password').fill('a good password');
    await login.getByRole('button', { name: 'Log in and go on' }).click();
    await record.waitFor({ state: 'detached' });
    await page.getByText('Sneezes since yesterday').waitFor();
    const rows = await node.api('GET', `/api/records/patient/${made.patients[1].id}`);
    assert.equal(rows.filter((row) => row.symptoms === 'Sneezes since yesterday').length, 1);
    noProblems(page);
    await page.context().close();
});

test('nothing of the business lives in the browser, and the page has no word of another language left', async () => {
    const page = await admin();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('heading', { level: 1, name: 'Hallo, Ada' }).waitFor();
    await page.waitForFunction(() => document.documentElement.lang === 'de');
    await page.goto(node.url + '/bills');
    await page.getByRole('heading', { level: 1, name: 'Rechnungen' }).waitFor();
    await page.getByText(/\d{2,3},\d{2}/).first().waitFor();
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.equal(kept, '[{"vetchart.language":"de"},{}]');
    noProblems(page);
    await page.context().close();
});
