import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from './i18n';
import { Icon } from './icons';
import { mayLeave } from './router';

/// Moves the focus to the page when what had it is no longer there.
export const focusHeading = (): void => document.querySelector<HTMLElement>('#main h1')?.focus({ preventScroll: true });

/// Does the same as soon as a dialog over the page is gone, for a part that goes with its row or its state.
export const focusHeadingSoon = (): void => void requestAnimationFrame(focusHeading);

/// A native modal dialog. Escape and the close button ask `onClose`; the focus returns to where it was, or to the page's heading.
export function Modal(props: { title: string; onClose: () => void; size?: 'small' | 'wide'; children: ComponentChildren }) {
    const ref = useRef<HTMLDialogElement>(null);
    const heading = useId();
    const close = useRef(props.onClose);
    close.current = props.onClose;
    useEffect(() => {
        const dialog = ref.current;
        const before = document.activeElement as HTMLElement | null;
        dialog?.showModal();
        const wanted = dialog?.querySelector<HTMLElement>('[data-autofocus]');
        wanted?.focus();
        return () => {
            dialog?.close();
            if (before?.isConnected && before.offsetParent !== null) before.focus();
            else focusHeading();
        };
    }, []);
    return (
        <dialog
            ref={ref}
            class={`modal modal-${props.size ?? 'medium'}`}
            aria-labelledby={heading}
            onCancel={(event) => {
                event.preventDefault();
                close.current();
            }}
        >
            <div class="modal-head">
                <h2 id={heading}>{props.title}</h2>
                <button type="button" class="icon-button" aria-label={t('action.close')} onClick={() => close.current()}>
                    <Icon name="close" />
                </button>
            </div>
            <div class="modal-body">{props.children}</div>
        </dialog>
    );
}

interface Question {
    title: string;
    text: string;
    /// The things that the question is about, when there are several.
    points?: string[];
    yes: string;
    no?: string;
    danger?: boolean;
    resolve: (yes: boolean) => void;
}
const question = signal<Question | null>(null);

/// Asks one thing; Escape means no.
export function ask(options: Omit<Question, 'resolve'>): Promise<boolean> {
    question.value?.resolve(false);
    return new Promise((resolve) => {
        question.value = { ...options, resolve };
    });
}

export function Questions() {
    const open = question.value;
    if (open === null) return null;
    const answer = (yes: boolean): void => {
        question.value = null;
        open.resolve(yes);
    };
    return (
        <Modal title={open.title} size="small" onClose={() => answer(false)}>
            {open.text && <p>{open.text}</p>}
            {open.points && (
                <ul class="points">
                    {open.points.map((point) => (
                        <li key={point}>{point}</li>
                    ))}
                </ul>
            )}
            <div class="actions">
                <button type="button" class="button" data-autofocus onClick={() => answer(false)}>
                    {open.no ?? t('action.cancel')}
                </button>
                <button type="button" class={open.danger ? 'button danger' : 'button primary'} onClick={() => answer(true)}>
                    {open.yes}
                </button>
            </div>
        </Modal>
    );
}

/// Asks before a dialog with something half-written in it is closed.
export async function closeAsked(close: () => void): Promise<void> {
    if (await mayLeave()) close();
}
