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
import './styles/forms.css';
import './styles/pages.css';
import './styles/calendar.css';
import './styles/access.css';
import './styles/print.css';

async function start(): Promise<void> {
    applyTheme();
    startRouter();
    startClock();
    startKeys();
    const language = startLanguage();
    // A node that nobody has set up yet refuses to say who this is, but it does tell what it waits for.
    const who = resume()
        .catch(() => null)
        .then((found) => (found === null ? askSetup() : undefined));
    await Promise.allSettled([language, who]);
    const root = document.getElementById('app');
    if (root) render(<App />, root);
}

void start();
