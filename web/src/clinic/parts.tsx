import type { ApiError } from '../common/api';
import { formatInstant } from '../common/format';
import { Icon } from '../common/icons';
import { PageHead, Problem } from '../common/parts';
import { timezone } from '../common/session';
import type { Row } from '../common/types';
import { type Key, t } from './i18n';
import { attention, concerns, syncStatus } from './live';
import type { AttentionItem } from './types';

const LISTS: Record<string, Key> = {
    owners: 'nav.owners',
    patients: 'nav.patients',
    bills: 'nav.bills',
    appointments: 'nav.appointments',
    records: 'nav.patients',
};

/// The ways on from a page that is not there: the list it would be in, and the day.
export function WaysOn() {
    const part = location.pathname.split('/')[1] ?? '';
    const label = LISTS[part];
    return (
        <div class="button-row ways-on">
            {label && (
                <a class="button primary" href={part === 'records' ? '/patients' : `/${part}`}>
                    {t(label)}
                </a>
            )}
            <a class="button" href="/">
                {t('nav.home')}
            </a>
            <button type="button" class="button" onClick={() => history.back()}>
                {t('action.back')}
            </button>
        </div>
    );
}

/// A page whose row cannot be shown has a heading of its own, where the focus goes, and ways on.
export const PageProblem = (props: { error: ApiError; onRetry?: () => void }) => (
    <>
        <PageHead title={t(props.error.status === 404 ? 'page.notFound' : 'error.unknown')} />
        <Problem {...props} />
        <WaysOn />
    </>
);

/// An animal that has died is marked wherever it is named to be chosen.
export const DeceasedChip = (props: { row: { deceasedOn?: string | null } | null | undefined }) =>
    props.row?.deceasedOn ? <span class="chip chip-off">{t('patient.deceased')}</span> : null;

/// Says, while central is away, that what others have written is not known here, and since when.
export function AsOf() {
    const status = syncStatus.value;
    if (status === null || status.centralUrl === null || status.online) return null;
    const at = status.lastPullAt;
    return <p class="muted small as-of">{at === null ? t('asOf.never') : t('asOf.since', { at: formatInstant(at, timezone.value) })}</p>;
}

export interface RowStateWords {
    level: 'wait' | 'alarm';
    label: Key;
    text: Key;
    /// The address of the item in the attention list; left out where there is nothing to decide.
    to?: string;
}

const itemOf = (table: string, row: Row): AttentionItem | undefined => {
    const found = attention.value.filter((item) => item.kind !== 'notice' && item.status !== 'resolved' && concerns(item, table, row.id));
    return found.find((item) => item.table === table && item.rowId === row.id) ?? found[0];
};

/// The state of a row in a few words; nothing where all is confirmed, or where there is no central to send to.
export function rowState(table: string, row: Row): RowStateWords | null {
    if (row.syncState === 'local' && syncStatus.value?.centralUrl) {
        return { level: 'wait', label: 'chip.notSent', text: 'chip.notSentText' };
    }
    if (row.syncState !== 'attention') return null;
    const item = itemOf(table, row);
    const to = `/attention?${item ? `item=${encodeURIComponent(item.id)}` : `row=${table}/${encodeURIComponent(row.id)}`}`;
    if (item?.decision?.state === 'waiting') return { level: 'wait', label: 'chip.decided', text: 'chip.decidedText', to };
    if (item?.kind === 'conflict') return { level: 'alarm', label: 'chip.changedElsewhere', text: 'chip.changedElsewhereText', to };
    return { level: 'alarm', label: 'chip.notAccepted', text: 'chip.notAcceptedText', to };
}

export function StateChip(props: { table: string; row: Row }) {
    const state = rowState(props.table, props.row);
    if (state === null) return null;
    const look = `chip chip-${state.level}`;
    const icon = <Icon name={state.level === 'wait' ? 'clock' : 'alert'} size={14} />;
    return state.to === undefined ? (
        <span class={look} title={t(state.text)}>
            {icon} {t(state.label)}
        </span>
    ) : (
        <a class={look} href={state.to} title={t(state.text)}>
            {icon} {t(state.label)}
        </a>
    );
}

/// Writes the chip's sentence out, on a row's own page.
export function StateNote(props: { table: string; row: Row }) {
    const state = rowState(props.table, props.row);
    if (state === null) return null;
    return (
        <p class={`state-note state-${state.level} no-print`}>
            <StateChip {...props} /> <span>{t(state.text)}</span>
        </p>
    );
}
