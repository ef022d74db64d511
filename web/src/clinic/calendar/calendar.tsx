import { useEffect, useMemo, useState } from 'preact/hooks';
import { withQuery } from '../../common/api';
import { useQuery } from '../../common/data';
import { addDays, dayIn, formatDay, formatTime, fullName, isDay, weekStart } from '../../common/format';
import { Icon } from '../../common/icons';
import type { PageProps } from '../../common/page';
import { Card, Empty, Loading, PageHead, Problem } from '../../common/parts';
import { place, setQuery } from '../../common/router';
import { timezone } from '../../common/session';
import { t } from '../i18n';
import { now } from '../live';
import { DeceasedChip, StateChip } from '../parts';
import type { Appointment, Patient } from '../types';
import { useVets } from '../use_vets';
import type { Vet, Vets } from '../vets';
import { AppointmentDialog, NewAppointmentDialog } from './appointment_dialog';
import { StatusControl } from './appointment_parts';
import { Grid, type GridColumn } from './calendar_grid';
import { PrintedDays } from './calendar_print';
import { WeekList } from './calendar_week';
import type { Start } from './move';
import { doubleBookings, SCHEDULE_MAX } from './schedule';

type View = 'day' | 'week';
/// Beyond so many double bookings a line opens the list, so that the day stays in sight; the list has so many.
const PAIRS_OPEN = 2;
const PAIRS_TOLD = 10;
const NARROW = '(max-width: 760px)';

function useNarrow(): boolean {
    const [narrow, setNarrow] = useState(matchMedia(NARROW).matches);
    useEffect(() => {
        const list = matchMedia(NARROW);
        const change = (): void => setNarrow(list.matches);
        list.addEventListener('change', change);
        return () => list.removeEventListener('change', change);
    }, []);
    return narrow;
}

/// Columns of the grid: a day has one per veterinarian, a week one per day.
function columnsOf(view: View, days: string[], rows: Appointment[], vets: Vets, shown: readonly Vet[]): GridColumn[] {
    if (view === 'week') {
        return days.map((day) => ({ key: day, title: formatDay(day, 'weekday'), date: day, rows: rows.filter((row) => row.date === day) }));
    }
    const date = days[0] ?? '';
    const columnOf = (vet: Vet | null): GridColumn => ({
        key: vet?.key ?? '',
        title: vet?.name ?? t('appointments.noVet'),
        date,
        vet,
        rows: rows.filter((row) => vets.of(row) === vet),
    });
    const columns = shown.map(columnOf);
    const nobody = columnOf(null);
    return nobody.rows.length > 0 || columns.length === 0 ? [...columns, nobody] : columns;
}

/// Somebody without a visit on these days, and not on the staff, is asked for all the same.
function vetAsked(vets: Vets, asked: string): Vet | null {
    return asked === '' ? null : (vets.find(asked) ?? { key: asked, name: asked, staff: [] });
}

function Agenda(props: { days: string[]; rows: Appointment[]; double: Set<string>; onOpen: (row: Appointment) => void }) {
    return (
        <div class="stack no-print">
            {props.days.map((day) => {
                const rows = props.rows.filter((row) => row.date === day);
                return (
                    <Card key={day} title={formatDay(day, 'long')}>
                        {rows.length === 0 && <p class="muted">{t('appointments.none')}</p>}
                        <ul class="rows">
                            {rows.map((row) => (
                                <li key={row.id} class={`row-item status-${row.status}`}>
                                    <span class="row-time">{row.time ? formatTime(row.time) : t('appointments.anyTime')}</span>
                                    <span class="row-main">
                                        <button type="button" class="link-button" onClick={() => props.onOpen(row)}>
                                            {row.patient?.name}
                                        </button>
                                        <DeceasedChip row={row.patient} />
                                        <span class="muted">
                                            {[fullName(row.patient?.owner), row.reason, row.veterinarian].filter(Boolean).join(' · ')}
                                        </span>
                                    </span>
                                    {props.double.has(row.id) && <span class="chip chip-wait">{t('appointments.double')}</span>}
                                    <StateChip table="appointment" row={row} />
                                    <StatusControl row={row} />
                                </li>
                            ))}
                        </ul>
                    </Card>
                );
            })}
        </div>
    );
}

function Toolbar(props: { view: View; day: string; title: string; vets: Vets; vet: Vet | null }) {
    const { view, day } = props;
    const step = view === 'week' ? 7 : 1;
    const offered = props.vet === null || props.vets.list.includes(props.vet) ? props.vets.list : [...props.vets.list, props.vet];
    return (
        <div class="toolbar no-print">
            <div class="button-row">
                <button type="button" class="button" onClick={() => setQuery({ day: null })}>
                    {t('calendar.today')}
                </button>
                <button
                    type="button"
                    class="icon-button bordered"
                    aria-label={t(view === 'week' ? 'calendar.weekBefore' : 'calendar.dayBefore')}
                    onClick={() => setQuery({ day: addDays(day, -step) })}
                >
                    <Icon name="chevronLeft" />
                </button>
                <button
                    type="button"
                    class="icon-button bordered"
                    aria-label={t(view === 'week' ? 'calendar.weekAfter' : 'calendar.dayAfter')}
                    onClick={() => setQuery({ day: addDays(day, step) })}
                >
                    <Icon name="chevronRight" />
                </button>
            </div>
            <h2 class="calendar-title" aria-live="polite">
                {props.title}
            </h2>
            <input
                class="input day-input"
                type="date"
                aria-label={t('calendar.goTo')}
                value={day}
                onChange={(event) => isDay(event.currentTarget.value) && setQuery({ day: event.currentTarget.value })}
            />
            <select
                class="input vet-select"
                aria-label={t('record.veterinarian')}
                value={props.vet?.key ?? ''}
                onChange={(event) => setQuery({ vet: event.currentTarget.value })}
            >
                <option value="">{t('calendar.allVets')}</option>
                {offered.map((vet) => (
                    <option key={vet.key} value={vet.key} selected={vet === props.vet}>
                        {vet.name}
                    </option>
                ))}
            </select>
            <div class="segments" role="group" aria-label={t('calendar.view')}>
                {(['day', 'week'] as const).map((value) => (
                    <button
                        key={value}
                        type="button"
                        class={view === value ? 'segment on' : 'segment'}
                        aria-pressed={view === value}
                        onClick={() => setQuery({ view: value === 'day' ? null : value })}
                    >
                        {t(value === 'day' ? 'calendar.day' : 'calendar.week')}
                    </button>
                ))}
            </div>
        </div>
    );
}

export function CalendarPage(_: PageProps) {
    const query = place.value.query;
    const today = dayIn(timezone.value, new Date(now.value));
    const asked = query.get('day') ?? '';
    const day = isDay(asked) ? asked : today;
    const view: View = query.get('view') === 'week' ? 'week' : 'day';
    const first = view === 'week' ? weekStart(day) : day;
    const days = Array.from({ length: view === 'week' ? 7 : 1 }, (_unused, index) => addDays(first, index));
    const path = withQuery('/api/appointments', { from: first, to: days[days.length - 1] });
    const list = useQuery<Appointment[]>(path, ['appointment', 'patient', 'owner']);
    const patientId = query.get('patient');
    const patient = useQuery<Patient>(patientId ? `/api/patients/${patientId}` : null);
    const found = useMemo(() => (list.data ?? []).filter((row) => !row.deletedAt), [list.data]);
    const { vets } = useVets(found);
    const vet = vetAsked(vets, query.get('vet') ?? '');
    const narrow = useNarrow();
    const [start, setStart] = useState<Start | null>(null);
    const [openId, setOpenId] = useState<string | null>(null);
    const asksNew = query.get('new') === '1' && (!patientId || patient.data !== null);
    useEffect(() => {
        if (!asksNew) return;
        setStart({ date: day, patient: patient.data });
        setQuery({ new: null, patient: null });
    }, [asksNew]);
    const rows = vet === null ? found : found.filter((row) => vets.of(row) === vet);
    const pairs = doubleBookings(rows, vets);
    const double = new Set(pairs.flat().map((row) => row.id));
    const open = rows.find((row) => row.id === openId);
    const title = view === 'week' ? `${formatDay(first)} – ${formatDay(days[days.length - 1])}` : formatDay(day, 'long');
    const tooMany = list.data?.length === SCHEDULE_MAX ? t('appointments.tooMany', { n: SCHEDULE_MAX }) : '';
    // A week shows one veterinarian's visits on a scale of hours: for several side by side it has no room.
    const busyVets = vets.list.filter((vet) => rows.some((row) => vets.of(row) === vet));
    const listed = view === 'week' && busyVets.length > 1;
    const begin = (found: Start): void => setStart(found);
    return (
        <>
            <div class="no-print">
                <PageHead title={t('nav.appointments')}>
                    <button type="button" class="button" onClick={() => print()}>
                        <Icon name="print" /> {t('action.print')}
                    </button>
                    <button type="button" class="button primary" data-key="n" onClick={() => begin({ date: day, veterinarian: vet?.name })}>
                        <Icon name="plus" /> {t('appointments.new')}
                    </button>
                </PageHead>
            </div>
            <Toolbar view={view} day={day} title={title} vets={vets} vet={vet} />
            {pairs.length > 0 && (
                <details class="notice double-note no-print" open={pairs.length <= PAIRS_OPEN}>
                    <summary>
                        <strong>{t('appointments.doubleTitle', { n: pairs.length })}</strong>
                    </summary>
                    <ul>
                        {pairs.slice(0, PAIRS_TOLD).map(([a, b]) => (
                            <li key={a.id + b.id}>
                                {vets.of(a)?.name}, {formatDay(a.date, 'weekday')}: {a.patient?.name} {formatTime(a.time)} /{' '}
                                {b.patient?.name} {formatTime(b.time)}
                            </li>
                        ))}
                        {pairs.length > PAIRS_TOLD && <li>{t('appointments.more', { n: pairs.length - PAIRS_TOLD })}</li>}
                    </ul>
                </details>
            )}
            {tooMany && <p class="notice no-print">{tooMany}</p>}
            {list.error && <Problem error={list.error} onRetry={list.reload} />}
            {list.loading && <Loading />}
            {list.data && narrow && <Agenda days={days} rows={rows} double={double} onOpen={(row) => setOpenId(row.id)} />}
            {list.data && !narrow && listed && (
                <WeekList
                    days={days}
                    rows={rows}
                    today={today}
                    double={double}
                    vets={vets}
                    shown={busyVets}
                    onOpen={(row) => setOpenId(row.id)}
                    onNew={begin}
                />
            )}
            {list.data && !narrow && !listed && (
                <Grid
                    columns={columnsOf(view, days, rows, vets, vet === null ? vets.list : [vet])}
                    rows={rows}
                    vets={vets}
                    today={today}
                    double={double}
                    onOpen={(row) => setOpenId(row.id)}
                    onNew={begin}
                />
            )}
            {list.data && rows.length === 0 && !narrow && (
                <Empty icon="calendar" title={t('appointments.none')} text={t('appointments.noneText')} />
            )}
            {list.data && <PrintedDays title={title} days={days} rows={rows} vet={vet?.name ?? ''} tooMany={tooMany} />}
            {start && <NewAppointmentDialog start={start} days={found} onClose={() => setStart(null)} />}
            {open && <AppointmentDialog row={open} days={found} double={double.has(open.id)} onClose={() => setOpenId(null)} />}
        </>
    );
}
