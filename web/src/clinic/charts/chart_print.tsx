import { useQuery } from '../../common/data';
import { dayIn, formatDay, formatNumber, fullName } from '../../common/format';
import type { PageProps } from '../../common/page';
import { Facts, Loading } from '../../common/parts';
import { PrintBar } from '../../common/print_bar';
import { clinicOf, zoneOf } from '../../common/session';
import { ageNoted, formatAge } from '../age';
import { t } from '../i18n';
import { AsOf, PageProblem } from '../parts';
import type { Patient } from '../types';
import { genderWord, kindText, recordTypeWord, unitWord } from '../words';
import { vaccinations } from './chart_facts';
import { RecordTexts, snapshotNote, useRecords } from './records';

/// The whole chart on paper, as a referral or an owner's copy.
export function ChartPrintPage({ params }: PageProps) {
    const id = params.id ?? '';
    const query = useQuery<Patient>(`/api/patients/${id}`, ['patient']);
    const records = useRecords(id);
    const patient = query.data;
    if (!patient || !records.data) {
        const error = query.error ?? records.error;
        return error ? <PageProblem error={error} /> : <Loading />;
    }
    const clinic = clinicOf(patient.clinicId);
    const today = dayIn(zoneOf(patient.clinicId));
    const shots = vaccinations(records.data, today);
    return (
        <>
            <PrintBar title={t('chart.printTitle', { name: patient.name })} back={`/patients/${id}`} />
            <article class="sheet">
                <header class="sheet-head">
                    <div>
                        <strong>{clinic?.name}</strong>
                        <div class="pre">{clinic?.address}</div>
                        <div>{clinic?.phone}</div>
                    </div>
                    <div class="sheet-right">
                        <h2>{patient.name}</h2>
                        <div>{formatDay(today)}</div>
                    </div>
                </header>
                <Facts
                    facts={[
                        [t('word.owner'), [fullName(patient.owner), patient.owner?.phone].filter(Boolean).join(', ')],
                        [t('field.species'), kindText(patient)],
                        [t('field.gender'), genderWord(patient.gender)],
                        [
                            t('field.age'),
                            [formatAge(patient, patient.deceasedOn ?? today), ageNoted(patient, zoneOf(patient.clinicId))]
                                .filter(Boolean)
                                .join(', '),
                        ],
                        [t('field.birthDate'), formatDay(patient.birthDate)],
                        [t('field.deceasedOn'), formatDay(patient.deceasedOn)],
                        [
                            t('field.weight'),
                            patient.weight === null ? '' : `${formatNumber(patient.weight)} ${unitWord(patient.weightUnit)}`,
                        ],
                        [t('field.microchip'), patient.microchip],
                    ]}
                />
                {shots.length > 0 && (
                    <>
                        <h3>{t('vaccine.title')}</h3>
                        <ul>
                            {shots.map((shot) => (
                                <li key={shot.name}>
                                    {shot.name || t('recordType.vaccine')}: {t('vaccine.given', { day: formatDay(shot.givenOn) })},{' '}
                                    {t('vaccine.due', { day: formatDay(shot.dueOn) })}
                                </li>
                            ))}
                        </ul>
                        <AsOf />
                    </>
                )}
                <h3>{t('timeline.records')}</h3>
                {records.data.map((row) => (
                    <section key={row.id} class="sheet-entry">
                        <h4>
                            {formatDay(row.visitDate)} · {recordTypeWord(row.recordType)} · {row.veterinarian}
                        </h4>
                        <RecordTexts row={row} />
                        <p class="muted small">{snapshotNote(row, patient)}</p>
                    </section>
                ))}
            </article>
        </>
    );
}
