import { useQuery } from '../../common/data';
import { dayIn, formatDay, formatTime, fullName } from '../../common/format';
import { Card, Empty, Loading, PageHead, Problem } from '../../common/parts';
import { timezone, user } from '../../common/session';
import { t } from '../i18n';
import { now } from '../live';
import { DeceasedChip, StateChip } from '../parts';
import type { Appointment, MedicalRecord } from '../types';
import { RecordTypeChip } from '../words';
import { StatusControl } from './appointment_parts';
import { SCHEDULE_MAX } from './schedule';

interface Stats {
    totalPatients: number;
    totalOwners: number;
    todayAppointments: number;
    recentRecords: MedicalRecord[];
}

/// Shows the first look of the day: who comes, what was written last, the few things people start from.
export function HomePage() {
    const today = dayIn(timezone.value, new Date(now.value));
    const stats = useQuery<Stats>('/api/dashboard/stats', ['owner', 'patient', 'appointment', 'medical_record']);
    const day = useQuery<Appointment[]>(`/api/appointments?from=${today}&to=${today}`, ['appointment', 'patient']);
    const rows = day.data?.filter((row) => row.date === today) ?? [];
    const open = rows.filter((row) => row.status === 'scheduled').length;
    return (
        <>
            <PageHead
                title={t('home.greeting', { name: user.value?.firstName ?? '' })}
                note={<p class="subtitle">{formatDay(today, 'long')}</p>}
            >
                <a class="button" href="/owners/new">
                    {t('owners.new')}
                </a>
                <a class="button" href="/patients/new">
                    {t('patients.new')}
                </a>
                <a class="button primary" data-key="n" href="/appointments?new=1">
                    {t('appointments.new')}
                </a>
            </PageHead>
            <ul class="tiles">
                <Tile label={t('home.today')} value={day.data ? rows.length : null} href="/appointments" />
                <Tile label={t('home.stillOpen')} value={day.data ? open : null} href="/appointments" />
                <Tile label={t('home.patients')} value={stats.data?.totalPatients ?? null} href="/patients" />
                <Tile label={t('home.owners')} value={stats.data?.totalOwners ?? null} href="/owners" />
            </ul>
            <div class="columns">
                <Card title={t('home.todayTitle')} actions={<a href="/appointments">{t('home.wholeDay')}</a>}>
                    {day.error && <Problem error={day.error} onRetry={day.reload} />}
                    {day.loading && <Loading />}
                    {day.data && rows.length === 0 && (
                        <Empty icon="calendar" title={t('home.noAppointments')} text={t('home.noAppointmentsText')} />
                    )}
                    {day.data?.length === SCHEDULE_MAX && <p class="notice">{t('appointments.tooMany', { n: SCHEDULE_MAX })}</p>}
                    <ul class="rows">
                        {rows.map((row) => (
                            <li key={row.id} class={`row-item status-${row.status}`}>
                                <span class="row-time">{row.time ? formatTime(row.time) : t('appointments.anyTime')}</span>
                                <span class="row-main">
                                    <a href={`/patients/${row.patientId}`}>{row.patient?.name ?? '–'}</a>
                                    <DeceasedChip row={row.patient} />
                                    <span class="muted">
                                        {[fullName(row.patient?.owner), row.reason, row.veterinarian].filter(Boolean).join(' · ')}
                                    </span>
                                </span>
                                <StateChip table="appointment" row={row} />
                                <StatusControl row={row} onChanged={day.reload} />
                            </li>
                        ))}
                    </ul>
                </Card>
                <Card title={t('home.recentTitle')}>
                    {stats.error && <Problem error={stats.error} onRetry={stats.reload} />}
                    {stats.loading && <Loading />}
                    {stats.data?.recentRecords.length === 0 && <Empty icon="record" title={t('home.noRecords')} />}
                    <ul class="rows">
                        {stats.data?.recentRecords.map((row) => (
                            <li key={row.id} class="row-item">
                                <span class="row-main">
                                    <a href={`/patients/${row.patientId}`}>{row.patient?.name ?? '–'}</a>
                                    <span class="muted">
                                        {[row.diagnosis || row.treatment || row.symptoms, row.veterinarian].filter(Boolean).join(' · ')}
                                    </span>
                                </span>
                                <RecordTypeChip type={row.recordType} />
                                <span class="row-date">{formatDay(row.visitDate)}</span>
                            </li>
                        ))}
                    </ul>
                </Card>
            </div>
        </>
    );
}

function Tile(props: { label: string; value: number | null; href: string }) {
    return (
        <li>
            <a class="tile" href={props.href}>
                <span class="tile-value">{props.value ?? '–'}</span>
                <span class="tile-label">{props.label}</span>
            </a>
        </li>
    );
}
