// The browser: Debian's Chromium, driven by playwright-core. A page that breaks the Content-Security-Policy, throws, or
// logs an error fails its test.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { PASSWORD, PATIENCE_MS, until } from './daemons.mjs';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screens = new URL('../../../docs/screens/', import.meta.url);
const takeScreens = process.env.VETCHART_SCREENS === '1';
const dist = fileURLToPath(new URL('../../../web/dist', import.meta.url));
const fromDist = process.env.VETCHART_DIST === '1';

export const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 }, wall: { width: 1920, height: 1080 } };

const FITS_SECONDS = 10;

// `textPx`: the browser's own text size, 16 unless the person asked for another.
export function launch(textPx = 16) {
    return chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', `--blink-settings=defaultFontSize=${textPx}`],
    });
}

// VETCHART_DIST=1: the pages are those of web/dist and not those in the binary, so that a change of the app needs no new
// binary. The node's own headers stand, its policy too.
const KINDS = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.webmanifest': 'application/manifest+json' };
async function serveDist(context) {
    await context.route((url) => url.protocol === 'http:' && !url.pathname.startsWith('/api/'), async (route) => {
        const url = new URL(route.request().url());
        const kind = KINDS[path.extname(url.pathname)];
        try {
            if (kind) await route.fulfill({ contentType: kind, body: await readFile(path.join(dist, url.pathname)) });
            else await route.fulfill({ response: await route.fetch({ url: url.origin }), body: await readFile(path.join(dist, 'index.html')) });
        } catch {
            // The node does not answer, or the page is gone by now.
            await route.abort().catch(() => undefined);
        }
    });
}

// A context of its own, so its own cookie; `page.problems` collects what must not happen. Without motion, so that no
// picture and no contrast is taken in the middle of one.
export async function openPage(browser, url, options = {}) {
    const usual = { viewport: SIZES.desk, locale: 'en-US', timezoneId: 'Pacific/Auckland', reducedMotion: 'reduce' };
    const context = await browser.newContext({ ...usual, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    if (fromDist) await serveDist(context);
    const page = await context.newPage();
    watch(page);
    await page.goto(url);
    return page;
}

export function watch(page) {
    page.problems = [];
    page.on('pageerror', (error) => page.problems.push(`error: ${error.message}`));
    page.on('console', (message) => {
        // A refused request shows as an error of the network; the tests look at what the page makes of it.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) page.problems.push(message.text());
    });
}

export async function logIn(page, email, password = PASSWORD) {
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).or(page.getByRole('button', { name: 'Menu' })).first().waitFor();
}

export function noProblems(page) {
    assert.deepEqual(page.problems, []);
}

// WCAG 2.2 AA by axe, run inside the page (a script tag would be refused by the policy, and should be).
// `rules`: only these, where the whole page has been looked at already.
export async function isAccessible(page, what, rules = null) {
    await page.evaluate(axeSource);
    const runOnly = rules ?? ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const found = await page.evaluate((only) => globalThis.axe.run(document, { runOnly: only }), runOnly);
    const lines = found.violations.map((one) => `${one.id}: ${one.help}\n  ${one.nodes.map((node) => node.html).join('\n  ')}`);
    assert.deepEqual(lines, [], `${what}: axe found something`);
}

// Nothing may reach beyond the window to the right. A page may still be taking its form for a new width.
export async function fitsWidth(page, what) {
    const widths = () => page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    await until(`${what} to fit the window`, async () => {
        const [taken, room] = await widths();
        if (taken > room) throw new Error(`${taken} px of page in ${room} px`);
        return true;
    }, FITS_SECONDS);
}

// No column of a table lies beyond its card's edge.
export async function showsColumns(page, what) {
    const hidden = await page.evaluate(() =>
        [...document.querySelectorAll('.table-wrap')]
            .filter((box) => box.scrollWidth > box.clientWidth)
            .map((box) => `${box.querySelector('caption')?.textContent}: ${box.scrollWidth} px in ${box.clientWidth} px`),
    );
    assert.deepEqual(hidden, [], `${what}: a table is wider than its place`);
}

// What a field holds: a value may come a frame after what was done for it.
export async function hasValue(locator, wanted) {
    await until(`a field to hold ${wanted}`, async () => {
        const found = await locator.inputValue();
        if (found !== wanted) throw new Error(`it holds ${found}`);
        return true;
    });
}

export async function screenshot(page, name) {
    if (!takeScreens) return;
    await mkdir(screens, { recursive: true });
    await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, screens)) });
}
