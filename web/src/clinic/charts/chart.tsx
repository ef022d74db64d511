import { useState } from 'preact/hooks';
import { call, withQuery } from '../../common/api';
import { useQuery } from '../../common/data';
import { closeAsked, Modal } from '../../common/dialog';
import { toastProblem } from '../../common/feedback';
import { dayIn, formatDay, formatNumber, fullName } from '../../common/format';
import { Icon } from '../../common/icons';
import { askDeleted } from '../../common/list_filter';
import type { PageProps } from '../../common/page';
import { Card, DeletedChip, Facts, Loading, PageHead } from '../../common/parts';
import { navigate } from '../../common/router';
import { hasRole, isAdmin, zoneOf } from '../../common/session';
import { ageNoted, formatAge } from '../age';
import { DeletedNote, removeRow, useRow } from '../deleted';
import { t } from '../i18n';
import { PageProblem, StateNote } from '../parts';
import type { Appointment, Bill, MedicalRecord, Patient } from '../types';
import { genderWord, handlingWord, kindText, unitWord } from '../words';
import { VaccinationCard, WeightCard } from './chart_cards';
import { Timeline } from './chart_timeline';
import { RecordForm } from './record_form';
import { useRecords } from './records';

/// The age, and what it is known by: the birth date, or when somebody noted it.
export function ageText(patient: Patient, today: string): string {
    const known = patient.birthDate ? formatDay(patient.birthDate) : ageNoted(patient, zoneOf(patient.clinicId));
    return [formatAge(patient, patient.deceasedOn ?? today), known && `(${known})`].filter(Boolean).join(' ');
}

function Facets({ patient }: { patient: Patient }) {
    const owner = patient.owner;
    const today = dayIn(zoneOf(patient.clinicId));
    return (
        <Card title={t('chart.facts')}>
            <Facts
                facts={[
                    [
                        t('word.owner'),
                        owner ? (
                            <>
                                <a href={`/owners/${owner.id}`}>{fullName(owner)}</a> <DeletedChip row={owner} />
                                {owner.phone && (
                                    <>
                                        <br />
                                        <a href={`tel:${owner.phone}`}>{owner.phone}</a>
                                    </>
                                )}
                            </>
                        ) : (
                            t('patient.noOwner')
                        ),
                    ],
                    [t('field.age'), ageText(patient, today)],
                    [t('field.deceasedOn'), formatDay(patient.deceasedOn)],
                    [t('field.gender'), genderWord(patient.gender)],
                    [t('field.weight'), patient.weight === null ? '' : `${formatNumber(patient.weight)} ${unitWord(patient.weightUnit)}`],
                    [t('field.microchip'), patient.microchip],
                    [t('field.assignedDoctor'), patient.assignedDoctor],
                    [t('field.notes'), patient.notes && <span class="pre">{patient.notes}</span>],
                ]}
            />
        </Card>
    );
}

export function ChartPage({ params }: PageProps) {
    const id = params.id ?? '';
    const query = useRow<Patient>(`/api/patients/${id}`, ['patient', 'owner']);
    const includeDeleted = query.data ? askDeleted(query.data.clinicId) : null;
    const records = useRecords(id, includeDeleted);
    const appointments = useQuery<Appointment[]>(withQuery('/api/appointments', { patientId: id, includeDeleted }), ['appointment']);
    const bills = useQuery<Bill[]>(withQuery(`/api/bills/patient/${id}`, { includeDeleted }), ['bill']);
    const [editing, setEditing] = useState<{ row: MedicalRecord | null; etag: string | null } | null>(null);
    const patient = query.data;
    if (!patient) return query.error ? <PageProblem error={query.error} onRetry={query.reload} /> : <Loading />;
    const openRecord = async (row: MedicalRecord): Promise<void> => {
        try {
            const fresh = await call<MedicalRecord>('GET', `/api/records/${row.id}`);
            setEditing({ row: fresh.data, etag: fresh.etag });
        } catch (error) {
            toastProblem(error);
        }
    };
    const remove = async (): Promise<void> => {
        if (await removeRow(`/api/patients/${patient.id}`, 'patient', patient.name)) void navigate('/patients');
    };
    const mayDeleteRecords = isAdmin(patient.clinicId) || hasRole('veterinarian', patient.clinicId);
    return (
        <>
            <PageHead
                title={patient.name}
                note={
                    <p class="subtitle">
                        {kindText(patient)} <DeletedChip row={patient} />
                        {patient.deceasedOn && (
                            <span class="chip chip-off">{t('patient.deceasedOn', { day: formatDay(patient.deceasedOn) })}</span>
                        )}
                        {patient.status === 'inactive' && !patient.deceasedOn && (
                            <span class="chip chip-off">{t('patientStatus.inactive')}</span>
                        )}
                        {patient.handlingDifficulty && patient.handlingDifficulty !== 'easy' && (
                            <span class={`chip handling-${patient.handlingDifficulty}`}>
                                <Icon name="alert" size={14} /> {t('chart.handling', { level: handlingWord(patient.handlingDifficulty) })}
                            </span>
                        )}
                    </p>
                }
            >
                <a class="button" href={`/patients/${id}/print`}>
                    <Icon name="print" /> {t('action.print')}
                </a>
                {!patient.deletedAt && (
                    <>
                        <a class="button" href={`/patients/${id}/edit`}>
                            <Icon name="edit" /> {t('action.edit')}
                        </a>
                        <button type="button" class="button" onClick={() => void remove()}>
                            <Icon name="trash" /> {t('action.delete')}
                        </button>
                        <a class="button" href={`/appointments?new=1&patient=${id}`}>
                            {t('appointments.new')}
                        </a>
                        <a class="button" href={`/bills/new?patient=${id}`}>
                            {t('bills.new')}
                        </a>
                        <button type="button" class="button primary" data-key="n" onClick={() => setEditing({ row: null, etag: null })}>
                            <Icon name="plus" /> {t('record.new')}
                        </button>
                    </>
                )}
            </PageHead>
            <DeletedNote row={patient} path={`/api/patients/${id}`} table="patient" name={patient.name} />
            <StateNote table="patient" row={patient} />
            <div class="chart-areas">
                <div class="stack chart-facts">
                    <Facets patient={patient} />
                    <VaccinationCard patient={patient} records={records} />
                </div>
                <Timeline
                    patient={patient}
                    records={records}
                    appointments={appointments}
                    bills={bills}
                    mayDelete={mayDeleteRecords}
                    onEdit={(row) => void openRecord(row)}
                />
                <WeightCard patient={patient} records={records.data ?? []} />
            </div>
            {editing && (
                <RecordDialog
                    patient={patient}
                    records={records.data ?? []}
                    row={editing.row}
                    etag={editing.etag}
                    onClose={() => setEditing(null)}
                />
            )}
        </>
    );
}

function RecordDialog(props: {
    patient: Patient;
    records: readonly MedicalRecord[];
    row: MedicalRecord | null;
    etag: string | null;
    onClose: () => void;
}) {
    const { row, patient } = props;
    const title = row ? t('record.edit', { name: patient.name }) : t('record.newFor', { name: patient.name });
    return (
        <Modal title={title} size="wide" onClose={() => void closeAsked(props.onClose)}>
            <RecordForm
                patient={patient}
                records={props.records}
                row={row}
                etag={props.etag}
                onDone={(saved) => (saved ? props.onClose() : void closeAsked(props.onClose))}
            />
        </Modal>
    );
}
