import { useState } from 'preact/hooks';
import { call, withQuery } from '../../common/api';
import { noteChanged, useQuery } from '../../common/data';
import { closeAsked, Modal } from '../../common/dialog';
import { toast, toastProblem } from '../../common/feedback';
import { AreaField, FormBox, SaveBar, SelectField, TextField } from '../../common/fields';
import { required, useForm } from '../../common/form';
import { addDays, dayIn, formatDay, formatTime, fullName, minutesOf, timeOf } from '../../common/format';
import { DeletedChip, Facts } from '../../common/parts';
import { zoneOf } from '../../common/session';
import { removeRow } from '../deleted';
import { appointmentDoubts } from '../doubts';
import { t } from '../i18n';
import { DeceasedChip, StateNote } from '../parts';
import { PatientPicker } from '../pickers';
import type { Appointment, AppointmentStatus, Patient } from '../types';
import { useVets } from '../use_vets';
import { idToSend, type Vets } from '../vets';
import { APPOINTMENT_VALUES, AppointmentChip, appointmentWord } from '../words';
import { setStatus } from './appointment_parts';
import { move, type Start } from './move';
import { doubleBookings, endTimeOf, SNAP_MINUTES } from './schedule';

type Names = 'date' | 'time' | 'duration' | 'reason' | 'veterinarian' | 'notes' | 'status' | 'patientId';
type Values = Record<Names, string>;
const DURATIONS = [10, 15, 20, 30, 45, 60, 90, 120];

/// Tells who else is with the veterinarian at that time. It is a hint, and nothing is refused.
function useClash(values: Values, row: Appointment | null, clinicId: string, vets: Vets): Appointment[] {
    const { date, time, duration, veterinarian } = values;
    const asks = date !== '' && time !== '' && veterinarian.trim() !== '';
    const day = useQuery<Appointment[]>(asks ? withQuery('/api/appointments', { from: date, to: date }) : null, ['appointment']);
    if (!asks || !day.data) return [];
    const veterinarianId = row?.veterinarian === veterinarian ? row.veterinarianId : null;
    const mine = {
        clinicId,
        date,
        time,
        duration: Number(duration) || null,
        veterinarian,
        veterinarianId,
        status: 'scheduled',
    } as Appointment;
    const pairs = doubleBookings([...day.data.filter((other) => other.id !== row?.id), mine], vets);
    return pairs.filter((pair) => pair.includes(mine)).map(([a, b]) => (a === mine ? b : a));
}

const valuesOf = (row: Appointment | null, start: Start): Values => ({
    patientId: row?.patientId ?? start.patient?.id ?? '',
    date: row?.date ?? start.date,
    time: row ? row.time : (start.time ?? ''),
    duration: String(row?.duration ?? 30),
    reason: row?.reason ?? '',
    veterinarian: row?.veterinarian ?? start.veterinarian ?? start.patient?.assignedDoctor ?? '',
    notes: row?.notes ?? '',
    status: row?.status ?? 'scheduled',
});

/// `days`: the appointments in sight, whose veterinarians are offered after the staff's.
export function AppointmentForm(props: {
    row: Appointment | null;
    etag: string | null;
    start: Start;
    days: readonly Appointment[];
    onDone: (saved: boolean) => void;
}) {
    const { row } = props;
    const form = useForm<Values>(valuesOf(row, props.start), props.etag, {
        read: (found: Appointment) => valuesOf(found, props.start),
        taken: (found: Appointment) => setPatient(found.patient ?? null),
    });
    const [patient, setPatient] = useState<Patient | null>(row?.patient ?? props.start.patient ?? null);
    const clinicId = row?.clinicId ?? patient?.clinicId ?? '';
    const { vets, staff } = useVets(props.days);
    const clash = useClash(form.values.value, row, clinicId, vets);
    const save = async (): Promise<void> => {
        const wrong = required(form.values.value, ['patientId', 'date', 'reason']);
        if (Object.keys(wrong).length > 0) {
            form.fail(wrong);
            return;
        }
        const { date, veterinarian } = form.values.value;
        const sure = await form.sure(row && valuesOf(row, props.start), () =>
            appointmentDoubts({ date }, patient, dayIn(zoneOf(patient?.clinicId))),
        );
        if (!sure) return;
        const veterinarianId = idToSend(staff, veterinarian, clinicId, row);
        const body = {
            ...form.values.value,
            veterinarianId,
            time: form.values.value.time || null,
            duration: Number(form.values.value.duration),
        };
        const saved = row
            ? await form.send<Appointment>('PUT', `/api/appointments/${row.id}`, body)
            : await form.send<Appointment>('POST', '/api/appointments', body);
        if (!saved) return;
        noteChanged(['appointment']);
        toast(t('appointments.saved', { name: saved.patient?.name ?? '', day: formatDay(saved.date, 'weekday') }));
        props.onDone(true);
    };
    const durations = [...new Set([...DURATIONS, Number(form.values.value.duration)])].sort((a, b) => a - b);
    return (
        <FormBox
            form={form}
            onSubmit={() => void save()}
            labels={{
                date: t('appointments.date'),
                time: t('appointments.time'),
                duration: t('appointments.duration'),
                reason: t('appointments.reason'),
                veterinarian: t('record.veterinarian'),
                notes: t('field.notes'),
                status: t('field.status'),
            }}
        >
            <PatientPicker
                name="patientId"
                value={patient}
                required
                wide
                autofocus={!row && !props.start.patient}
                error={form.errors.value.patientId}
                onPick={(found) => {
                    setPatient(found);
                    const vet = form.values.value.veterinarian || found?.assignedDoctor || '';
                    form.set({ patientId: found?.id ?? '', veterinarian: vet });
                }}
            />
            <TextField
                form={form}
                name="reason"
                label={t('appointments.reason')}
                maxLength={1000}
                required
                wide
                autofocus={Boolean(row || props.start.patient)}
            />
            <TextField form={form} name="date" label={t('appointments.date')} type="date" required />
            <TextField form={form} name="time" label={t('appointments.time')} type="time" hint={t('appointments.timeHint')} />
            <SelectField
                form={form}
                name="duration"
                label={t('appointments.duration')}
                options={durations.map((minutes) => ({ value: String(minutes), label: t('appointments.minutes', { n: minutes }) }))}
            />
            <TextField
                form={form}
                name="veterinarian"
                label={t('record.veterinarian')}
                maxLength={100}
                list={vets.list.map((vet) => vet.name)}
            />
            {clash.length > 0 && (
                <p class="notice wide" role="status">
                    {t('appointments.clash', {
                        vet: form.values.value.veterinarian,
                        others: clash.map((other) => `${other.patient?.name ?? ''} ${formatTime(other.time)}`).join(', '),
                    })}
                </p>
            )}
            {row && (
                <SelectField
                    form={form}
                    name="status"
                    label={t('field.status')}
                    options={APPOINTMENT_VALUES.map((value) => ({ value, label: appointmentWord(value) }))}
                />
            )}
            <AreaField form={form} name="notes" label={t('field.notes')} rows={2} />
            <SaveBar busy={form.busy.value} onCancel={() => props.onDone(false)} />
        </FormBox>
    );
}

export function NewAppointmentDialog(props: { start: Start; days: readonly Appointment[]; onClose: () => void }) {
    const close = (): void => void closeAsked(props.onClose);
    return (
        <Modal title={t('appointments.new')} size="wide" onClose={close}>
            <AppointmentForm
                row={null}
                etag={null}
                start={props.start}
                days={props.days}
                onDone={(saved) => (saved ? props.onClose() : close())}
            />
        </Modal>
    );
}

/// Shows one appointment, for check-in, moving without a mouse, changing and deleting.
export function AppointmentDialog(props: { row: Appointment; days: readonly Appointment[]; double: boolean; onClose: () => void }) {
    const { row } = props;
    const [editing, setEditing] = useState<{ row: Appointment; etag: string | null } | null>(null);
    const close = (): void => void closeAsked(props.onClose);
    const name = `${row.patient?.name ?? ''} ${row.time ? formatTime(row.time) : ''}`.trim();
    const title = t('appointments.of', { name: row.patient?.name ?? '' });
    if (editing) {
        return (
            <Modal key="edit" title={title} size="wide" onClose={close}>
                <AppointmentForm
                    row={editing.row}
                    etag={editing.etag}
                    start={{ date: row.date }}
                    days={props.days}
                    onDone={(saved) => (saved ? props.onClose() : close())}
                />
            </Modal>
        );
    }
    const edit = async (): Promise<void> => {
        try {
            const fresh = await call<Appointment>('GET', `/api/appointments/${row.id}`);
            setEditing({ row: fresh.data, etag: fresh.etag });
        } catch (error) {
            toastProblem(error);
        }
    };
    const set = (status: AppointmentStatus): void => void setStatus(row, status).then((done) => done && props.onClose());
    const later = (minutes: number): void => void move(row, { time: timeOf(minutesOf(row.time) + minutes) });
    return (
        <Modal title={title} onClose={close}>
            <StateNote table="appointment" row={row} />
            {props.double && <p class="notice">{t('appointments.doubleText')}</p>}
            <Facts
                facts={[
                    [
                        t('word.patient'),
                        <>
                            <a href={`/patients/${row.patientId}`}>{row.patient?.name}</a> <DeceasedChip row={row.patient} />
                        </>,
                    ],
                    [
                        t('word.owner'),
                        row.patient?.owner && (
                            <>
                                <a href={`/owners/${row.patient.owner.id}`}>{fullName(row.patient.owner)}</a>{' '}
                                <DeletedChip row={row.patient.owner} />
                                {row.patient.owner.phone ? `, ${row.patient.owner.phone}` : ''}
                            </>
                        ),
                    ],
                    [t('appointments.date'), formatDay(row.date, 'long')],
                    [
                        t('appointments.time'),
                        row.time ? `${formatTime(row.time)} – ${formatTime(endTimeOf(row))}` : t('appointments.anyTime'),
                    ],
                    [t('appointments.reason'), row.reason],
                    [t('record.veterinarian'), row.veterinarian],
                    [t('field.notes'), row.notes && <span class="pre">{row.notes}</span>],
                    [t('field.status'), <AppointmentChip status={row.status} />],
                ]}
            />
            <div class="button-row" role="group" aria-label={t('field.status')}>
                {APPOINTMENT_VALUES.filter((status) => status !== row.status).map((status) => (
                    <button
                        key={status}
                        type="button"
                        class={status === 'completed' ? 'button primary' : 'button'}
                        onClick={() => set(status)}
                    >
                        {appointmentWord(status)}
                    </button>
                ))}
            </div>
            <div class="button-row" role="group" aria-label={t('appointments.move')}>
                <span class="label">{t('appointments.move')}</span>
                {row.time && (
                    <>
                        <button type="button" class="button small" onClick={() => later(-SNAP_MINUTES)}>
                            {t('appointments.earlier', { n: SNAP_MINUTES })}
                        </button>
                        <button type="button" class="button small" onClick={() => later(SNAP_MINUTES)}>
                            {t('appointments.later', { n: SNAP_MINUTES })}
                        </button>
                    </>
                )}
                <button type="button" class="button small" onClick={() => void move(row, { date: addDays(row.date, -1) })}>
                    {t('appointments.dayBefore')}
                </button>
                <button type="button" class="button small" onClick={() => void move(row, { date: addDays(row.date, 1) })}>
                    {t('appointments.dayAfter')}
                </button>
            </div>
            <div class="actions">
                <button
                    type="button"
                    class="button"
                    onClick={() =>
                        void removeRow(`/api/appointments/${row.id}`, 'appointment', name).then((done) => done && props.onClose())
                    }
                >
                    {t('action.delete')}
                </button>
                <button type="button" class="button" onClick={() => void edit()}>
                    {t('action.edit')}
                </button>
            </div>
        </Modal>
    );
}
