import { signal } from '@preact/signals';
import { type Language, language, LANGUAGES, setLanguage, t } from './i18n';
import { recall, remember } from './remember';

/// What a person sets for this browser: language, light or dark, single-key shortcuts.
export type Theme = 'system' | 'light' | 'dark';
const isTheme = (text: string | null): text is Theme => text === 'system' || text === 'light' || text === 'dark';

const stored = recall('theme');
export const theme = signal<Theme>(isTheme(stored) ? stored : 'system');
export const singleKeys = signal(recall('keys') !== 'off');

export function applyTheme(): void {
    const wanted = theme.value;
    if (wanted === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = wanted;
}

export function setTheme(wanted: Theme): void {
    theme.value = wanted;
    remember('theme', wanted);
    applyTheme();
}

export function setSingleKeys(on: boolean): void {
    singleKeys.value = on;
    remember('keys', on ? 'on' : 'off');
}

export function LanguageSelect() {
    return (
        <label class="inline-select">
            <span>{t('prefs.language')}</span>
            <select class="input" value={language()} onChange={(event) => void setLanguage(event.currentTarget.value as Language)}>
                {Object.entries(LANGUAGES).map(([code, name]) => (
                    <option key={code} value={code} lang={code} selected={code === language()}>
                        {name}
                    </option>
                ))}
            </select>
        </label>
    );
}

export function ThemeSelect() {
    return (
        <label class="inline-select">
            <span>{t('prefs.theme')}</span>
            <select class="input" value={theme.value} onChange={(event) => setTheme(event.currentTarget.value as Theme)}>
                <option value="system">{t('prefs.themeSystem')}</option>
                <option value="light">{t('prefs.themeLight')}</option>
                <option value="dark">{t('prefs.themeDark')}</option>
            </select>
        </label>
    );
}
