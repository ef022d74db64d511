import { useState } from 'preact/hooks';
import { call } from '../../common/api';
import { noteChanged, useQuery } from '../../common/data';
import { closeAsked, focusHeadingSoon, Modal } from '../../common/dialog';
import { toast, toastProblem } from '../../common/feedback';
import { AreaField, FormBox, SaveBar } from '../../common/fields';
import { required, useForm } from '../../common/form';
import { formatDay, formatInstant, formatMoney, formatNumber, fullName } from '../../common/format';
import { Icon } from '../../common/icons';
import type { PageProps } from '../../common/page';
import { Card, DeletedChip, Facts, Loading, PageHead } from '../../common/parts';
import { PrintBar } from '../../common/print_bar';
import { navigate } from '../../common/router';
import { clinicOf, currencyOf, hasRole, isAdmin, zoneOf } from '../../common/session';
import { DeletedNote, removeRow, useRow } from '../deleted';
import { t } from '../i18n';
import { syncStatus } from '../live';
import { DeceasedChip, PageProblem, StateNote } from '../parts';
import type { Bill, BillStatus } from '../types';
import { BillChip, BillNumber, billWord, recordTypeWord, speciesWord } from '../words';

/// True for those who may take a paid bill back, by the node's own rule.
const mayTakeBack = (bill: Bill): boolean => isAdmin(bill.clinicId) || hasRole('veterinarian', bill.clinicId);

/// Sets a bill's status and offers those who may a way back, from "paid" only with a reason.
async function setStatus(bill: Bill, etag: string | null, status: BillStatus, undo = true): Promise<void> {
    try {
        const reason = bill.status === 'paid' ? { reopenReason: t('bill.undoReason') } : {};
        const saved = await call<Bill>('PUT', `/api/bills/${bill.id}`, { status, ...reason }, { ifMatch: etag });
        focusHeadingSoon();
        // Overdue is what a sent bill becomes by itself.
        const before = bill.status === 'overdue' ? 'sent' : bill.status;
        const back =
            undo && (status !== 'paid' || mayTakeBack(bill))
                ? { label: t('action.undo'), run: () => void setStatus(saved.data, saved.etag, before, false) }
                : undefined;
        toast(t('bill.statusSet', { number: bill.billNumber, status: billWord(status) }), 'done', back);
    } catch (error) {
        toastProblem(error);
    }
    noteChanged(['bill']);
}

/// Asks for the reason with which a paid bill goes back; it stays in the bill's notes.
function ReopenDialog(props: { bill: Bill; etag: string | null; onClose: () => void }) {
    const form = useForm({ reopenReason: '' }, props.etag, { read: (_: Bill) => ({ reopenReason: '' }) });
    const close = (): void => void closeAsked(props.onClose);
    const save = async (): Promise<void> => {
        const missing = required(form.values.value, ['reopenReason']);
        if (Object.keys(missing).length > 0) {
            form.fail(missing);
            return;
        }
        const saved = await form.send<Bill>('PUT', `/api/bills/${props.bill.id}`, { ...form.values.value, status: 'sent' });
        if (!saved) return;
        noteChanged(['bill']);
        toast(t('bill.statusSet', { number: saved.billNumber, status: billWord(saved.status) }));
        props.onClose();
    };
    return (
        <Modal title={t('bill.reopenTitle', { number: props.bill.billNumber })} onClose={close}>
            <p>{t('bill.reopenText')}</p>
            <FormBox form={form} onSubmit={() => void save()} labels={{ reopenReason: t('bill.cancelReason') }}>
                <AreaField form={form} name="reopenReason" label={t('bill.cancelReason')} rows={2} maxLength={500} required autofocus />
                <SaveBar busy={form.busy.value} label={t('bill.reopen')} onCancel={close} />
            </FormBox>
        </Modal>
    );
}

/// Asks why a bill is cancelled; it keeps its number.
function CancelDialog(props: { bill: Bill; etag: string | null; onClose: () => void }) {
    const form = useForm({ cancelReason: '' }, props.etag, { read: (row: Bill) => ({ cancelReason: row.cancelReason ?? '' }) });
    const close = (): void => void closeAsked(props.onClose);
    const save = async (): Promise<void> => {
        const missing = required(form.values.value, ['cancelReason']);
        if (Object.keys(missing).length > 0) {
            form.fail(missing);
            return;
        }
        const saved = await form.send<Bill>('PUT', `/api/bills/${props.bill.id}`, { ...form.values.value, status: 'cancelled' });
        if (!saved) return;
        noteChanged(['bill']);
        toast(t('bill.statusSet', { number: saved.billNumber, status: billWord('cancelled') }));
        props.onClose();
    };
    return (
        <Modal title={t('bill.cancelTitle', { number: props.bill.billNumber })} onClose={close}>
            <p>{t('bill.cancelText')}</p>
            <FormBox form={form} onSubmit={() => void save()} labels={{ cancelReason: t('bill.cancelReason') }}>
                <AreaField form={form} name="cancelReason" label={t('bill.cancelReason')} rows={2} maxLength={500} required autofocus />
                <SaveBar busy={form.busy.value} label={t('bill.cancel')} onCancel={close} />
            </FormBox>
        </Modal>
    );
}

function Items({ bill }: { bill: Bill }) {
    const money = (amount: number): string => formatMoney(amount, currencyOf(bill.clinicId));
    return (
        <div class="table-wrap">
            <table class="table bill-table" role="table">
                <caption class="visually-hidden">{t('bill.items')}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">
                            {t('bill.description')}
                        </th>
                        <th scope="col" role="columnheader" class="number">
                            {t('bill.quantity')}
                        </th>
                        <th scope="col" role="columnheader" class="number">
                            {t('bill.unitPrice')}
                        </th>
                        <th scope="col" role="columnheader" class="number">
                            {t('bill.total')}
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    {bill.items.map((item) => (
                        <tr key={item.id} role="row">
                            <td role="cell">{item.description}</td>
                            <td class="number" role="cell">
                                {formatNumber(item.quantity)}
                            </td>
                            <td class="number" role="cell">
                                {money(item.unitPrice)}
                            </td>
                            <td class="number" role="cell">
                                {money(item.totalPrice)}
                            </td>
                        </tr>
                    ))}
                </tbody>
                <tfoot role="rowgroup">
                    {bill.tax !== 0 && (
                        <>
                            <tr role="row">
                                <th scope="row" role="rowheader" colSpan={3}>
                                    {t('bill.subtotal')}
                                </th>
                                <td class="number" role="cell">
                                    {money(bill.subtotal)}
                                </td>
                            </tr>
                            <tr role="row">
                                <th scope="row" role="rowheader" colSpan={3}>
                                    {t('bill.tax')}
                                </th>
                                <td class="number" role="cell">
                                    {money(bill.tax)}
                                </td>
                            </tr>
                        </>
                    )}
                    <tr class="total" role="row">
                        <th scope="row" role="rowheader" colSpan={3}>
                            {t('bill.total')}
                        </th>
                        <td class="number" role="cell">
                            {money(bill.totalAmount)}
                        </td>
                    </tr>
                </tfoot>
            </table>
        </div>
    );
}

export function BillPage({ params }: PageProps) {
    const query = useRow<Bill>(`/api/bills/${params.id}`, ['bill', 'owner', 'patient']);
    const [cancelling, setCancelling] = useState(false);
    const [reopening, setReopening] = useState(false);
    const bill = query.data;
    if (!bill) return query.error ? <PageProblem error={query.error} onRetry={query.reload} /> : <Loading />;
    const open = !bill.deletedAt && bill.status !== 'paid' && bill.status !== 'cancelled';
    const zone = zoneOf(bill.clinicId);
    const remove = async (): Promise<void> => {
        if (await removeRow(`/api/bills/${bill.id}`, 'bill', bill.billNumber)) void navigate('/bills');
    };
    return (
        <>
            <PageHead
                title={t('timeline.bill', { number: bill.billNumber })}
                note={
                    <p class="subtitle">
                        <BillChip status={bill.status} /> <BillNumber row={bill} /> <DeletedChip row={bill} />
                    </p>
                }
            >
                <a class="button" href={`/bills/${bill.id}/print`}>
                    <Icon name="print" /> {t('action.print')}
                </a>
                {open && (
                    <a class="button" href={`/bills/${bill.id}/edit`}>
                        <Icon name="edit" /> {t('action.edit')}
                    </a>
                )}
                {bill.issuedAt && (
                    <a class="button" href={`/bills/new?copy=${bill.id}`}>
                        {t('bill.copy')}
                    </a>
                )}
                {bill.status === 'paid' && !bill.deletedAt && mayTakeBack(bill) && (
                    <button type="button" class="button" onClick={() => setReopening(true)}>
                        {t('bill.reopen')}
                    </button>
                )}
                {bill.status === 'draft' && !bill.deletedAt && (
                    <button type="button" class="button" onClick={() => void remove()}>
                        <Icon name="trash" /> {t('action.delete')}
                    </button>
                )}
                {open && bill.status !== 'draft' && (
                    <button type="button" class="button" onClick={() => setCancelling(true)}>
                        {t('bill.cancel')}
                    </button>
                )}
                {bill.status === 'draft' && !bill.deletedAt && (
                    <button type="button" class="button primary" onClick={() => void setStatus(bill, query.etag, 'sent')}>
                        {t('bill.send')}
                    </button>
                )}
                {open && bill.status !== 'draft' && (
                    <button type="button" class="button primary" onClick={() => void setStatus(bill, query.etag, 'paid')}>
                        {t('bill.pay')}
                    </button>
                )}
            </PageHead>
            <DeletedNote row={bill} path={`/api/bills/${bill.id}`} table="bill" name={bill.billNumber} />
            <StateNote table="bill" row={bill} />
            <div class="columns chart-columns">
                <Card title={t('bill.items')}>
                    <Items bill={bill} />
                    {bill.notes && <p class="pre muted">{bill.notes}</p>}
                </Card>
                <Card title={t('bill.details')}>
                    <Facts
                        facts={[
                            [
                                t('bill.payer'),
                                bill.owner && (
                                    <>
                                        <a href={`/owners/${bill.ownerId}`}>{fullName(bill.owner)}</a> <DeletedChip row={bill.owner} />
                                    </>
                                ),
                            ],
                            [
                                t('word.patient'),
                                bill.patient && (
                                    <>
                                        <a href={`/patients/${bill.patientId}`}>{bill.patient.name}</a> <DeceasedChip row={bill.patient} />
                                    </>
                                ),
                            ],
                            [t('bill.date'), formatDay(bill.billDate)],
                            [t('bill.due'), formatDay(bill.dueDate)],
                            [t('bill.provisionalNumber'), bill.provisionalNumber],
                            [
                                t('bill.finalNumber'),
                                bill.numberStatus === 'final'
                                    ? bill.billNumber
                                    : syncStatus.value?.centralUrl
                                      ? t('bill.finalFollows')
                                      : '',
                            ],
                            [t('bill.issuedAt'), formatInstant(bill.issuedAt, zone)],
                            [t('bill.paidAt'), formatInstant(bill.paidAt, zone)],
                            [t('bill.cancelledAt'), formatInstant(bill.cancelledAt, zone)],
                            [t('bill.cancelReason'), bill.cancelReason],
                            [
                                t('bill.records'),
                                bill.medicalRecords &&
                                    bill.medicalRecords.length > 0 &&
                                    bill.medicalRecords.map((record) => (
                                        <div key={record.id}>
                                            {formatDay(record.visitDate)} · {recordTypeWord(record.recordType)}
                                        </div>
                                    )),
                            ],
                        ]}
                    />
                </Card>
            </div>
            {reopening && <ReopenDialog bill={bill} etag={query.etag} onClose={() => setReopening(false)} />}
            {cancelling && <CancelDialog bill={bill} etag={query.etag} onClose={() => setCancelling(false)} />}
        </>
    );
}

/// The bill on paper. Until central has given the final number the sheet says so plainly; afterwards it names both, so
/// that a first print can be matched. In a clinic that works alone the number is the bill's only one.
export function BillPrintPage({ params }: PageProps) {
    const query = useQuery<Bill>(`/api/bills/${params.id}`, ['bill']);
    const bill = query.data;
    if (!bill) return query.error ? <PageProblem error={query.error} onRetry={query.reload} /> : <Loading />;
    const clinic = clinicOf(bill.clinicId);
    const final = bill.numberStatus === 'final';
    return (
        <>
            <PrintBar title={t('bill.printTitle', { number: bill.billNumber })} back={`/bills/${bill.id}`} />
            <article class="sheet">
                <header class="sheet-head">
                    <div>
                        <strong>{clinic?.name}</strong>
                        <div class="pre">{clinic?.address}</div>
                        <div>{clinic?.phone}</div>
                    </div>
                    <div class="sheet-right">
                        <h2>{t('timeline.bill', { number: bill.billNumber })}</h2>
                        {final && <div>{t('bill.formerly', { number: bill.provisionalNumber })}</div>}
                        {!final && syncStatus.value?.centralUrl && <div class="provisional-mark">{t('bill.provisionalMark')}</div>}
                        <div>
                            {t('bill.date')}: {formatDay(bill.billDate)}
                        </div>
                        <div>
                            {t('bill.due')}: {formatDay(bill.dueDate)}
                        </div>
                    </div>
                </header>
                {bill.status === 'cancelled' && (
                    <p class="provisional-mark">
                        {billWord('cancelled')}: {bill.cancelReason}
                    </p>
                )}
                {bill.status === 'draft' && <p class="provisional-mark">{billWord('draft')}</p>}
                <p class="sheet-address">
                    {fullName(bill.owner)}
                    <br />
                    <span class="pre">{bill.owner?.address}</span>
                </p>
                <p>
                    {t('word.patient')}: {[bill.patient?.name, speciesWord(bill.patient?.species ?? '')].filter(Boolean).join(', ')}
                </p>
                <Items bill={bill} />
                {bill.status === 'paid' && <p>{t('bill.paidOn', { day: formatInstant(bill.paidAt, zoneOf(bill.clinicId)) })}</p>}
                {bill.notes && <p class="pre">{bill.notes}</p>}
            </article>
        </>
    );
}
