import { signal } from '@preact/signals';
import type { Message, Words } from './i18n/catalogue';
import { en } from './i18n/en';
import { recall, remember } from './remember';

/// The language of the page. Common code says the common words; an app brings its own catalogues, which hold the common
/// words too, and gets a `t` for all of them.
export type Key = keyof typeof en;
export type Params = Record<string, string | number>;

export const LANGUAGES = { en: 'English', de: 'Deutsch', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;
/// English comes with the first load, another language when it is chosen.
type Later = Record<Exclude<Language, 'en'>, () => Promise<Words>>;

let english: Words = en;
let later: Later | null = null;
const current = signal<{ language: Language; catalogue: Words }>({ language: 'en', catalogue: en });

export const language = (): Language => current.value.language;

/// The browser's region for the language that is shown ("de-AT"), else the language alone: decides dates and numbers.
export function locale(): string {
    const wanted = language();
    const found = (navigator.languages ?? []).find((tag) => tag === wanted || tag.startsWith(wanted + '-'));
    return found ?? wanted;
}

export function fill(text: string, params: Params): string {
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));
}

export function message<W extends Words>(catalogue: W, tag: string, key: keyof W & string, params: Params = {}): string {
    const found: Message = catalogue[key]!;
    if (typeof found === 'string') return fill(found, params);
    const n = Number(params.n ?? 0);
    const text = found[new Intl.PluralRules(tag).select(n)] ?? found.other;
    return fill(text, { ...params, n: new Intl.NumberFormat(tag).format(n) });
}

const say = (key: string, params: Params = {}): string => message(current.value.catalogue, locale(), key, params);

export const t: (key: Key, params?: Params) => string = say;

/// An app says its words here, once, before it shows anything.
export function speak<English extends Words & Record<Key, Message>>(
    words: English,
    others: Later,
): (key: keyof English & string, params?: Params) => string {
    english = words;
    later = others;
    current.value = { language: 'en', catalogue: words };
    return say;
}

async function change(wanted: Language): Promise<void> {
    const catalogue = wanted === 'en' || later === null ? english : await later[wanted]();
    current.value = { language: wanted, catalogue };
    document.documentElement.lang = wanted;
}

export async function setLanguage(wanted: Language): Promise<void> {
    await change(wanted);
    remember('language', wanted);
}

/// The person's earlier choice, else the first of the browser's languages that we have.
export async function startLanguage(): Promise<void> {
    const known = (tag: string | null | undefined): Language | null => {
        const code = (tag ?? '').split('-')[0]!.toLowerCase();
        return code in LANGUAGES ? (code as Language) : null;
    };
    await change(known(recall('language')) ?? (navigator.languages ?? []).map(known).find((code) => code) ?? 'en');
}
