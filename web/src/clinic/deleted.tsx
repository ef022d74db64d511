import { ApiError, call, post } from '../common/api';
import { noteChanged, type Query, type Table, useQuery } from '../common/data';
import { ask, focusHeadingSoon } from '../common/dialog';
import { toast, toastProblem } from '../common/feedback';
import { formatInstant } from '../common/format';
import { Icon } from '../common/icons';
import { isAdmin, zoneOf } from '../common/session';
import type { Row } from '../common/types';
import { t } from './i18n';

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

/// Thrown when the person thought better of a delete: nothing was done.
class Stayed extends Error {}

/// Deletes softly and offers to bring it back: a wrong click costs nothing.
export async function removeRow(path: string, table: Restorable, name: string): Promise<boolean> {
    const sure = await ask({
        title: t('delete.title', { name }),
        text: t('delete.text'),
        yes: t('action.delete'),
        danger: true,
    });
    if (!sure) return false;
    try {
        await call('DELETE', path).catch(async (error) => {
            if (!(error instanceof ApiError) || error.code !== 'has_patients') throw error;
            return (await ask({
                title: t('delete.title', { name }),
                text: t('delete.withPatients'),
                yes: t('delete.keepPatients'),
                danger: true,
            }))
                ? call('DELETE', `${path}?withPatients=keep`)
                : Promise.reject(new Stayed());
        });
    } catch (error) {
        if (!(error instanceof Stayed)) toastProblem(error);
        return false;
    }
    noteChanged([table]);
    focusHeadingSoon();
    toast(t('delete.done', { name }), 'done', { label: t('action.undo'), run: () => void restoreRow(path, table, name) });
    return true;
}
