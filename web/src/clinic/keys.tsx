import { signal } from '@preact/signals';
import { Modal } from '../common/dialog';
import { setSingleKeys, singleKeys } from '../common/preferences';
import { navigate } from '../common/router';
import { type Key, t } from './i18n';
import { focusSearch } from './search';

/// Listens for shortcuts. Single letters can be switched off (speech input types them by accident); Ctrl+K stays.
export const keysShown = signal(false);

const GO: Record<string, string> = {
    h: '/',
    a: '/appointments',
    o: '/owners',
    p: '/patients',
    b: '/bills',
    t: '/attention',
};
const SEQUENCE_MS = 1500;
let goAt = 0;

function isTyping(target: EventTarget | null): boolean {
    const element = target as HTMLElement | null;
    return Boolean(element?.closest?.('input, textarea, select, [contenteditable]'));
}

function onKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        focusSearch();
        return;
    }
    if (!singleKeys.value || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    const now = performance.now();
    const to = now - goAt < SEQUENCE_MS ? GO[event.key] : undefined;
    goAt = 0;
    if (to) void navigate(to);
    else if (event.key === '/') focusSearch();
    else if (event.key === '?') keysShown.value = true;
    else if (event.key === 'g') goAt = now;
    else if (event.key === 'n') document.querySelector<HTMLElement>('[data-key="n"]')?.click();
    else return;
    event.preventDefault();
}

export function startKeys(): void {
    document.addEventListener('keydown', onKey);
}

const LIST: [string, Key][] = [
    ['/', 'keys.search'],
    ['Ctrl + K', 'keys.search'],
    ['n', 'keys.new'],
    ['g h', 'nav.home'],
    ['g a', 'nav.appointments'],
    ['g o', 'nav.owners'],
    ['g p', 'nav.patients'],
    ['g b', 'nav.bills'],
    ['g t', 'nav.attention'],
    ['Ctrl + ↵', 'keys.save'],
    ['Esc', 'keys.close'],
    ['?', 'keys.help'],
];

export function KeyHelp() {
    if (!keysShown.value) return null;
    return (
        <Modal title={t('keys.title')} onClose={() => (keysShown.value = false)}>
            <table class="table keys">
                <thead class="visually-hidden">
                    <tr>
                        <th scope="col">{t('keys.key')}</th>
                        <th scope="col">{t('keys.does')}</th>
                    </tr>
                </thead>
                <tbody>
                    {LIST.map(([keys, label]) => (
                        <tr key={keys}>
                            <td>{keys.split(' ').map((key) => (key === '+' ? ' + ' : <kbd key={key}>{key}</kbd>))}</td>
                            <td>{t(label)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
            <label class="check">
                <input type="checkbox" checked={singleKeys.value} onChange={(event) => setSingleKeys(event.currentTarget.checked)} />
                {t('keys.single')}
            </label>
        </Modal>
    );
}
