import { render } from 'preact';
import { App } from './app';
import { startLanguage } from './lib/i18n';
import { startClock } from './lib/live';
import { startRouter } from './lib/router';
import { resume } from './lib/session';
import { askSetup } from './lib/setup';
import { startKeys } from './ui/keys';
import { applyTheme } from './ui/preferences';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/pages.css';
import './styles/print.css';

async function start(): Promise<void> {
    applyTheme();
    startRouter();
    startClock();
    startKeys();
    const language = startLanguage();
    // The node answers this page, so it answers this too; should it not, the login page says so at the first try.
    await Promise.allSettled([language, resume().then((who) => (who === null ? askSetup() : undefined))]);
    const root = document.getElementById('app');
    if (root) render(<App />, root);
}

void start();
