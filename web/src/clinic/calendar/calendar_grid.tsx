import { useRef, useState } from 'preact/hooks';
import { formatHour, formatTime, fullName, minutesOf, timeIn, timeOf } from '../../common/format';
import { Icon } from '../../common/icons';
import { timezone } from '../../common/session';
import { t } from '../i18n';
import { now } from '../live';
import { DeceasedChip, rowState } from '../parts';
import type { Appointment } from '../types';
import { handedTo, type Vet, type Vets } from '../vets';
import { appointmentWord } from '../words';
import { move, type Start } from './move';
import { durationOf, hoursOf, leastMinutes, place, type Placed, scaleOf, snap, SNAP_MINUTES } from './schedule';

/// The hours of a day or week. A block is a button; with a mouse or finger it can be dragged to another time or column,
/// without one the dialog it opens moves it.
export interface GridColumn {
    key: string;
    title: string;
    /// What is dropped into the column, or begun there: on that day, with that veterinarian. undefined: with anybody.
    date: string;
    vet?: Vet | null;
    rows: Appointment[];
}

/// A block lower than this has one line.
const ONE_LINE_PX = 40;
const DRAG_FROM_PX = 5;

interface Drag {
    row: Appointment;
    column: number;
    minutes: number;
}

interface GridProps {
    columns: GridColumn[];
    rows: Appointment[];
    vets: Vets;
    today: string;
    double: Set<string>;
    onOpen: (row: Appointment) => void;
    onNew: (start: Start) => void;
}

export function Grid(props: GridProps) {
    const { from, to } = hoursOf(props.rows);
    const scale = scaleOf(props.rows);
    const height = (to - from) * 60 * scale;
    const body = useRef<HTMLDivElement>(null);
    const [drag, setDrag] = useState<Drag | null>(null);
    const hours = Array.from({ length: to - from }, (_, index) => from + index);
    const top = (minutes: number): string => `${(minutes - from * 60) * scale}px`;

    /// Column and minute under a point of the window.
    const at = (x: number, y: number, grabbed: number): { column: number; minutes: number } => {
        const columns = Array.from(body.current?.querySelectorAll<HTMLElement>('.cal-column') ?? []);
        const column = Math.max(
            0,
            columns.findIndex((element) => x < element.getBoundingClientRect().right),
        );
        const box = (columns[column] ?? columns[0])?.getBoundingClientRect();
        const raw = from * 60 + (y - (box?.top ?? 0)) / scale - grabbed;
        const minutes = Math.round(raw / SNAP_MINUTES) * SNAP_MINUTES;
        const last = columns.length > 0 && x >= columns[columns.length - 1]!.getBoundingClientRect().right;
        return { column: last ? columns.length - 1 : column, minutes: Math.max(from * 60, Math.min(to * 60 - SNAP_MINUTES, minutes)) };
    };

    const startDrag = (event: PointerEvent, row: Appointment): void => {
        if (event.button !== 0) return;
        const block = event.currentTarget as HTMLElement;
        const startX = event.clientX;
        const startY = event.clientY;
        const grabbed = (startY - block.getBoundingClientRect().top) / scale;
        let moved: Drag | null = null;
        const onMove = (to: PointerEvent): void => {
            if (moved === null && Math.hypot(to.clientX - startX, to.clientY - startY) < DRAG_FROM_PX) return;
            if (moved === null) block.setPointerCapture(event.pointerId);
            moved = { row, ...at(to.clientX, to.clientY, grabbed) };
            setDrag(moved);
        };
        const stop = (drop: boolean): void => {
            block.removeEventListener('pointermove', onMove);
            block.removeEventListener('pointerup', onUp);
            block.removeEventListener('pointercancel', onCancel);
            document.removeEventListener('keydown', onKey);
            setDrag(null);
            if (moved === null) return;
            // The click that ends a drag must not open the dialog.
            block.addEventListener('click', (click) => click.stopImmediatePropagation(), { capture: true, once: true });
            const target = props.columns[moved.column];
            if (!drop || !target) return;
            const time = snap(moved.minutes);
            // Within one person's column the name stays as it was printed.
            const stays = target.vet === undefined || target.vet === props.vets.of(row);
            if (stays && time === row.time && target.date === row.date) return;
            void move(row, { date: target.date, time, ...(stays ? {} : handedTo(row, target.vet ?? null)) });
        };
        const onUp = (): void => stop(true);
        const onCancel = (): void => stop(false);
        const onKey = (key: KeyboardEvent): void => {
            if (key.key === 'Escape') stop(false);
        };
        block.addEventListener('pointermove', onMove);
        block.addEventListener('pointerup', onUp);
        block.addEventListener('pointercancel', onCancel);
        document.addEventListener('keydown', onKey);
    };

    return (
        <div class="calendar no-print" role="region" aria-label={t('nav.appointments')} tabIndex={0}>
            <div class="cal-grid" ref={body} style={{ gridTemplateColumns: `62px repeat(${props.columns.length}, minmax(116px, 1fr))` }}>
                <div class="cal-corner" />
                {props.columns.map((column) => (
                    <h3 key={column.key} class={column.date === props.today && column.vet === undefined ? 'cal-head today' : 'cal-head'}>
                        {column.title}
                        <AnyTime rows={column.rows.filter((row) => !row.time)} onOpen={props.onOpen} />
                    </h3>
                ))}
                <div class="cal-hours" style={{ height: `${height}px` }} aria-hidden="true">
                    {hours.map((hour) => (
                        <span key={hour} style={{ top: top(hour * 60) }}>
                            {formatHour(hour)}
                        </span>
                    ))}
                </div>
                {props.columns.map((column, index) => (
                    <div
                        key={column.key}
                        class="cal-column"
                        style={{ height: `${height}px`, backgroundSize: `100% ${60 * scale}px` }}
                        onClick={(event) => {
                            if (event.target !== event.currentTarget) return;
                            const { minutes } = at(event.clientX, event.clientY, SNAP_MINUTES / 2);
                            props.onNew({ date: column.date, veterinarian: column.vet?.name, time: timeOf(minutes) });
                        }}
                    >
                        {place(column.rows, leastMinutes(scale)).map((placed) => (
                            <Block
                                key={placed.row.id}
                                placed={placed}
                                top={top}
                                scale={scale}
                                double={props.double.has(placed.row.id)}
                                onOpen={props.onOpen}
                                onGrab={startDrag}
                                dragged={drag?.row.id === placed.row.id}
                            />
                        ))}
                        {drag?.column === index && (
                            <div class="cal-ghost" style={{ top: top(drag.minutes), height: `${durationOf(drag.row) * scale}px` }}>
                                {formatTime(snap(drag.minutes))} {drag.row.patient?.name}
                            </div>
                        )}
                        {column.date === props.today && <NowLine from={from} to={to} top={top} />}
                    </div>
                ))}
            </div>
        </div>
    );
}

function AnyTime(props: { rows: Appointment[]; onOpen: (row: Appointment) => void }) {
    return (
        <>
            {props.rows.map((row) => (
                <button key={row.id} type="button" class="cal-any" onClick={() => props.onOpen(row)}>
                    {t('appointments.anyTime')}: {row.patient?.name}
                </button>
            ))}
        </>
    );
}

function NowLine(props: { from: number; to: number; top: (minutes: number) => string }) {
    const time = timeIn(timezone.value, new Date(now.value));
    const minutes = minutesOf(time);
    if (minutes < props.from * 60 || minutes > props.to * 60) return null;
    return (
        <div class="cal-now" style={{ top: props.top(minutes) }}>
            <span class="visually-hidden">{t('calendar.now', { time: formatTime(time) })}</span>
        </div>
    );
}

function Block(props: {
    placed: Placed;
    top: (minutes: number) => string;
    scale: number;
    double: boolean;
    dragged: boolean;
    onOpen: (row: Appointment) => void;
    onGrab: (event: PointerEvent, row: Appointment) => void;
}) {
    const { row, start, end, lane, lanes } = props.placed;
    const state = rowState('appointment', row);
    const width = 100 / lanes;
    const height = (end - start) * props.scale - 2;
    const text = [row.status === 'scheduled' ? '' : appointmentWord(row.status), row.reason, fullName(row.patient?.owner)]
        .filter(Boolean)
        .join(' · ');
    return (
        <button
            type="button"
            class={`cal-block cal-${row.status} ${props.dragged ? 'dragged' : ''} ${props.double ? 'double' : ''} ${height < ONE_LINE_PX ? 'one-line' : ''}`}
            title={text}
            style={{
                top: props.top(start),
                height: `${height}px`,
                left: `${lane * width}%`,
                width: `calc(${width}% - 3px)`,
            }}
            onPointerDown={(event) => props.onGrab(event, row)}
            onClick={() => props.onOpen(row)}
        >
            <span class="cal-block-head">
                {formatTime(row.time)} <strong>{row.patient?.name}</strong> <DeceasedChip row={row.patient} />
                {props.double && (
                    <span class="cal-flag">
                        <Icon name="alert" size={13} /> {t('appointments.double')}
                    </span>
                )}
                {state && <span class="cal-flag">{t(state.label)}</span>}
            </span>
            <span class="cal-block-text">{text}</span>
        </button>
    );
}
