import { useEffect, useRef, useState } from 'preact/hooks';
import { post } from '../../common/api';
import { noteChanged, useQuery } from '../../common/data';
import { toast, toastProblem } from '../../common/feedback';
import { FormBox, SaveBar, SelectField, TextField } from '../../common/fields';
import { required, useForm } from '../../common/form';
import { formatInstant, formatNumber } from '../../common/format';
import type { PageProps } from '../../common/page';
import { Card, Facts, Loading, PageHead, Problem } from '../../common/parts';
import { place, setQuery } from '../../common/router';
import { clinics, isAdmin, loadClinics, logIn, logOut, timezone, user } from '../../common/session';
import type { Clinic } from '../../common/types';
import { t } from '../i18n';
import { NewPasswordField, passwordFault } from './new_password';
import { PriceList } from './prices';
import { CURRENCIES, invitationMeanings, timezones } from './setup_choices';

type ClinicValues = Record<'name' | 'timezone' | 'currency' | 'address' | 'phone', string>;
const valuesOf = (row: Clinic): ClinicValues => ({
    name: row.name,
    timezone: row.timezone,
    currency: row.currency,
    address: row.address,
    phone: row.phone,
});

function ClinicForm({ id }: { id: string }) {
    const query = useQuery<Clinic>(`/api/clinic?clinicId=${id}`, ['clinic']);
    if (!query.data) return query.error ? <Problem error={query.error} onRetry={query.reload} /> : <Loading />;
    return <ClinicFields row={query.data} etag={query.etag} />;
}

function ClinicFields({ row, etag }: { row: Clinic; etag: string | null }) {
    const form = useForm<ClinicValues>(valuesOf(row), etag, { read: valuesOf });
    const mayEdit = isAdmin(row.id);
    useEffect(() => form.reset(valuesOf(row), etag), [etag]);
    const save = async (): Promise<void> => {
        const missing = required(form.values.value, ['name', 'timezone', 'currency']);
        if (Object.keys(missing).length > 0) {
            form.fail(missing);
            return;
        }
        if (!(await form.send<Clinic>('PUT', `/api/clinic?clinicId=${row.id}`, form.values.value))) return;
        noteChanged(['clinic']);
        await loadClinics();
        toast(t('settings.saved'));
    };
    if (!mayEdit) {
        return (
            <Facts
                facts={[
                    [t('field.name'), row.name],
                    [t('settings.code'), row.code],
                    [t('field.address'), row.address],
                    [t('field.phone'), row.phone],
                    [t('settings.timezone'), row.timezone],
                    [t('settings.currency'), row.currency],
                ]}
            />
        );
    }
    const currencies = CURRENCIES.includes(row.currency) ? CURRENCIES : [row.currency, ...CURRENCIES];
    return (
        <FormBox
            form={form}
            onSubmit={() => void save()}
            labels={{
                name: t('field.name'),
                address: t('field.address'),
                phone: t('field.phone'),
                timezone: t('settings.timezone'),
                currency: t('settings.currency'),
            }}
        >
            <TextField
                form={form}
                name="name"
                label={t('field.name')}
                maxLength={200}
                required
                wide
                hint={t('settings.codeHint', { code: row.code })}
            />
            <TextField form={form} name="address" label={t('field.address')} maxLength={500} />
            <TextField form={form} name="phone" label={t('field.phone')} type="tel" maxLength={50} />
            <SelectField
                form={form}
                name="timezone"
                label={t('settings.timezone')}
                options={[...new Set([row.timezone, ...timezones()])].map((value) => ({ value, label: value }))}
            />
            <SelectField
                form={form}
                name="currency"
                label={t('settings.currency')}
                options={currencies.map((value) => ({ value, label: value }))}
            />
            <SaveBar busy={form.busy.value} />
        </FormBox>
    );
}

interface NodeFacts {
    name: string;
    nodeCode: string;
    version: string;
    schemaVersion: number;
    clinics: { code: string; name: string }[];
    centralUrl: string | null;
    enrolled?: boolean;
    dataBytes: number;
    diskFreeBytes: number | null;
}

function bytesWord(bytes: number | null): string {
    if (bytes === null) return '';
    const gib = bytes / 1024 ** 3;
    return gib >= 1 ? `${formatNumber(gib, 1)} GB` : `${formatNumber(bytes / 1024 ** 2, 1)} MB`;
}

function NodeCard() {
    const node = useQuery<NodeFacts>('/api/node', ['clinic']);
    const [busy, setBusy] = useState(false);
    const backUp = async (): Promise<void> => {
        setBusy(true);
        try {
            const made = await post<{ file: string; bytes: number; at: string }>('/api/node/backup');
            toast(t('settings.backedUp', { file: made.file, size: bytesWord(made.bytes), at: formatInstant(made.at, timezone.value) }));
            node.reload();
        } catch (error) {
            toastProblem(error);
        } finally {
            setBusy(false);
        }
    };
    if (!node.data) return node.error ? <Problem error={node.error} onRetry={node.reload} /> : <Loading />;
    const found = node.data;
    const enrolled = found.enrolled ?? found.centralUrl !== null;
    return (
        <Card
            title={t('settings.node')}
            actions={
                isAdmin() && (
                    <button type="button" class="button small" disabled={busy} onClick={() => void backUp()}>
                        {busy ? t('settings.backingUp') : t('settings.backUp')}
                    </button>
                )
            }
        >
            <Facts
                facts={[
                    [t('field.name'), found.name || found.nodeCode],
                    [t('settings.nodeCode'), found.nodeCode],
                    [t('nav.clinics'), found.clinics.map((clinic) => `${clinic.name} (${clinic.code})`).join(', ')],
                    [t('settings.central'), found.centralUrl ?? t('settings.alone')],
                    [t('settings.version'), `${found.version} (${t('settings.schema', { n: found.schemaVersion })})`],
                    [t('settings.data'), bytesWord(found.dataBytes)],
                    [t('settings.free'), bytesWord(found.diskFreeBytes)],
                ]}
            />
            {isAdmin() && !enrolled && <EnrollForm onDone={node.reload} />}
        </Card>
    );
}

function EnrollForm(props: { onDone: () => void }) {
    const form = useForm({ token: '', name: '', into: '' });
    // It is asked for only once an invitation turned out to be for several clinics.
    const asksClinic = useRef(false);
    if (form.errors.value.into) asksClinic.current = true;
    const save = async (): Promise<void> => {
        const missing = required(form.values.value, ['token', 'name']);
        if (Object.keys(missing).length > 0) {
            form.fail(missing);
            return;
        }
        const body = { ...form.values.value, into: form.values.value.into.trim().toUpperCase() };
        const meanings = { ...invitationMeanings(), into_required: { into: t('fault.intoRequired') } };
        if (!(await form.send('POST', '/api/node/enroll', body, meanings))) return;
        toast(t('settings.enrolled'));
        noteChanged('all');
        props.onDone();
    };
    return (
        <details class="enroll">
            <summary>{t('settings.enroll')}</summary>
            <p class="muted">{t('settings.enrollText')}</p>
            <FormBox form={form} onSubmit={() => void save()}>
                <TextField form={form} name="token" label={t('setup.token')} required wide />
                <TextField
                    form={form}
                    name="name"
                    label={t('setup.nodeName')}
                    maxLength={100}
                    required
                    wide
                    hint={t('setup.nodeNameHint')}
                />
                {asksClinic.current && <TextField form={form} name="into" label={t('settings.code')} maxLength={16} required wide />}
                <SaveBar busy={form.busy.value} label={t('settings.enrollSubmit')} />
            </FormBox>
        </details>
    );
}

function OwnPassword() {
    const form = useForm({ currentPassword: '', password: '', again: '' });
    const save = async (): Promise<void> => {
        const { again, ...body } = form.values.value;
        const wrong = required(form.values.value, ['currentPassword', 'password', 'again']);
        const fault = passwordFault(body.password);
        if (!wrong.password && fault) wrong.password = fault;
        if (!wrong.password && again !== body.password) wrong.again = t('settings.passwordDiffers');
        if (Object.keys(wrong).length > 0) {
            form.fail(wrong);
            return;
        }
        const meanings = { forbidden: { currentPassword: t('settings.passwordWrong') } };
        if (!(await form.send('POST', `/api/staff/${user.value?.id ?? ''}/password`, body, meanings))) return;
        form.reset({ currentPassword: '', password: '', again: '' });
        try {
            // The new password has ended every session, this one too.
            await logIn(user.value?.email ?? '', body.password);
            toast(t('settings.passwordSet'));
        } catch (error) {
            toastProblem(error);
        }
    };
    return (
        <FormBox form={form} onSubmit={() => void save()} class="form login-form">
            <TextField
                form={form}
                name="currentPassword"
                label={t('settings.passwordNow')}
                type="password"
                autoComplete="current-password"
                required
            />
            <NewPasswordField form={form} label={t('members.newPassword')} />
            <TextField form={form} name="again" label={t('settings.passwordAgain')} type="password" autoComplete="new-password" required />
            <SaveBar busy={form.busy.value} label={t('settings.passwordSubmit')} />
        </FormBox>
    );
}

/// Ends all sessions, after others may have had a computer or a password.
function OwnSessions() {
    const [busy, setBusy] = useState(false);
    const end = async (): Promise<void> => {
        setBusy(true);
        try {
            await logOut(true);
        } catch (error) {
            toastProblem(error);
            setBusy(false);
        }
    };
    return (
        <>
            <p>{t('settings.sessionsText')}</p>
            <button type="button" class="button" disabled={busy} onClick={() => void end()}>
                {t('settings.sessionsEnd')}
            </button>
        </>
    );
}

const PARTS = [
    ['clinic', 'word.clinic'],
    ['prices', 'settings.prices'],
    ['node', 'settings.node'],
    ['password', 'user.password'],
] as const;

export function SettingsPage(_: PageProps) {
    const asked = place.value.query.get('part');
    const part = PARTS.find(([name]) => name === asked)?.[0] ?? 'clinic';
    return (
        <div class="settings-page">
            <PageHead title={t('nav.settings')} />
            <div class="toolbar">
                <div class="segments" role="group" aria-label={t('settings.parts')}>
                    {PARTS.map(([name, label]) => (
                        <button
                            key={name}
                            type="button"
                            class={part === name ? 'segment on' : 'segment'}
                            aria-pressed={part === name}
                            onClick={() => setQuery({ part: name === 'clinic' ? null : name })}
                        >
                            {t(label)}
                        </button>
                    ))}
                </div>
            </div>
            <div class="settings">
                {part === 'clinic' &&
                    clinics.value.map((clinic) => (
                        <Card key={clinic.id} title={clinic.name}>
                            <ClinicForm id={clinic.id} />
                        </Card>
                    ))}
                {part === 'prices' && <PriceList />}
                {part === 'node' && <NodeCard />}
                {part === 'password' && (
                    <>
                        <Card title={t('user.password')}>
                            <OwnPassword />
                        </Card>
                        <Card title={t('settings.sessions')}>
                            <OwnSessions />
                        </Card>
                    </>
                )}
            </div>
        </div>
    );
}
