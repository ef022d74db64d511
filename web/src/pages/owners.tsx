import { useEffect, useState } from 'preact/hooks';
import { withQuery } from '../lib/api';
import { usePages } from '../lib/data';
import { dayIn, formatDay, fullName } from '../lib/format';
import { t } from '../lib/i18n';
import { place, setQuery } from '../lib/router';
import { clinics, isAdmin, zoneOf } from '../lib/session';
import type { Owner } from '../lib/types';
import { clinicColumn, DeletedChip, Empty, FilterBox, ListBody, PageHead, StateChip } from '../ui/parts';

const DELAY_MS = 150;

/// A filter's text is in the box at once, and in the address (so in the request) a moment after the last key.
export function useFilter(): [string, (text: string) => void, string] {
    const asked = place.value.query.get('q') ?? '';
    const [text, setText] = useState(asked);
    useEffect(() => {
        if (text.trim() === asked) return undefined;
        const timer = setTimeout(() => setQuery({ q: text.trim() }), DELAY_MS);
        return () => clearTimeout(timer);
    }, [text]);
    return [text, setText, asked];
}

/// Only an administrator sees deleted rows. A list that asks for them has only those clinics whose administrator this
/// is, and says so.
export function DeletedSwitch({ clinicId }: { clinicId?: string }) {
    if (!isAdmin(clinicId)) return null;
    const on = place.value.query.get('deleted') === '1';
    const own = clinics.value.filter((clinic) => isAdmin(clinic.id));
    return (
        <label class="check">
            <input type="checkbox" checked={on} onChange={() => setQuery({ deleted: on ? null : '1' })} />
            {t('list.showDeleted')}
            {on && clinicId === undefined && own.length < clinics.value.length && (
                <span class="muted"> {t('list.onlyOf', { clinics: own.map((clinic) => clinic.name).join(', ') })}</span>
            )}
        </label>
    );
}

export const askDeleted = (clinicId?: string): string | null =>
    isAdmin(clinicId) && place.value.query.get('deleted') === '1' ? 'true' : null;

export function OwnersPage() {
    const [text, setText, asked] = useFilter();
    const list = usePages<Owner>(withQuery('/api/owners', { q: asked, includeDeleted: askDeleted() }), ['owner']);
    return (
        <>
            <PageHead title={t('nav.owners')}>
                <a class="button primary" data-key="n" href="/owners/new">
                    {t('owners.new')}
                </a>
            </PageHead>
            <div class="toolbar no-print">
                <FilterBox label={t('owners.filter')} value={text} onChange={setText} />
                <DeletedSwitch />
            </div>
            <ListBody
                list={list}
                caption={t('nav.owners')}
                columns={[
                    {
                        label: t('field.name'),
                        class: 'cell-main',
                        cell: (row) => (
                            <>
                                <a class="row-link" href={`/owners/${row.id}`}>
                                    {fullName(row)}
                                </a>{' '}
                                <DeletedChip row={row} /> <StateChip table="owner" row={row} />
                            </>
                        ),
                    },
                    { label: t('field.phone'), cell: (row) => row.phone },
                    { label: t('field.email'), cell: (row) => row.email },
                    ...clinicColumn<Owner>(),
                    { label: t('field.address'), cell: (row) => row.address, minor: true },
                    { label: t('field.since'), class: 'day', cell: (row) => formatDay(dayIn(zoneOf(row.clinicId), new Date(row.createdAt))), minor: true },
                ]}
                empty={
                    asked ? (
                        <Empty icon="search" title={t('list.nothingFound', { text: asked })} />
                    ) : (
                        <Empty icon="owners" title={t('owners.none')} text={t('owners.noneText')}>
                            <a class="button primary" href="/owners/new">
                                {t('owners.new')}
                            </a>
                        </Empty>
                    )
                }
            />
        </>
    );
}
