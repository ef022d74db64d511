import { useEffect, useState } from 'preact/hooks';
import { FormBox, SelectField, TextField } from '../../common/fields';
import { required, useForm } from '../../common/form';
import { formatNumber } from '../../common/format';
import { LanguageSelect } from '../../common/preferences';
import { logIn } from '../../common/session';
import { t } from '../i18n';
import { askSetup, setup, type SetupState } from '../setup';
import { NewPasswordField, passwordFault } from './new_password';
import { CURRENCIES, invitationMeanings, timezones } from './setup_choices';

/// The first start in the browser: make the clinic and its administrator, or join central and watch the clinic arrive.
const POLL_MS = 1000;

/// A first guess, by the region of the browser's language; the form shows it.
const EURO = new Set('AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK'.split(' '));
const REGION_CURRENCY: Record<string, string> = {
    GB: 'GBP',
    CH: 'CHF',
    LI: 'CHF',
    CA: 'CAD',
    AU: 'AUD',
    NZ: 'NZD',
    MX: 'MXN',
    AR: 'ARS',
    CO: 'COP',
    BR: 'BRL',
    SE: 'SEK',
    NO: 'NOK',
    DK: 'DKK',
    PL: 'PLN',
    CZ: 'CZK',
    ZA: 'ZAR',
    IN: 'INR',
};
export function currencyOfRegion(tag: string): string {
    const [language, region] = [tag.slice(0, 2), tag.split('-').find((part) => /^[A-Z]{2}$/.test(part))];
    if (region === undefined) return language === 'de' || language === 'es' ? 'EUR' : 'USD';
    return EURO.has(region) ? 'EUR' : (REGION_CURRENCY[region] ?? 'USD');
}

function Alone({ needsCode }: { needsCode: boolean }) {
    const form = useForm({
        clinicName: '',
        firstName: '',
        lastName: '',
        adminEmail: '',
        password: '',
        code: '',
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
        currency: currencyOfRegion(navigator.language),
    });
    const save = async (): Promise<void> => {
        const values = form.values.value;
        const wrong = required(values, ['clinicName', 'firstName', 'lastName', 'adminEmail', ...(needsCode ? ['code'] : [])]);
        const fault = passwordFault(values.password);
        if (fault) wrong.password = fault;
        if (Object.keys(wrong).length > 0) {
            form.fail(wrong);
            return;
        }
        const meanings = { ...codeMeaning(), bad_email: { adminEmail: t('fault.email') } };
        if (!(await form.send('POST', '/api/setup', values, meanings))) return;
        await askSetup();
        await logIn(values.adminEmail, values.password);
    };
    return (
        <FormBox form={form} onSubmit={() => void save()}>
            <TextField form={form} name="clinicName" label={t('setup.clinicName')} maxLength={200} required wide />
            <TextField form={form} name="firstName" label={t('field.firstName')} maxLength={100} autoComplete="given-name" required />
            <TextField form={form} name="lastName" label={t('field.lastName')} maxLength={100} autoComplete="family-name" required />
            <TextField
                form={form}
                name="adminEmail"
                label={t('field.email')}
                type="email"
                autoComplete="username"
                required
                wide
                hint={t('members.emailHint')}
            />
            <NewPasswordField form={form} label={t('login.password')} wide />
            <SelectField
                form={form}
                name="timezone"
                label={t('settings.timezone')}
                options={[...new Set([form.values.value.timezone, ...timezones()])].map((value) => ({ value, label: value }))}
            />
            <SelectField
                form={form}
                name="currency"
                label={t('settings.currency')}
                options={CURRENCIES.map((value) => ({ value, label: value }))}
            />
            {needsCode && <CodeField form={form} />}
            <div class="actions">
                <button type="submit" class="button primary" disabled={form.busy.value}>
                    {t('setup.submit')}
                </button>
            </div>
        </FormBox>
    );
}

const codeMeaning = () => ({ setup_code_wrong: { code: t('fault.setupCode') } });

function CodeField<V extends Record<string, unknown> & { code: string }>(props: { form: ReturnType<typeof useForm<V>> }) {
    return <TextField form={props.form} name="code" label={t('setup.code')} required wide hint={t('setup.codeHint')} />;
}

function Join({ needsCode }: { needsCode: boolean }) {
    const form = useForm({ token: '', name: '', code: '' });
    const save = async (): Promise<void> => {
        const wrong = required(form.values.value, ['token', 'name', ...(needsCode ? ['code'] : [])]);
        if (Object.keys(wrong).length > 0) {
            form.fail(wrong);
            return;
        }
        const meanings = { ...codeMeaning(), ...invitationMeanings() };
        if (await form.send('POST', '/api/setup/enroll', form.values.value, meanings)) await askSetup();
    };
    return (
        <FormBox form={form} onSubmit={() => void save()}>
            <TextField form={form} name="token" label={t('setup.token')} required wide hint={t('setup.tokenHint')} />
            <TextField form={form} name="name" label={t('setup.nodeName')} maxLength={100} required wide hint={t('setup.nodeNameHint')} />
            {needsCode && <CodeField form={form} />}
            <div class="actions">
                <button type="submit" class="button primary" disabled={form.busy.value}>
                    {form.busy.value ? t('setup.joining') : t('setup.join')}
                </button>
            </div>
        </FormBox>
    );
}

/// Shows the clinic arriving; until central has said how much there is in all, the bar shows only that it moves.
function Arriving({ state }: { state: SetupState }) {
    useEffect(() => {
        const timer = setInterval(() => void askSetup().catch(() => undefined), POLL_MS);
        return () => clearInterval(timer);
    }, []);
    const here = state.rowsLoaded ?? 0;
    const all = state.rowsInAll ?? null;
    // The number was counted when the load began: a row that changes meanwhile comes twice.
    const known = all !== null && here <= all;
    return (
        <div class="stack" role="status">
            <p>{t('setup.arriving')}</p>
            {known ? <progress aria-label={t('setup.arriving')} value={here} max={all} /> : <progress aria-label={t('setup.arriving')} />}
            <p class="muted">
                {known ? t('setup.rowsOf', { n: formatNumber(here), all: formatNumber(all) }) : t('setup.rows', { n: here })}
            </p>
            {state.lastError && <p class="problem">{t('setup.noConnection')}</p>}
        </div>
    );
}

export function SetupPage() {
    const [way, setWay] = useState<'alone' | 'join'>('alone');
    const state = setup.value;
    useEffect(() => {
        document.title = `${t('setup.title')} - VetChart`;
    }, []);
    if (state === null) return null;
    const arriving = state.state === 'loading' || state.state === 'enrolling';
    return (
        <main class="login-page" id="main">
            <div class="login-card wide">
                <div class="brand brand-large">
                    <img src="/favicon.svg" alt="" width="40" height="40" />
                    <h1 tabIndex={-1}>{t('setup.title')}</h1>
                </div>
                {arriving ? (
                    <Arriving state={state} />
                ) : (
                    <>
                        <p>{t('setup.text')}</p>
                        <div class="segments" role="group" aria-label={t('setup.way')}>
                            {(['alone', 'join'] as const).map((value) => (
                                <button
                                    key={value}
                                    type="button"
                                    class={way === value ? 'segment on' : 'segment'}
                                    aria-pressed={way === value}
                                    onClick={() => setWay(value)}
                                >
                                    {t(value === 'alone' ? 'setup.alone' : 'setup.joinCentral')}
                                </button>
                            ))}
                        </div>
                        {way === 'alone' ? <Alone needsCode={state.needsCode} /> : <Join needsCode={state.needsCode} />}
                    </>
                )}
                <div class="login-foot">
                    <LanguageSelect />
                </div>
            </div>
        </main>
    );
}
