import type { ApiError } from '../common/api';
import { formatInstant } from '../common/format';
import { Icon } from '../common/icons';
import { PageHead, Problem } from '../common/parts';
import { timezone } from '../common/session';
import type { Row } from '../common/types';
import { type Key, t } from './i18n';
import { attention, syncStatus } from './live';

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

/// The state of a row as one of three sentences; nothing where all is confirmed, or where there is no central to
/// send to.
export function rowState(table: string, row: Row): { level: 'wait' | 'alarm'; label: Key; text: Key; item?: string } | null {
    if (row.syncState === 'local' && syncStatus.value?.centralUrl) {
        return { level: 'wait', label: 'chip.notSent', text: 'chip.notSentText' };
    }
    if (row.syncState !== 'attention') return null;
    const item = attention.value.find((open) => open.table === table && open.rowId === row.id && open.kind !== 'notice');
    if (item?.kind === 'conflict') {
        return { level: 'alarm', label: 'chip.changedElsewhere', text: 'chip.changedElsewhereText', item: item.id };
    }
    return { level: 'alarm', label: 'chip.notAccepted', text: 'chip.notAcceptedText', item: item?.id };
}

export function StateChip(props: { table: string; row: Row }) {
    const state = rowState(props.table, props.row);
    if (state === null) return null;
    if (state.level === 'wait') {
        return (
            <span class="chip chip-wait" title={t(state.text)}>
                <Icon name="clock" size={14} /> {t(state.label)}
            </span>
        );
    }
    const to = state.item ? `/attention?item=${encodeURIComponent(state.item)}` : '/attention';
    return (
        <a class="chip chip-alarm" href={to} title={t(state.text)}>
            <Icon name="alert" size={14} /> {t(state.label)}
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
