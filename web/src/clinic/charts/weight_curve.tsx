import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatDay, formatNumber } from '../../common/format';
import { locale } from '../../common/i18n';
import { theme } from '../../common/preferences';
import { t } from '../i18n';
import type { WeightPoint } from './chart_facts';

const HEIGHT = 190;

const stampOf = (day: string): number => Date.parse(day + 'T00:00:00Z') / 1000;
/// Reads the colours anew for every drawing: paper and the system's theme change them under the page.
const color = (name: string) => (): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const REPAINT_ON = ['print', '(prefers-color-scheme: dark)'];

/// The weights as a curve; the table beside it says the same for those who do not see it.
export default function WeightCurve(props: { points: WeightPoint[]; unit: string }) {
    const box = useRef<HTMLDivElement>(null);
    const look = theme.value;
    const key = JSON.stringify(props.points) + props.unit + look + locale();
    useEffect(() => {
        const element = box.current;
        if (!element) return undefined;
        const axis = { stroke: color('--text-muted'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } };
        const plot = new uPlot(
            {
                width: Math.max(200, element.clientWidth),
                height: HEIGHT,
                // Days of the calendar are stamped in UTC and must be read in UTC.
                tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), 'UTC'),
                legend: { show: false },
                cursor: { drag: { x: false, y: false } },
                scales: { y: { range: (_, min, max) => [Math.max(0, min - (max - min || max) * 0.2), max + (max - min || max) * 0.2] } },
                axes: [
                    {
                        ...axis,
                        values: (_, ticks) => ticks.map((tick) => formatDay(new Date(tick * 1000).toISOString()).replace(/,? \d{4}$/, '')),
                    },
                    { ...axis, size: 54, values: (_, ticks) => ticks.map((tick) => formatNumber(tick, 2)) },
                ],
                series: [
                    {},
                    {
                        label: t('field.weight'),
                        stroke: color('--accent'),
                        width: 2,
                        points: { show: true, size: 7, fill: color('--accent') },
                    },
                ],
            },
            [props.points.map((point) => stampOf(point.day)), props.points.map((point) => point.weight)],
            element,
        );
        const resize = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }));
        resize.observe(element);
        const media = REPAINT_ON.map((query) => matchMedia(query));
        const repaint = (): void => plot.redraw();
        for (const list of media) list.addEventListener('change', repaint);
        return () => {
            for (const list of media) list.removeEventListener('change', repaint);
            resize.disconnect();
            plot.destroy();
        };
    }, [key]);
    return <div class="curve" ref={box} aria-hidden="true" />;
}
