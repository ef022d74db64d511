import { withQuery } from '../../common/api';
import { usePages } from '../../common/data';
import { dayIn, formatDay, fullName } from '../../common/format';
import { askDeleted, DeletedSwitch, useFilter } from '../../common/list_filter';
import { clinicColumn, DeletedChip, Empty, FilterBox, ListBody, PageHead } from '../../common/parts';
import { zoneOf } from '../../common/session';
import { t } from '../i18n';
import { StateChip } from '../parts';
import type { Owner } from '../types';

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
                    {
                        label: t('field.since'),
                        class: 'day',
                        cell: (row) => formatDay(dayIn(zoneOf(row.clinicId), new Date(row.createdAt))),
                        minor: true,
                    },
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
