import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Modal } from './dialog';
import type { Form, Values } from './form';
import { t } from './i18n';
import { clinics } from './session';
import type { Clinic } from './types';

/// The form around its fields has one summary of what went wrong; Ctrl+Enter saves from anywhere in it.
export function FormBox<V extends Values>(props: {
    form: Form<V>;
    onSubmit: () => void;
    labels?: Record<string, string>;
    class?: string;
    children: ComponentChildren;
}) {
    const { form } = props;
    return (
        <form
            class={props.class ?? 'form'}
            noValidate
            ref={form.root}
            onSubmit={(event) => {
                event.preventDefault();
                props.onSubmit();
            }}
            onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                    event.preventDefault();
                    props.onSubmit();
                }
            }}
        >
            {form.problem.value && (
                <div class="problem" role="alert" tabIndex={-1}>
                    {form.problem.value}
                </div>
            )}
            {props.children}
            {form.stale.value && <StaleDialog form={form} labels={props.labels ?? {}} onKeep={props.onSubmit} />}
        </form>
    );
}

/// Shows both versions side by side when somebody saved the same row meanwhile; the person decides.
function StaleDialog<V extends Values>(props: { form: Form<V>; labels: Record<string, string>; onKeep: () => void }) {
    const found = props.form.stale.value;
    if (found === null) return null;
    const show = (value: unknown): string => (value === null || value === undefined || value === '' ? '–' : String(value));
    const names = Object.keys(props.labels).filter((name) => show(found.mine[name]) !== show(found.theirs[name]));
    return (
        <Modal title={t('stale.title')} size="wide" onClose={() => (props.form.stale.value = null)}>
            <p>{t('stale.text')}</p>
            <div class="table-wrap">
                <table class="table compare">
                    <thead>
                        <tr>
                            <th scope="col">{t('stale.field')}</th>
                            <th scope="col">{t('stale.mine')}</th>
                            <th scope="col">{t('stale.theirs')}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {names.map((name) => (
                            <tr key={name}>
                                <th scope="row">{props.labels[name]}</th>
                                <td>{show(found.mine[name])}</td>
                                <td>{show(found.theirs[name])}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            <div class="actions">
                <button type="button" class="button" onClick={() => props.form.resolveStale('theirs')}>
                    {t('stale.takeTheirs')}
                </button>
                <button
                    type="button"
                    class="button primary"
                    onClick={() => {
                        props.form.resolveStale('mine');
                        props.onKeep();
                    }}
                >
                    {t('stale.saveMine')}
                </button>
            </div>
        </Modal>
    );
}

interface FieldProps<V extends Values> {
    form: Form<V>;
    name: keyof V & string;
    label: string;
    hint?: string;
    required?: boolean;
    autofocus?: boolean;
    wide?: boolean;
}

/// Ties label, control, hint and error together for screen readers.
export function FieldBox(props: {
    id: string;
    name: string;
    label: string;
    hint?: string | undefined;
    error?: string | undefined;
    required?: boolean | undefined;
    wide?: boolean | undefined;
    children: ComponentChildren;
}) {
    return (
        <div class={props.wide ? 'field wide' : 'field'} data-field={props.name}>
            <label for={props.id}>
                {props.label}
                {props.required && (
                    <span class="required" aria-hidden="true">
                        {' '}
                        *
                    </span>
                )}
            </label>
            {props.children}
            {props.hint && (
                <div class="hint" id={props.id + '-hint'}>
                    {props.hint}
                </div>
            )}
            {props.error && (
                <div class="field-error" id={props.id + '-error'}>
                    {props.error}
                </div>
            )}
        </div>
    );
}

export const describedBy = (id: string, hint: unknown, error: unknown): string | undefined =>
    [hint ? id + '-hint' : '', error ? id + '-error' : ''].filter(Boolean).join(' ') || undefined;

function useField<V extends Values>(props: FieldProps<V>) {
    const id = useId();
    const error = props.form.errors.value[props.name];
    const value = props.form.values.value[props.name];
    const common = {
        id,
        name: props.name,
        'aria-invalid': error ? ('true' as const) : undefined,
        'aria-required': props.required ? ('true' as const) : undefined,
        'aria-describedby': describedBy(id, props.hint, error),
        ...(props.autofocus ? { 'data-autofocus': '' } : {}),
    };
    const set = (next: unknown): void => props.form.set({ [props.name]: next } as Partial<V>);
    const box = { id, name: props.name, label: props.label, hint: props.hint, error, required: props.required, wide: props.wide };
    return { common, value: value === null || value === undefined ? '' : String(value), set, box };
}

export function TextField<V extends Values>(
    props: FieldProps<V> & {
        type?: 'text' | 'email' | 'tel' | 'date' | 'time' | 'password' | 'number';
        maxLength?: number;
        list?: readonly string[] | undefined;
        inputMode?: 'text' | 'decimal' | 'numeric' | 'tel' | 'email';
        autoComplete?: string;
        min?: string;
        max?: string;
        step?: string;
    },
) {
    const { common, value, set, box } = useField(props);
    const options = props.list;
    return (
        <FieldBox {...box}>
            <input
                {...common}
                class="input"
                type={props.type ?? 'text'}
                value={value}
                maxLength={props.maxLength}
                inputMode={props.inputMode}
                autocomplete={props.autoComplete ?? 'off'}
                min={props.min}
                max={props.max}
                step={props.step}
                list={options ? common.id + '-list' : undefined}
                onInput={(event) => set(event.currentTarget.value)}
            />
            {options && (
                <datalist id={common.id + '-list'}>
                    {options.map((option) => (
                        <option key={option} value={option} />
                    ))}
                </datalist>
            )}
        </FieldBox>
    );
}

export function AreaField<V extends Values>(props: FieldProps<V> & { rows?: number; maxLength?: number }) {
    const { common, value, set, box } = useField(props);
    return (
        <FieldBox {...box} wide={props.wide ?? true}>
            <textarea
                {...common}
                class="input"
                rows={props.rows ?? 3}
                maxLength={props.maxLength ?? 20000}
                value={value}
                onInput={(event) => set(event.currentTarget.value)}
            />
        </FieldBox>
    );
}

export function SelectField<V extends Values>(props: FieldProps<V> & { options: readonly { value: string; label: string }[] }) {
    const { common, value, set, box } = useField(props);
    return (
        <FieldBox {...box}>
            <select {...common} class="input" value={value} onChange={(event) => set(event.currentTarget.value)}>
                {props.options.map((option) => (
                    <option key={option.value} value={option.value} selected={option.value === value}>
                        {option.label}
                    </option>
                ))}
            </select>
        </FieldBox>
    );
}

/// The clinic of a new row, where there is one to choose.
export function ClinicField<V extends Values & { clinicId: string }>(props: { form: Form<V>; among?: readonly Clinic[] }) {
    const { form, among = clinics.value } = props;
    if (among.length < 2) return null;
    return (
        <SelectField
            form={form}
            name="clinicId"
            label={t('word.clinic')}
            options={among.map(({ id, name }) => ({ value: id, label: name }))}
        />
    );
}

/// Shows a few choices, all in sight, which is quicker with mouse and arrow keys than a list that opens.
export function ChoiceField<V extends Values>(props: FieldProps<V> & { options: readonly { value: string; label: string }[] }) {
    const { common, value, set, box } = useField(props);
    return (
        <fieldset class={props.wide ? 'field choice wide' : 'field choice'} data-field={props.name}>
            <legend>{props.label}</legend>
            <div class="segments">
                {props.options.map((option) => (
                    <label key={option.value} class={option.value === value ? 'segment on' : 'segment'}>
                        <input
                            type="radio"
                            name={common.id}
                            value={option.value}
                            checked={option.value === value}
                            onChange={() => set(option.value)}
                        />
                        {option.label}
                    </label>
                ))}
            </div>
            {box.error && <div class="field-error">{box.error}</div>}
        </fieldset>
    );
}

export function SaveBar(props: { busy: boolean; label?: string; onCancel?: () => void; children?: ComponentChildren }) {
    return (
        <div class="actions">
            {props.children}
            {props.onCancel && (
                <button type="button" class="button" onClick={props.onCancel}>
                    {t('action.cancel')}
                </button>
            )}
            <button type="submit" class="button primary" disabled={props.busy}>
                {props.busy ? t('action.saving') : (props.label ?? t('action.save'))}
            </button>
        </div>
    );
}
