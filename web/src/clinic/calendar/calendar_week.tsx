import { formatClock, formatDay, formatTime, fullName } from '../../common/format';
import { Icon } from '../../common/icons';
import { t } from '../i18n';
import { DeceasedChip, rowState } from '../parts';
import type { Appointment } from '../types';
import type { Vet, Vets } from '../vets';
import { appointmentWord } from '../words';
import { move, type Start } from './move';
import { initialsOf } from './schedule';

/// A week of several veterinarians: each day in one column, its visits by time, one line each. Side by side on a scale
/// of hours they would be too narrow to read. A line can be dragged to another day; without a mouse its dialog moves it.
export function WeekList(props: {
    days: string[];
    rows: Appointment[];
    today: string;
    double: Set<string>;
    vets: Vets;
    shown: readonly Vet[];
    onOpen: (row: Appointment) => void;
    onNew: (start: Start) => void;
}) {
    const letters = initialsOf(props.shown.map((vet) => vet.name));
    const initials = new Map(props.shown.map((vet, index) => [vet, letters[index]]));
    const initialsFor = (row: Appointment): string => initials.get(props.vets.of(row)!) ?? '';
    const drop = (event: DragEvent, day: string): void => {
        const row = props.rows.find((dragged) => dragged.id === event.dataTransfer?.getData('text/plain'));
        if (row === undefined) return;
        event.preventDefault();
        if (row.date !== day) void move(row, { date: day });
    };
    return (
        <>
            <p class="week-vets no-print">
                {props.shown.map((vet) => (
                    <span key={vet.key}>
                        <span class="initials">{initials.get(vet)}</span> {vet.name}
                    </span>
                ))}
            </p>
            <div class="calendar week-list no-print" role="region" aria-label={t('nav.appointments')} tabIndex={0}>
                {props.days.map((day) => {
                    const rows = props.rows.filter((row) => row.date === day);
                    return (
                        <section
                            key={day}
                            class={rows.length === 0 ? 'week-day week-empty' : 'week-day'}
                            onDragOver={(event) => event.preventDefault()}
                            onDrop={(event) => drop(event, day)}
                        >
                            <div class={day === props.today ? 'week-head today' : 'week-head'}>
                                <h3>
                                    <a href={`/appointments?day=${day}`}>{formatDay(day, 'weekday')}</a>
                                </h3>
                                <button
                                    type="button"
                                    class="icon-button"
                                    aria-label={t('calendar.newOn', { day: formatDay(day, 'weekday') })}
                                    onClick={() => props.onNew({ date: day })}
                                >
                                    <Icon name="plus" size={16} />
                                </button>
                                <span class="muted small">{t('calendar.count', { n: rows.length })}</span>
                            </div>
                            <ul>
                                {rows.map((row, index) => (
                                    <li key={row.id} class={row.time.slice(0, 2) === rows[index - 1]?.time.slice(0, 2) ? '' : 'hour'}>
                                        <Line
                                            row={row}
                                            initials={initialsFor(row)}
                                            double={props.double.has(row.id)}
                                            onOpen={props.onOpen}
                                        />
                                    </li>
                                ))}
                            </ul>
                        </section>
                    );
                })}
            </div>
        </>
    );
}

function Line(props: { row: Appointment; initials: string; double: boolean; onOpen: (row: Appointment) => void }) {
    const { row } = props;
    const state = rowState('appointment', row);
    const rest = [
        row.time && formatTime(row.time),
        row.veterinarian,
        row.reason,
        fullName(row.patient?.owner),
        row.status === 'scheduled' ? '' : appointmentWord(row.status),
    ];
    const flags = [props.double ? t('appointments.double') : '', state === null ? '' : t(state.label)].filter(Boolean);
    return (
        <button
            type="button"
            class={`week-row cal-${row.status} ${props.double ? 'double' : ''}`}
            title={[...rest, ...flags].filter(Boolean).join(' · ')}
            draggable
            onDragStart={(event) => event.dataTransfer?.setData('text/plain', row.id)}
            onClick={() => props.onOpen(row)}
        >
            <span class="week-time">{row.time ? formatClock(row.time) : t('appointments.anyTime')}</span>
            <strong>{row.patient?.name}</strong>
            <span class="week-reason">{row.reason}</span>
            <DeceasedChip row={row.patient} />
            {flags.length > 0 && <Icon name="alert" size={13} />}
            <span class="initials" aria-hidden="true">
                {props.initials}
            </span>
            <span class="visually-hidden">{[...rest, ...flags].filter(Boolean).join(', ')}</span>
        </button>
    );
}
