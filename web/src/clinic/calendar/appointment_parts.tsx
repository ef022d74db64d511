import { useRef } from 'preact/hooks';
import { call } from '../../common/api';
import { noteChanged } from '../../common/data';
import { toast, toastProblem } from '../../common/feedback';
import { t } from '../i18n';
import type { Appointment, AppointmentStatus } from '../types';
import { APPOINTMENT_VALUES, AppointmentChip, appointmentWord } from '../words';

export async function setStatus(row: Appointment, status: AppointmentStatus): Promise<boolean> {
    try {
        await call('PATCH', `/api/appointments/${row.id}/status`, { status });
        noteChanged(['appointment']);
        toast(t('appointments.statusSet', { name: row.patient?.name ?? '', status: appointmentWord(status) }));
        return true;
    } catch (error) {
        toastProblem(error);
        return false;
    }
}

/// Shows an appointment's status as a small select, which saves at once: this is how visitors are checked in.
export function StatusControl(props: { row: Appointment; onChanged?: () => void }) {
    const { row } = props;
    // Saves go out one after the other and the last one wins: arrow keys change a select with every step. It is never
    // disabled meanwhile, since that would take the focus away.
    const last = useRef<Promise<unknown>>(Promise.resolve());
    if (row.deletedAt) return <AppointmentChip status={row.status} />;
    return (
        <select
            class={`input status-select appt-${row.status}`}
            aria-label={t('appointments.statusOf', { name: row.patient?.name ?? '' })}
            value={row.status}
            onChange={(event) => {
                const wanted = event.currentTarget.value as AppointmentStatus;
                const select = event.currentTarget;
                last.current = last.current
                    .then(() => setStatus(row, wanted))
                    .then((done) => {
                        if (!done) select.value = row.status;
                        else props.onChanged?.();
                    });
            }}
        >
            {APPOINTMENT_VALUES.map((status) => (
                <option key={status} value={status} selected={status === row.status}>
                    {appointmentWord(status)}
                </option>
            ))}
        </select>
    );
}
