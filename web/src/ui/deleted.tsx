import { post } from '../lib/api';
import { noteChanged, type Query, type Table, useQuery } from '../lib/data';
import { formatInstant } from '../lib/format';
import { t } from '../lib/i18n';
import { isAdmin, zoneOf } from '../lib/session';
import type { Row } from '../lib/types';
import { focusHeadingSoon } from './dialog';
import { toast, toastProblem } from './feedback';
import { Icon } from './icons';

/// Soft-deleted rows: an administrator sees them, and brings them back.

export type Restorable = 'owner' | 'patient' | 'bill' | 'appointment' | 'medical_record';

export async function restoreRow(path: string, table: Restorable, name: string): Promise<void> {
    try {
        await post(`${path}/restore`);
        noteChanged([table]);
        focusHeadingSoon();
        toast(t('delete.restored', { name }));
    } catch (error) {
        toastProblem(error);
    }
}

/// Fetches one row by its path; an administrator is also shown a deleted one. That is asked for only after the plain
/// question, since with `includeDeleted` the node answers for those clinics alone whose administrator this is.
export function useRow<T>(path: string, tables: readonly Table[]): Query<T> {
    const plain = useQuery<T>(path, tables);
    const gone = plain.error?.status === 404 && isAdmin();
    const deleted = useQuery<T>(gone ? `${path}?includeDeleted=true` : null, tables);
    return gone && !deleted.error ? deleted : plain;
}

/// Says on a deleted row's own page since when it is gone, and offers the way back.
export function DeletedNote(props: { row: Row; path: string; table: Restorable; name: string }) {
    const { row } = props;
    if (!row.deletedAt) return null;
    return (
        <div class="state-note no-print">
            <Icon name="trash" />
            <span>{t('delete.since', { at: formatInstant(row.deletedAt, zoneOf(row.clinicId)) })}</span>
            <button type="button" class="button small" onClick={() => void restoreRow(props.path, props.table, props.name)}>
                {t('action.restore')}
            </button>
        </div>
    );
}
