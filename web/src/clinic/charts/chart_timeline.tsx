import { useState } from 'preact/hooks';
import type { Query } from '../../common/data';
import { formatDay, formatMoney, formatTime } from '../../common/format';
import { Icon } from '../../common/icons';
import { DeletedSwitch } from '../../common/list_filter';
import { Card, DeletedChip, Empty, Loading, Problem, useShown } from '../../common/parts';
import { currencyOf } from '../../common/session';
import type { Row } from '../../common/types';
import { StatusControl } from '../calendar/appointment_parts';
import { removeRow, type Restorable, restoreRow } from '../deleted';
import { type Key, t } from '../i18n';
import { StateChip } from '../parts';
import type { Appointment, Bill, MedicalRecord, Patient } from '../types';
import { BillChip, RecordTypeChip } from '../words';
import { RecordTexts, snapshotNote } from './records';

/// Records, appointments and bills of one animal in one line of time, newest first.
type Entry =
    | { kind: 'record'; day: string; key: string; row: MedicalRecord }
    | { kind: 'appointment'; day: string; key: string; row: Appointment }
    | { kind: 'bill'; day: string; key: string; row: Bill };
type Kind = Entry['kind'] | 'all';

function entriesOf(records: MedicalRecord[], appointments: Appointment[], bills: Bill[]): Entry[] {
    const list: Entry[] = [
        ...records.map((row): Entry => ({ kind: 'record', day: row.visitDate, key: row.createdAt, row })),
        ...appointments.map((row): Entry => ({ kind: 'appointment', day: row.date, key: row.time, row })),
        ...bills.map((row): Entry => ({ kind: 'bill', day: row.billDate, key: row.createdAt, row })),
    ];
    return list.sort((a, b) => b.day.localeCompare(a.day) || b.key.localeCompare(a.key));
}

/// So many entries are drawn at first.
const DRAWN_FIRST = 300;

const KINDS: [Kind, Key][] = [
    ['all', 'timeline.all'],
    ['record', 'timeline.records'],
    ['appointment', 'nav.appointments'],
    ['bill', 'nav.bills'],
];

export function Timeline(props: {
    patient: Patient;
    records: Query<MedicalRecord[]>;
    appointments: Query<Appointment[]>;
    bills: Query<Bill[]>;
    mayDelete: boolean;
    onEdit: (row: MedicalRecord) => void;
}) {
    const [kind, setKind] = useState<Kind>('all');
    const all = entriesOf(props.records.data ?? [], props.appointments.data ?? [], props.bills.data ?? []);
    const ofKind = all.filter((entry) => kind === 'all' || entry.kind === kind);
    const [count, rest] = useShown(ofKind.length, DRAWN_FIRST);
    const shown = ofKind.slice(0, count);
    const lists = [props.records, props.appointments, props.bills];
    return (
        <Card
            class="chart-history"
            title={t('timeline.title')}
            actions={
                <div class="segments" role="group" aria-label={t('timeline.show')}>
                    {KINDS.map(([value, label]) => (
                        <button
                            key={value}
                            type="button"
                            class={kind === value ? 'segment on' : 'segment'}
                            aria-pressed={kind === value}
                            onClick={() => setKind(value)}
                        >
                            {t(label)}
                        </button>
                    ))}
                </div>
            }
        >
            {lists.map((list, index) => list.error && <Problem key={index} error={list.error} onRetry={list.reload} />)}
            {props.records.loading && <Loading />}
            {lists.every((list) => list.data) && shown.length === 0 && (
                <Empty icon="record" title={t('timeline.empty')} text={t('timeline.emptyText')} />
            )}
            <DeletedSwitch clinicId={props.patient.clinicId} />
            <ol class="timeline">
                {shown.map((entry) => (
                    <li key={entry.row.id} class={`event event-${entry.kind}${entry.row.deletedAt ? ' deleted' : ''}`}>
                        <span class="event-day">{formatDay(entry.day)}</span>
                        {entry.kind === 'record' && (
                            <RecordEntry row={entry.row} patient={props.patient} mayDelete={props.mayDelete} onEdit={props.onEdit} />
                        )}
                        {entry.kind === 'appointment' && <AppointmentEntry row={entry.row} patient={props.patient} />}
                        {entry.kind === 'bill' && <BillEntry row={entry.row} />}
                    </li>
                ))}
            </ol>
            {rest}
        </Card>
    );
}

/// Marks a deleted entry and offers the way back.
function Gone(props: { row: Row; path: string; table: Restorable; name: string }) {
    if (!props.row.deletedAt) return null;
    return (
        <>
            <DeletedChip row={props.row} />
            <button
                type="button"
                class="button small no-print"
                aria-label={`${t('action.restore')}: ${props.name}`}
                onClick={() => void restoreRow(props.path, props.table, props.name)}
            >
                {t('action.restore')}
            </button>
        </>
    );
}

function RecordEntry(props: { row: MedicalRecord; patient: Patient; mayDelete: boolean; onEdit: (row: MedicalRecord) => void }) {
    const { row, patient } = props;
    const then = snapshotNote(row, patient);
    const name = `${t('word.record')} ${formatDay(row.visitDate)}`;
    return (
        <div class="event-body">
            <div class="event-head">
                <RecordTypeChip type={row.recordType} />
                <span class="muted">{row.veterinarian}</span>
                <StateChip table="medical_record" row={row} />
                <Gone row={row} path={`/api/records/${row.id}`} table="medical_record" name={name} />
                <span class="event-tools no-print" hidden={Boolean(row.deletedAt)}>
                    <button type="button" class="icon-button" aria-label={`${t('action.edit')}: ${name}`} onClick={() => props.onEdit(row)}>
                        <Icon name="edit" size={16} />
                    </button>
                    {props.mayDelete && (
                        <button
                            type="button"
                            class="icon-button"
                            aria-label={`${t('action.delete')}: ${name}`}
                            onClick={() => void removeRow(`/api/records/${row.id}`, 'medical_record', name)}
                        >
                            <Icon name="trash" size={16} />
                        </button>
                    )}
                </span>
            </div>
            <RecordTexts row={row} />
            {then && <p class="muted small">{then}</p>}
        </div>
    );
}

function AppointmentEntry({ row, patient }: { row: Appointment; patient: Patient }) {
    return (
        <div class="event-body">
            <div class="event-head">
                <a href={`/appointments?day=${row.date}`}>
                    {[row.time ? formatTime(row.time) : '', row.reason].filter(Boolean).join(' · ')}
                </a>
                <span class="muted">{row.veterinarian}</span>
                <StateChip table="appointment" row={row} />
                <Gone
                    row={row}
                    path={`/api/appointments/${row.id}`}
                    table="appointment"
                    name={`${t('word.appointment')} ${formatDay(row.date)}`}
                />
                <StatusControl row={{ ...row, patient }} />
            </div>
        </div>
    );
}

function BillEntry({ row }: { row: Bill }) {
    return (
        <div class="event-body">
            <div class="event-head">
                <a href={`/bills/${row.id}`}>{t('timeline.bill', { number: row.billNumber })}</a>
                <span>{formatMoney(row.totalAmount, currencyOf(row.clinicId))}</span>
                <BillChip status={row.status} />
                <StateChip table="bill" row={row} />
                <Gone row={row} path={`/api/bills/${row.id}`} table="bill" name={row.billNumber} />
            </div>
        </div>
    );
}
