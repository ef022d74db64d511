import { call } from '../../common/api';
import { noteChanged } from '../../common/data';
import { toast, toastProblem } from '../../common/feedback';
import { formatDay, formatTime } from '../../common/format';
import { t } from '../i18n';
import type { Appointment, Patient } from '../types';

export interface Start {
    date: string;
    time?: string;
    veterinarian?: string;
    patient?: Patient | null;
}

type Target = Partial<Pick<Appointment, 'date' | 'time' | 'veterinarian' | 'veterinarianId'>>;

/// Moves to another time, day or veterinarian, with a way back.
export async function move(row: Appointment, to: Target, undo = true): Promise<void> {
    const { date, time, veterinarian, veterinarianId } = row;
    const before: Target = { date, time, veterinarian, ...(veterinarianId === undefined ? {} : { veterinarianId }) };
    try {
        await call('PUT', `/api/appointments/${row.id}`, to);
    } catch (error) {
        toastProblem(error);
        noteChanged(['appointment']);
        return;
    }
    noteChanged(['appointment']);
    const now = { ...row, ...to };
    const when = `${formatDay(now.date, 'weekday')}, ${formatTime(now.time)}`;
    const back = undo ? { label: t('action.undo'), run: () => void move(now, before, false) } : undefined;
    toast(t('appointments.moved', { name: row.patient?.name ?? '', when }), 'done', back);
}
