import { withQuery } from '../../common/api';
import { usePages } from '../../common/data';
import { formatDay, formatMoney, fullName } from '../../common/format';
import { askDeleted, DeletedSwitch, useFilter } from '../../common/list_filter';
import type { PageProps } from '../../common/page';
import { clinicColumn, DeletedChip, Empty, FilterBox, ListBody, PageHead } from '../../common/parts';
import { place, setQuery } from '../../common/router';
import { currencyOf } from '../../common/session';
import { t } from '../i18n';
import { StateChip } from '../parts';
import type { Bill, BillStatus } from '../types';
import { BillChip, BillNumber, billWord } from '../words';

const STATUSES: BillStatus[] = ['draft', 'sent', 'overdue', 'paid', 'cancelled'];
const isStatus = (text: string): text is BillStatus => (STATUSES as string[]).includes(text);

export function BillsPage(_: PageProps) {
    const [text, setText, asked] = useFilter();
    const status = place.value.query.get('status') ?? '';
    const path = withQuery('/api/bills', { q: asked, status: isStatus(status) ? status : null, includeDeleted: askDeleted() });
    const list = usePages<Bill>(path, ['bill', 'owner', 'patient']);
    return (
        <>
            <PageHead title={t('nav.bills')}>
                <a class="button primary" data-key="n" href="/bills/new">
                    {t('bills.new')}
                </a>
            </PageHead>
            <div class="toolbar no-print">
                <FilterBox label={t('bills.filter')} value={text} onChange={setText} />
                <select
                    class="input status-filter"
                    aria-label={t('bill.status')}
                    value={status}
                    onChange={(event) => setQuery({ status: event.currentTarget.value })}
                >
                    <option value="">{t('bills.everyStatus')}</option>
                    {STATUSES.map((choice) => (
                        <option key={choice} value={choice} selected={choice === status}>
                            {billWord(choice)}
                        </option>
                    ))}
                </select>
                <DeletedSwitch />
            </div>
            <ListBody
                list={list}
                caption={t('nav.bills')}
                columns={[
                    {
                        label: t('bill.number'),
                        class: 'cell-main',
                        cell: (row) => (
                            <>
                                <a class="row-link" href={`/bills/${row.id}`}>
                                    {row.billNumber}
                                </a>{' '}
                                <BillNumber row={row} /> <DeletedChip row={row} /> <StateChip table="bill" row={row} />
                            </>
                        ),
                    },
                    { label: t('word.owner'), cell: (row) => fullName(row.owner) },
                    { label: t('word.patient'), cell: (row) => row.patient?.name ?? '' },
                    ...clinicColumn<Bill>(),
                    { label: t('bill.date'), class: 'day', cell: (row) => formatDay(row.billDate) },
                    { label: t('bill.due'), class: 'day', cell: (row) => formatDay(row.dueDate), minor: true },
                    { label: t('bill.status'), cell: (row) => <BillChip status={row.status} /> },
                    { label: t('bill.total'), class: 'number', cell: (row) => formatMoney(row.totalAmount, currencyOf(row.clinicId)) },
                ]}
                empty={
                    asked || status ? (
                        <Empty icon="search" title={asked ? t('list.nothingFound', { text: asked }) : t('bills.noneOfStatus')} />
                    ) : (
                        <Empty icon="bill" title={t('bills.none')} text={t('bills.noneText')}>
                            <a class="button primary" href="/bills/new">
                                {t('bills.new')}
                            </a>
                        </Empty>
                    )
                }
            />
        </>
    );
}
