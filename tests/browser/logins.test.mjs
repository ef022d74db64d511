// Who a page is drawn for: a form under which the session ends, two windows, two nodes of one host, all sessions at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hasValue, isAccessible, launch, logIn, noProblems, openPage, watch } from './support/browser.mjs';
import { Clinic, PASSWORD, until } from './support/daemons.mjs';

let clinic;
let node;
let browser;
before(async () => {
    clinic = await Clinic.open();
    node = await clinic.aloneNode('ada@clinic.example');
    await node.login('ada@clinic.example');
    for (const [name, last] of [['vera', 'Lind'], ['finn', 'Ross']]) {
        const body = { email: `${name}@clinic.example`, firstName: name === 'vera' ? 'Vera' : 'Finn', lastName: last, roles: ['staff'], password: PASSWORD };
        await node.api('POST', '/api/staff', body);
    }
    browser = await launch();
});
after(async () => {
    await browser?.close();
    await clinic?.close();
});

// Vera, halfway through an owner's card.
async function halfWritten(lastName) {
    const page = await openPage(browser, node.url);
    await logIn(page, 'vera@clinic.example');
    await page.goto(`${node.url}/owners/new`);
    await page.getByLabel('First name').fill('Half');
    await page.getByLabel('Last name').fill(lastName);
    return page;
}
const owners = async (lastName) => (await node.api('GET', '/api/owners')).filter((row) => row.lastName === lastName);
const save = (page) => page.getByRole('button', { name: /^(Save|Create)/ }).first().click();
async function logInAgain(page, email) {
    const login = page.getByRole('dialog').filter({ has: page.getByLabel('Password') });
    await login.getByLabel('E-mail').fill(email);
    await login.getByLabel('Password').fill(PASSWORD);
    await login.getByRole('button', { name: 'Log in and go on' }).click();
}

test('who logs in under a form that another wrote is asked before it is saved in their name', async () => {
    const page = await halfWritten('Takeover');
    await page.context().clearCookies();
    await save(page);
    await logInAgain(page, 'finn@clinic.example');
    const question = page.getByRole('dialog').filter({ hasText: 'was written by Vera Lind' });
    await question.waitFor();
    await isAccessible(page, 'take over');
    assert.equal((await owners('Takeover')).length, 0);
    await question.getByRole('button', { name: 'Cancel' }).click();
    // The text stands, nothing was saved, and Vera can go on.
    await question.waitFor({ state: 'detached' });
    await hasValue(page.getByLabel('Last name'), 'Takeover');
    assert.equal((await owners('Takeover')).length, 0);
    await save(page);
    await page.getByRole('heading', { name: 'Somebody else has logged in' }).waitFor();
    await logInAgain(page, 'vera@clinic.example');
    await until('the owner to be saved', async () => (await owners('Takeover')).length === 1);
    noProblems(page);
    await page.context().close();
});

test('another person may take a form over by saying so', async () => {
    const page = await halfWritten('Agreed');
    await page.context().clearCookies();
    await save(page);
    await logInAgain(page, 'finn@clinic.example');
    await page.getByRole('button', { name: 'Go on as Finn Ross' }).click();
    await until('the owner to be saved', async () => (await owners('Agreed')).length === 1);
    await page.getByRole('button', { name: 'Account of Finn Ross' }).waitFor();
    noProblems(page);
    await page.context().close();
});

test('a login in a second window does not swap the first one’s', async () => {
    const first = await halfWritten('Swapped');
    const second = await first.context().newPage();
    watch(second);
    await second.goto(node.url);
    await second.getByRole('button', { name: /^Account of Vera/ }).click();
    await second.getByRole('button', { name: 'Log out' }).click();
    await logIn(second, 'finn@clinic.example');
    await first.bringToFront();
    await save(first);
    await first.getByRole('heading', { name: 'Somebody else has logged in' }).waitFor();
    await isAccessible(first, 'somebody else');
    await hasValue(first.getByLabel('Last name'), 'Swapped');
    assert.equal((await owners('Swapped')).length, 0);
    noProblems(first);
    noProblems(second);
    await first.context().close();
});

test('two nodes on one host do not log each other out', async () => {
    const other = await clinic.emptyNode('other');
    const setup = { adminEmail: 'ada@clinic.example', password: PASSWORD, clinicName: 'Other' };
    await other.api('POST', '/api/setup', setup);
    const page = await openPage(browser, node.url);
    await logIn(page, 'ada@clinic.example');
    await page.goto(other.url);
    await logIn(page, 'ada@clinic.example');
    await page.goto(node.url);
    await page.getByRole('button', { name: /^Account of/ }).waitFor();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.goto(other.url);
    await page.getByRole('button', { name: /^Account of/ }).waitFor();
    noProblems(page);
    await page.context().close();
});

test('all sessions of a person end by one button, and by an administrator’s', async () => {
    const here = await openPage(browser, node.url);
    const there = await openPage(browser, node.url);
    for (const page of [here, there]) await logIn(page, 'finn@clinic.example');
    await here.goto(`${node.url}/settings?part=password`);
    await here.getByRole('button', { name: 'Log out everywhere' }).click();
    await here.getByRole('button', { name: 'Log in' }).waitFor();
    await there.goto(`${node.url}/owners`);
    await there.getByRole('button', { name: 'Log in' }).waitFor();

    await logIn(there, 'finn@clinic.example');
    const admin = await openPage(browser, `${node.url}`);
    await logIn(admin, 'ada@clinic.example');
    await admin.goto(`${node.url}/members`);
    await admin.getByRole('button', { name: 'Edit: Finn Ross' }).click();
    await isAccessible(admin, 'member');
    await admin.getByRole('button', { name: 'End all sessions' }).click();
    await admin.getByText('Finn Ross is logged out everywhere').first().waitFor();
    await there.goto(`${node.url}/owners`);
    await there.getByRole('button', { name: 'Log in' }).waitFor();
    for (const page of [here, there, admin]) await page.context().close();
});
