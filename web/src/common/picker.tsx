import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { get, withQuery } from './api';
import { describedBy, FieldBox } from './fields';
import { t } from './i18n';

/// A box that finds a row while typing and keeps its id: the combobox pattern with arrows, Enter and Escape.
export interface PickerProps<T extends { id: string }> {
    name: string;
    label: string;
    path: string;
    value: T | null;
    title: (row: T) => string;
    detail: (row: T) => string;
    mark?: (row: T) => ComponentChildren;
    onPick: (row: T | null) => void;
    required?: boolean;
    error?: string | undefined;
    hint?: string | undefined;
    wide?: boolean;
    autofocus?: boolean;
}

const DELAY_MS = 120;
const OFFERED_MAX = 8;

export function Picker<T extends { id: string }>(props: PickerProps<T>) {
    const id = useId();
    const [text, setText] = useState('');
    const [open, setOpen] = useState(false);
    const [rows, setRows] = useState<T[]>([]);
    const [active, setActive] = useState(0);
    const typed = useRef(false);
    const shown = typed.current ? text : props.value ? props.title(props.value) : '';

    useEffect(() => {
        if (!open) return undefined;
        const abort = new AbortController();
        const timer = setTimeout(
            () => {
                get<T[]>(withQuery(props.path, { q: typed.current ? text.trim() : '', limit: OFFERED_MAX }), { signal: abort.signal }).then(
                    (found) => {
                        setRows(found);
                        setActive(0);
                    },
                    () => setRows([]),
                );
            },
            typed.current ? DELAY_MS : 0,
        );
        return () => {
            clearTimeout(timer);
            abort.abort();
        };
    }, [open, text, props.path]);

    const pick = (row: T | undefined): void => {
        if (!row) return;
        typed.current = false;
        setText('');
        setOpen(false);
        props.onPick(row);
    };
    const onKey = (event: KeyboardEvent): void => {
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            if (!open) setOpen(true);
            else if (rows.length > 0) setActive((active + (event.key === 'ArrowDown' ? 1 : rows.length - 1)) % rows.length);
        } else if (event.key === 'Enter' && open && !event.ctrlKey) {
            event.preventDefault();
            pick(rows[active]);
        } else if (event.key === 'Escape' && open) {
            // Escape closes only the list; the dialog around it stays.
            event.preventDefault();
            event.stopPropagation();
            setOpen(false);
        }
    };
    return (
        <FieldBox {...props} id={id}>
            <div class="picker">
                <input
                    id={id}
                    class="input"
                    role="combobox"
                    autocomplete="off"
                    aria-autocomplete="list"
                    aria-expanded={open}
                    aria-controls={id + '-list'}
                    aria-activedescendant={open && rows[active] ? `${id}-${active}` : undefined}
                    aria-invalid={props.error ? 'true' : undefined}
                    aria-required={props.required ? 'true' : undefined}
                    aria-describedby={describedBy(id, props.hint, props.error)}
                    placeholder={t('picker.placeholder')}
                    value={shown}
                    {...(props.autofocus ? { 'data-autofocus': '' } : {})}
                    onFocus={(event) => event.currentTarget.select()}
                    onClick={() => setOpen(true)}
                    onBlur={() => {
                        typed.current = false;
                        setText('');
                        setOpen(false);
                    }}
                    onInput={(event) => {
                        typed.current = true;
                        setText(event.currentTarget.value);
                        setOpen(true);
                        if (event.currentTarget.value === '') props.onPick(null);
                    }}
                    onKeyDown={onKey}
                />
                <ul class="picker-list" id={id + '-list'} role="listbox" aria-label={props.label} hidden={!open}>
                    {rows.map((row, index) => (
                        <li
                            key={row.id}
                            id={`${id}-${index}`}
                            role="option"
                            aria-selected={index === active}
                            class={index === active ? 'active' : ''}
                            onMouseDown={(event) => {
                                event.preventDefault();
                                pick(row);
                            }}
                        >
                            <strong>
                                {props.title(row)} {props.mark?.(row)}
                            </strong>
                            <span>{props.detail(row)}</span>
                        </li>
                    ))}
                    {rows.length === 0 && (
                        <li class="none" role="option" aria-disabled="true" aria-selected="false">
                            {t('picker.none')}
                        </li>
                    )}
                    {rows.length === OFFERED_MAX && (
                        <li class="none" role="option" aria-disabled="true" aria-selected="false">
                            {t('picker.more', { n: OFFERED_MAX })}
                        </li>
                    )}
                </ul>
            </div>
            {!typed.current && props.value && props.mark?.(props.value)}
        </FieldBox>
    );
}
