import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from './api';
import type { Pages } from './data';
import { errorText } from './faults';
import { toastProblem } from './feedback';
import { t } from './i18n';
import { Icon, type IconName } from './icons';
import { clinicOf, clinics } from './session';

export function PageHead(props: { title: string; children?: ComponentChildren; note?: ComponentChildren }) {
    useEffect(() => {
        document.title = `${props.title} - VetChart`;
    }, [props.title]);
    return (
        <div class="page-head">
            <div class="page-title">
                <h1 tabIndex={-1}>{props.title}</h1>
                {props.note}
            </div>
            {props.children && <div class="page-actions no-print">{props.children}</div>}
        </div>
    );
}

export function Card(props: { title?: string; actions?: ComponentChildren; class?: string; children: ComponentChildren }) {
    return (
        <section class={`card ${props.class ?? ''}`}>
            {props.title && (
                <div class="card-head">
                    <h2>{props.title}</h2>
                    {props.actions && <div class="card-actions no-print">{props.actions}</div>}
                </div>
            )}
            {props.children}
        </section>
    );
}

export function Empty(props: { icon: IconName; title: string; text?: string; children?: ComponentChildren }) {
    return (
        <div class="empty">
            <Icon name={props.icon} size={32} />
            <p class="empty-title">{props.title}</p>
            {props.text && <p>{props.text}</p>}
            {props.children}
        </div>
    );
}

export const Loading = () => (
    <div class="loading" role="status">
        {t('word.loading')}
    </div>
);

export function Problem(props: { error: ApiError; onRetry?: () => void }) {
    return (
        <div class="problem" role="alert">
            <span>{errorText(props.error)}</span>
            {props.onRetry && (
                <button type="button" class="button small" onClick={props.onRetry}>
                    {t('action.retry')}
                </button>
            )}
        </div>
    );
}

/// A form's page has its heading and one card, as wide as a form is read well, in the middle of a wide screen.
export const FormPage = (props: { title: string; wide?: boolean; children: ComponentChildren }) => (
    <div class={props.wide ? 'form-page form-page-wide' : 'form-page'}>
        <PageHead title={props.title} />
        <Card>{props.children}</Card>
    </div>
);

/// A long list is drawn in pieces; what is not drawn is said, and one press away.
export function useShown(count: number, first: number): [number, ComponentChildren] {
    const [all, setAll] = useState(false);
    if (all || count <= first) return [count, null];
    return [
        first,
        <p class="more">
            <span class="muted">{t('list.shownOf', { shown: first, n: count })}</span>{' '}
            <button type="button" class="button small no-print" onClick={() => setAll(true)}>
                {t('list.showAll')}
            </button>
        </p>,
    ];
}

export const DeletedChip = (props: { row: { deletedAt?: string | null } | null | undefined }) =>
    props.row?.deletedAt ? <span class="chip chip-off">{t('chip.deleted')}</span> : null;

export interface Column<T> {
    label: string;
    cell: (row: T) => ComponentChildren;
    class?: string;
    /// The column is left out of the narrow form.
    minor?: boolean;
}

/// Names a row's clinic, where the login opens several.
export const clinicColumn = <T extends { clinicId: string }>(): Column<T>[] =>
    clinics.value.length > 1 ? [{ label: t('word.clinic'), cell: (row) => clinicOf(row.clinicId)?.name ?? '' }] : [];

/// A table that becomes a list of cards on a phone. The roles are written out because `display` takes them away there.
export function DataTable<T extends { id: string; deletedAt?: string | null }>(props: {
    caption: string;
    columns: Column<T>[];
    rows: T[];
}) {
    return (
        <div class="table-wrap">
            <table class="table cards" role="table">
                <caption class="visually-hidden">{props.caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        {props.columns.map((column) => (
                            <th key={column.label} scope="col" role="columnheader" class={column.class}>
                                {column.label}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    {props.rows.map((row) => (
                        <tr key={row.id} role="row" class={row.deletedAt ? 'deleted' : ''}>
                            {props.columns.map((column) => (
                                <td
                                    key={column.label}
                                    role="cell"
                                    data-label={column.label}
                                    class={`${column.class ?? ''} ${column.minor ? 'minor' : ''}`}
                                >
                                    {column.cell(row)}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

export function ListBody<T extends { id: string }>(props: {
    list: Pages<T>;
    caption: string;
    columns: Column<T>[];
    empty: ComponentChildren;
}) {
    const { list } = props;
    const [busy, setBusy] = useState(false);
    if (list.error && list.rows.length === 0) return <Problem error={list.error} />;
    if (list.loading) return <Loading />;
    if (list.rows.length === 0) return <>{props.empty}</>;
    return (
        <>
            <DataTable caption={props.caption} columns={props.columns} rows={list.rows} />
            {list.more && (
                <div class="more no-print">
                    <button
                        type="button"
                        class="button"
                        disabled={busy}
                        onClick={() => {
                            setBusy(true);
                            void list
                                .loadMore()
                                .catch(toastProblem)
                                .finally(() => setBusy(false));
                        }}
                    >
                        {busy ? t('word.loading') : t('action.loadMore')}
                    </button>
                </div>
            )}
        </>
    );
}

/// The search box above a list. What is typed goes into the address, so "back" finds it again.
export function FilterBox(props: { label: string; value: string; onChange: (value: string) => void }) {
    return (
        <div class="filter no-print">
            <Icon name="search" size={16} />
            <input
                class="input"
                type="search"
                aria-label={props.label}
                placeholder={props.label}
                value={props.value}
                onInput={(event) => props.onChange(event.currentTarget.value)}
            />
        </div>
    );
}

export function Facts(props: { facts: [string, ComponentChildren][] }) {
    const shown = props.facts.filter(([, value]) => value !== '' && value !== null && value !== undefined && value !== false);
    return (
        <dl class="facts">
            {shown.map(([name, value]) => (
                <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}
