import { useId, useRef } from 'preact/hooks';
import { useQuery } from '../../common/data';
import { formatDay, formatMoney, typedNumber } from '../../common/format';
import { Icon } from '../../common/icons';
import { useShown } from '../../common/parts';
import { t } from '../i18n';
import type { Bill, MedicalRecord, ServiceItem } from '../types';
import { recordTypeWord } from '../words';
import { billedRecords, type Line } from './bill_sums';

let keys = 0;
export const newLine = (description = '', quantity = '1', unitPrice = ''): Line => {
    keys += 1;
    return { key: keys, description, quantity, unitPrice };
};

/// The lines of a bill. A description of the price list brings its price.
export function ItemsField(props: {
    lines: Line[];
    cents: (number | null)[];
    prices: ServiceItem[];
    currency: string;
    error: string | undefined;
    onChange: (lines: Line[]) => void;
}) {
    const id = useId();
    const add = useRef<HTMLButtonElement>(null);
    const change = (key: number, part: Partial<Line>): void =>
        props.onChange(props.lines.map((line) => (line.key === key ? { ...line, ...part } : line)));
    const describe = (line: Line, description: string): void => {
        const price = props.prices.find((price) => price.description === description);
        change(line.key, price ? { description, unitPrice: typedNumber(price.unitPrice, 2) } : { description });
    };
    return (
        <fieldset class="field wide" data-field="items">
            <legend>{t('bill.items')}</legend>
            <div class="items">
                {props.lines.map((line, index) => (
                    <div key={line.key} class="item-line" role="group" aria-label={t('bill.item', { n: index + 1 })}>
                        <input
                            class="input item-text"
                            aria-label={t('bill.description')}
                            placeholder={t('bill.description')}
                            list={id + '-prices'}
                            maxLength={500}
                            value={line.description}
                            aria-invalid={props.error && !line.description.trim() ? 'true' : undefined}
                            onInput={(event) => describe(line, event.currentTarget.value)}
                        />
                        <input
                            class="input item-number"
                            aria-label={t('bill.quantity')}
                            inputMode="decimal"
                            value={line.quantity}
                            onInput={(event) => change(line.key, { quantity: event.currentTarget.value })}
                        />
                        <input
                            class="input item-number"
                            aria-label={t('bill.unitPrice')}
                            placeholder={typedNumber(0, 2)}
                            inputMode="decimal"
                            value={line.unitPrice}
                            aria-invalid={props.error && props.cents[index] === null ? 'true' : undefined}
                            onInput={(event) => change(line.key, { unitPrice: event.currentTarget.value })}
                        />
                        <span class="item-total">{formatMoney((props.cents[index] ?? 0) / 100, props.currency)}</span>
                        <button
                            type="button"
                            class="icon-button"
                            aria-label={t('bill.removeItem', { n: index + 1 })}
                            onClick={() => {
                                props.onChange(props.lines.filter((kept) => kept.key !== line.key));
                                add.current?.focus();
                            }}
                        >
                            <Icon name="trash" size={16} />
                        </button>
                    </div>
                ))}
            </div>
            <datalist id={id + '-prices'}>
                {props.prices.map((price) => (
                    <option key={price.id} value={price.description}>
                        {formatMoney(price.unitPrice, props.currency)}
                    </option>
                ))}
            </datalist>
            {props.error && <div class="field-error">{props.error}</div>}
            <div>
                <button ref={add} type="button" class="button small" onClick={() => props.onChange([...props.lines, newLine()])}>
                    <Icon name="plus" size={15} /> {t('bill.addItem')}
                </button>
            </div>
        </fieldset>
    );
}

/// So many records, the newest, are drawn at first.
const DRAWN_FIRST = 20;
const TEXT_MAX = 60;

const shortText = (text: string): string => (text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text);

/// Picks the animal's records that the bill is for. Records on another bill say so.
export function RecordsField(props: {
    patientId: string;
    /// The bill that is being changed; null: it is a new one.
    billId: string | null;
    chosen: string[];
    onToggle: (record: MedicalRecord, on: boolean) => void;
}) {
    const list = useQuery<MedicalRecord[]>(`/api/records/patient/${props.patientId}`, ['medical_record']);
    const bills = useQuery<Bill[]>(`/api/bills/patient/${props.patientId}`, ['bill']);
    const [count, rest] = useShown(list.data?.length ?? 0, DRAWN_FIRST);
    if (!list.data || list.data.length === 0) return null;
    const billed = billedRecords(bills.data ?? [], props.billId);
    return (
        <fieldset class="field wide" data-field="medicalRecordIds">
            <legend>{t('bill.records')}</legend>
            <div class="record-picks">
                {list.data.slice(0, count).map((record) => (
                    <label key={record.id} class="check">
                        <input
                            type="checkbox"
                            checked={props.chosen.includes(record.id)}
                            onChange={(event) => props.onToggle(record, event.currentTarget.checked)}
                        />
                        <span>
                            {[
                                formatDay(record.visitDate),
                                recordTypeWord(record.recordType),
                                shortText(record.treatment || record.diagnosis),
                            ]
                                .filter(Boolean)
                                .join(' · ')}{' '}
                            {billed.has(record.id) && (
                                <span class="chip chip-off">{t('bill.onBill', { number: billed.get(record.id) ?? '' })}</span>
                            )}
                        </span>
                    </label>
                ))}
                {rest}
            </div>
        </fieldset>
    );
}
