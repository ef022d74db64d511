import { useEffect, useState } from 'preact/hooks';
import { t } from './i18n';
import { place, setQuery } from './router';
import { clinics, isAdmin } from './session';

const DELAY_MS = 150;

/// A filter's text is in the box at once, and in the address (so in the request) a moment after the last key.
export function useFilter(): [string, (text: string) => void, string] {
    const asked = place.value.query.get('q') ?? '';
    const [text, setText] = useState(asked);
    useEffect(() => {
        if (text.trim() === asked) return undefined;
        const timer = setTimeout(() => setQuery({ q: text.trim() }), DELAY_MS);
        return () => clearTimeout(timer);
    }, [text]);
    return [text, setText, asked];
}

/// Only an administrator sees deleted rows. A list that asks for them has only those clinics whose administrator this
/// is, and says so.
export function DeletedSwitch({ clinicId }: { clinicId?: string }) {
    if (!isAdmin(clinicId)) return null;
    const on = place.value.query.get('deleted') === '1';
    const own = clinics.value.filter((clinic) => isAdmin(clinic.id));
    return (
        <label class="check">
            <input type="checkbox" checked={on} onChange={() => setQuery({ deleted: on ? null : '1' })} />
            {t('list.showDeleted')}
            {on && clinicId === undefined && own.length < clinics.value.length && (
                <span class="muted"> {t('list.onlyOf', { clinics: own.map((clinic) => clinic.name).join(', ') })}</span>
            )}
        </label>
    );
}

export const askDeleted = (clinicId?: string): string | null =>
    isAdmin(clinicId) && place.value.query.get('deleted') === '1' ? 'true' : null;
