import { fullName } from '../common/format';
import { Picker, type PickerProps } from '../common/picker';
import { t } from './i18n';
import { DeceasedChip } from './parts';
import type { Owner, Patient } from './types';
import { speciesWord } from './words';

type Shared<T extends { id: string }> = Omit<PickerProps<T>, 'path' | 'title' | 'detail' | 'mark' | 'label'> & {
    label?: string;
    path?: string;
};

export const OwnerPicker = (props: Shared<Owner>) => (
    <Picker<Owner>
        {...props}
        label={props.label ?? t('word.owner')}
        path={props.path ?? '/api/owners'}
        title={fullName}
        detail={(row) => [row.phone, row.email].filter(Boolean).join(' · ')}
    />
);

export const PatientPicker = (props: Shared<Patient>) => (
    <Picker<Patient>
        {...props}
        label={props.label ?? t('word.patient')}
        path={props.path ?? '/api/patients'}
        title={(row) => (row.owner ? `${row.name} (${fullName(row.owner)})` : row.name)}
        detail={(row) => [speciesWord(row.species), row.breed, row.owner?.phone].filter(Boolean).join(' · ')}
        mark={(row) => <DeceasedChip row={row} />}
    />
);
