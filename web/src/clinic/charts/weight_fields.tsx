import { ChoiceField, TextField } from '../../common/fields';
import type { Form, Values } from '../../common/form';
import { t } from '../i18n';

/// A weight with its unit, of an animal or of a visit.
export function WeightFields<V extends Values & { weight: string; weightUnit: string }>(props: { form: Form<V> }) {
    return (
        <>
            <TextField form={props.form} name="weight" label={t('field.weight')} inputMode="decimal" />
            <ChoiceField
                form={props.form}
                name="weightUnit"
                label={t('field.weightUnit')}
                options={[
                    { value: 'kg', label: t('unit.kg') },
                    { value: 'lbs', label: t('unit.lbs') },
                ]}
            />
        </>
    );
}
