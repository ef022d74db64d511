import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Query } from '../../common/data';
import { dayIn, formatDay, formatNumber } from '../../common/format';
import { Card } from '../../common/parts';
import { zoneOf } from '../../common/session';
import { t } from '../i18n';
import { AsOf } from '../parts';
import type { MedicalRecord, Patient } from '../types';
import { unitWord } from '../words';
import { vaccinations, type WeightPoint, weights, yearChange } from './chart_facts';

const stateWord = { overdue: 'vaccine.overdue', soon: 'vaccine.soon', current: 'vaccine.current' } as const;

export function VaccinationCard(props: { patient: Patient; records: Query<MedicalRecord[]> }) {
    const today = dayIn(zoneOf(props.patient.clinicId));
    const list = vaccinations(props.records.data ?? [], today);
    return (
        <Card title={t('vaccine.title')}>
            {props.records.data && list.length === 0 && <p class="muted">{t('vaccine.none')}</p>}
            <ul class="rows">
                {list.map((vaccine) => (
                    <li key={vaccine.name} class="row-item">
                        <span class="row-main">
                            <span>{vaccine.name || t('recordType.vaccine')}</span>
                            <span class="muted">
                                {t('vaccine.given', { day: formatDay(vaccine.givenOn) })} ·{' '}
                                {t('vaccine.due', { day: formatDay(vaccine.dueOn) })}
                                {vaccine.assumed ? ` (${t('vaccine.assumed')})` : ''}
                            </span>
                        </span>
                        {!props.patient.deceasedOn && <span class={`chip vaccine-${vaccine.state}`}>{t(stateWord[vaccine.state])}</span>}
                    </li>
                ))}
            </ul>
            <AsOf />
        </Card>
    );
}

type Curve = ComponentType<{ points: WeightPoint[]; unit: string }>;

export function WeightCard(props: { patient: Patient; records: MedicalRecord[] }) {
    const unit = props.patient.weightUnit;
    const points = weights(props.records, unit);
    const [curve, setCurve] = useState<{ of: Curve } | null>(null);
    const enough = points.length > 1;
    useEffect(() => {
        // The chart library comes only where there is a curve to draw.
        if (enough) void import('./weight_curve').then((module) => setCurve({ of: module.default }));
    }, [enough]);
    if (points.length === 0) return null;
    const change = yearChange(points);
    const sign = change !== null && change > 0 ? '+' : '';
    return (
        <Card class="chart-weight" title={t('weight.title', { unit: unitWord(unit) })}>
            {change !== null && <p class="muted">{t('weight.change', { percent: `${sign}${formatNumber(change, 1)}` })}</p>}
            {enough && curve && <curve.of points={points} unit={unit} />}
            <details class="weight-table" open={!enough}>
                <summary>{t('weight.table', { n: points.length })}</summary>
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">{t('record.visitDate')}</th>
                            <th scope="col" class="number">
                                {t('field.weight')}
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {[...points].reverse().map((point) => (
                            <tr key={point.day}>
                                <td>{formatDay(point.day)}</td>
                                <td class="number">
                                    {formatNumber(point.weight)} {unitWord(unit)}
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </details>
        </Card>
    );
}
