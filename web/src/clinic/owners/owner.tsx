import { useState } from 'preact/hooks';
import { post, withQuery } from '../../common/api';
import { noteChanged, useQuery } from '../../common/data';
import { Modal } from '../../common/dialog';
import { errorText } from '../../common/faults';
import { toast } from '../../common/feedback';
import { dayIn, formatDay, formatMoney, fullName } from '../../common/format';
import { Icon } from '../../common/icons';
import type { PageProps } from '../../common/page';
import { Card, DataTable, DeletedChip, Empty, Facts, Loading, PageHead, Problem, useShown } from '../../common/parts';
import { navigate } from '../../common/router';
import { currencyOf, zoneOf } from '../../common/session';
import { formatAge } from '../age';
import { DeletedNote, removeRow, useRow } from '../deleted';
import { t } from '../i18n';
import { AsOf, DeceasedChip, PageProblem, StateChip, StateNote } from '../parts';
import { OwnerPicker } from '../pickers';
import type { Bill, Owner, Patient } from '../types';
import { BillChip, speciesWord } from '../words';

export interface Balance {
    openBills: number;
    balance: number;
    overdue: number;
    currency: string;
}

function MergeDialog(props: { owner: Owner; onClose: () => void }) {
    const [into, setInto] = useState<Owner | null>(null);
    const [problem, setProblem] = useState('');
    const [busy, setBusy] = useState(false);
    const merge = async (): Promise<void> => {
        if (into === null) {
            setProblem(t('merge.choose'));
            return;
        }
        setBusy(true);
        try {
            await post(`/api/owners/${props.owner.id}/merge`, { into: into.id });
            noteChanged(['owner', 'patient', 'bill']);
            toast(t('merge.done', { from: fullName(props.owner), into: fullName(into) }));
            props.onClose();
            void navigate(`/owners/${into.id}`);
        } catch (error) {
            setProblem(errorText(error));
        } finally {
            setBusy(false);
        }
    };
    return (
        <Modal title={t('merge.title', { name: fullName(props.owner) })} onClose={props.onClose}>
            <p>{t('merge.text', { name: fullName(props.owner) })}</p>
            <OwnerPicker
                name="into"
                label={t('merge.into')}
                value={into}
                onPick={(row) => {
                    setInto(row?.id === props.owner.id ? null : row);
                    setProblem(row?.id === props.owner.id ? t('merge.same') : '');
                }}
                error={problem || undefined}
                required
                autofocus
            />
            <div class="actions">
                <button type="button" class="button" onClick={props.onClose}>
                    {t('action.cancel')}
                </button>
                <button type="button" class="button primary" disabled={busy} onClick={() => void merge()}>
                    {t('merge.submit')}
                </button>
            </div>
        </Modal>
    );
}

function BalanceCard({ owner }: { owner: Owner }) {
    const balance = useQuery<Balance>(`/api/owners/${owner.id}/balance`, ['bill']);
    const found = balance.data;
    if (!found) return null;
    return (
        <div>
            <ul class="tiles tiles-small">
                <li class="tile">
                    <span class="tile-value">{formatMoney(found.balance, found.currency)}</span>
                    <span class="tile-label">{t('owner.balance', { n: found.openBills })}</span>
                </li>
                <li class={found.overdue > 0 ? 'tile tile-alarm' : 'tile'}>
                    <span class="tile-value">{formatMoney(found.overdue, found.currency)}</span>
                    <span class="tile-label">{t('owner.overdue')}</span>
                </li>
            </ul>
            <AsOf />
        </div>
    );
}

function Animals({ owner }: { owner: Owner }) {
    const list = useQuery<Patient[]>(withQuery('/api/patients', { ownerId: owner.id }), ['patient']);
    const today = dayIn(zoneOf(owner.clinicId));
    const rows = list.data?.filter((row) => row.ownerId === owner.id) ?? [];
    return (
        <Card
            title={t('owner.animals')}
            actions={
                !owner.deletedAt && (
                    <a class="button small" href={`/patients/new?owner=${owner.id}`}>
                        {t('patients.new')}
                    </a>
                )
            }
        >
            {list.error && <Problem error={list.error} onRetry={list.reload} />}
            {list.loading && <Loading />}
            {list.data && rows.length === 0 && <Empty icon="paw" title={t('owner.noAnimals')} />}
            <ul class="rows">
                {rows.map((row) => (
                    <li key={row.id} class="row-item">
                        <span class="row-main">
                            <a href={`/patients/${row.id}`}>{row.name}</a>
                            <span class="muted">
                                {[speciesWord(row.species), row.breed, formatAge(row, row.deceasedOn ?? today)].filter(Boolean).join(' · ')}
                            </span>
                        </span>
                        <DeceasedChip row={row} />
                        <StateChip table="patient" row={row} />
                    </li>
                ))}
            </ul>
        </Card>
    );
}

export function BillRows(props: { rows: Bill[]; caption: string }) {
    return (
        <DataTable
            caption={props.caption}
            rows={props.rows}
            columns={[
                {
                    label: t('bill.number'),
                    class: 'cell-main',
                    cell: (row) => (
                        <>
                            <a class="row-link" href={`/bills/${row.id}`}>
                                {row.billNumber}
                            </a>{' '}
                            <StateChip table="bill" row={row} />
                        </>
                    ),
                },
                { label: t('word.patient'), cell: (row) => row.patient?.name ?? '' },
                { label: t('bill.date'), cell: (row) => formatDay(row.billDate) },
                { label: t('bill.status'), cell: (row) => <BillChip status={row.status} /> },
                {
                    label: t('bill.total'),
                    class: 'number',
                    cell: (row) => formatMoney(row.totalAmount, currencyOf(row.clinicId)),
                },
            ]}
        />
    );
}

/// So many bills are drawn at first.
const DRAWN_FIRST = 200;

function Bills({ owner }: { owner: Owner }) {
    const list = useQuery<Bill[]>(`/api/bills/owner/${owner.id}`, ['bill']);
    const [count, rest] = useShown(list.data?.length ?? 0, DRAWN_FIRST);
    return (
        <Card
            title={t('nav.bills')}
            actions={
                !owner.deletedAt && (
                    <a class="button small" href={`/bills/new?owner=${owner.id}`}>
                        {t('bills.new')}
                    </a>
                )
            }
        >
            {list.error && <Problem error={list.error} onRetry={list.reload} />}
            {list.loading && <Loading />}
            {list.data?.length === 0 && <Empty icon="bill" title={t('owner.noBills')} />}
            {list.data && list.data.length > 0 && <BillRows rows={list.data.slice(0, count)} caption={t('nav.bills')} />}
            {rest}
        </Card>
    );
}

export function OwnerPage({ params }: PageProps) {
    const query = useRow<Owner>(`/api/owners/${params.id}`, ['owner']);
    const [merging, setMerging] = useState(false);
    const owner = query.data;
    if (!owner) return query.error ? <PageProblem error={query.error} onRetry={query.reload} /> : <Loading />;
    const remove = async (): Promise<void> => {
        if (await removeRow(`/api/owners/${owner.id}`, 'owner', fullName(owner))) void navigate('/owners');
    };
    return (
        <>
            <PageHead title={fullName(owner)} note={<DeletedChip row={owner} />}>
                {!owner.deletedAt && (
                    <>
                        <a class="button" href={`/owners/${owner.id}/edit`}>
                            <Icon name="edit" /> {t('action.edit')}
                        </a>
                        <button type="button" class="button" onClick={() => setMerging(true)}>
                            {t('merge.open')}
                        </button>
                        <button type="button" class="button" onClick={() => void remove()}>
                            <Icon name="trash" /> {t('action.delete')}
                        </button>
                        <a class="button primary" data-key="n" href={`/patients/new?owner=${owner.id}`}>
                            {t('patients.new')}
                        </a>
                    </>
                )}
            </PageHead>
            <DeletedNote row={owner} path={`/api/owners/${owner.id}`} table="owner" name={fullName(owner)} />
            {owner.mergedInto && (
                <p class="state-note">
                    <Icon name="owners" /> <a href={`/owners/${owner.mergedInto}`}>{t('merge.seeSurvivor')}</a>
                </p>
            )}
            <StateNote table="owner" row={owner} />
            <div class="columns">
                <div class="stack">
                    <Card title={t('owner.contact')}>
                        <Facts
                            facts={[
                                [t('field.phone'), owner.phone && <a href={`tel:${owner.phone}`}>{owner.phone}</a>],
                                [t('field.email'), owner.email && <a href={`mailto:${owner.email}`}>{owner.email}</a>],
                                [t('field.address'), owner.address],
                                [t('field.notes'), owner.notes && <span class="pre">{owner.notes}</span>],
                                [t('field.since'), formatDay(dayIn(zoneOf(owner.clinicId), new Date(owner.createdAt)))],
                            ]}
                        />
                    </Card>
                    <BalanceCard owner={owner} />
                    <Animals owner={owner} />
                </div>
                <Bills owner={owner} />
            </div>
            {merging && <MergeDialog owner={owner} onClose={() => setMerging(false)} />}
        </>
    );
}
