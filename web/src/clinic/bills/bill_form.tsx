import { useEffect, useState } from 'preact/hooks';
import { noteChanged, useQuery } from '../../common/data';
import { toast } from '../../common/feedback';
import { AreaField, FormBox, SaveBar, TextField } from '../../common/fields';
import { required, useForm } from '../../common/form';
import { addDays, dayIn, formatMoney, parseAmount, parseMoney, typedNumber } from '../../common/format';
import type { PageProps } from '../../common/page';
import { FormPage, Loading } from '../../common/parts';
import { navigate, place } from '../../common/router';
import { currencyOf, timezone, zoneOf } from '../../common/session';
import { billDoubts } from '../doubts';
import { t } from '../i18n';
import { PageProblem } from '../parts';
import { OwnerPicker, PatientPicker } from '../pickers';
import type { Bill, MedicalRecord, Owner, Patient, ServiceItem } from '../types';
import { recordTypeWord } from '../words';
import { ItemsField, newLine, RecordsField } from './bill_items';
import { type Line, rateOf, sums } from './bill_sums';
import { pricesFor } from './price_match';

type Values = {
    ownerId: string;
    patientId: string;
    billDate: string;
    dueDate: string;
    taxRate: string;
    notes: string;
    items: Line[];
    medicalRecordIds: string[];
};

const DUE_DAYS = 14;

function valuesOf(row: Bill | null, patient: Patient | null, ownerId: string): Values {
    const today = dayIn(timezone.value);
    const rate = row ? rateOf(row.subtotal, row.tax) : '';
    return {
        ownerId: row?.ownerId ?? patient?.ownerId ?? ownerId,
        patientId: row?.patientId ?? patient?.id ?? '',
        billDate: row?.billDate ?? today,
        dueDate: row?.dueDate ?? addDays(today, DUE_DAYS),
        taxRate: rate === '' ? '' : typedNumber(Number(rate)),
        notes: row?.notes ?? '',
        items: row
            ? row.items.map((item) => newLine(item.description, typedNumber(item.quantity), typedNumber(item.unitPrice, 2)))
            : [newLine()],
        medicalRecordIds: row?.medicalRecordIds ?? [],
    };
}

/// Says in words what is wrong with the lines; empty ones at the end are no lines.
function itemsProblem(lines: Line[], found: (number | null)[]): string {
    if (lines.length === 0) return t('bill.noItems');
    const index = lines.findIndex((line, at) => line.description.trim() === '' || found[at] === null);
    return index < 0 ? '' : t('bill.badItem', { n: index + 1 });
}

const isBlank = (line: Line): boolean => line.description.trim() === '' && line.unitPrice.trim() === '';

function bodyOf(values: Values, lines: Line[]) {
    const { lines: cents, subtotal, tax, total } = sums(lines, values.taxRate);
    return {
        ownerId: values.ownerId,
        patientId: values.patientId,
        billDate: values.billDate,
        dueDate: values.dueDate,
        notes: values.notes,
        medicalRecordIds: values.medicalRecordIds,
        items: lines.map((line, index) => ({
            description: line.description.trim(),
            quantity: parseAmount(line.quantity),
            unitPrice: parseMoney(line.unitPrice),
            totalPrice: (cents[index] ?? 0) / 100,
        })),
        subtotal: subtotal / 100,
        tax: tax / 100,
        totalAmount: total / 100,
    };
}

/// What a new bill copies from an issued one: other items or amounts come about by cancel and copy.
const copyOf = (source: Bill): Values => {
    const blank = valuesOf(null, null, '');
    return { ...valuesOf(source, null, ''), billDate: blank.billDate, dueDate: blank.dueDate };
};

function BillFormBox(props: { row: Bill | null; etag: string | null; patient: Patient | null; owner: Owner | null; copy?: Bill | null }) {
    const { row } = props;
    const issued = Boolean(row?.issuedAt);
    const first = props.copy ? copyOf(props.copy) : valuesOf(row, props.patient, props.owner?.id ?? '');
    const form = useForm<Values>(first, props.etag, {
        read: (found: Bill) => valuesOf(found, null, ''),
        taken: (found: Bill) => {
            setOwner(found.owner ?? null);
            setPatient(found.patient ?? null);
        },
    });
    const [owner, setOwner] = useState<Owner | null>(row?.owner ?? props.copy?.owner ?? props.patient?.owner ?? props.owner);
    const [patient, setPatient] = useState<Patient | null>(row?.patient ?? props.copy?.patient ?? props.patient);
    const prices = useQuery<ServiceItem[]>('/api/service-items', ['service_item']);
    const values = form.values.value;
    const clinicId = row?.clinicId ?? patient?.clinicId ?? owner?.clinicId;
    const currency = currencyOf(clinicId);
    const offered = (prices.data ?? []).filter((price) => clinicId === undefined || price.clinicId === clinicId);
    const amounts = sums(values.items, values.taxRate);
    useEffect(() => {
        if (row) form.reset(valuesOf(row, null, ''), props.etag);
    }, [props.etag]);
    const save = async (status: 'draft' | 'sent' | null): Promise<void> => {
        const now = form.values.value;
        const lines = now.items.filter((line) => !isBlank(line));
        const wrong = required(now, ['ownerId', 'patientId', 'billDate', 'dueDate']);
        const items = issued ? '' : itemsProblem(lines, sums(lines, now.taxRate).lines);
        if (items) wrong.items = items;
        if (now.taxRate.trim() && (parseAmount(now.taxRate) ?? -1) < 0) wrong.taxRate = t('error.positiveNumber');
        if (Object.keys(wrong).length > 0) {
            form.fail(wrong);
            return;
        }
        const sure = await form.sure(row && valuesOf(row, null, ''), () => billDoubts(now, dayIn(zoneOf(clinicId))));
        if (!sure) return;
        const kept = { billDate: now.billDate, dueDate: now.dueDate, notes: now.notes, medicalRecordIds: now.medicalRecordIds };
        const body = { ...(issued ? kept : bodyOf(now, lines)), ...(status ? { status } : {}) };
        const saved = row ? await form.send<Bill>('PUT', `/api/bills/${row.id}`, body) : await form.send<Bill>('POST', '/api/bills', body);
        if (!saved) return;
        noteChanged(['bill']);
        toast(t('bills.saved', { number: saved.billNumber }));
        void navigate(`/bills/${saved.id}`, { replace: true });
    };
    const linesFor = (record: MedicalRecord): Line[] => {
        const found = pricesFor(record, offered);
        if (found.length > 0) return found.map((price) => newLine(price.description, '1', typedNumber(price.unitPrice, 2)));
        const text = record.treatment.split('\n')[0]?.trim() ?? '';
        return [newLine([recordTypeWord(record.recordType), text].filter(Boolean).join(': ').slice(0, 500))];
    };
    return (
        <FormBox
            form={form}
            onSubmit={() => void save(row ? null : 'draft')}
            class="form bill-form"
            labels={{ billDate: t('bill.date'), dueDate: t('bill.due'), notes: t('field.notes') }}
        >
            {issued && <p class="wide">{t('bill.issuedNote')}</p>}
            {!issued && (
                <PatientPicker
                    name="patientId"
                    value={patient}
                    required
                    autofocus={!patient}
                    error={form.errors.value.patientId}
                    onPick={(found) => {
                        setPatient(found);
                        const payer = found?.owner ?? owner;
                        setOwner(payer);
                        form.set({ patientId: found?.id ?? '', ownerId: payer?.id ?? '', medicalRecordIds: [] });
                    }}
                />
            )}
            {!issued && (
                <OwnerPicker
                    name="ownerId"
                    label={t('bill.payer')}
                    value={owner}
                    required
                    error={form.errors.value.ownerId}
                    onPick={(found) => {
                        setOwner(found);
                        form.set({ ownerId: found?.id ?? '' });
                    }}
                />
            )}
            <TextField form={form} name="billDate" label={t('bill.date')} type="date" required />
            <TextField form={form} name="dueDate" label={t('bill.due')} type="date" required />
            {patient && (prices.data || prices.error) && (
                <RecordsField
                    patientId={patient.id}
                    billId={row?.id ?? null}
                    chosen={values.medicalRecordIds}
                    onToggle={(record, on) => {
                        const ids = values.medicalRecordIds.filter((id) => id !== record.id);
                        const kept = values.items.filter((line) => !isBlank(line));
                        form.set(
                            on && !issued
                                ? { medicalRecordIds: [...ids, record.id], items: [...kept, ...linesFor(record)] }
                                : { medicalRecordIds: on ? [...ids, record.id] : ids },
                        );
                    }}
                />
            )}
            {!issued && (
                <ItemsField
                    lines={values.items}
                    cents={amounts.lines}
                    prices={offered}
                    currency={currency}
                    error={form.errors.value.items}
                    onChange={(items) => form.set({ items })}
                />
            )}
            <AreaField form={form} name="notes" label={t('field.notes')} rows={2} wide={false} />
            {!issued && (
                <div class="bill-sums">
                    <TextField form={form} name="taxRate" label={t('bill.taxRate')} inputMode="decimal" />
                    <dl>
                        <dt>{t('bill.subtotal')}</dt>
                        <dd>{formatMoney(amounts.subtotal / 100, currency)}</dd>
                        <dt>{t('bill.tax')}</dt>
                        <dd>{formatMoney(amounts.tax / 100, currency)}</dd>
                        <dt class="total">{t('bill.total')}</dt>
                        <dd class="total">{formatMoney(amounts.total / 100, currency)}</dd>
                    </dl>
                </div>
            )}
            <SaveBar
                busy={form.busy.value}
                label={row ? undefined : t('bill.saveDraft')}
                onCancel={() => void navigate(row ? `/bills/${row.id}` : '/bills')}
            >
                {!row && (
                    <button type="button" class="button" disabled={form.busy.value} onClick={() => void save('sent')}>
                        {t('bill.saveSent')}
                    </button>
                )}
            </SaveBar>
        </FormBox>
    );
}

export function NewBillPage(_: PageProps) {
    const { query } = place.value;
    const [asked] = useState({ patient: query.get('patient'), owner: query.get('owner'), copy: query.get('copy') });
    const patient = useQuery<Patient>(asked.patient ? `/api/patients/${asked.patient}` : null);
    const owner = useQuery<Owner>(asked.owner ? `/api/owners/${asked.owner}` : null);
    const copy = useQuery<Bill>(asked.copy ? `/api/bills/${asked.copy}` : null);
    if (patient.loading || owner.loading || copy.loading) return <Loading />;
    return (
        <FormPage title={t('bills.new')} wide>
            <BillFormBox row={null} etag={null} patient={patient.data} owner={owner.data} copy={copy.data} />
        </FormPage>
    );
}

export function EditBillPage({ params }: PageProps) {
    const query = useQuery<Bill>(`/api/bills/${params.id}`);
    if (!query.data) return query.error ? <PageProblem error={query.error} onRetry={query.reload} /> : <Loading />;
    return (
        <FormPage title={t('bills.edit', { number: query.data.billNumber })} wide>
            <BillFormBox row={query.data} etag={query.etag} patient={null} owner={null} />
        </FormPage>
    );
}
