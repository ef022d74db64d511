import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useQuery } from '../../common/data';
import { formatDay, formatInstant, formatMoney, formatNumber, formatTime } from '../../common/format';
import { Icon } from '../../common/icons';
import type { PageProps } from '../../common/page';
import { Card, Empty, Facts, Loading, PageHead, Problem } from '../../common/parts';
import { navigate, place } from '../../common/router';
import { currencyOf, timezone, zoneOf } from '../../common/session';
import { columnKey, isCompared } from '../column_words';
import { type Key, t } from '../i18n';
import { now, reached, syncStatus } from '../live';
import { PageProblem } from '../parts';
import { ago, syncLine } from '../sync_line';
import type { Appointment, AttentionItem, HeldChange, MedicalRecord } from '../types';
import { storedWord } from '../words';

/// What a person has to know about work that met other work: every conflict, refused change and notice, with both
/// versions, who and when. Deciding comes with a later version of the node; nothing here pretends to.

const TABLES: Record<string, Key> = {
    owner: 'word.owner',
    patient: 'word.patient',
    medical_record: 'word.record',
    appointment: 'word.appointment',
    bill: 'word.bill',
    bill_item: 'bill.items',
    bill_medical_record: 'bill.records',
    staff: 'nav.members',
    clinic: 'word.clinic',
    service_item: 'settings.prices',
};
const columnWord = (table: string, column: string): string => {
    const key = columnKey(table, column);
    return key ? t(key) : column.replace(/_/g, ' ');
};
const tableWord = (table: string): string => (TABLES[table] ? t(TABLES[table]) : table);

/// The feed names a node by its id, which says nothing to a person but whether it is this one.
function nodeWord(node: string | null): string {
    if (node === null) return '';
    const here = syncStatus.value?.node;
    if (node === here?.id || node === here?.name) return t('attention.thisNode');
    return /^[0-9a-f]{8}-/.test(node) ? t('attention.otherNode') : node;
}

function valueWord(table: string, column: string, value: unknown, clinicId: string): string {
    if (value === null || value === undefined || value === '') return t('attention.empty');
    if (typeof value === 'number' && column.endsWith('_cents')) return formatMoney(value / 100, currencyOf(clinicId));
    if (typeof value === 'number' && column.endsWith('_milli')) return formatNumber(value / 1000);
    if (typeof value === 'object') return JSON.stringify(value);
    const text = String(value);
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return formatDay(text);
    if (/^\d{4}-\d\d-\d\dT/.test(text)) return formatInstant(text, zoneOf(clinicId));
    if (column === 'time') return formatTime(text);
    return storedWord(table, column, text) ?? text;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/// Shows a notice of a change that central accepted, with what was before and what is now.
const tellsWhatWasDone = (item: AttentionItem): boolean => item.kind === 'notice' && item.theirs === null;

/// The rows to compare: one column, or those in which two images differ.
function compared(item: AttentionItem): [string, unknown, unknown][] {
    const [mine, theirs] = tellsWhatWasDone(item) ? [item.base, item.mine] : [item.mine, item.theirs];
    if (!isObject(mine) && !isObject(theirs)) return item.column ? [[item.column, mine, theirs]] : [];
    const left = isObject(mine) ? mine : {};
    const right = isObject(theirs) ? theirs : {};
    return [...new Set([...Object.keys(left), ...Object.keys(right)])]
        .filter((name) => isCompared(item.table, name))
        .map((name): [string, unknown, unknown] => [name, left[name], right[name]])
        .filter(([, a, b]) => JSON.stringify(a ?? null) !== JSON.stringify(b ?? null));
}

function linkOf(item: AttentionItem): string | null {
    // No node has a page of a row whose patient is in the archive.
    if (item.code === 'archived') return null;
    const image = isObject(item.mine) ? item.mine : isObject(item.theirs) ? item.theirs : {};
    switch (item.table) {
        case 'owner':
            return `/owners/${item.rowId}`;
        case 'patient':
            return `/patients/${item.rowId}`;
        case 'bill':
            return `/bills/${item.rowId}`;
        case 'bill_item':
            return typeof image.bill_id === 'string' ? `/bills/${image.bill_id}` : null;
        case 'bill_medical_record':
            return `/bills/${item.rowId.split('/')[0] ?? ''}`;
        case 'medical_record':
            return `/records/${item.rowId}`;
        case 'appointment':
            return `/appointments/${item.rowId}`;
        case 'staff':
            return '/members';
        case 'clinic':
        case 'service_item':
            return '/settings';
        default:
            return null;
    }
}

const KIND: Record<AttentionItem['kind'], { label: Key; text: Key; class: string }> = {
    conflict: { label: 'attention.conflict', text: 'attention.conflictText', class: 'chip-wait' },
    quarantine: { label: 'attention.quarantine', text: 'attention.quarantineText', class: 'chip-alarm' },
    notice: { label: 'attention.notice', text: 'attention.noticeText', class: '' },
};

function theirsWho(item: AttentionItem): string {
    if (!item.theirsActor || !item.theirsAt) return t('attention.atCentral');
    const at = formatInstant(item.theirsAt, zoneOf(item.clinicId));
    return [item.theirsActor, nodeWord(item.theirsNode ?? null), at].filter(Boolean).join(' · ');
}

function Comparison({ item }: { item: AttentionItem }) {
    const rows = compared(item);
    if (rows.length === 0) return null;
    const conflict = item.kind === 'conflict';
    const notice = tellsWhatWasDone(item);
    const who = [item.actor, nodeWord(item.node), formatInstant(item.at, zoneOf(item.clinicId))].filter(Boolean).join(' · ');
    // While a change waits, nobody knows what central has; with a refused one central said that it has no such row.
    const absent: Key = item.code === 'waiting' ? 'attention.unchanged' : 'attention.notThere';
    const cell = (column: string, value: unknown): ComponentChildren => (
        <td class="pre">{valueWord(item.table, column, value, item.clinicId)}</td>
    );
    return (
        <div class="table-wrap">
            <table class="table compare">
                <caption class="visually-hidden">{item.title}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t('stale.field')}</th>
                        <th scope="col">
                            {t(notice ? 'attention.before' : conflict ? 'attention.aside' : 'attention.refused')}
                            {!notice && <span class="version-who">{who}</span>}
                        </th>
                        <th scope="col">
                            {t('attention.inEffect')}
                            <span class="version-who">{notice ? who : theirsWho(item)}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {rows.map(([column, mine, theirs]) => (
                        <tr key={column}>
                            <th scope="row">{columnWord(item.table, column)}</th>
                            {cell(column, mine)}
                            {item.theirs === null && !conflict && !notice ? <td class="muted">{t(absent)}</td> : cell(column, theirs)}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

const DONE: Record<HeldChange['op'], Key> = { insert: 'attention.added', update: 'attention.changed', delete: 'attention.deleted' };

/// Shows the rest of a refused change: what was written in one go is held as one.
function Together({ item }: { item: AttentionItem }) {
    const others = item.changes.filter((change) => change.table !== item.table || change.rowId !== item.rowId);
    const unseen = (item.changeCount ?? 0) - item.changes.length;
    if (others.length === 0) return null;
    return (
        <div class="stack">
            <h3>{t('attention.together')}</h3>
            <ul class="held-changes">
                {others.map((change, nth) => (
                    <li key={nth}>
                        <strong>{`${tableWord(change.table)}: ${t(DONE[change.op])}`}</strong>
                        <Facts
                            facts={Object.entries(change.mine ?? change.base ?? {})
                                .filter(([column, value]) => isCompared(change.table, column) && value !== null && value !== '')
                                .map(([column, value]) => [
                                    columnWord(change.table, column),
                                    valueWord(change.table, column, value, item.clinicId),
                                ])}
                        />
                    </li>
                ))}
            </ul>
            {unseen > 0 && <p class="muted">{t('attention.more', { n: unseen })}</p>}
        </div>
    );
}

function Item({ item, here }: { item: AttentionItem; here: boolean }) {
    const kind = KIND[item.kind];
    const link = linkOf(item);
    return (
        <article class={here ? 'card attention-item here' : 'card attention-item'} id={`item-${item.id}`}>
            <div class="card-head">
                <h2>
                    {tableWord(item.table)}
                    {item.column ? `: ${columnWord(item.table, item.column)}` : ''}
                </h2>
                <span class={`chip ${kind.class}`}>{t(kind.label)}</span>
            </div>
            <p>{t(kind.text)}</p>
            {item.reason && item.kind !== 'conflict' && <p class="reason">{t('attention.why', { reason: item.reason })}</p>}
            <Comparison item={item} />
            <Together item={item} />
            <div class="attention-foot">
                <span class="muted">{t('attention.since', { ago: ago(item.openedAt, now.value) })}</span>
                {item.dependents.length > 0 && <span class="muted">{t('attention.dependents', { n: item.dependents.length })}</span>}
                {link && (
                    <a class="button small" href={link}>
                        {t('attention.open')}
                    </a>
                )}
            </div>
        </article>
    );
}

function SyncCard() {
    const status = syncStatus.value;
    if (status === null) return null;
    const line = syncLine(status, reached.value, timezone.value, now.value);
    const instant = (at: string | null): string => (at ? formatInstant(at, timezone.value) : t('attention.never'));
    return (
        <Card title={t('attention.sync')}>
            <p class="sync-words">{line.text}</p>
            {status.centralUrl && (
                <Facts
                    facts={[
                        [t('attention.waiting'), formatNumber(status.pendingChanges)],
                        [t('attention.oldest'), status.oldestPendingAt ? instant(status.oldestPendingAt) : ''],
                        [t('attention.lastPush'), instant(status.lastPushAt)],
                        [t('attention.lastPull'), instant(status.lastPullAt)],
                        [t('settings.central'), status.centralUrl],
                    ]}
                />
            )}
        </Card>
    );
}

/// The node gives only so many items in one answer, the newest.
const ITEMS_MAX = 500;

export function AttentionPage(_: PageProps) {
    const list = useQuery<AttentionItem[]>('/api/attention', ['attention']);
    const wanted = place.value.query.get('item');
    const there = list.data?.some((item) => item.id === wanted) ?? false;
    useEffect(() => {
        if (there) document.getElementById(`item-${wanted}`)?.scrollIntoView({ block: 'start' });
    }, [there, wanted]);
    return (
        <>
            <PageHead title={t('nav.attention')} />
            <div class="columns chart-columns">
                <div class="stack">
                    {list.error && <Problem error={list.error} onRetry={list.reload} />}
                    {list.loading && <Loading />}
                    {list.data?.length === 0 && (
                        <Card>
                            <Empty icon="check" title={t('attention.none')} text={t('attention.noneText')} />
                        </Card>
                    )}
                    {list.data && list.data.length > 0 && (
                        <p class="state-note">
                            <Icon name="alert" /> <span>{t('attention.noActions')}</span>
                        </p>
                    )}
                    {list.data?.length === ITEMS_MAX && <p class="notice">{t('attention.tooMany', { n: ITEMS_MAX })}</p>}
                    {list.data?.map((item) => (
                        <Item key={item.id} item={item} here={item.id === wanted} />
                    ))}
                </div>
                <SyncCard />
            </div>
        </>
    );
}

/// Rows that have no page of their own are shown where they belong.
export function RecordLink({ params }: PageProps) {
    const query = useQuery<MedicalRecord>(`/api/records/${params.id}`);
    useEffect(() => {
        if (query.data) void navigate(`/patients/${query.data.patientId}`, { replace: true });
    }, [query.data]);
    return query.error ? <PageProblem error={query.error} /> : <Loading />;
}

export function AppointmentLink({ params }: PageProps) {
    const query = useQuery<Appointment>(`/api/appointments/${params.id}`);
    useEffect(() => {
        if (query.data) void navigate(`/appointments?day=${query.data.date}`, { replace: true });
    }, [query.data]);
    return query.error ? <PageProblem error={query.error} /> : <Loading />;
}
