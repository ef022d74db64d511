// A day of each role from login to logout, and the first start of a node, in the browser alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hasValue, isAccessible, launch, logIn, noProblems, openPage, screenshot } from './support/browser.mjs';
import { Clinic, dayFromNow, PASSWORD, until } from './support/daemons.mjs';
import { PRICES } from './support/seed.mjs';

let clinic;
let node;
let browser;
before(async () => {
    clinic = await Clinic.open();
    await clinic.startCentral();
    await clinic.admin(['clinic', 'add', '--code', 'SOUTH', '--name', 'South Clinic', '--timezone', 'UTC', '--currency', 'EUR']);
    node = await clinic.enrolledNode('front');
    browser = await launch();
});
after(async () => {
    await browser?.close();
    await clinic?.close();
});

const open = async (email) => {
    const page = await openPage(browser, node.url);
    await logIn(page, email);
    return page;
};
const leave = async (page) => {
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    noProblems(page);
    await page.context().close();
};

test('the manager: prices, a new member, a backup', async () => {
    const page = await open('ada@north.example');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Price list' }).click();
    for (const [name, price] of PRICES.slice(0, 2)) {
        await page.getByRole('button', { name: 'New price' }).click();
        await page.getByRole('dialog').getByLabel('Description').fill(name);
        await page.getByRole('dialog').getByLabel('Price').fill(String(price));
        await page.keyboard.press('Enter');
        await page.getByRole('cell', { name }).first().waitFor();
    }
    await page.getByRole('button', { name: 'This computer' }).click();
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByText(/^Backed up: backups\//).waitFor();
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('button', { name: 'New member' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Please look at the marked fields.').waitFor();
    await dialog.getByLabel('First name').fill('Nils');
    await dialog.getByLabel('Last name').fill('Berg');
    await dialog.getByLabel('E-mail').fill('nils@north.example');
    await dialog.getByLabel('Password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'Nils Berg' }).first().waitFor();
    await leave(page);
});

test('the front desk: a new client with an animal, a look-alike warned of, an appointment, check-in', async () => {
    const page = await open('finn@north.example');
    assert.equal(await page.getByRole('link', { name: 'Members' }).count(), 0);
    await page.getByRole('link', { name: 'New owner' }).click();
    await page.getByLabel('First name').fill('Ines');
    await page.getByLabel('Last name').fill('Sol');
    await page.getByLabel('Phone').fill('555 0300');
    await page.getByLabel('E-mail').fill('ines@mail.example');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Ines Sol' }).waitFor();
    await page.getByRole('link', { name: 'New patient' }).first().click();
    await page.getByRole('textbox', { name: 'Name' }).first().fill('Coco');
    await page.getByLabel('Species').fill('Dog');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Coco' }).waitFor();
    await page.getByRole('link', { name: 'New appointment' }).click();
    const dialog = page.getByRole('dialog', { name: 'New appointment' });
    await dialog.getByLabel('Reason').fill('First visit');
    await dialog.getByLabel('Time').fill('15:00');
    await dialog.getByLabel('Veterinarian').fill('Vera Lind');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Today' }).first().click();
    await page.getByLabel('Status of the appointment of Coco').selectOption('completed');
    await page.getByText('Coco: Completed').waitFor();
    await page.goto(node.url + '/owners/new');
    await page.getByLabel('E-mail').fill('ines@mail.example');
    await page.getByText('This looks like somebody who is here already.').waitFor();
    await isAccessible(page, 'a look-alike');
    await screenshot(page, 'owner-similar');
    await page.getByLabel('First name').fill('Ines');
    await page.getByLabel('Last name').fill('Sol');
    await page.getByRole('button', { name: 'Save' }).click();
    // The node's own refusal stands at the field it is about.
    await page.locator('[data-field="email"] .field-error').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Leave without saving' }).click();
    await leave(page);
});

test('the veterinarian: a vaccination in few keys, the bill from it, paid, cancelled with a reason', async () => {
    const page = await open('vera@north.example');
    await page.locator('#search').fill('coco');
    await page.getByRole('option', { name: /Coco/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Coco' }).waitFor();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'New record for Coco' });
    await dialog.getByText('Vaccination').click();
    await dialog.getByLabel('Vaccine').fill('Rabies');
    await dialog.getByRole('textbox', { name: 'Weight' }).fill('7.4');
    await dialog.getByRole('button', { name: '12 months' }).click();
    await hasValue(dialog.getByLabel('Veterinarian'), 'Vera Lind');
    await dialog.getByRole('button', { name: 'Save record' }).click();
    await page.getByText('Up to date').waitFor();
    await page.getByRole('link', { name: 'New bill' }).click();
    await page.getByRole('checkbox', { name: /Vaccination · Rabies/ }).check();
    // The price list knows a rabies vaccination.
    await hasValue(page.getByLabel('Price', { exact: true }), '32.50');
    await page.getByRole('button', { name: 'Save and send' }).click();
    await page.getByRole('button', { name: 'Cancel the bill' }).click();
    const cancel = page.getByRole('dialog');
    await cancel.getByLabel('Reason').fill('Wrong animal');
    await cancel.getByRole('button', { name: 'Cancel the bill' }).click();
    await page.getByText('Wrong animal').waitFor();
    await leave(page);
});

test('the manager: what was deleted is seen and brought back, also inside a chart', async () => {
    const owner = await node.api('POST', '/api/owners', { firstName: 'Gerda', lastName: 'Gone' });
    const patient = await node.api('POST', '/api/patients', { ownerId: owner.id, name: 'Ghost', species: 'Cat' });
    const record = await node.api('POST', '/api/records', {
        patientId: patient.id, visitDate: dayFromNow(), recordType: 'treatment', veterinarian: 'Vera Lind', diagnosis: 'Found by mistake',
    });
    await node.api('DELETE', `/api/records/${record.id}`);
    const page = await open('ada@north.example');
    await page.goto(`${node.url}/patients/${patient.id}`);
    await page.getByText('Nothing here yet').waitFor();
    await page.getByLabel('Show deleted').check();
    await page.getByText('Found by mistake').waitFor();
    await isAccessible(page, 'a chart with a deleted record');
    await page.getByRole('button', { name: /^Bring back: Record/ }).click();
    await page.getByRole('button', { name: /^Edit: Record/ }).waitFor();
    await page.goto(`${node.url}/owners/${owner.id}`);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    // Ghost lives: one click does not hide its owner.
    await page.getByRole('dialog').getByRole('button', { name: 'Delete all the same' }).click();
    await page.getByRole('heading', { level: 1, name: 'Owners' }).waitFor();
    await page.getByLabel('Show deleted').check();
    await page.getByRole('link', { name: 'Gerda Gone' }).click();
    await page.getByText(/^Deleted .+ It is kept/).waitFor();
    await isAccessible(page, 'a deleted owner');
    await page.getByRole('button', { name: 'Bring back' }).click();
    await page.getByRole('button', { name: 'Merge…' }).waitFor();
    await leave(page);
});

test('the bills of one status, and what the node refuses in German', async () => {
    const owner = await node.api('POST', '/api/owners', { firstName: 'Dora', lastName: 'Due', email: 'dora@mail.example' });
    const patient = await node.api('POST', '/api/patients', { ownerId: owner.id, name: 'Debit', species: 'Dog' });
    const bill = (status, dueDate, price) =>
        node.api('POST', '/api/bills', {
            ownerId: owner.id, patientId: patient.id, status, billDate: dayFromNow(-30), dueDate,
            items: [{ description: 'Visit', quantity: 1, unitPrice: price }], subtotal: price, tax: 0, totalAmount: price,
        });
    await bill('sent', dayFromNow(-1), 11);
    await bill('sent', dayFromNow(10), 22);
    const page = await open('finn@north.example');
    await page.goto(`${node.url}/bills`);
    await page.getByRole('cell', { name: '$22.00' }).waitFor();
    await page.getByLabel('Status', { exact: true }).selectOption('overdue');
    await page.getByRole('cell', { name: '$22.00' }).waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: '$11.00' }).waitFor();
    await isAccessible(page, 'bills of a status');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('heading', { level: 1, name: 'Rechnungen' }).waitFor();
    await page.goto(`${node.url}/owners/new`);
    await page.getByLabel('Vorname').fill('Dora');
    await page.getByLabel('Nachname').fill('Zwei');
    await page.getByLabel('E-Mail').fill('dora@mail.example');
    await page.getByRole('button', { name: 'Speichern' }).click();
    await page.locator('[data-field="email"] .field-error', { hasText: 'Das ist hier schon vergeben.' }).waitFor();
    noProblems(page);
    await page.context().close();
});

test('the first start: a clinic of its own', async () => {
    const fresh = await clinic.emptyNode('fresh');
    const page = await openPage(browser, fresh.url);
    await page.getByRole('heading', { level: 1, name: 'Set up this computer' }).waitFor();
    await isAccessible(page, 'first start');
    await screenshot(page, 'setup');
    await page.getByLabel('Name of the clinic').fill('Field Practice');
    await page.getByLabel('First name').fill('Gro');
    await page.getByLabel('Last name').fill('Haug');
    await page.getByLabel('E-mail').fill('gro@field.example');
    await page.getByLabel('Password').fill('short');
    await page.getByLabel('Currency').selectOption('EUR');
    await page.getByRole('button', { name: 'Make the clinic' }).click();
    await page.getByText('A password has at least 8 characters.').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Make the clinic' }).click();
    await page.getByRole('heading', { level: 1, name: 'Hello, Gro' }).waitFor();
    await page.getByText('Saved here - this computer works alone').waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    await hasValue(page.getByLabel('Currency'), 'EUR');
    await hasValue(page.getByLabel('Time zone'), 'Pacific/Auckland');
    await leave(page);
});

test('the first start: joining central, until the clinic is there', async () => {
    const fresh = await clinic.emptyNode('joining');
    const page = await openPage(browser, fresh.url);
    await page.getByRole('button', { name: 'Join central' }).click();
    await page.getByLabel('Invitation').fill('not an invitation');
    await page.getByLabel('Name of this computer').fill('Second desk');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.locator('.problem, .field-error').first().waitFor();
    await page.getByLabel('Invitation').fill(await clinic.invite());
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    await logIn(page, 'finn@north.example');
    await page.locator('#search').fill('555 0300');
    await page.getByRole('option', { name: /Ines Sol/ }).waitFor();
    noProblems(page);
    await page.context().close();
});

test('several clinics on one node: a role counts where it was given, a password everywhere', async () => {
    for (const [code, role] of [['NORTH', 'admin'], ['SOUTH', 'staff']]) {
        const who = ['--email', 'mia@both.example', '--first', 'Mia', '--last', 'Both', '--role', role];
        await clinic.admin(['staff', 'add', '--clinic', code, ...who], PASSWORD + '\n');
    }
    const both = await clinic.emptyNode('both');
    await both.api('POST', '/api/setup/enroll', { token: await clinic.invite(['NORTH', 'SOUTH']), name: 'both' });
    const opens = async (password) => {
        await both.login('mia@both.example', password);
        return (await both.api('GET', '/api/auth/me')).clinics.length === 2;
    };
    await until('both clinics to arrive', () => opens(PASSWORD));
    const page = await openPage(browser, both.url);
    await logIn(page, 'mia@both.example');
    await page.goto(`${both.url}/patients/new`);
    await page.getByLabel('Name', { exact: false }).first().fill('Stray');
    await page.getByLabel('Species').fill('Cat');
    await page.getByLabel('Clinic').selectOption({ label: 'South Clinic' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Stray' }).waitFor();
    await page.getByText('Nothing here yet').waitFor();
    assert.equal(await page.getByLabel('Show deleted').count(), 0);
    await page.goto(`${both.url}/patients?deleted=1`);
    await page.getByText('Only of North Clinic.').waitFor();
    await page.getByRole('link', { name: 'Stray' }).waitFor({ state: 'detached' });
    await page.getByLabel('Show deleted').uncheck();
    await page.getByRole('row', { name: /Stray.+South Clinic/ }).waitFor();
    await page.goto(`${both.url}/members`);
    await page.getByRole('button', { name: 'New member' }).click();
    await page.getByRole('dialog').getByLabel('First name').waitFor();
    assert.equal(await page.getByRole('dialog').getByLabel('Clinic').count(), 0);
    await page.goto(`${both.url}/settings?part=password`);
    await page.getByLabel('Present password').fill(PASSWORD);
    await page.getByLabel('New password', { exact: false }).first().fill('a better password');
    await page.getByLabel('New password again').fill('a better password');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Your password is changed').waitFor();
    assert.ok(await opens('a better password'));
    // Still logged in, in both.
    await page.goto(`${both.url}/settings`);
    await page.getByRole('heading', { level: 2, name: 'South Clinic' }).waitFor();
    noProblems(page);
    await page.context().close();
});

test('what the node refuses at the first start and at enrolling, in German', async () => {
    const fresh = await clinic.emptyNode('german');
    const page = await openPage(browser, fresh.url, { locale: 'de-DE' });
    const wrong = (name, text) => page.locator(`[data-field="${name}"] .field-error`, { hasText: text }).waitFor();
    const email = page.getByLabel('E-Mail');
    await page.getByLabel('Name der Klinik').fill('Feldpraxis');
    await page.getByLabel('Vorname').fill('Gerd');
    await page.getByLabel('Nachname').fill('Feld');
    await email.fill('niemand');
    await page.getByLabel('Passwort').fill(PASSWORD);
    await page.getByRole('button', { name: 'Klinik anlegen' }).click();
    await wrong('adminEmail', 'Das ist keine E-Mail-Adresse.');
    await page.getByRole('button', { name: 'Der Zentrale beitreten' }).click();
    await page.getByLabel('Einladung').fill('keine Einladung');
    await page.getByLabel('Name dieses Rechners').fill('Empfang');
    await page.getByRole('button', { name: 'Beitreten', exact: true }).click();
    await wrong('token', 'Diese Einladung ist ungültig');
    await page.getByRole('button', { name: 'Eine neue Klinik' }).click();
    await page.getByLabel('Name der Klinik').fill('Feldpraxis');
    await page.getByLabel('Vorname').fill('Gerd');
    await page.getByLabel('Nachname').fill('Feld');
    await email.fill('gerd@feld.example');
    await page.getByLabel('Passwort').fill(PASSWORD);
    await page.getByRole('button', { name: 'Klinik anlegen' }).click();
    await page.getByRole('heading', { level: 1, name: 'Hallo, Gerd' }).waitFor();
    await page.goto(`${fresh.url}/settings?part=node`);
    await page.getByText('Der Zentrale beitreten').click();
    await page.getByLabel('Einladung').fill(await clinic.invite(['NORTH', 'SOUTH']));
    await page.getByLabel('Name dieses Rechners').fill('Feldlaptop');
    await page.getByRole('button', { name: 'Beitreten', exact: true }).click();
    await wrong('into', 'Diese Einladung gilt für mehrere Kliniken.');
    await isAccessible(page, 'an invitation for several clinics');
    await page.getByLabel('Kürzel').fill('south');
    await page.getByRole('button', { name: 'Beitreten', exact: true }).click();
    await page.getByText('Dieser Rechner ist beigetreten.').waitFor();
    noProblems(page);
    await page.context().close();
});

test('who does not know the present password is told so, in German', async () => {
    const page = await open('finn@north.example');
    await page.evaluate(() => localStorage.setItem('vetchart.language', 'de'));
    await page.goto(`${node.url}/settings?part=password`);
    await page.getByLabel('Aktuelles Passwort').fill('nicht dieses');
    await page.getByLabel('Neues Passwort', { exact: false }).first().fill('ein anderes');
    await page.getByLabel('Neues Passwort noch einmal').fill('ein anderes');
    await page.getByRole('button', { name: 'Passwort ändern' }).click();
    await page.locator('[data-field="currentPassword"] .field-error', { hasText: 'Das ist nicht Ihr aktuelles Passwort.' }).waitFor();
    noProblems(page);
    await page.context().close();
});

test('the sample clinic: a person has one column, however the name is written, and a visit moved within it keeps the name', async () => {
    await clinic.admin(['sample', '--clinics', '1', '--code', 'SAMPLE', '--patients', '1400', '--years', '1', '--seed', '3']);
    const who = ['--email', 'nora@sample.example', '--first', 'Nora', '--last', 'Desk', '--role', 'staff'];
    await clinic.admin(['staff', 'add', '--clinic', 'SAMPLE', ...who], PASSWORD + '\n');
    const sample = await clinic.enrolledNode('sample', 'SAMPLE', 'nora@sample.example');
    const staff = (await sample.api('GET', '/api/vets')).map((vet) => vet.name).sort();
    // The busiest day, with a visit under the bare name beside those with a title.
    const rows = await sample.api('GET', '/api/appointments');
    const days = rows.reduce((found, row) => found.set(row.date, [...(found.get(row.date) ?? []), row]), new Map());
    const [day, visits] = [...days].sort(([, a], [, b]) => b.length - a.length)[0];
    const printed = new Set(visits.map((row) => row.veterinarian));
    assert.ok(printed.size > 1 && [...printed].every((name) => name.startsWith('Dr. ') && staff.includes(name.slice(4))), [...printed].join());
    const { patientId, veterinarian } = visits[0];
    const bare = { patientId, date: day, time: '07:00', duration: 30, reason: 'Under the bare name', veterinarian: veterinarian.slice(4), status: 'scheduled' };
    await sample.api('POST', '/api/appointments', bare);

    const page = await openPage(browser, sample.url);
    await logIn(page, 'nora@sample.example');
    const vets = page.waitForResponse((response) => response.url().endsWith('/api/vets'));
    await page.goto(`${sample.url}/appointments?day=${day}`);
    await (await vets).finished();
    await page.locator('.cal-block').nth(visits.length).waitFor();
    const columns = () => page.locator('.cal-head').evaluateAll((all) => all.map((head) => head.firstChild.textContent));
    await until('a column for each of the staff', async () => (await columns()).sort().join() === staff.join());
    assert.deepEqual((await page.getByLabel('Veterinarian').locator('option').allTextContents()).slice(1).sort(), staff);

    const block = page.locator('.cal-block', { hasText: 'Under the bare name' });
    await block.scrollIntoViewIfNeeded();
    const box = await block.boundingBox();
    await page.mouse.move(box.x + 10, box.y + 6);
    await page.mouse.down();
    await page.mouse.move(box.x + 10, box.y + box.height + 6, { steps: 6 });
    await page.mouse.up();
    await page.getByText(/ moved to /).waitFor();
    const moved = (await sample.api('GET', `/api/appointments?from=${day}&to=${day}`)).find((row) => row.reason === bare.reason);
    assert.equal(moved.time, '07:30');
    assert.equal(moved.veterinarian, bare.veterinarian);

    await page.getByRole('button', { name: 'New appointment' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Time').fill('07:30');
    await dialog.getByLabel('Veterinarian').fill(veterinarian);
    await dialog.getByText(`${veterinarian} is booked at that time`).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Leave without saving' }).click();

    await page.getByLabel('Veterinarian').selectOption(bare.veterinarian);
    await page.waitForURL(/vet=/);
    assert.deepEqual(await columns(), [bare.veterinarian]);
    const theirs = visits.filter((row) => row.veterinarian === veterinarian).length + 1;
    await page.locator('.cal-block').nth(theirs - 1).waitFor();
    assert.equal(await page.locator('.cal-block').count(), theirs);
    await page.goto(`${sample.url}/appointments?view=week&day=${day}`);
    await page.locator('.week-vets').waitFor();
    const listed = await page.locator('.week-vets > span').count();
    assert.ok(listed > 1 && listed <= staff.length, `${listed} names above the week`);
    noProblems(page);
    await page.context().close();
});
