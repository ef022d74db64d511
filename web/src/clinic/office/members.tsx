import { useState } from 'preact/hooks';
import { post } from '../../common/api';
import { noteChanged, useQuery } from '../../common/data';
import { closeAsked, Modal } from '../../common/dialog';
import { toast, toastProblem } from '../../common/feedback';
import { ClinicField, FormBox, SaveBar, TextField } from '../../common/fields';
import { type Form, required, useForm } from '../../common/form';
import { fullName } from '../../common/format';
import { Icon } from '../../common/icons';
import type { PageProps } from '../../common/page';
import { clinicColumn, DataTable, Loading, PageHead, Problem } from '../../common/parts';
import { clinics, isAdmin, user } from '../../common/session';
import type { Role } from '../../common/types';
import { t } from '../i18n';
import { StateChip } from '../parts';
import type { Staff } from '../types';
import { roleWord } from '../words';
import { NewPasswordField, passwordFault } from './new_password';

const ROLES: Role[] = ['staff', 'veterinarian', 'admin'];

type StaffValues = {
    clinicId: string;
    firstName: string;
    lastName: string;
    email: string;
    roles: Role[];
    active: boolean;
    password: string;
};

function RolesField({ form }: { form: Form<StaffValues> }) {
    const { roles } = form.values.value;
    return (
        <fieldset class="field wide" data-field="roles">
            <legend>{t('members.roles')}</legend>
            <div class="button-row">
                {ROLES.map((role) => (
                    <label key={role} class="check">
                        <input
                            type="checkbox"
                            checked={roles.includes(role)}
                            onChange={(event) => {
                                const rest = roles.filter((kept) => kept !== role);
                                form.set({ roles: (event.currentTarget.checked ? [...rest, role] : rest).sort() });
                            }}
                        />
                        {roleWord(role)}
                    </label>
                ))}
            </div>
            {form.errors.value.roles && <div class="field-error">{form.errors.value.roles}</div>}
        </fieldset>
    );
}

async function endSessions(row: Staff): Promise<void> {
    try {
        await post(`/api/staff/${row.id}/logout`);
        toast(t('members.sessionsEnded', { name: fullName(row) }));
    } catch (error) {
        toastProblem(error);
    }
}

function StaffDialog(props: { row: Staff | null; onClose: () => void }) {
    const { row } = props;
    const own = clinics.value.filter((clinic) => isAdmin(clinic.id));
    const form = useForm<StaffValues>({
        clinicId: row?.clinicId ?? own[0]?.id ?? '',
        firstName: row?.firstName ?? '',
        lastName: row?.lastName ?? '',
        email: row?.email ?? '',
        roles: row?.roles ?? ['staff'],
        active: row?.active ?? true,
        password: '',
    });
    const close = (): void => void closeAsked(props.onClose);
    const save = async (): Promise<void> => {
        const { password, clinicId, ...body } = form.values.value;
        const wrong = required(body, ['firstName', 'lastName', 'email']);
        const fault = row ? undefined : passwordFault(password);
        if (fault) wrong.password = fault;
        if (body.roles.length === 0) wrong.roles = t('members.noRole');
        if (Object.keys(wrong).length > 0) {
            form.fail(wrong);
            return;
        }
        const saved = row
            ? await form.send<Staff>('PUT', `/api/staff/${row.id}`, body)
            : await form.send<Staff>('POST', '/api/staff', { ...body, password, clinicId });
        if (!saved) return;
        noteChanged(['staff']);
        toast(t('members.saved', { name: fullName(saved) }));
        props.onClose();
    };
    return (
        <Modal title={row ? t('members.edit', { name: fullName(row) }) : t('members.new')} onClose={close}>
            <FormBox
                form={form}
                onSubmit={() => void save()}
                labels={{ firstName: t('field.firstName'), lastName: t('field.lastName'), email: t('field.email') }}
            >
                {!row && <ClinicField form={form} among={own} />}
                <TextField form={form} name="firstName" label={t('field.firstName')} maxLength={100} required autofocus />
                <TextField form={form} name="lastName" label={t('field.lastName')} maxLength={100} required />
                <TextField
                    form={form}
                    name="email"
                    label={t('field.email')}
                    type="email"
                    maxLength={254}
                    required
                    wide
                    hint={t('members.emailHint')}
                />
                <RolesField form={form} />
                {!row && <NewPasswordField form={form} label={t('login.password')} wide />}
                {row && row.id !== user.value?.id && (
                    <div class="button-row wide">
                        <label class="check">
                            <input
                                type="checkbox"
                                checked={form.values.value.active}
                                onChange={(event) => form.set({ active: event.currentTarget.checked })}
                            />
                            {t('members.mayLogIn')}
                        </label>
                        <button type="button" class="button small" onClick={() => void endSessions(row)}>
                            {t('members.endSessions')}
                        </button>
                    </div>
                )}
                <SaveBar busy={form.busy.value} onCancel={close} />
            </FormBox>
        </Modal>
    );
}

function PasswordDialog(props: { row: Staff; onClose: () => void }) {
    const form = useForm({ password: '' });
    const close = (): void => void closeAsked(props.onClose);
    const save = async (): Promise<void> => {
        const fault = passwordFault(form.values.value.password);
        if (fault) {
            form.fail({ password: fault });
            return;
        }
        if (!(await form.send('POST', `/api/staff/${props.row.id}/password`, form.values.value))) return;
        toast(t('members.passwordSet', { name: fullName(props.row) }));
        props.onClose();
    };
    return (
        <Modal title={t('members.passwordOf', { name: fullName(props.row) })} size="small" onClose={close}>
            <FormBox form={form} onSubmit={() => void save()} class="form login-form">
                <NewPasswordField form={form} label={t('members.newPassword')} autofocus />
                <SaveBar busy={form.busy.value} onCancel={close} />
            </FormBox>
        </Modal>
    );
}

export function MembersPage(_: PageProps) {
    const list = useQuery<Staff[]>('/api/staff', ['staff']);
    const [editing, setEditing] = useState<{ row: Staff | null } | null>(null);
    const [password, setPassword] = useState<Staff | null>(null);
    return (
        <>
            <PageHead title={t('nav.members')}>
                {isAdmin() && (
                    <button type="button" class="button primary" data-key="n" onClick={() => setEditing({ row: null })}>
                        <Icon name="plus" /> {t('members.new')}
                    </button>
                )}
            </PageHead>
            {list.error && <Problem error={list.error} onRetry={list.reload} />}
            {list.loading && <Loading />}
            {list.data && (
                <DataTable
                    caption={t('nav.members')}
                    rows={list.data}
                    columns={[
                        {
                            label: t('field.name'),
                            class: 'cell-main',
                            cell: (row) => (
                                <>
                                    <strong>{fullName(row)}</strong>{' '}
                                    {!row.active && <span class="chip chip-off">{t('members.inactive')}</span>}{' '}
                                    {row.hasPassword === false && <span class="chip chip-off">{t('members.noPassword')}</span>}{' '}
                                    <StateChip table="staff" row={row} />
                                </>
                            ),
                        },
                        { label: t('field.email'), cell: (row) => row.email },
                        { label: t('members.roles'), cell: (row) => row.roles.map(roleWord).join(', ') },
                        ...clinicColumn<Staff>(),
                        {
                            label: t('members.actions'),
                            class: 'tools',
                            cell: (row) => (
                                <>
                                    <button
                                        type="button"
                                        class="button small"
                                        aria-label={`${t('action.edit')}: ${fullName(row)}`}
                                        onClick={() => setEditing({ row })}
                                    >
                                        {t('action.edit')}
                                    </button>{' '}
                                    <button
                                        type="button"
                                        class="button small"
                                        aria-label={`${t('login.password')}: ${fullName(row)}`}
                                        onClick={() => setPassword(row)}
                                    >
                                        {t('login.password')}
                                    </button>
                                </>
                            ),
                        },
                    ]}
                />
            )}
            {editing && <StaffDialog row={editing.row} onClose={() => setEditing(null)} />}
            {password && <PasswordDialog row={password} onClose={() => setPassword(null)} />}
        </>
    );
}
