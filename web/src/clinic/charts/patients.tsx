import { withQuery } from '../../common/api';
import { usePages } from '../../common/data';
import { dayIn, fullName } from '../../common/format';
import { askDeleted, DeletedSwitch, useFilter } from '../../common/list_filter';
import { clinicColumn, DeletedChip, Empty, FilterBox, ListBody, PageHead } from '../../common/parts';
import { zoneOf } from '../../common/session';
import { formatAge } from '../age';
import { t } from '../i18n';
import { DeceasedChip, StateChip } from '../parts';
import type { Patient } from '../types';
import { genderWord, kindText } from '../words';

export function PatientsPage() {
    const [text, setText, asked] = useFilter();
    const path = withQuery('/api/patients', { q: asked, includeDeleted: askDeleted() });
    const list = usePages<Patient>(path, ['patient', 'owner']);
    return (
        <>
            <PageHead title={t('nav.patients')}>
                <a class="button primary" data-key="n" href="/patients/new">
                    {t('patients.new')}
                </a>
            </PageHead>
            <div class="toolbar no-print">
                <FilterBox label={t('patients.filter')} value={text} onChange={setText} />
                <DeletedSwitch />
            </div>
            <ListBody
                list={list}
                caption={t('nav.patients')}
                columns={[
                    {
                        label: t('field.name'),
                        class: 'cell-main',
                        cell: (row) => (
                            <>
                                <a class="row-link" href={`/patients/${row.id}`}>
                                    {row.name}
                                </a>{' '}
                                <DeceasedChip row={row} /> <DeletedChip row={row} /> <StateChip table="patient" row={row} />
                            </>
                        ),
                    },
                    { label: t('field.species'), cell: (row) => kindText(row) },
                    { label: t('field.gender'), cell: (row) => genderWord(row.gender), minor: true },
                    {
                        label: t('field.age'),
                        cell: (row) => formatAge(row, row.deceasedOn ?? dayIn(zoneOf(row.clinicId))),
                    },
                    { label: t('word.owner'), cell: (row) => fullName(row.owner) || t('patient.noOwner') },
                    ...clinicColumn<Patient>(),
                    { label: t('field.phone'), cell: (row) => row.owner?.phone ?? '', minor: true },
                ]}
                empty={
                    asked ? (
                        <Empty icon="search" title={t('list.nothingFound', { text: asked })} />
                    ) : (
                        <Empty icon="paw" title={t('patients.none')} text={t('patients.noneText')}>
                            <a class="button primary" href="/patients/new">
                                {t('patients.new')}
                            </a>
                        </Empty>
                    )
                }
            />
        </>
    );
}
