import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, withQuery } from '../common/api';
import { errorText } from '../common/faults';
import { Icon, type IconName } from '../common/icons';
import { navigate } from '../common/router';
import { t } from './i18n';
import { DeceasedChip } from './parts';
import type { SearchAnswer, SearchHit } from './types';
import { speciesWord } from './words';

/// The one search box finds people, animals and bills by whatever is at hand. Ctrl+K or / opens it from anywhere.
const DELAY_MS = 90;
const HITS_MAX = 12;
const ICONS: Record<SearchHit['kind'], IconName> = { owner: 'owners', patient: 'paw', bill: 'bill' };
const PATHS: Record<SearchHit['kind'], string> = { owner: '/owners/', patient: '/patients/', bill: '/bills/' };
const kindLabel = (kind: SearchHit['kind']): string => ({ owner: t('word.owner'), patient: t('word.patient'), bill: t('word.bill') })[kind];

/// An animal's detail begins with its kind.
const detailOf = (hit: SearchHit): string => (hit.kind === 'patient' ? hit.detail.replace(/^[^,]+/, speciesWord) : hit.detail);

export function SearchBox() {
    const input = useRef<HTMLInputElement>(null);
    const [text, setText] = useState('');
    const [hits, setHits] = useState<SearchHit[] | null>(null);
    const [problem, setProblem] = useState('');
    const [note, setNote] = useState('');
    const [partial, setPartial] = useState(false);
    const [active, setActive] = useState(0);
    const [open, setOpen] = useState(false);
    const wanted = text.trim();

    useEffect(() => {
        if (wanted === '') {
            setHits(null);
            return undefined;
        }
        const abort = new AbortController();
        const timer = setTimeout(() => {
            get<SearchAnswer>(withQuery('/api/search', { q: wanted, limit: HITS_MAX }), { signal: abort.signal }).then(
                (found) => {
                    setHits(found.results);
                    setNote(found.near ? t('search.near') : '');
                    setPartial(!found.complete);
                    setProblem('');
                    setActive(0);
                },
                (error: unknown) => {
                    if (!(error instanceof ApiError) || error.code === 'aborted') return;
                    setHits([]);
                    setProblem(errorText(error));
                },
            );
        }, DELAY_MS);
        return () => {
            clearTimeout(timer);
            abort.abort();
        };
    }, [wanted]);

    const go = (hit: SearchHit | undefined): void => {
        if (!hit) return;
        setText('');
        setOpen(false);
        input.current?.blur();
        void navigate(PATHS[hit.kind] + hit.id);
    };
    const onKey = (event: KeyboardEvent): void => {
        const count = hits?.length ?? 0;
        if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && count > 0) {
            event.preventDefault();
            setActive((active + (event.key === 'ArrowDown' ? 1 : count - 1)) % count);
        } else if (event.key === 'Enter') {
            event.preventDefault();
            go(hits?.[active]);
        } else if (event.key === 'Escape') {
            setText('');
            setOpen(false);
            input.current?.blur();
        }
    };
    const shown = open && wanted !== '' && hits !== null;
    return (
        <div class="search" role="search">
            <Icon name="search" />
            <input
                ref={input}
                id="search"
                class="search-input"
                type="text"
                role="combobox"
                autocomplete="off"
                spellcheck={false}
                aria-label={t('search.label')}
                aria-autocomplete="list"
                aria-expanded={shown}
                aria-controls="search-list"
                aria-activedescendant={shown && hits[active] ? `search-${active}` : undefined}
                placeholder={t('search.placeholder')}
                value={text}
                onFocus={() => setOpen(true)}
                onBlur={() => setOpen(false)}
                onInput={(event) => {
                    setText(event.currentTarget.value);
                    setOpen(true);
                }}
                onKeyDown={onKey}
            />
            <kbd class="search-key" aria-hidden="true">
                /
            </kbd>
            <div class="search-panel" hidden={!shown}>
                {note !== '' && (hits?.length ?? 0) > 0 && (
                    <p class="search-none" role="status">
                        {note}
                    </p>
                )}
                <ul id="search-list" role="listbox" aria-label={t('search.results')}>
                    {hits?.map((hit, index) => (
                        <li
                            key={hit.kind + hit.id}
                            id={`search-${index}`}
                            role="option"
                            aria-selected={index === active}
                            class={index === active ? 'active' : ''}
                            onMouseMove={() => setActive(index)}
                            onMouseDown={(event) => {
                                event.preventDefault();
                                go(hit);
                            }}
                        >
                            <Icon name={ICONS[hit.kind]} />
                            <span class="search-title">{hit.title}</span>
                            <DeceasedChip row={hit} />
                            <span class="search-detail">{detailOf(hit)}</span>
                            <span class="search-kind">
                                {kindLabel(hit.kind)}
                                {hit.deletedAt ? ` · ${t('chip.deleted')}` : ''}
                            </span>
                        </li>
                    ))}
                </ul>
                {hits?.length === HITS_MAX && <p class="search-none">{t('picker.more', { n: HITS_MAX })}</p>}
                {hits?.length === 0 && (
                    <p class="search-none" role="status">
                        {problem || t('search.none', { text: wanted })}
                    </p>
                )}
                {partial && !problem && (
                    <p class="search-none" role="status">
                        {t('search.partial')}
                    </p>
                )}
            </div>
        </div>
    );
}

export const focusSearch = (): void => document.getElementById('search')?.focus();
