import type { ComponentChildren } from 'preact';
import { formatInstant } from '../../common/format';
import { Icon } from '../../common/icons';
import { Facts } from '../../common/parts';
import { zoneOf } from '../../common/session';
import { isCompared, referenceOf } from '../column_words';
import { type Key, t } from '../i18n';
import { now } from '../live';
import { ago } from '../sync_line';
import type { AttentionItem } from '../types';
import { Actions, changeWords } from './attention_actions';
import { decisionText, sentencesOf } from './attention_sentences';
import { columnWord, compared, isSettled, isWaiting, linkOf, mineBy, tellsWhatWasDone, theirsBy, valueWord } from './attention_words';
import { useReferenced, useSubject } from './subject';

/// One item of the attention list: its heading, which opens it, and in it what happened, both versions, what was
/// written with it, what was decided, and what can be.

const KIND: Record<AttentionItem['kind'], { label: Key; class: string }> = {
    conflict: { label: 'attention.conflict', class: 'chip-wait' },
    quarantine: { label: 'attention.quarantine', class: 'chip-alarm' },
    notice: { label: 'attention.notice', class: '' },
};

function Value(props: { item: AttentionItem; column: string; value: unknown }) {
    const { item, column, value } = props;
    const named = useReferenced(column, value);
    if (value && referenceOf(column) !== null) return <>{named || t('attention.otherEntry')}</>;
    return <>{valueWord(item.table, column, value, item.clinicId)}</>;
}

interface Sides {
    left: Key;
    leftBy: string;
    rightBy: string;
}

function sidesOf(item: AttentionItem): Sides {
    const at = formatInstant(item.at, zoneOf(item.clinicId));
    if (tellsWhatWasDone(item)) return { left: 'attention.before', leftBy: '', rightBy: mineBy(item) };
    const left: Key = item.kind === 'quarantine' ? 'attention.refused' : 'attention.aside';
    return { left, leftBy: item.actor || item.node || at ? mineBy(item) : '', rightBy: theirsBy(item) };
}

function Comparison({ item }: { item: AttentionItem }) {
    const rows = compared(item);
    if (rows.length === 0) return null;
    const sides = sidesOf(item);
    // While a change waits, nobody knows what central has; with a refused one central said that it has no such row.
    const absent: Key = item.code === 'waiting' ? 'attention.unchanged' : 'attention.notThere';
    const nothingStands = item.theirs === null && item.kind === 'quarantine';
    const cell = (column: string, value: unknown): ComponentChildren => (
        <td class="pre">
            <Value item={item} column={column} value={value} />
        </td>
    );
    return (
        <div class="table-wrap">
            <table class="table compare">
                <caption class="visually-hidden">{t('attention.versions')}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t('stale.field')}</th>
                        <th scope="col">
                            {t(sides.left)}
                            {sides.leftBy && <span class="version-who">{sides.leftBy}</span>}
                        </th>
                        <th scope="col">
                            {t('attention.inEffect')}
                            <span class="version-who">{sides.rightBy}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {rows.map(([column, mine, theirs]) => (
                        <tr key={column}>
                            <th scope="row">{columnWord(item.table, column)}</th>
                            {cell(column, mine)}
                            {nothingStands ? <td class="muted">{t(absent)}</td> : cell(column, theirs)}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

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
                        <strong>{changeWords(change)}</strong>
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

/// What became of the last decision, or how the item was settled.
function Decision({ item }: { item: AttentionItem }) {
    const found = decisionText(item);
    if (found === null) return null;
    const waits = isWaiting(item);
    return (
        <p class={found.isTrouble ? 'state-note state-alarm' : 'state-note'} role="status">
            <Icon name={found.isTrouble ? 'alert' : waits ? 'clock' : 'check'} /> <span>{found.text}</span>
        </p>
    );
}

function ItemChip({ item }: { item: AttentionItem }) {
    if (isWaiting(item)) return <span class="chip chip-wait">{t('decision.waiting')}</span>;
    if (isSettled(item)) return <span class="chip chip-off">{t('decision.settledChip')}</span>;
    const kind = KIND[item.kind];
    return <span class={`chip ${kind.class}`}>{t(kind.label)}</span>;
}

export function Item(props: {
    item: AttentionItem;
    here: boolean;
    open: boolean;
    onToggle: () => void;
    onDecided: (item: AttentionItem) => void;
}) {
    const { item, open } = props;
    const subject = useSubject(item);
    const words = sentencesOf(item, subject);
    const link = linkOf(item);
    const body = `item-body-${item.id}`;
    return (
        <article class={props.here ? 'card attention-item here' : 'card attention-item'} id={`item-${item.id}`} data-code={item.code}>
            <div class="card-head">
                <h2>
                    <button
                        type="button"
                        class="item-toggle"
                        data-key-item=""
                        aria-expanded={open}
                        aria-controls={body}
                        onClick={props.onToggle}
                    >
                        <Icon name="chevronDown" size={16} /> <span>{words.title}</span>
                    </button>
                </h2>
                <ItemChip item={item} />
            </div>
            <div class="item-body" id={body} hidden={!open}>
                {open && (
                    <>
                        <p>{words.text}</p>
                        <Comparison item={item} />
                        <Together item={item} />
                        <Decision item={item} />
                        <Actions item={item} subject={subject} onDecided={props.onDecided} />
                        <div class="attention-foot">
                            <span class="muted">{t('attention.since', { ago: ago(item.openedAt, now.value) })}</span>
                            {item.dependents.length > 0 && (
                                <span class="muted">{t('attention.dependents', { n: item.dependents.length })}</span>
                            )}
                            {link && (
                                <a class="button small" href={link}>
                                    {t('attention.open')}
                                </a>
                            )}
                        </div>
                    </>
                )}
            </div>
        </article>
    );
}
