import { useState } from 'preact/hooks';
import { call } from '../../common/api';
import { noteChanged, usePages } from '../../common/data';
import { ask, closeAsked, focusHeadingSoon, Modal } from '../../common/dialog';
import { toast, toastProblem } from '../../common/feedback';
import { ClinicField, FormBox, SaveBar, TextField } from '../../common/fields';
import { required, useForm } from '../../common/form';
import { formatMoney, parseMoney, typedNumber } from '../../common/format';
import { Card, clinicColumn, Empty, ListBody } from '../../common/parts';
import { clinics, currencyOf } from '../../common/session';
import { t } from '../i18n';
import { StateChip } from '../parts';
import type { ServiceItem } from '../types';

/// What the clinic offers, and for how much: the lines of a bill come from here.
function PriceDialog(props: { row: ServiceItem | null; onClose: () => void }) {
    const { row } = props;
    const form = useForm({
        clinicId: row?.clinicId ?? clinics.value[0]?.id ?? '',
        description: row?.description ?? '',
        unitPrice: row ? typedNumber(row.unitPrice, 2) : '',
    });
    const close = (): void => void closeAsked(props.onClose);
    const save = async (): Promise<void> => {
        const { clinicId, description, unitPrice } = form.values.value;
        const wrong = required(form.values.value, ['description', 'unitPrice']);
        const price = parseMoney(unitPrice);
        if (!wrong.unitPrice && (price === null || price < 0)) wrong.unitPrice = t('settings.priceNumber');
        if (Object.keys(wrong).length > 0) {
            form.fail(wrong);
            return;
        }
        const body = { description, unitPrice: price, ...(row ? {} : { clinicId }) };
        const saved = await form.send<ServiceItem>(row ? 'PUT' : 'POST', `/api/service-items${row ? '/' + row.id : ''}`, body);
        if (!saved) return;
        noteChanged(['service_item']);
        toast(t('settings.priceSaved', { name: saved.description }));
        props.onClose();
    };
    return (
        <Modal title={t(row ? 'settings.priceEdit' : 'settings.priceNew')} onClose={close}>
            <FormBox
                form={form}
                onSubmit={() => void save()}
                labels={{ description: t('bill.description'), unitPrice: t('bill.unitPrice') }}
            >
                {!row && <ClinicField form={form} />}
                <TextField form={form} name="description" label={t('bill.description')} maxLength={500} required wide autofocus />
                <TextField form={form} name="unitPrice" label={t('bill.unitPrice')} inputMode="decimal" required />
                <SaveBar busy={form.busy.value} onCancel={close} />
            </FormBox>
        </Modal>
    );
}

export function PriceList() {
    const list = usePages<ServiceItem>('/api/service-items', ['service_item'], 100);
    const [editing, setEditing] = useState<{ row: ServiceItem | null } | null>(null);
    const remove = async (row: ServiceItem): Promise<void> => {
        const sure = await ask({
            title: t('settings.priceStop', { name: row.description }),
            text: t('settings.priceStopText'),
            yes: t('settings.priceStopYes'),
        });
        if (!sure) return;
        try {
            await call('DELETE', `/api/service-items/${row.id}`);
            focusHeadingSoon();
        } catch (error) {
            toastProblem(error);
        }
        noteChanged(['service_item']);
    };
    return (
        <Card
            title={t('settings.prices')}
            actions={
                <button type="button" class="button small" data-key="n" onClick={() => setEditing({ row: null })}>
                    {t('settings.priceNew')}
                </button>
            }
        >
            <ListBody
                list={list}
                caption={t('settings.prices')}
                columns={[
                    {
                        label: t('bill.description'),
                        class: 'cell-main',
                        cell: (row) => (
                            <>
                                {row.description} <StateChip table="service_item" row={row} />
                            </>
                        ),
                    },
                    ...clinicColumn<ServiceItem>(),
                    { label: t('bill.unitPrice'), class: 'number', cell: (row) => formatMoney(row.unitPrice, currencyOf(row.clinicId)) },
                    {
                        label: t('members.actions'),
                        class: 'tools',
                        cell: (row) => (
                            <>
                                <button
                                    type="button"
                                    class="button small"
                                    aria-label={`${t('action.edit')}: ${row.description}`}
                                    onClick={() => setEditing({ row })}
                                >
                                    {t('action.edit')}
                                </button>{' '}
                                <button
                                    type="button"
                                    class="button small"
                                    aria-label={`${t('settings.priceStopYes')}: ${row.description}`}
                                    onClick={() => void remove(row)}
                                >
                                    {t('settings.priceStopYes')}
                                </button>
                            </>
                        ),
                    },
                ]}
                empty={<Empty icon="bill" title={t('settings.noPrices')} text={t('settings.noPricesText')} />}
            />
            {editing && <PriceDialog row={editing.row} onClose={() => setEditing(null)} />}
        </Card>
    );
}
