import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from './lib/i18n';
import { startLive, stopLive } from './lib/live';
import { match, place } from './lib/router';
import { loginAsked, user } from './lib/session';
import { setup } from './lib/setup';
import { HomePage } from './pages/home';
import { OwnersPage } from './pages/owners';
import { PatientsPage } from './pages/patients';
import { Questions } from './ui/dialog';
import { Feedback } from './ui/feedback';
import { KeyHelp } from './ui/keys';
import { LoginAgain, LoginPage } from './ui/login';
import { Empty, Loading, PageHead, WaysOn } from './ui/parts';
import { Shell } from './ui/shell';

/// Which page an address shows. The first pages of a day come with the first load, the others when they are opened.
export interface PageProps {
    params: Record<string, string>;
}
type Page = ComponentType<PageProps>;

function later(load: () => Promise<Page>): Page {
    let loaded: Page | null = null;
    return function Later(props: PageProps) {
        const [, draw] = useState(0);
        useEffect(() => {
            if (loaded !== null) return;
            load().then(
                (page) => {
                    loaded = page;
                    draw(1);
                },
                // The node was upgraded under an open page: the files it asks for have new names now.
                () => location.reload(),
            );
        }, []);
        return loaded === null ? <Loading /> : <LoadedPage page={loaded} {...props} />;
    };
}

const LoadedPage = ({ page: PageOf, ...props }: PageProps & { page: Page }) => <PageOf {...props} />;

const ROUTES: [string, Page][] = [
    ['/', HomePage],
    ['/owners', OwnersPage],
    ['/owners/new', later(async () => (await import('./pages/owner_form')).NewOwnerPage)],
    ['/owners/:id', later(async () => (await import('./pages/owner')).OwnerPage)],
    ['/owners/:id/edit', later(async () => (await import('./pages/owner_form')).EditOwnerPage)],
    ['/appointments', later(async () => (await import('./pages/calendar')).CalendarPage)],
    ['/bills', later(async () => (await import('./pages/bills')).BillsPage)],
    ['/bills/new', later(async () => (await import('./pages/bill_form')).NewBillPage)],
    ['/bills/:id', later(async () => (await import('./pages/bill')).BillPage)],
    ['/bills/:id/edit', later(async () => (await import('./pages/bill_form')).EditBillPage)],
    ['/bills/:id/print', later(async () => (await import('./pages/bill')).BillPrintPage)],
    ['/attention', later(async () => (await import('./pages/attention')).AttentionPage)],
    ['/records/:id', later(async () => (await import('./pages/attention')).RecordLink)],
    ['/appointments/:id', later(async () => (await import('./pages/attention')).AppointmentLink)],
    ['/members', later(async () => (await import('./pages/members')).MembersPage)],
    ['/settings', later(async () => (await import('./pages/settings')).SettingsPage)],
    ['/patients', PatientsPage],
    ['/patients/new', later(async () => (await import('./pages/patient_form')).NewPatientPage)],
    ['/patients/:id', later(async () => (await import('./pages/chart')).ChartPage)],
    ['/patients/:id/edit', later(async () => (await import('./pages/patient_form')).EditPatientPage)],
    ['/patients/:id/print', later(async () => (await import('./pages/chart_print')).ChartPrintPage)],
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

const FirstStart = later(async () => (await import('./pages/setup')).SetupPage);

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
