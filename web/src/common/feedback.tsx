import { signal } from '@preact/signals';
import { errorText } from './faults';
import { t } from './i18n';
import { Icon } from './icons';

/// Short messages at the foot of the page, and what a screen reader hears.
interface Toast {
    id: number;
    text: string;
    kind: 'done' | 'problem';
    action?: { label: string; run: () => void };
}

const SHOWN_MS = 7_000;
const toasts = signal<Toast[]>([]);
const spoken = signal('');
let count = 0;

const dismiss = (id: number): void => {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
};

export function toast(text: string, kind: Toast['kind'] = 'done', action?: Toast['action']): void {
    count += 1;
    const id = count;
    // Of each kind one message stands: the next takes the place of the one before, but never that of a problem.
    toasts.value = [...toasts.value.filter((one) => one.kind !== kind), { id, text, kind, action }];
    // A problem, or something that can be undone, stays longer.
    setTimeout(() => dismiss(id), kind === 'problem' || action ? SHOWN_MS * 2 : SHOWN_MS);
}

/// Tells what went wrong, where there is no form to show it.
export const toastProblem = (error: unknown): void => toast(errorText(error), 'problem');

/// Says something to a screen reader only.
export function announce(text: string): void {
    spoken.value = text;
}

export function Feedback() {
    return (
        <>
            <div class="visually-hidden" role="status" aria-live="polite">
                {spoken.value}
            </div>
            <div class="toasts no-print" role="status" aria-live="polite">
                {toasts.value.map((item) => (
                    <div key={item.id} class={`toast toast-${item.kind}`}>
                        <Icon name={item.kind === 'done' ? 'check' : 'alert'} />
                        <span>{item.text}</span>
                        {item.action && (
                            <button
                                type="button"
                                class="link-button"
                                onClick={() => {
                                    item.action?.run();
                                    dismiss(item.id);
                                }}
                            >
                                {item.action.label}
                            </button>
                        )}
                        <button type="button" class="icon-button" aria-label={t('action.close')} onClick={() => dismiss(item.id)}>
                            <Icon name="close" size={16} />
                        </button>
                    </div>
                ))}
            </div>
        </>
    );
}
