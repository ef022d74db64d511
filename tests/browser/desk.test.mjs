// The front desk's busy day: 74 visits of a quarter of an hour with four veterinarians, a chart of years, forms that ask
// before they save what is unlikely, paper; on a node that works alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fitsWidth, hasValue, isAccessible, launch, logIn, noProblems, openPage, screenshot, SIZES } from './support/browser.mjs';
import { Clinic, dayFromNow, until } from './support/daemons.mjs';
import { fillDay, VETS, VISITS } from './support/full_day.mjs';

let clinic;
let node;
let made;
let browser;
before(async () => {
    clinic = await Clinic.open();
    node = await clinic.aloneNode('ada@north.example');
    await node.login('ada@north.example');
    const { clinics } = await node.api('GET', '/api/auth/me');
    const found = await node.api('GET', `/api/clinic?clinicId=${clinics[0].id}`);
    await node.api('PUT', `/api/clinic?clinicId=${found.id}`, { ...found, name: 'Harbour Clinic', address: '1 High Street' });
    made = await fillDay(node);
    for (const [description, unitPrice] of [['Rabies vaccination', 32.5], ['DHPP vaccination', 41]]) {
        await node.api('POST', '/api/service-items', { description, unitPrice });
    }
    browser = await launch();
});
after(async () => {
    await browser?.close();
    await clinic?.close();
});

const open = async (path, options = {}) => {
    const page = await openPage(browser, node.url, { timezoneId: 'UTC', ...options });
    await page.locator('[name=username]').fill('ada@north.example');
    await page.locator('[name=password]').fill('a good password');
    await page.locator('[type=submit]').click();
    await page.locator('.shell').waitFor();
    await go(page, path);
    return page;
};
const go = async (page, path) => {
    await page.goto(node.url + path);
    await page.locator('#main h1').waitFor();
    await page.waitForFunction(() => !document.querySelector('.loading'));
};
const done = async (page) => {
    noProblems(page);
    await page.context().close();
};
const boxes = (page, selector) =>
    page.locator(selector).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()).filter((box) => box.width > 0));
const overlap = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
const patient = (fields) => node.api('POST', '/api/patients', { species: 'Dog', ownerId: made.owners[0].id, ...fields });
const record = (patientId, fields) =>
    node.api('POST', '/api/records', { patientId, visitDate: dayFromNow(-30), recordType: 'treatment', veterinarian: VETS[0], ...fields });

test('a full day and its week are readable and accessible at 360 and 1920 px, in Spanish and German', async () => {
    for (const [locale, heading] of [['es-ES', 'Citas'], ['de-DE', 'Termine']]) {
        const page = await open('/', { locale });
        for (const [what, path, row] of [['day', '/appointments', '.cal-block'], ['week', '/appointments?view=week', '.week-row']]) {
            await page.setViewportSize(SIZES.wall);
            await go(page, path);
            await page.getByRole('heading', { level: 1, name: heading }).waitFor();
            await page.locator(row).nth(VISITS - 1).waitFor({ state: 'attached' });
            await isAccessible(page, `a full ${what} in ${locale}`);
            await fitsWidth(page, `a full ${what} in ${locale} at 1920`);
            await screenshot(page, `full-${what}`);
            const blocks = await boxes(page, row);
            for (const box of blocks) assert.ok(box.width >= 110 && box.height >= 24, `${what}: a visit has ${box.width} x ${box.height} px`);
            assert.equal(blocks.some((a, i) => blocks.some((b, j) => i < j && overlap(a, b))), false, `${what}: no visit lies on another`);
            await page.setViewportSize(SIZES.desk);
            for (const box of await boxes(page, row)) assert.ok(box.width >= 110, `${what}: a visit is ${box.width} px wide at 1280`);
            await page.setViewportSize(SIZES.phone);
            await page.locator('.row-item').nth(VISITS - 1).waitFor();
            await isAccessible(page, `a full ${what} on a phone in ${locale}`);
            await fitsWidth(page, `a full ${what} in ${locale} at 360`);
        }
        await go(page, '/');
        await page.locator('.row-item').nth(VISITS - 1).waitFor();
        await isAccessible(page, `today on a phone in ${locale}`);
        await done(page);
    }
});

test('a visit of the week is opened by its line, and dragged to another day', async () => {
    const page = await open(`/appointments?view=week&day=${dayFromNow(0)}`, { locale: 'de-DE' });
    const line = page.getByRole('button', { name: /Bella.*Vera Lind/ }).first();
    await line.press('Enter');
    await page.getByRole('dialog', { name: /Bella/ }).waitFor();
    await page.keyboard.press('Escape');
    const day = page.locator('.week-day', { has: page.locator('.week-head.today') });
    await day.locator('.week-row').first().dragTo(page.locator('.week-day.week-empty').first());
    await page.getByText(/verlegt auf/).waitFor();
    await page.getByRole('button', { name: 'Rückgängig' }).click();
    await until('the visit to be back', async () => (await node.api('GET', `/api/appointments?from=${dayFromNow(0)}`)).length === VISITS);
    await done(page);
});

test('the printed day and week carry clinic and date and fit the paper', async () => {
    const page = await open('/appointments');
    // A4 within its margins, in CSS pixels.
    const sheet = { width: 672, height: 1001 };
    for (const [path, title] of [['/appointments', /\w+, \w+ \d+, \d{4}/], ['/appointments?view=week', /\w+ \d+, \d{4} – \w+ \d+, \d{4}/]]) {
        await go(page, path);
        await page.locator('.printed-table tr').nth(VISITS).waitFor({ state: 'attached' });
        await page.emulateMedia({ media: 'print' });
        await page.setViewportSize(sheet);
        const head = page.locator('.print-only .sheet-head');
        await head.getByText('Harbour Clinic').waitFor();
        await head.getByText(title).first().waitFor();
        for (const aside of ['.topbar', '.nav', '.toolbar', '.calendar', '.page-actions']) await page.locator(aside).first().waitFor({ state: 'hidden' });
        await fitsWidth(page, `paper of ${path}`);
        assert.ok((await boxes(page, '.printed-table tr')).length > VISITS);
        const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
        await screenshot(page, path.includes('week') ? 'printed-week' : 'printed-day');
        assert.match(pdf, /\/MediaBox \[0 0 59[45](\.\d+)? 84[12](\.\d+)?\]/);
        assert.ok((pdf.match(/\/Type \/Page\b/g) ?? []).length <= 5);
        await page.emulateMedia({ media: 'screen' });
        await page.setViewportSize(SIZES.desk);
    }
    await done(page);
});

test('what is typed after n goes into the form, never to the shortcuts', async () => {
    const page = await open('/owners');
    for (const [path, field] of [['/owners', 'First name'], ['/patients', 'Name']]) {
        await go(page, path);
        await page.keyboard.press('n');
        await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
        await page.keyboard.type('Gandhi');
        await hasValue(page.getByRole('textbox', { name: field }).first(), 'Gandhi');
        assert.equal(new URL(page.url()).pathname, `${path}/new`);
        await page.getByRole('textbox', { name: field }).first().fill('');
    }
    // A bill begins with its animal; a page that is loaded whole with its form.
    await page.goto(`${node.url}/bills/new`);
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'combobox' && document.activeElement.id !== 'search');
    await done(page);
});

test('a bill on a phone: its totals lie inside the card, its record picks under each other', async () => {
    const animal = made.patients[1];
    for (let i = 0; i < 4; i += 1) await record(animal.id, { visitDate: dayFromNow(-i), treatment: 'Ear drops twice a day for seven days, then a look again' });
    const items = [{ description: 'Kreuzbandoperation mit stationärer Nachbehandlung', quantity: 12.25, unitPrice: 12345.67, totalPrice: 151234.46 }];
    const bill = await node.api('POST', '/api/bills', {
        ownerId: animal.ownerId, patientId: animal.id, items, subtotal: 151234.46, tax: 28734.55, totalAmount: 179969.01,
        status: 'sent', billDate: dayFromNow(0), dueDate: dayFromNow(14),
    });
    const page = await open(`/bills/${bill.id}`, { locale: 'de-DE', viewport: SIZES.phone });
    const inside = async (what) => {
        await fitsWidth(page, what);
        const out = await page.evaluate(() => [...document.querySelectorAll('.card')].flatMap((card) =>
            [...card.querySelectorAll('td, dd, .item-total, .check')].filter((one) => one.getBoundingClientRect().right > card.getBoundingClientRect().right).map((one) => one.textContent)));
        assert.deepEqual(out, [], what);
    };
    await inside('a bill at 360');
    await isAccessible(page, 'a bill at 360');
    await go(page, `/bills/new?patient=${animal.id}`);
    await page.locator('.record-picks .check').nth(3).waitFor();
    await inside('a new bill at 360');
    const picks = await boxes(page, '.record-picks .check span:not(.chip)');
    assert.equal(picks.some((a, i) => picks.some((b, j) => i < j && overlap(a, b))), false);
    await done(page);
});

test('the list of a merge is not cut by its dialog', async () => {
    const page = await open(`/owners/${made.owners[0].id}`);
    await page.getByRole('button', { name: 'Merge…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox').fill('Obermüller');
    await dialog.getByRole('option').nth(7).waitFor();
    await dialog.getByText('Only the first 8: type more to find others.').waitFor();
    const { cut } = await page.evaluate(() => {
        const box = document.querySelector('dialog').getBoundingClientRect();
        const list = document.querySelector('dialog .picker-list').getBoundingClientRect();
        return { cut: list.bottom > box.bottom || list.height < 200 };
    });
    assert.equal(cut, false);
    await isAccessible(page, 'a merge with its list');
    await done(page);
});

test('messages never lie on what saves, and do not pile up', async () => {
    for (const viewport of [SIZES.desk, SIZES.phone]) {
        const page = await open('/', { viewport });
        for (const status of ['completed', 'scheduled', 'completed']) await page.locator('.status-select').first().selectOption(status);
        await page.locator('.toast').first().waitFor();
        assert.equal(await page.locator('.toast').count(), 1);
        await page.locator('.toast .icon-button').click();
        await page.locator('.status-select').first().selectOption('scheduled');
        await page.locator('.toast').waitFor();
        // From here without a load, so that the message is still there.
        await page.evaluate((to) => {
            const link = Object.assign(document.createElement('a'), { href: to });
            document.body.append(link);
            link.click();
        }, `/owners/${made.owners[1].id}/edit`);
        const save = page.getByRole('button', { name: 'Save' });
        await save.scrollIntoViewIfNeeded();
        const [toast] = await boxes(page, '.toast');
        assert.ok(toast, 'the message is still there');
        for (const button of await boxes(page, '.actions .button')) assert.equal(overlap(toast, button), false);
        await done(page);
    }
});

test('a price is found from what a record says, and a record on a bill is marked', async () => {
    const animal = await patient({ name: 'Booster' });
    const given = await record(animal.id, { recordType: 'vaccine', treatment: 'Gave rabies vaccine (lot 4711), left shoulder' });
    await record(animal.id, { recordType: 'vaccine', treatment: 'DHPP', visitDate: dayFromNow(-60) });
    await node.api('POST', '/api/bills', {
        ownerId: animal.ownerId, patientId: animal.id, status: 'draft', billDate: dayFromNow(0), dueDate: dayFromNow(14), medicalRecordIds: [given.id],
        items: [{ description: 'Rabies vaccination', quantity: 1, unitPrice: 32.5, totalPrice: 32.5 }], subtotal: 32.5, tax: 0, totalAmount: 32.5,
    });
    const page = await open(`/bills/new?patient=${animal.id}`);
    await page.locator('.check', { hasText: 'Gave rabies' }).getByText(/^On bill /).waitFor();
    assert.equal(await page.locator('.check', { hasText: 'DHPP' }).getByText(/^On bill /).count(), 0);
    await page.getByRole('checkbox', { name: /Gave rabies/ }).check();
    await hasValue(page.getByLabel('Description'), 'Rabies vaccination');
    await hasValue(page.getByLabel('Price', { exact: true }), '32.50');
    await done(page);
});

test('a kind of animal is stored under one name, and shown in each language', async () => {
    const page = await open('/patients/new', { locale: 'de-DE' });
    await page.getByLabel('Name', { exact: false }).first().fill('Waldi');
    await page.getByLabel('Tierart').fill('Hund');
    await page.getByRole('button', { name: 'Speichern' }).click();
    await page.getByRole('heading', { level: 1, name: 'Waldi' }).waitFor();
    await page.locator('.subtitle', { hasText: 'Hund' }).waitFor();
    const id = page.url().split('/').pop();
    assert.equal((await node.api('GET', `/api/patients/${id}`)).species, 'Dog');
    await page.evaluate(() => localStorage.setItem('vetchart.language', 'es'));
    await go(page, `/patients/${id}`);
    await page.locator('.subtitle', { hasText: 'Perro' }).waitFor();
    await page.locator('#search').fill('Waldi');
    await page.getByRole('option', { name: /Perro/ }).waitFor();
    await done(page);
});

test('at 1920 px a form stands in the middle', async () => {
    const page = await open('/owners/new', { viewport: SIZES.wall });
    for (const path of ['/owners/new', '/patients/new', '/bills/new', '/settings']) {
        await go(page, path);
        const [main] = await boxes(page, '#main');
        const [card] = await boxes(page, '#main .card');
        assert.ok(Math.abs(card.left - main.left - (main.right - card.right)) < 24, `${path}: ${card.left} to ${card.right} in ${main.left} to ${main.right}`);
    }
    await done(page);
});

test('on a phone an animal\'s facts and due vaccinations stand before its history', async () => {
    const page = await open(`/patients/${made.patients[0].id}`, { viewport: SIZES.phone });
    const tops = await page.locator('.card h2').evaluateAll((all) => all.map((one) => [one.textContent, one.getBoundingClientRect().top]));
    const names = tops.sort((a, b) => a[1] - b[1]).map(([name]) => name);
    assert.deepEqual(names.slice(0, 3), ['Animal', 'Vaccinations', 'History']);
    await done(page);
});

test('offline, what is due says as of when it is known', async () => {
    const animal = await patient({ name: 'Remote' });
    await record(animal.id, { recordType: 'vaccine', treatment: 'Rabies' });
    const page = await open('/');
    const status = await node.api('GET', '/api/sync/status');
    const away = { ...status, centralUrl: 'https://central.example', online: false, lastPullAt: '2026-01-02T09:12:00.000Z' };
    await page.route('**/api/sync/status', (route) => route.fulfill({ json: away }));
    await page.route('**/api/events', (route) => route.abort());
    await go(page, `/patients/${animal.id}`);
    const card = page.locator('.card', { hasText: 'Vaccinations' });
    await card.getByText(/^As known on this computer on Jan [12], 2026, /).waitFor();
    await go(page, `/patients/${animal.id}/print`);
    await page.locator('.sheet').getByText(/^As known on this computer/).waitFor();
    await page.context().close();
});

test('what is possible but unlikely is a question, and saved after a yes', async () => {
    await patient({ name: 'Twin', microchip: '985 000 111 222' });
    const page = await open('/patients/new');
    await page.getByRole('textbox', { name: 'Name' }).first().fill('Heavy');
    await page.getByLabel('Species').fill('Dog');
    await page.getByLabel('Birth date').fill('1890-05-06');
    await page.getByRole('textbox', { name: 'Weight' }).fill('4000');
    await page.getByText('kg', { exact: true }).click();
    await page.getByLabel('Microchip').fill('985000111222');
    await page.getByRole('button', { name: 'Save' }).click();
    const question = page.getByRole('dialog', { name: 'Is this right?' });
    for (const point of ['Birth date: May 6, 1890 is before 1900.', 'Weight: 4,000 kg is more than', 'Microchip 985000111222 is also that of Twin.']) {
        await question.getByText(point).waitFor();
    }
    await isAccessible(page, 'a question before saving');
    await question.getByRole('button', { name: 'Back to the form' }).click();
    await hasValue(page.getByRole('textbox', { name: 'Weight' }), '4000');
    await page.getByRole('button', { name: 'Save' }).click();
    await question.getByRole('button', { name: 'Save all the same' }).click();
    await page.getByRole('heading', { level: 1, name: 'Heavy' }).waitFor();
    // What was answered is not asked again while it stays as it is.
    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await page.getByLabel('Notes').fill('An elephant, really');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('An elephant, really').waitFor();
    await go(page, `/bills/new?patient=${made.patients[2].id}`);
    await page.getByLabel('Due').fill(dayFromNow(-5));
    await page.getByLabel('Description').fill('Visit');
    await page.getByLabel('Price', { exact: true }).fill('10');
    await page.getByRole('button', { name: 'Save as draft' }).click();
    await question.getByText(/^Due \(.+\) is before Date/).waitFor();
    await question.getByRole('button', { name: 'Save all the same' }).click();
    await page.getByRole('heading', { level: 1, name: /^Bill / }).waitFor();
    await go(page, `/patients/${made.patients[3].id}`);
    await page.keyboard.press('n');
    const visit = page.getByRole('dialog', { name: /^New record/ });
    await visit.getByLabel('Symptoms').fill('None yet');
    await visit.getByLabel('Veterinarian').fill(VETS[0]);
    await visit.getByLabel('Visit').fill(dayFromNow(7));
    await visit.getByLabel('Next due', { exact: true }).fill(dayFromNow(1));
    await visit.getByRole('button', { name: 'Save record' }).click();
    await question.getByText(/is still to come/).waitFor();
    await question.getByText(/^Next due .+ is before Visit/).waitFor();
    await question.getByRole('button', { name: 'Save all the same' }).click();
    await page.getByText('None yet').waitFor();
    await done(page);
});

test('an animal that has died is marked wherever it can be picked', async () => {
    const animal = await patient({ name: 'Elysium', deceasedOn: dayFromNow(-100) });
    const page = await open('/');
    await page.locator('#search').fill('Elysium');
    await page.getByRole('option', { name: /Elysium.*Deceased/ }).waitFor();
    await go(page, '/bills/new');
    await page.getByRole('combobox', { name: /^Patient/ }).fill('Elysium');
    await page.getByRole('option', { name: /Elysium.*Deceased/ }).waitFor();
    await page.keyboard.press('Escape');
    await go(page, '/patients');
    await page.getByRole('row', { name: /Elysium.*Deceased/ }).waitFor();
    await go(page, `/owners/${animal.ownerId}`);
    await page.locator('.row-item', { hasText: 'Elysium' }).getByText('Deceased').waitFor();
    await go(page, `/appointments?new=1&patient=${animal.id}`);
    const dialog = page.getByRole('dialog', { name: 'New appointment' });
    await dialog.getByText('Deceased').waitFor();
    await dialog.getByLabel('Reason').fill('Collects the ashes');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog', { name: 'Is this right?' }).getByText(/^Elysium died on/).waitFor();
    await page.getByRole('button', { name: 'Save all the same' }).click();
    await dialog.waitFor({ state: 'detached' });
    await done(page);
});

test('a page that is gone offers a way on', async () => {
    const page = await open('/owners');
    for (const [path, way] of [['/owners/00000000-0000-7000-8000-000000000000', 'Owners'], ['/bills/00000000-0000-7000-8000-000000000000/edit', 'Bills'], ['/records/00000000-0000-7000-8000-000000000000', 'Patients'], ['/nowhere', 'Today']]) {
        await go(page, path);
        await page.getByRole('heading', { level: 1, name: 'Not found' }).waitFor();
        await page.locator('#main').getByRole('link', { name: way }).waitFor();
        await isAccessible(page, `${path} is gone`);
    }
    await page.locator('#main').getByRole('link', { name: 'Today' }).click();
    await page.getByRole('heading', { level: 1, name: /^Hello/ }).waitFor();
    await done(page);
});

test('nothing of a long history is left out, on the page and on paper', async () => {
    const animal = await patient({ name: 'Methuselah', birthDate: dayFromNow(-9000) });
    const count = 510;
    const write = async (i) => record(animal.id, { visitDate: dayFromNow(-i), diagnosis: `Finding ${i}` });
    for (let i = 0; i < count; i += 10) await Promise.all(Array.from({ length: 10 }, (_, k) => write(i + k)));
    const page = await open(`/patients/${animal.id}`);
    await page.getByText(`300 of ${count} are shown.`).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByText(`Finding ${count - 1}`, { exact: true }).waitFor();
    await go(page, `/patients/${animal.id}/print`);
    assert.equal(await page.locator('.sheet-entry').count(), count);
    await done(page);
});

test('the first language is the browser\'s, and no browser translates the page away', async () => {
    for (const [locale, button, lang] of [['es-MX', 'Iniciar sesión', 'es'], ['de-AT', 'Anmelden', 'de'], ['fr-FR', 'Log in', 'en']]) {
        const page = await openPage(browser, node.url, { locale });
        await page.getByRole('button', { name: button }).waitFor();
        assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.translate]), [lang, false]);
        await done(page);
    }
});
