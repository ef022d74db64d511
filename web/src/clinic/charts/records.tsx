import { withQuery } from '../../common/api';
import { useQuery } from '../../common/data';
import { formatDay, formatNumber, fullName } from '../../common/format';
import { t } from '../i18n';
import type { MedicalRecord, Patient } from '../types';
import { unitWord } from '../words';

/// An animal's records, as its chart and the printed chart read and show them.

/// Fetches all of them, whatever their number: without a limit the node sends the whole list.
export const useRecords = (id: string, includeDeleted: string | null = null) =>
    useQuery<MedicalRecord[]>(withQuery(`/api/records/patient/${id}`, { includeDeleted }), ['medical_record']);

/// The owner's name of when the record was written, if it is another now.
export function snapshotNote(row: MedicalRecord, patient: Patient): string {
    const then = row.ownerNameSnapshot ?? '';
    const phone = row.ownerPhoneSnapshot ?? '';
    const same = then === fullName(patient.owner) && (phone === '' || phone === (patient.owner?.phone ?? ''));
    return then === '' || same ? '' : t('record.ownerThen', { name: [then, phone].filter(Boolean).join(', ') });
}

export function RecordTexts({ row }: { row: MedicalRecord }) {
    const parts: [string, string | null][] = [
        [t('record.symptoms'), row.symptoms],
        [t('record.diagnosis'), row.diagnosis],
        [row.recordType === 'vaccine' ? t('record.vaccine') : t('record.treatment'), row.treatment],
        [t('field.notes'), row.notes],
        [t('field.weight'), row.weight === null ? '' : `${formatNumber(row.weight)} ${unitWord(row.weightUnit)}`],
        [t('record.nextDue'), formatDay(row.nextDueOn)],
    ];
    return (
        <dl class="record-texts">
            {parts
                .filter(([, text]) => text)
                .map(([label, text]) => (
                    <div key={label}>
                        <dt>{label}</dt>
                        <dd class="pre">{text}</dd>
                    </div>
                ))}
        </dl>
    );
}
