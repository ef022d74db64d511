import { useEffect, useState } from 'preact/hooks';
import { ApiError, type SessionLoss } from '../common/api';
import { ask, Modal } from '../common/dialog';
import { errorText } from '../common/faults';
import { FormBox, TextField } from '../common/fields';
import { required, useForm } from '../common/form';
import { fullName } from '../common/format';
import { LanguageSelect } from '../common/preferences';
import { leavePage, logIn, user } from '../common/session';
import type { User } from '../common/types';
import { t } from './i18n';
import { setup } from './setup';

/// Asks before another person goes on with what somebody wrote on the page.
const askTakeOver = (before: User, after: User): Promise<boolean> => {
    const names = { before: fullName(before), after: fullName(after) };
    const yes = t('login.takeOverYes', names);
    return ask({ title: t('login.takeOverTitle', names), text: t('login.takeOverText', names), yes, danger: true });
};

/// Asks for e-mail and password, on a page of its own or over a page whose session has ended.
function LoginForm(props: { email: string; submit: string; fixed: boolean }) {
    const form = useForm({ username: props.email, password: '' });
    const [busy, setBusy] = useState(false);
    const submit = async (): Promise<void> => {
        const { username, password } = form.values.value;
        const missing = required(form.values.value, ['username', 'password']);
        if (Object.keys(missing).length > 0) {
            form.fail(missing);
            return;
        }
        setBusy(true);
        try {
            await logIn(username.trim(), password, askTakeOver);
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            form.problem.value = errorText(error);
        } finally {
            setBusy(false);
        }
    };
    return (
        <FormBox form={form} onSubmit={() => void submit()} class="form login-form">
            <TextField
                form={form}
                name="username"
                label={t('login.email')}
                autoComplete="username"
                inputMode="email"
                required
                autofocus={!props.fixed}
            />
            <TextField
                form={form}
                name="password"
                label={t('login.password')}
                type="password"
                autoComplete="current-password"
                required
                autofocus={props.fixed}
            />
            <button type="submit" class="button primary" disabled={busy}>
                {busy ? t('login.busy') : props.submit}
            </button>
        </FormBox>
    );
}

/// Says who can help, and how, after a change-over from the old server, whose users were kept nowhere.
function NobodyYet({ clinics }: { clinics: string[] }) {
    return (
        <div class="state-note" role="status">
            <div>
                <p>{t('login.nobody', { clinics: clinics.join(', ') })}</p>
                {clinics.map((code) => (
                    <p key={code}>
                        <code>vetchart-central staff add --clinic {code} --email E --first F --last L --role admin</code>
                    </p>
                ))}
                <p>{t('login.nobodyPassword')}</p>
            </div>
        </div>
    );
}

export function LoginPage() {
    const nobody = setup.value?.nobody ?? [];
    useEffect(() => {
        document.title = 'VetChart';
        document.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    }, []);
    return (
        <main class="login-page" id="main">
            <div class="login-card">
                <div class="brand brand-large">
                    <img src="/favicon.svg" alt="" width="40" height="40" />
                    <h1 tabIndex={-1}>VetChart</h1>
                </div>
                {nobody.length > 0 && <NobodyYet clinics={nobody} />}
                <LoginForm email="" submit={t('login.submit')} fixed={false} />
                <div class="login-foot">
                    <LanguageSelect />
                </div>
            </div>
        </main>
    );
}

/// The login over a page, which keeps everything that was written: after it the waiting request goes on.
export function LoginAgain({ why }: { why: SessionLoss }) {
    const who = user.value;
    const leave = async (): Promise<void> => {
        if (await ask({ title: t('leave.title'), text: t('login.leaveText'), yes: t('leave.yes'), no: t('leave.no'), danger: true })) {
            leavePage();
        }
    };
    return (
        <Modal title={why === 'other' ? t('login.otherTitle') : t('login.againTitle')} size="small" onClose={() => void leave()}>
            <p>{why === 'other' ? t('login.otherText', { name: fullName(who) }) : t('login.againText')}</p>
            <LoginForm email={who?.email ?? ''} submit={t('login.againSubmit')} fixed />
        </Modal>
    );
}
