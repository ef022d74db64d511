import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { announce, toastProblem } from '../common/feedback';
import { fullName } from '../common/format';
import { Icon, type IconName } from '../common/icons';
import { LanguageSelect, ThemeSelect } from '../common/preferences';
import { mayLeave, place } from '../common/router';
import { isAdmin, logOut, timezone, user } from '../common/session';
import { type Key, t } from './i18n';
import { keysShown } from './keys';
import { now, reached, syncStatus } from './live';
import { SearchBox } from './search';
import { syncLine } from './sync_line';

/// What surrounds every page: search, the sync line, the way around, who is logged in.
interface NavItem {
    path: string;
    label: Key;
    icon: IconName;
    admin?: boolean;
}

const NAV: NavItem[] = [
    { path: '/', label: 'nav.home', icon: 'home' },
    { path: '/appointments', label: 'nav.appointments', icon: 'calendar' },
    { path: '/owners', label: 'nav.owners', icon: 'owners' },
    { path: '/patients', label: 'nav.patients', icon: 'paw' },
    { path: '/bills', label: 'nav.bills', icon: 'bill' },
    { path: '/attention', label: 'nav.attention', icon: 'alert' },
    { path: '/members', label: 'nav.members', icon: 'members', admin: true },
    { path: '/settings', label: 'nav.settings', icon: 'gear' },
];

export function SyncLine() {
    const line = syncLine(syncStatus.value, reached.value, timezone.value, now.value);
    const last = useRef(line.kind);
    useEffect(() => {
        // A screen reader tells of a new situation, not of every minute that passes.
        if (last.current !== line.kind && last.current !== 'asking') announce(line.text);
        last.current = line.kind;
    }, [line.kind]);
    const icon: IconName = line.level === 'fine' ? 'check' : line.level === 'late' ? 'clock' : 'alert';
    return (
        <a class={`sync-line sync-${line.level}`} href="/attention" data-sync={line.level}>
            <Icon name={icon} size={16} />
            <span>{line.text}</span>
        </a>
    );
}

function UserMenu() {
    const [open, setOpen] = useState(false);
    const box = useRef<HTMLDivElement>(null);
    const button = useRef<HTMLButtonElement>(null);
    const who = user.value;
    const path = place.value.path;
    useEffect(() => setOpen(false), [path]);
    useEffect(() => {
        if (!open) return undefined;
        const outside = (event: Event): void => {
            if (!box.current?.contains(event.target as Node)) setOpen(false);
        };
        document.addEventListener('pointerdown', outside);
        return () => document.removeEventListener('pointerdown', outside);
    }, [open]);
    const leave = async (): Promise<void> => {
        if (!(await mayLeave())) return;
        try {
            await logOut();
        } catch (error) {
            toastProblem(error);
        }
    };
    return (
        <div
            class="user-menu"
            ref={box}
            onKeyDown={(event) => {
                if (event.key !== 'Escape' || !open) return;
                setOpen(false);
                button.current?.focus();
            }}
        >
            <button
                ref={button}
                type="button"
                class="user-button"
                aria-expanded={open}
                aria-controls="user-panel"
                onClick={() => setOpen(!open)}
            >
                <span class="avatar" aria-hidden="true">
                    {(who?.firstName[0] ?? '') + (who?.lastName[0] ?? '')}
                </span>
                <span class="visually-hidden">{t('user.menu', { name: fullName(who) })}</span>
                <Icon name="chevronDown" size={14} />
            </button>
            <div class="user-panel" id="user-panel" hidden={!open}>
                <p class="user-name">
                    <strong>{fullName(who)}</strong>
                    <span>{who?.email}</span>
                </p>
                <LanguageSelect />
                <ThemeSelect />
                <a class="menu-item" href="/settings?part=password">
                    <Icon name="gear" /> {t('user.password')}
                </a>
                <button
                    type="button"
                    class="menu-item"
                    onClick={() => {
                        setOpen(false);
                        // This entry is hidden by then: the focus comes back to the menu's button.
                        button.current?.focus();
                        keysShown.value = true;
                    }}
                >
                    <Icon name="keyboard" /> {t('keys.title')}
                </button>
                <button type="button" class="menu-item" onClick={() => void leave()}>
                    <Icon name="close" /> {t('user.logOut')}
                </button>
            </div>
        </div>
    );
}

export function Shell(props: { children: ComponentChildren }) {
    const [navOpen, setNavOpen] = useState(false);
    const path = place.value.path;
    useEffect(() => setNavOpen(false), [path]);
    const waiting = (syncStatus.value?.conflicts ?? 0) + (syncStatus.value?.quarantined ?? 0);
    const isHere = (item: NavItem): boolean => (item.path === '/' ? path === '/' : path === item.path || path.startsWith(item.path + '/'));
    return (
        <div class="shell">
            <a
                class="skip-link no-print"
                href="#main"
                onClick={(event) => {
                    event.preventDefault();
                    document.querySelector<HTMLElement>('#main h1')?.focus();
                }}
            >
                {t('shell.skip')}
            </a>
            <header class="topbar no-print">
                <button
                    type="button"
                    class="icon-button nav-toggle"
                    aria-expanded={navOpen}
                    aria-controls="nav"
                    aria-label={t('shell.menu')}
                    onClick={() => setNavOpen(!navOpen)}
                >
                    <Icon name={navOpen ? 'close' : 'menu'} size={22} />
                </button>
                <a class="brand" href="/" aria-label={t('shell.home')}>
                    <img src="/favicon.svg" alt="" width="28" height="28" />
                    <span>VetChart</span>
                </a>
                <SearchBox />
                <SyncLine />
                <UserMenu />
            </header>
            <nav id="nav" class={navOpen ? 'nav no-print open' : 'nav no-print'} aria-label={t('shell.nav')}>
                <ul>
                    {NAV.filter((item) => !item.admin || isAdmin()).map((item) => (
                        <li key={item.path}>
                            <a href={item.path} aria-current={isHere(item) ? 'page' : undefined}>
                                <Icon name={item.icon} />
                                <span>{t(item.label)}</span>
                                {item.path === '/attention' && waiting > 0 && (
                                    <span class="badge">
                                        {waiting}
                                        <span class="visually-hidden"> {t('nav.open')}</span>
                                    </span>
                                )}
                            </a>
                        </li>
                    ))}
                </ul>
                <p class="nav-foot">{user.value?.clinics.map((clinic) => clinic.name).join(' · ')}</p>
            </nav>
            <main id="main" class="main">
                {props.children}
            </main>
        </div>
    );
}
