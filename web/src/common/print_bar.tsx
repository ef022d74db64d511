import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { t } from './i18n';
import { Icon } from './icons';
import { PageHead } from './parts';
import { recall, remember } from './remember';

type Paper = 'A4' | 'Letter';

/// A style sheet of one rule, made through the object model: the policy allows no style text in the page.
export function usePaper(): [Paper, (paper: Paper) => void] {
    const [paper, setPaper] = useState<Paper>(recall('paper') === 'Letter' ? 'Letter' : 'A4');
    // Set before the next frame, so that whoever picks a size and prints at once gets that size.
    useLayoutEffect(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(`@page { size: ${paper}; margin: 16mm; }`);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
        document.documentElement.dataset.paper = paper;
        return () => {
            document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
            delete document.documentElement.dataset.paper;
        };
    }, [paper]);
    return [
        paper,
        (next) => {
            remember('paper', next);
            setPaper(next);
        },
    ];
}

/// The bar above what will be printed, with the paper's size and the button.
export function PrintBar(props: { title: string; back: string; children?: ComponentChildren }) {
    const [paper, setPaper] = usePaper();
    return (
        <div class="no-print">
            <PageHead title={props.title}>
                <label class="inline-select">
                    <span>{t('print.paper')}</span>
                    <select class="input" value={paper} onChange={(event) => setPaper(event.currentTarget.value as Paper)}>
                        <option value="A4">A4</option>
                        <option value="Letter">Letter</option>
                    </select>
                </label>
                {props.children}
                <a class="button" href={props.back}>
                    {t('action.back')}
                </a>
                <button type="button" class="button primary" onClick={() => print()}>
                    <Icon name="print" /> {t('action.print')}
                </button>
            </PageHead>
        </div>
    );
}
