import { useEffect, useRef, useState } from 'preact/hooks';
import { useQuery } from '../../common/data';
import { focusHeading } from '../../common/dialog';
import { formatInstant, formatNumber } from '../../common/format';
import type { PageProps } from '../../common/page';
import { Card, Empty, Facts, Loading, PageHead, Problem, useShown } from '../../common/parts';
import { navigate, place, setQuery } from '../../common/router';
import { timezone } from '../../common/session';
import { type Key, t } from '../i18n';
import { concerns, now, reached, syncStatus } from '../live';
import { PageProblem } from '../parts';
import { syncLine } from '../sync_line';
import type { Appointment, AttentionItem, MedicalRecord } from '../types';
import { Item } from './attention_item';

/// The list of what a person has to know and decide about work that met other work: every conflict, every change that
/// was not accepted, every notice. An item opens by its heading. What is decided here stays in sight, with its answer,
/// until the page is left; what is settled has a list of its own, from where it can be taken back.

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
/// So many are drawn at first: each asks the node for the name of its row.
const DRAWN_FIRST = 50;

type Show = 'open' | 'resolved';
const SHOWN: [Show, Key][] = [
    ['open', 'attention.showOpen'],
    ['resolved', 'attention.showSettled'],
];

function ShowSwitch({ show }: { show: Show }) {
    return (
        <div class="segments no-print" role="group" aria-label={t('attention.show')}>
            {SHOWN.map(([value, label]) => (
                <button
                    key={value}
                    type="button"
                    class={show === value ? 'segment on' : 'segment'}
                    aria-pressed={show === value}
                    onClick={() => setQuery({ show: value === 'open' ? null : value, item: null, row: null })}
                >
                    {t(label)}
                </button>
            ))}
        </div>
    );
}

/// What stays the same of an item whose work this computer held first, under an id of its own, and central then.
const keyOf = (item: AttentionItem): string => [item.kind, item.table, item.rowId, item.column ?? ''].join('/');

const headingOf = (id: string): HTMLElement | null => document.querySelector(`#item-${CSS.escape(id)} [data-key-item]`);

/// Which item the address asks for: by its id, or by the row it concerns ("owner/<id>").
function wantedIn(items: readonly AttentionItem[], query: URLSearchParams): string | null {
    const item = query.get('item');
    if (item !== null) return items.some(({ id }) => id === item) ? item : null;
    const [table = '', ...id] = (query.get('row') ?? '').split('/');
    const found = items.filter((open) => concerns(open, table, id.join('/')));
    return (found.find(({ kind }) => kind !== 'notice') ?? found[0])?.id ?? null;
}

/// The open items, with those that were decided since the page was opened and are settled by now, in the order that
/// they had: nothing moves under a person's hands.
function useItems(show: Show, decided: ReadonlySet<string>) {
    const list = useQuery<AttentionItem[]>(`/api/attention?status=${show}`, ['attention']);
    const asksSettled = show === 'open' && decided.size > 0;
    const settled = useQuery<AttentionItem[]>(asksSettled ? '/api/attention?status=resolved' : null, ['attention']);
    const open = list.data ?? [];
    const here = new Set(open.map(({ id }) => id));
    const just = (settled.data ?? []).filter(({ id }) => asksSettled && decided.has(id) && !here.has(id));
    const items = [...open, ...just].sort((a, b) => b.openedAt.localeCompare(a.openedAt) || a.id.localeCompare(b.id));
    return { list, items };
}

function NothingHere({ show }: { show: Show }) {
    const isOpen = show === 'open';
    return (
        <Card>
            <Empty
                icon="check"
                title={t(isOpen ? 'attention.none' : 'attention.noneSettled')}
                text={t(isOpen ? 'attention.noneText' : 'attention.noneSettledText')}
            />
        </Card>
    );
}

export function AttentionPage(_: PageProps) {
    const { query } = place.value;
    const show: Show = query.get('show') === 'resolved' ? 'resolved' : 'open';
    const [decided, setDecided] = useState<ReadonlySet<string>>(new Set());
    const [toggled, setToggled] = useState<Record<string, boolean>>({});
    const lastDecided = useRef<string | null>(null);
    const { list, items } = useItems(show, decided);
    const [count, rest] = useShown(items.length, DRAWN_FIRST);
    const wanted = wantedIn(items, query);
    const position = items.findIndex(({ id }) => id === wanted);
    // An item that the address asks for is drawn, however far down it lies.
    const drawn = items.slice(0, Math.max(count, position + 1));
    const isOpen = (item: AttentionItem): boolean => toggled[keyOf(item)] ?? (item.id === wanted || items.length === 1);
    const toggle = (item: AttentionItem, open: boolean): void => setToggled((before) => ({ ...before, [keyOf(item)]: open }));
    useEffect(() => {
        if (wanted === null) return;
        // The page's own heading takes the focus when the page opens; the item has it after that.
        requestAnimationFrame(() => {
            const heading = headingOf(wanted);
            heading?.focus({ preventScroll: true });
            heading?.closest('article')?.scrollIntoView({ block: 'start' });
        });
    }, [wanted]);
    const onDecided = (item: AttentionItem): void => {
        const { id } = item;
        setDecided((before) => new Set([...before, id]));
        toggle(item, true);
        lastDecided.current = id;
        requestAnimationFrame(() => (headingOf(id) ?? { focus: focusHeading }).focus());
    };
    useEffect(() => {
        // The button that was pressed goes as soon as the answer is drawn, and a dialog gives the focus back to it.
        if (lastDecided.current === null || document.activeElement !== document.body) return;
        headingOf(lastDecided.current)?.focus({ preventScroll: true });
        lastDecided.current = null;
    });
    return (
        <>
            <PageHead title={t('nav.attention')}>
                <ShowSwitch show={show} />
            </PageHead>
            <div class="columns chart-columns">
                <div class="stack">
                    {list.error && <Problem error={list.error} onRetry={list.reload} />}
                    {list.loading && <Loading />}
                    {list.data && items.length === 0 && <NothingHere show={show} />}
                    {list.data?.length === ITEMS_MAX && <p class="notice">{t('attention.tooMany', { n: ITEMS_MAX })}</p>}
                    {drawn.map((item) => (
                        <Item
                            key={item.id}
                            item={item}
                            here={item.id === wanted}
                            open={isOpen(item)}
                            onToggle={() => toggle(item, !isOpen(item))}
                            onDecided={onDecided}
                        />
                    ))}
                    {rest}
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
