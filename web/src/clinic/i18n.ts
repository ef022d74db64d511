import { speak } from '../common/i18n';
import { en } from './i18n/en';

/// The clinic's words in the person's language.
export type Key = keyof typeof en;

export const t = speak(en, {
    de: async () => (await import('./i18n/de')).de,
    es: async () => (await import('./i18n/es')).es,
});
