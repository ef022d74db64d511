import { render } from 'preact';
import { startLanguage } from '../common/i18n';
import { applyTheme } from '../common/preferences';
import { startRouter } from '../common/router';
import { resume } from '../common/session';
import { App } from './app';
import { startKeys } from './keys';
import { startClock } from './live';
import { askSetup } from './setup';
import '../common/styles/tokens.css';
import '../common/styles/base.css';
import '../common/styles/shell.css';
import '../common/styles/parts.css';
import '../common/styles/forms.css';
import './styles/pages.css';
import './styles/calendar.css';
import '../common/styles/access.css';
import '../common/styles/print.css';

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
