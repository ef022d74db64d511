import { useEffect, useRef } from 'preact/hooks';
import { Questions } from '../common/dialog';
import { Feedback } from '../common/feedback';
import { later, type Page } from '../common/page';
import { Empty, PageHead } from '../common/parts';
import { match, place } from '../common/router';
import { loginAsked, user } from '../common/session';
import { HomePage } from './calendar/home';
import { PatientsPage } from './charts/patients';
import { t } from './i18n';
import { KeyHelp } from './keys';
import { startLive, stopLive } from './live';
import { LoginAgain, LoginPage } from './login';
import { OwnersPage } from './owners/owners';
import { WaysOn } from './parts';
import { setup } from './setup';
import { Shell } from './shell';

/// Which page an address shows. The first pages of a day come with the first load, the others when they are opened.
const ROUTES: [string, Page][] = [
    ['/', HomePage],
    ['/owners', OwnersPage],
    ['/owners/new', later(async () => (await import('./owners/owner_form')).NewOwnerPage)],
    ['/owners/:id', later(async () => (await import('./owners/owner')).OwnerPage)],
    ['/owners/:id/edit', later(async () => (await import('./owners/owner_form')).EditOwnerPage)],
    ['/appointments', later(async () => (await import('./calendar/calendar')).CalendarPage)],
    ['/bills', later(async () => (await import('./bills/bills')).BillsPage)],
    ['/bills/new', later(async () => (await import('./bills/bill_form')).NewBillPage)],
    ['/bills/:id', later(async () => (await import('./bills/bill')).BillPage)],
    ['/bills/:id/edit', later(async () => (await import('./bills/bill_form')).EditBillPage)],
    ['/bills/:id/print', later(async () => (await import('./bills/bill')).BillPrintPage)],
    ['/attention', later(async () => (await import('./office/attention')).AttentionPage)],
    ['/records/:id', later(async () => (await import('./office/attention')).RecordLink)],
    ['/appointments/:id', later(async () => (await import('./office/attention')).AppointmentLink)],
    ['/members', later(async () => (await import('./office/members')).MembersPage)],
    ['/settings', later(async () => (await import('./office/settings')).SettingsPage)],
    ['/patients', PatientsPage],
    ['/patients/new', later(async () => (await import('./charts/patient_form')).NewPatientPage)],
    ['/patients/:id', later(async () => (await import('./charts/chart')).ChartPage)],
    ['/patients/:id/edit', later(async () => (await import('./charts/patient_form')).EditPatientPage)],
    ['/patients/:id/print', later(async () => (await import('./charts/chart_print')).ChartPrintPage)],
];

function NotFound() {
    return (
        <>
            <PageHead title={t('page.notFound')} />
            <Empty icon="search" title={t('page.notFoundText')}>
                <WaysOn />
            </Empty>
        </>
    );
}

function CurrentPage() {
    const { path, index } = place.value;
    const first = useRef(true);
    useEffect(() => {
        // Focus goes to the first field of a form, else to the heading, as soon as it stands: both may come with the
        // page's data. A page that was loaded whole leaves it to the browser, but for a form: what is typed then is meant
        // for the form, never for the shortcuts.
        const loaded = first.current;
        first.current = false;
        const main = document.getElementById('main');
        const focus = (): boolean => {
            const heading = main?.querySelector<HTMLElement>('h1');
            if (!heading) return false;
            const field = main?.querySelector<HTMLElement>('[data-autofocus]');
            if (field && !field.closest('dialog')) field.focus({ preventScroll: true });
            else if (!loaded) heading.focus({ preventScroll: true });
            return true;
        };
        if (focus() || !main) return undefined;
        const observer = new MutationObserver(() => {
            if (focus()) observer.disconnect();
        });
        observer.observe(main, { childList: true, subtree: true });
        return () => observer.disconnect();
    }, [path, index]);
    for (const [pattern, PageOf] of ROUTES) {
        const params = match(pattern, path);
        if (params) return <PageOf key={path} params={params} />;
    }
    return <NotFound />;
}

/// Nobody is logged in: the login, or on a node without anybody its first start.
function Outside() {
    const state = setup.value;
    if (state === null || state.state === 'ready') return <LoginPage />;
    return <FirstStart params={{}} />;
}

const FirstStart = later(async () => (await import('./office/setup')).SetupPage);

export function App() {
    const who = user.value;
    useEffect(() => {
        if (who === null) stopLive();
        else startLive();
    }, [who === null]);
    return (
        <>
            {who === null ? (
                <Outside />
            ) : (
                <Shell>
                    <CurrentPage />
                </Shell>
            )}
            <KeyHelp />
            {loginAsked.value !== null && <LoginAgain why={loginAsked.value} />}
            <Questions />
            <Feedback />
        </>
    );
}
