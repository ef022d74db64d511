// Fails the build when a first visit has to load more JavaScript than the budget: everything index.html names, gzipped,
// with the chunks those import at once. Pages and languages that load later are printed, not counted.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 80 * 1024;
const dist = new URL('./dist/', import.meta.url);
const size = (name) => gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length;
const first = new Set();
const visit = (name) => {
    if (first.has(name)) return;
    first.add(name);
    const text = readFileSync(new URL(name, dist), 'utf8');
    for (const [, file] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) visit('assets/' + file);
};
const html = readFileSync(new URL('index.html', dist), 'utf8');
for (const [, file] of html.matchAll(/(?:src|href)="\/(assets\/[\w.-]+\.js)"/g)) visit(file);
if (/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/.test(html)) {
    console.error('index.html has an inline script, style or handler: the Content-Security-Policy refuses it');
    process.exit(1);
}
const total = [...first].reduce((sum, name) => sum + size(name), 0);
const rest = readdirSync(new URL('assets/', dist))
    .filter((name) => name.endsWith('.js') && !first.has('assets/' + name))
    .reduce((sum, name) => sum + size('assets/' + name), 0);
const kib = (bytes) => (bytes / 1024).toFixed(1) + ' KiB';
console.log(`first load: ${kib(total)} of JavaScript, gzipped (at most ${kib(BUDGET_BYTES)}); later: ${kib(rest)}`);
if (first.size === 0 || total > BUDGET_BYTES) process.exit(1);
