import { useEffect, useState } from 'preact/hooks';
import { get, withQuery } from '../../common/api';
import { noteChanged, useQuery } from '../../common/data';
import { toast } from '../../common/feedback';
import { AreaField, ClinicField, FormBox, SaveBar, TextField } from '../../common/fields';
import { type Form, required, useForm } from '../../common/form';
import { fullName } from '../../common/format';
import type { PageProps } from '../../common/page';
import { FormPage, Loading } from '../../common/parts';
import { navigate } from '../../common/router';
import { clinics } from '../../common/session';
import { t } from '../i18n';
import { PageProblem } from '../parts';
import type { Owner } from '../types';

type OwnerValues = Record<'clinicId' | 'firstName' | 'lastName' | 'email' | 'phone' | 'address' | 'notes', string>;

interface Similar {
    owner: Owner;
    why: ('email' | 'phone' | 'name')[];
}

const valuesOf = (row: Owner | null): OwnerValues => ({
    clinicId: row?.clinicId ?? clinics.value[0]?.id ?? '',
    firstName: row?.firstName ?? '',
    lastName: row?.lastName ?? '',
    email: row?.email ?? '',
    phone: row?.phone ?? '',
    address: row?.address ?? '',
    notes: row?.notes ?? '',
});

const LOOK_DELAY_MS = 350;

/// Shows people who are there already and look like the one being typed.
function useSimilar(values: OwnerValues, isNew: boolean): Similar[] {
    const [found, setFound] = useState<Similar[]>([]);
    const { firstName, lastName, email, phone } = values;
    const enough = email.includes('@') || phone.trim().length >= 6 || (firstName.trim() !== '' && lastName.trim().length > 1);
    useEffect(() => {
        if (!isNew || !enough) {
            setFound([]);
            return undefined;
        }
        const abort = new AbortController();
        const timer = setTimeout(() => {
            const path = withQuery('/api/owners/similar', { firstName, lastName, email, phone });
            get<Similar[]>(path, { signal: abort.signal, quiet: true }).then(setFound, () => setFound([]));
        }, LOOK_DELAY_MS);
        return () => {
            clearTimeout(timer);
            abort.abort();
        };
    }, [firstName, lastName, email, phone, isNew, enough]);
    // A client of another clinic is no second entry of this one.
    return found.filter(({ owner }) => owner.clinicId === values.clinicId);
}

const whyWord = (why: Similar['why'][number]): string =>
    why === 'email' ? t('similar.email') : why === 'phone' ? t('similar.phone') : t('similar.name');

function SimilarNote({ found }: { found: Similar[] }) {
    if (found.length === 0) return null;
    return (
        <div class="notice wide" role="status">
            <p>
                <strong>{t('similar.title', { n: found.length })}</strong> {t('similar.text')}
            </p>
            <ul class="rows">
                {found.map(({ owner, why }) => (
                    <li key={owner.id} class="row-item">
                        <span class="row-main">
                            <a href={`/owners/${owner.id}`}>{fullName(owner)}</a>
                            <span class="muted">{[owner.phone, owner.email].filter(Boolean).join(' · ')}</span>
                        </span>
                        <span class="chip">{why.map(whyWord).join(', ')}</span>
                    </li>
                ))}
            </ul>
        </div>
    );
}

const labels = (): Record<string, string> => ({
    firstName: t('field.firstName'),
    lastName: t('field.lastName'),
    email: t('field.email'),
    phone: t('field.phone'),
    address: t('field.address'),
    notes: t('field.notes'),
});

export function OwnerFields(props: { form: Form<OwnerValues>; isNew: boolean }) {
    const { form } = props;
    const found = useSimilar(form.values.value, props.isNew);
    return (
        <>
            {props.isNew && <ClinicField form={form} />}
            <TextField form={form} name="firstName" label={t('field.firstName')} maxLength={100} required autofocus />
            <TextField form={form} name="lastName" label={t('field.lastName')} maxLength={100} required />
            <TextField form={form} name="phone" label={t('field.phone')} type="tel" maxLength={50} />
            <TextField form={form} name="email" label={t('field.email')} type="email" maxLength={254} />
            <TextField form={form} name="address" label={t('field.address')} maxLength={500} wide />
            <SimilarNote found={found} />
            <AreaField form={form} name="notes" label={t('field.notes')} />
        </>
    );
}

function OwnerFormBox(props: { row: Owner | null; etag: string | null; onSaved: (row: Owner) => void; onCancel: () => void }) {
    const form = useForm<OwnerValues>(valuesOf(props.row), props.etag, { read: valuesOf });
    // A fresh copy from the node replaces what is shown only while nothing has been written.
    useEffect(() => {
        if (props.row) form.reset(valuesOf(props.row), props.etag);
    }, [props.etag]);
    const save = async (): Promise<void> => {
        const missing = required(form.values.value, ['firstName', 'lastName']);
        if (Object.keys(missing).length > 0) {
            form.fail(missing);
            return;
        }
        const { clinicId, ...body } = form.values.value;
        const saved = props.row
            ? await form.send<Owner>('PUT', `/api/owners/${props.row.id}`, body)
            : await form.send<Owner>('POST', '/api/owners', { ...body, clinicId });
        if (!saved) return;
        noteChanged(['owner']);
        toast(t('owners.saved', { name: fullName(saved) }));
        props.onSaved(saved);
    };
    return (
        <FormBox form={form} onSubmit={() => void save()} labels={labels()}>
            <OwnerFields form={form} isNew={props.row === null} />
            <SaveBar busy={form.busy.value} onCancel={props.onCancel} />
        </FormBox>
    );
}

export function NewOwnerPage(_: PageProps) {
    return (
        <FormPage title={t('owners.new')}>
            <OwnerFormBox
                row={null}
                etag={null}
                onSaved={(row) => void navigate(`/owners/${row.id}`, { replace: true })}
                onCancel={() => void navigate('/owners')}
            />
        </FormPage>
    );
}

export function EditOwnerPage({ params }: PageProps) {
    const query = useQuery<Owner>(`/api/owners/${params.id}`);
    if (query.error && !query.data) return <PageProblem error={query.error} onRetry={query.reload} />;
    if (!query.data) return <Loading />;
    const back = `/owners/${query.data.id}`;
    return (
        <FormPage title={t('owners.edit', { name: fullName(query.data) })}>
            <OwnerFormBox
                row={query.data}
                etag={query.etag}
                onSaved={() => void navigate(back, { replace: true })}
                onCancel={() => void navigate(back)}
            />
        </FormPage>
    );
}
