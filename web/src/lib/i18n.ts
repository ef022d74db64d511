import { signal } from '@preact/signals';
import { en } from '../i18n/en';

/// One catalogue per language. Keys are those of the English one: tsc refuses a language that lacks one or has one too
/// many. A message with a plural is an object by the categories of Intl.PluralRules and takes the parameter `n`.
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Message = string | Plural;
export type Key = keyof typeof en;
export type Catalogue = { [K in Key]: (typeof en)[K] extends string ? string : Plural };
export type Params = Record<string, string | number>;

export const LANGUAGES = { en: 'English', de: 'Deutsch', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;

const loaders: Record<Language, () => Promise<Catalogue>> = {
    en: () => Promise.resolve(en),
    de: async () => (await import('../i18n/de')).de,
    es: async () => (await import('../i18n/es')).es,
};

const current = signal<{ language: Language; catalogue: Catalogue }>({ language: 'en', catalogue: en });

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

export function message(catalogue: Catalogue, tag: string, key: Key, params: Params = {}): string {
    const found: Message = catalogue[key];
    if (typeof found === 'string') return fill(found, params);
    const n = Number(params.n ?? 0);
    const text = found[new Intl.PluralRules(tag).select(n)] ?? found.other;
    return fill(text, { ...params, n: new Intl.NumberFormat(tag).format(n) });
}

export function t(key: Key, params: Params = {}): string {
    return message(current.value.catalogue, locale(), key, params);
}

export async function setLanguage(wanted: Language): Promise<void> {
    const catalogue = await loaders[wanted]();
    current.value = { language: wanted, catalogue };
    document.documentElement.lang = wanted;
    remember('language', wanted);
}

/// The person's earlier choice, else the first of the browser's languages that we have.
export async function startLanguage(): Promise<void> {
    const known = (tag: string | null | undefined): Language | null => {
        const code = (tag ?? '').split('-')[0]!.toLowerCase();
        return code in LANGUAGES ? (code as Language) : null;
    };
    const wanted = known(recall('language')) ?? (navigator.languages ?? []).map(known).find((code) => code) ?? 'en';
    const catalogue = await loaders[wanted]();
    current.value = { language: wanted, catalogue };
    document.documentElement.lang = wanted;
}

/// The browser keeps these choices, and nothing of the clinic's.
export type Preference = 'language' | 'theme' | 'paper' | 'keys';

export function remember(name: Preference, value: string): void {
    try {
        localStorage.setItem('vetchart.' + name, value);
    } catch {
        // In a browser that keeps nothing the choice is made again the next time.
    }
}

export function recall(name: Preference): string | null {
    try {
        return localStorage.getItem('vetchart.' + name);
    } catch {
        return null;
    }
}
