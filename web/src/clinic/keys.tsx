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
    if (event.key.startsWith('Arrow') && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey && walk(event)) {
        event.preventDefault();
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
    else if (!event.key.startsWith('Arrow') && walk(event)) goAt = 0;
    else return;
    event.preventDefault();
}

/// The items of a list of items are walked by j and k from anywhere on their page, and by the arrows from an item. An
/// item is what has `data-key-item`; Enter opens it, as it presses every button.
const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/// False: the key moves nothing, and is left to the browser.
function walk(event: KeyboardEvent): boolean {
    const step = STEPS[event.key];
    if (step === undefined) return false;
    const items = [...document.querySelectorAll<HTMLElement>('#main [data-key-item]')];
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (event.key.startsWith('Arrow') && at < 0) return false;
    const inside = items.findIndex((item) => item.closest('article')?.contains(document.activeElement));
    const next = at >= 0 ? at + step : inside >= 0 ? inside + Math.max(step, 0) : step > 0 ? 0 : items.length - 1;
    items[next]?.focus();
    return items[next] !== undefined;
}

export function startKeys(): void {
    document.addEventListener('keydown', onKey);
}

const LIST: [string, Key][] = [
    ['/', 'keys.search'],
    ['Ctrl + K', 'keys.search'],
    ['n', 'keys.new'],
    ['j', 'keys.next'],
    ['k', 'keys.previous'],
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
