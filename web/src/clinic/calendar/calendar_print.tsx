import { formatClock, formatDay, formatInstant, formatTime, fullName } from '../../common/format';
import { usePaper } from '../../common/print_bar';
import { clinics, timezone } from '../../common/session';
import { t } from '../i18n';
import { now } from '../live';
import { AsOf } from '../parts';
import type { Appointment } from '../types';
import { appointmentWord, speciesWord } from '../words';
import { endTimeOf } from './schedule';

/// The days on paper: whose they are, which they are, and a table that fits the sheet whatever the screen shows.
export function PrintedDays(props: { title: string; days: string[]; rows: Appointment[]; vet: string; tooMany: string }) {
    usePaper();
    return (
        <article class="print-only">
            <header class="sheet-head">
                <div>
                    {clinics.value.map((clinic) => (
                        <div key={clinic.id}>
                            <strong>{clinic.name}</strong>
                            <div>{[clinic.address, clinic.phone].filter(Boolean).join(', ')}</div>
                        </div>
                    ))}
                </div>
                <div class="sheet-right">
                    <h2>{t('nav.appointments')}</h2>
                    <div>{props.title}</div>
                    {props.vet && <div>{props.vet}</div>}
                    <div>{t('calendar.printed', { at: formatInstant(new Date(now.value).toISOString(), timezone.value) })}</div>
                    <AsOf />
                </div>
            </header>
            {props.tooMany && <p>{props.tooMany}</p>}
            {props.days.map((day) => (
                <PrintedDay key={day} day={day} rows={props.rows.filter((row) => row.date === day)} titled={props.days.length > 1} />
            ))}
        </article>
    );
}

function PrintedDay(props: { day: string; rows: Appointment[]; titled: boolean }) {
    return (
        <section class="printed-day">
            {props.titled && <h3>{formatDay(props.day, 'long')}</h3>}
            {props.rows.length === 0 && <p>{t('appointments.none')}</p>}
            {props.rows.length > 0 && (
                <table class="printed-table">
                    <thead>
                        <tr>
                            <th scope="col">{t('appointments.time')}</th>
                            <th scope="col">{t('word.patient')}</th>
                            <th scope="col">{t('word.owner')}</th>
                            <th scope="col">{t('appointments.reason')}</th>
                            <th scope="col">{t('record.veterinarian')}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {props.rows.map((row) => (
                            <tr key={row.id}>
                                <td>{row.time ? `${formatClock(row.time)} – ${formatTime(endTimeOf(row))}` : t('appointments.anyTime')}</td>
                                <td>
                                    {row.patient?.name}
                                    {row.patient && `, ${speciesWord(row.patient.species)}`}
                                    {row.patient?.deceasedOn && ` (${t('patient.deceased')})`}
                                </td>
                                <td>{[fullName(row.patient?.owner), row.patient?.owner?.phone].filter(Boolean).join(', ')}</td>
                                <td>
                                    {[row.status === 'scheduled' ? '' : appointmentWord(row.status), row.reason].filter(Boolean).join(': ')}
                                </td>
                                <td>{row.veterinarian}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}
        </section>
    );
}
