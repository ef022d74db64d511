import { PASSWORD_MIN } from '../../common/faults';
import { TextField } from '../../common/fields';
import type { Form, Values } from '../../common/form';
import { t } from '../i18n';

/// The field of a password that is being chosen, for oneself or another.
export function NewPasswordField<V extends Values & { password: string }>(props: {
    form: Form<V>;
    label: string;
    wide?: boolean;
    autofocus?: boolean;
}) {
    return (
        <TextField
            form={props.form}
            name="password"
            label={props.label}
            type="password"
            autoComplete="new-password"
            required
            wide={props.wide}
            autofocus={props.autofocus}
            hint={t('members.passwordHint', { n: PASSWORD_MIN })}
        />
    );
}

/// Why `password` cannot be chosen; undefined: it can, as far as the page knows.
export const passwordFault = (password: string): string | undefined =>
    password.length < PASSWORD_MIN ? t('members.passwordShort', { n: PASSWORD_MIN }) : undefined;
