import { useEffect } from 'preact/hooks';
import { noteChanged } from '../../common/data';
import { toast } from '../../common/feedback';
import { AreaField, ChoiceField, FormBox, SaveBar, TextField } from '../../common/fields';
import { required, useForm } from '../../common/form';
import { dayIn, fullName, parseAmount, typedNumber } from '../../common/format';
import { hasRole, user, zoneOf } from '../../common/session';
import { lastWeight, recordDoubts, weightDoubts } from '../doubts';
import { t } from '../i18n';
import type { MedicalRecord, Patient } from '../types';
import { useVets } from '../use_vets';
import { idToSend } from '../vets';
import { RECORD_TYPE_VALUES, recordTypeWord } from '../words';
import { addMonths } from './chart_facts';
import { WeightFields } from './weight_fields';

type Names =
    | 'recordType'
    | 'visitDate'
    | 'veterinarian'
    | 'symptoms'
    | 'diagnosis'
    | 'treatment'
    | 'notes'
    | 'weight'
    | 'weightUnit'
    | 'nextDueOn';
type RecordValues = Record<Names, string>;

function valuesOf(row: MedicalRecord | null, patient: Patient): RecordValues {
    const ownName = hasRole('veterinarian', patient.clinicId) ? fullName(user.value) : '';
    return {
        recordType: row?.recordType ?? 'treatment',
        visitDate: row?.visitDate ?? dayIn(zoneOf(patient.clinicId)),
        veterinarian: row?.veterinarian ?? (ownName || patient.assignedDoctor),
        symptoms: row?.symptoms ?? '',
        diagnosis: row?.diagnosis ?? '',
        treatment: row?.treatment ?? '',
        notes: row?.notes ?? '',
        weight: row?.weight === null || row?.weight === undefined ? '' : typedNumber(row.weight),
        weightUnit: row?.weightUnit ?? patient.weightUnit,
        nextDueOn: row?.nextDueOn ?? '',
    };
}

const labels = (): Record<string, string> => ({
    recordType: t('record.type'),
    visitDate: t('record.visitDate'),
    veterinarian: t('record.veterinarian'),
    symptoms: t('record.symptoms'),
    diagnosis: t('record.diagnosis'),
    treatment: t('record.treatment'),
    weight: t('field.weight'),
    nextDueOn: t('record.nextDue'),
    notes: t('field.notes'),
});

/// A visit in few keys: date, vet and unit are filled in, the first field has the focus, Ctrl+Enter saves.
export function RecordForm(props: {
    patient: Patient;
    /// The animal's, whose veterinarians are offered after the staff's.
    records: readonly MedicalRecord[];
    row: MedicalRecord | null;
    etag: string | null;
    onDone: (saved: MedicalRecord | null) => void;
}) {
    const { patient, row } = props;
    const form = useForm<RecordValues>(valuesOf(row, patient), props.etag, { read: (found: MedicalRecord) => valuesOf(found, patient) });
    const { vets, staff } = useVets(props.records);
    useEffect(() => {
        if (row) form.reset(valuesOf(row, patient), props.etag);
    }, [props.etag]);
    const values = form.values.value;
    const isVaccine = values.recordType === 'vaccine';
    const save = async (): Promise<void> => {
        const now = form.values.value;
        const wrong = required(now, ['visitDate', 'veterinarian']);
        const weight = now.weight.trim() === '' ? null : parseAmount(now.weight);
        if (now.weight.trim() !== '' && (weight === null || weight <= 0)) wrong.weight = t('error.positiveNumber');
        if (![now.symptoms, now.diagnosis, now.treatment, now.notes].some((text) => text.trim())) {
            wrong.treatment = t('record.saySomething');
        }
        if (Object.keys(wrong).length > 0) {
            form.fail(wrong);
            return;
        }
        const sure = await form.sure(row && valuesOf(row, patient), () => [
            ...recordDoubts(now, patient, dayIn(zoneOf(patient.clinicId))),
            ...weightDoubts({ weight, unit: now.weightUnit }, patient.species, row ? null : lastWeight(patient)),
        ]);
        if (!sure) return;
        const veterinarianId = idToSend(staff, now.veterinarian, patient.clinicId, row);
        const body = { ...now, veterinarianId, patientId: patient.id, weight, weightUnit: weight === null ? null : now.weightUnit };
        const saved = row
            ? await form.send<MedicalRecord>('PUT', `/api/records/${row.id}`, body)
            : await form.send<MedicalRecord>('POST', '/api/records', body);
        if (!saved) return;
        noteChanged(['medical_record', 'patient']);
        toast(t('record.saved', { name: patient.name }));
        props.onDone(saved);
    };
    return (
        <FormBox form={form} onSubmit={() => void save()} labels={labels()}>
            <ChoiceField
                form={form}
                name="recordType"
                label={t('record.type')}
                wide
                options={RECORD_TYPE_VALUES.map((value) => ({ value, label: recordTypeWord(value) }))}
            />
            {!isVaccine && <AreaField form={form} name="symptoms" label={t('record.symptoms')} rows={2} autofocus />}
            {!isVaccine && <AreaField form={form} name="diagnosis" label={t('record.diagnosis')} rows={2} />}
            <AreaField
                form={form}
                name="treatment"
                label={isVaccine ? t('record.vaccine') : t('record.treatment')}
                hint={isVaccine ? t('record.vaccineHint') : undefined}
                rows={isVaccine ? 1 : 2}
            />
            <WeightFields form={form} />
            <TextField form={form} name="nextDueOn" label={t('record.nextDue')} type="date" />
            <div class="field quick-due">
                <span class="label" id="quick-due">
                    {t('record.nextDueIn')}
                </span>
                <div class="segments" role="group" aria-labelledby="quick-due">
                    {[1, 6, 12].map((months) => (
                        <button
                            key={months}
                            type="button"
                            class="segment"
                            onClick={() => form.set({ nextDueOn: addMonths(values.visitDate || dayIn(zoneOf(patient.clinicId)), months) })}
                        >
                            {t('record.months', { n: months })}
                        </button>
                    ))}
                </div>
            </div>
            <TextField form={form} name="visitDate" label={t('record.visitDate')} type="date" required />
            <TextField
                form={form}
                name="veterinarian"
                label={t('record.veterinarian')}
                maxLength={100}
                list={vets.list.map((vet) => vet.name)}
                required
            />
            <AreaField form={form} name="notes" label={t('field.notes')} rows={2} />
            <SaveBar busy={form.busy.value} onCancel={() => props.onDone(null)} label={t('record.save')} />
        </FormBox>
    );
}
