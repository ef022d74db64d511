import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { message } from '../src/common/i18n';
import type { Catalogue, Message } from '../src/common/i18n/catalogue';
import type { Key } from '../src/clinic/i18n';
import { de } from '../src/clinic/i18n/de';
import { en } from '../src/clinic/i18n/en';
import { es } from '../src/clinic/i18n/es';

const languages: Record<string, Catalogue<typeof en>> = { de, es };
const texts = (found: Message): string[] => (typeof found === 'string' ? [found] : Object.values(found));
const names = (found: Message): string[] =>
    [...new Set(texts(found).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((hit) => hit[1]!)))].sort();

describe('the catalogues', () => {
    it.each(Object.keys(languages))('%s fills in the same names as English', (code) => {
        for (const key of Object.keys(en) as Key[]) expect([key, names(languages[code]![key])]).toEqual([key, names(en[key])]);
    });
    it.each(Object.keys(languages))('%s leaves no text empty', (code) => {
        for (const found of Object.values(languages[code]!)) for (const text of texts(found)) expect(text.trim()).not.toBe('');
    });
    it('have no message that nothing shows', () => {
        const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
            .filter((name) => /\.tsx?$/.test(name) && !name.includes('i18n/'))
            .map((name) => readFileSync('src/' + name, 'utf8'))
            .join('\n');
        expect(Object.keys(en).filter((key) => !sources.includes(`'${key}'`))).toEqual([]);
    });
    it('choose the plural by the number', () => {
        expect(message(en, 'en', 'sync.attention', { n: 1 })).toBe('1 change needs attention');
        expect(message(de, 'de', 'sync.attention', { n: 1200 })).toBe('1.200 Änderungen sind zu klären');
    });
});
