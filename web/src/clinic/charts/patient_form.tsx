import { useEffect, useState } from 'preact/hooks';
import { get, withQuery } from '../../common/api';
import { noteChanged, useQuery } from '../../common/data';
import { toast } from '../../common/feedback';
import { AreaField, ChoiceField, ClinicField, FormBox, SaveBar, SelectField, TextField } from '../../common/fields';
import { required, useForm } from '../../common/form';
import { dayIn, parseAmount, typedNumber } from '../../common/format';
import { language } from '../../common/i18n';
import type { PageProps } from '../../common/page';
import { FormPage, Loading } from '../../common/parts';
import { navigate, place } from '../../common/router';
import { clinics, zoneOf } from '../../common/session';
import { ageNoted } from '../age';
import { chipDoubts, lastWeight, patientDoubts, weightDoubts } from '../doubts';
import { t } from '../i18n';
import { PageProblem } from '../parts';
import { OwnerPicker } from '../pickers';
import { offeredSpecies, storedSpecies } from '../species';
import type { Owner, Patient } from '../types';
import { useVets } from '../use_vets';
import { idToSend, type Signature } from '../vets';
import { speciesWord } from '../words';
import { WeightFields } from './weight_fields';

type Names =
    | 'name'
    | 'species'
    | 'breed'
    | 'birthDate'
    | 'deceasedOn'
    | 'gender'
    | 'weight'
    | 'weightUnit'
    | 'status'
    | 'assignedDoctor'
    | 'handlingDifficulty'
    | 'microchip'
    | 'notes'
    | 'age';
type PatientValues = Record<Names, string> & { ownerId: string | null; clinicId: string };

/// Animals that carry this chip number already, written in whatever way.
async function othersWithChip(chip: string, id: string | undefined): Promise<Patient[]> {
    const bare = (text: string | null): string => (text ?? '').replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
    if (bare(chip) === '') return [];
    // A search is by words: with and without the blanks that people put into such a number.
    const asked = [...new Set([chip.trim(), bare(chip), bare(chip).replace(/(.{3})(?=.)/g, '$1 ')])];
    try {
        const found = await Promise.all(asked.map((q) => get<Patient[]>(withQuery('/api/patients', { q, limit: 20 }))));
        const others = found.flat().filter((other) => other.id !== id && bare(other.microchip) === bare(chip));
        return [...new Map(others.map((other) => [other.id, other])).values()];
    } catch {
        // A chip number that cannot be looked up stops nobody.
        return [];
    }
}

const valuesOf = (row: Patient | null, ownerId: string | null): PatientValues => ({
    clinicId: row?.clinicId ?? clinics.value[0]?.id ?? '',
    ownerId: row ? row.ownerId : ownerId,
    name: row?.name ?? '',
    species: speciesWord(row?.species ?? ''),
    breed: row?.breed ?? '',
    birthDate: row?.birthDate ?? '',
    age: row?.age === null || row?.age === undefined ? '' : String(row.age),
    deceasedOn: row?.deceasedOn ?? '',
    gender: row?.gender.toLowerCase() ?? 'unknown',
    weight: row?.weight === null || row?.weight === undefined ? '' : typedNumber(row.weight),
    weightUnit: row?.weightUnit ?? (navigator.language === 'en-US' ? 'lbs' : 'kg'),
    status: row?.status ?? 'active',
    assignedDoctor: row?.assignedDoctor ?? '',
    handlingDifficulty: row?.handlingDifficulty ?? '',
    microchip: row?.microchip ?? '',
    notes: row?.notes ?? '',
});

/// Whose patient it is, as a row's veterinarian.
const doctorOf = (row: Patient): Signature => ({
    clinicId: row.clinicId,
    veterinarian: row.assignedDoctor,
    veterinarianId: row.assignedDoctorId,
});

const labels = (): Record<string, string> => ({
    name: t('field.name'),
    species: t('field.species'),
    breed: t('field.breed'),
    birthDate: t('field.birthDate'),
    age: t('field.ageYears'),
    gender: t('field.gender'),
    weight: t('field.weight'),
    weightUnit: t('field.weightUnit'),
    assignedDoctor: t('field.assignedDoctor'),
    handlingDifficulty: t('field.handling'),
    microchip: t('field.microchip'),
    deceasedOn: t('field.deceasedOn'),
    status: t('field.status'),
    notes: t('field.notes'),
});

/// Optional numbers as typed; a word in their place is an error of the field.
function numbersOf(values: PatientValues): { errors: Record<string, string>; weight: number | null; age: number | null } {
    const errors: Record<string, string> = {};
    const weight = values.weight.trim() === '' ? null : parseAmount(values.weight);
    if (values.weight.trim() !== '' && (weight === null || weight <= 0)) errors.weight = t('error.positiveNumber');
    const age = values.age.trim() === '' ? null : Number(values.age);
    if (age !== null && (!Number.isInteger(age) || age < 0)) errors.age = t('error.wholeNumber');
    return { errors, weight, age };
}

function PatientFormBox(props: {
    row: Patient | null;
    etag: string | null;
    owner: Owner | null;
    onSaved: (row: Patient) => void;
    onCancel: () => void;
}) {
    const [owner, setOwner] = useState<Owner | null>(props.owner);
    const form = useForm<PatientValues>(valuesOf(props.row, props.owner?.id ?? null), props.etag, {
        read: (row: Patient) => valuesOf(row, null),
        taken: (row: Patient) => setOwner(row.owner ?? null),
    });
    const doctor = props.row && doctorOf(props.row);
    const { vets, staff } = useVets();
    useEffect(() => {
        if (props.row) form.reset(valuesOf(props.row, null), props.etag);
    }, [props.etag]);
    const values = form.values.value;
    const save = async (): Promise<void> => {
        const numbers = numbersOf(form.values.value);
        const wrong = { ...required(form.values.value, ['name', 'species']), ...numbers.errors };
        if (Object.keys(wrong).length > 0) {
            form.fail(wrong);
            return;
        }
        const before = props.row && valuesOf(props.row, null);
        const { clinicId, ...texts } = form.values.value;
        // A value that is sent back as it was shown stays as it is stored.
        if (props.row && before?.species === texts.species) texts.species = props.row.species;
        else texts.species = storedSpecies(texts.species);
        const clinic = props.row?.clinicId ?? owner?.clinicId ?? clinicId;
        const today = dayIn(zoneOf(clinic));
        const sure = await form.sure(before, async () => [
            ...patientDoubts({ birthDate: texts.birthDate, deceasedOn: texts.deceasedOn, age: numbers.age }, today),
            ...weightDoubts({ weight: numbers.weight, unit: texts.weightUnit }, texts.species, lastWeight(props.row)),
            ...(before?.microchip === texts.microchip
                ? []
                : chipDoubts(texts.microchip, await othersWithChip(texts.microchip, props.row?.id))),
        ]);
        if (!sure) return;
        // An animal belongs to its owner's clinic.
        const assignedDoctorId = idToSend(staff, texts.assignedDoctor, clinic, doctor);
        const body = { ...texts, assignedDoctorId, weight: numbers.weight, age: numbers.age, ...(texts.ownerId ? {} : { clinicId }) };
        const saved = props.row
            ? await form.send<Patient>('PUT', `/api/patients/${props.row.id}`, body)
            : await form.send<Patient>('POST', '/api/patients', body);
        if (!saved) return;
        noteChanged(['patient']);
        toast(t('patients.saved', { name: saved.name }));
        props.onSaved(saved);
    };
    return (
        <FormBox form={form} onSubmit={() => void save()} labels={labels()}>
            <TextField form={form} name="name" label={t('field.name')} maxLength={100} required autofocus />
            <OwnerPicker
                name="ownerId"
                value={owner}
                error={form.errors.value.ownerId}
                hint={t('patients.ownerHint')}
                onPick={(row) => {
                    setOwner(row);
                    form.set({ ownerId: row?.id ?? null });
                }}
            />
            {!props.row && !owner && <ClinicField form={form} />}
            <TextField form={form} name="species" label={t('field.species')} maxLength={60} list={offeredSpecies(language())} required />
            <TextField form={form} name="breed" label={t('field.breed')} maxLength={100} />
            <ChoiceField
                form={form}
                name="gender"
                label={t('field.gender')}
                options={[
                    { value: 'female', label: t('gender.female') },
                    { value: 'male', label: t('gender.male') },
                    { value: 'unknown', label: t('gender.unknown') },
                ]}
            />
            <TextField form={form} name="birthDate" label={t('field.birthDate')} type="date" />
            {values.birthDate === '' && (
                <TextField
                    form={form}
                    name="age"
                    label={t('field.ageYears')}
                    inputMode="numeric"
                    hint={(props.row && ageNoted(props.row, zoneOf(props.row.clinicId))) || t('patients.ageHint')}
                />
            )}
            <WeightFields form={form} />
            <TextField form={form} name="microchip" label={t('field.microchip')} maxLength={50} />
            <TextField
                form={form}
                name="assignedDoctor"
                label={t('field.assignedDoctor')}
                maxLength={100}
                list={vets.list.map((vet) => vet.name)}
            />
            <SelectField
                form={form}
                name="handlingDifficulty"
                label={t('field.handling')}
                options={[
                    { value: '', label: t('handling.none') },
                    { value: 'easy', label: t('handling.easy') },
                    { value: 'medium', label: t('handling.medium') },
                    { value: 'hard', label: t('handling.hard') },
                ]}
            />
            <SelectField
                form={form}
                name="status"
                label={t('field.status')}
                options={[
                    { value: 'active', label: t('patientStatus.active') },
                    { value: 'inactive', label: t('patientStatus.inactive') },
                ]}
            />
            {props.row && <TextField form={form} name="deceasedOn" label={t('field.deceasedOn')} type="date" />}
            <AreaField form={form} name="notes" label={t('field.notes')} />
            <SaveBar busy={form.busy.value} onCancel={props.onCancel} />
        </FormBox>
    );
}

export function NewPatientPage(_: PageProps) {
    const ownerId = place.value.query.get('owner');
    const owner = useQuery<Owner>(ownerId ? `/api/owners/${ownerId}` : null);
    if (ownerId && owner.loading) return <Loading />;
    return (
        <FormPage title={t('patients.new')}>
            <PatientFormBox
                row={null}
                etag={null}
                owner={owner.data}
                onSaved={(row) => void navigate(`/patients/${row.id}`, { replace: true })}
                onCancel={() => void navigate(ownerId ? `/owners/${ownerId}` : '/patients')}
            />
        </FormPage>
    );
}

export function EditPatientPage({ params }: PageProps) {
    const query = useQuery<Patient>(`/api/patients/${params.id}`);
    if (!query.data) return query.error ? <PageProblem error={query.error} onRetry={query.reload} /> : <Loading />;
    const back = `/patients/${query.data.id}`;
    return (
        <FormPage title={t('patients.edit', { name: query.data.name })}>
            <PatientFormBox
                row={query.data}
                etag={query.etag}
                owner={query.data.owner ?? null}
                onSaved={() => void navigate(back, { replace: true })}
                onCancel={() => void navigate(back)}
            />
        </FormPage>
    );
}
