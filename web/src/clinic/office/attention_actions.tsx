import { useState } from 'preact/hooks';
import { ApiError, newKey, post } from '../../common/api';
import { noteChanged, type Table } from '../../common/data';
import { ask, closeAsked, Modal } from '../../common/dialog';
import { errorText } from '../../common/faults';
import { toast } from '../../common/feedback';
import { AreaField, FormBox, SaveBar, SelectField, TextField } from '../../common/fields';
import { type Form, useForm } from '../../common/form';
import { t } from '../i18n';
import { loadAttention } from '../live';
import type { AttentionAction, AttentionItem, HeldChange } from '../types';
import { correctable, firstChange } from './attention_correct';
import { actionsOf, actionWord, columnOf, columnWord, isSettled, isWaiting, tableWord, undoWord } from './attention_words';
import type { Subject } from './subject';
import { fieldOf, storedValue, typed, type ValueField } from './value_fields';

/// The buttons of an item, and the questions and forms behind them. What a person decides is kept by the node at once;
/// central carries it out when it hears of it.

/// What a decision may have changed: the item and whatever row hangs on it.
const CONCERNED: Table[] = ['attention', 'owner', 'patient', 'medical_record', 'appointment', 'bill', 'staff', 'clinic', 'service_item'];

function decided(item: AttentionItem): void {
    // The foot of the page is a live region: a screen reader hears it too.
    toast(t(isWaiting(item) ? 'decision.told' : 'decision.done'));
    noteChanged(CONCERNED);
    void loadAttention();
}

interface Deciding {
    item: AttentionItem;
    subject: Subject;
    onDecided: (item: AttentionItem) => void;
}

const pathOf = (item: AttentionItem): string => `/api/attention/${encodeURIComponent(item.id)}`;

/// Asks first where what goes is not seen on the page, or does not come back by itself.
async function isSure(item: AttentionItem, subject: Subject, action: AttentionAction): Promise<boolean> {
    const label = actionWord(item, action);
    if (action === 'discard') {
        const rest = (item.changeCount ?? 0) - item.changes.length;
        const points = item.changes.map((change) => changeWords(change));
        return ask({
            title: t('decide.discardTitle', { name: subject.words }),
            text: t('decide.discardText'),
            points: rest > 0 ? [...points, t('attention.more', { n: rest })] : points,
            yes: label,
            danger: true,
        });
    }
    if (action === 'mergeOwners') {
        const names = { name: subject.name || subject.words, other: subject.other || t('attention.otherOwner') };
        return ask({ title: t('decide.mergeTitle', names), text: t('decide.mergeText', names), yes: t('merge.submit') });
    }
    if (action === 'useMine' && item.code === 'delete_refused') {
        return ask({ title: t('delete.title', { name: subject.words }), text: t('decide.deleteText'), yes: label, danger: true });
    }
    return true;
}

const DONE = { insert: 'attention.added', update: 'attention.changed', delete: 'attention.deleted' } as const;
export const changeWords = (change: HeldChange): string => `${tableWord(change.table)}: ${t(DONE[change.op])}`;

/// Whether this page has the form that an action needs. A column that nobody writes by hand has none.
function hasForm(item: AttentionItem, action: AttentionAction): boolean {
    if (action === 'setValue') return columnOf(item) !== '' && fieldOf(item.table, columnOf(item)) !== null;
    return action !== 'editAndRetry' || correctable(item).length > 0;
}

export function Actions(props: Deciding) {
    const { item, subject } = props;
    const [asked, setAsked] = useState<'setValue' | 'editAndRetry' | null>(null);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState('');
    const actions = actionsOf(item).filter((action) => hasForm(item, action));
    const settled = isSettled(item);
    const decide = async (action: AttentionAction): Promise<void> => {
        if (busy) return;
        setProblem('');
        if (action === 'setValue' || action === 'editAndRetry') {
            setAsked(action);
            return;
        }
        if (!(await isSure(item, subject, action))) return;
        setBusy(true);
        try {
            const answer = await post<AttentionItem>(pathOf(item), { action, version: item.version }, { idempotencyKey: newKey() });
            props.onDecided(item);
            decided(answer);
        } catch (error) {
            setProblem(problemOf(error));
            void loadAttention();
        } finally {
            setBusy(false);
        }
    };
    if (actions.length === 0 && problem === '') return null;
    return (
        <div class="stack">
            {problem && (
                <div class="problem" role="alert">
                    {problem}
                </div>
            )}
            <div class="button-row" role="group" aria-label={t(settled ? 'decide.undoGroup' : 'decide.group', { name: subject.words })}>
                {actions.map((action, nth) => (
                    <button
                        key={action}
                        type="button"
                        class={action === 'discard' ? 'button danger' : nth === 0 && !settled ? 'button primary' : 'button'}
                        disabled={busy}
                        onClick={() => void decide(action)}
                    >
                        {settled ? undoWord(item, action) : actionWord(item, action)}
                    </button>
                ))}
            </div>
            {asked === 'setValue' && <ValueDialog {...props} onClose={() => setAsked(null)} />}
            {asked === 'editAndRetry' && <CorrectDialog {...props} onClose={() => setAsked(null)} />}
        </div>
    );
}

const MEANWHILE = new Set(['action_unavailable', 'decision_waiting', 'item_changed']);
/// Another person, or a later write, may have settled it meanwhile.
const problemOf = (error: unknown): string =>
    error instanceof ApiError && MEANWHILE.has(error.code) ? t('decide.unavailable') : errorText(error);

function DecisionField(props: { form: Form<Record<string, string>>; name: string; label: string; field: ValueField; autofocus?: boolean }) {
    const { field, ...shared } = props;
    switch (field.kind) {
        case 'area':
            return <AreaField {...shared} />;
        case 'choice':
            return <SelectField {...shared} options={field.options} />;
        case 'number':
            return <TextField {...shared} inputMode={field.unit === 'whole' ? 'numeric' : 'decimal'} />;
        case 'line':
            return <TextField {...shared} type={field.type} maxLength={field.maxLength} />;
    }
}

type DialogProps = Deciding & { onClose: () => void };

async function send(props: DialogProps, form: Form<Record<string, string>>, action: AttentionAction, value: unknown): Promise<void> {
    const answer = await form.send<AttentionItem>('POST', pathOf(props.item), { action, value, version: props.item.version });
    if (answer === null) return;
    props.onClose();
    props.onDecided(props.item);
    decided(answer);
}

/// Asks for another value of the item's column; it begins with the one that stands.
function ValueDialog(props: DialogProps) {
    const { item } = props;
    const column = columnOf(item);
    const field = fieldOf(item.table, column);
    const before = item.code === 'email_taken' ? item.mine : item.theirs;
    const form = useForm<Record<string, string>>({ value: field === null ? '' : typed(field, before) });
    if (field === null) return null;
    const save = (): void => {
        const value = storedValue(field, form.values.value.value ?? '');
        if (value === undefined) form.fail({ value: t('fault.invalid') });
        else void send(props, form, 'setValue', value);
    };
    return (
        <Modal title={actionWord(item, 'setValue')} size="small" onClose={() => void closeAsked(props.onClose)}>
            <p>{props.subject.words}</p>
            <FormBox form={form} onSubmit={save}>
                <DecisionField form={form} name="value" label={columnWord(item.table, column)} field={field} autofocus />
                <SaveBar busy={form.busy.value} onCancel={() => void closeAsked(props.onClose)} />
            </FormBox>
        </Modal>
    );
}

/// The first change as a form: what is corrected in it goes with the decision, the rest stays as it was written.
function CorrectDialog(props: DialogProps) {
    const { item } = props;
    const [fields] = useState(() => correctable(item));
    const table = firstChange(item)?.table ?? item.table;
    const form = useForm<Record<string, string>>(Object.fromEntries(fields.map(([column, field, value]) => [column, typed(field, value)])));
    const save = (): void => {
        const wrong: Record<string, string> = {};
        const value: Record<string, unknown> = {};
        for (const [column, field, written] of fields) {
            const text = form.values.value[column] ?? '';
            if (text === typed(field, written)) continue;
            const stored = storedValue(field, text);
            if (stored === undefined) wrong[column] = t('fault.invalid');
            else value[column] = stored;
        }
        if (Object.keys(wrong).length > 0) form.fail(wrong);
        else if (Object.keys(value).length === 0 && item.actions.includes('retry')) void send(props, form, 'retry', undefined);
        else void send(props, form, 'editAndRetry', value);
    };
    return (
        <Modal title={actionWord(item, 'editAndRetry')} size="wide" onClose={() => void closeAsked(props.onClose)}>
            <p>{props.subject.words}</p>
            <FormBox form={form} onSubmit={save}>
                {fields.map(([column, field], nth) => (
                    <DecisionField
                        key={column}
                        form={form}
                        name={column}
                        label={columnWord(table, column)}
                        field={field}
                        autofocus={nth === 0}
                    />
                ))}
                <SaveBar busy={form.busy.value} label={t('action.retry')} onCancel={() => void closeAsked(props.onClose)} />
            </FormBox>
        </Modal>
    );
}
