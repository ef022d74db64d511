import { t } from '../i18n';

/// What the first start and the settings both offer and say.

export const CURRENCIES = [
    'USD',
    'EUR',
    'GBP',
    'CHF',
    'CAD',
    'AUD',
    'NZD',
    'MXN',
    'ARS',
    'COP',
    'BRL',
    'SEK',
    'NOK',
    'DKK',
    'PLN',
    'CZK',
    'ZAR',
    'INR',
];

export function timezones(): string[] {
    const known = (Intl as unknown as { supportedValuesOf?: (key: string) => string[] }).supportedValuesOf;
    const list = known ? known('timeZone') : [];
    return list.includes('UTC') ? list : ['UTC', ...list];
}

/// What the node and central say about an invitation.
export const invitationMeanings = () => ({
    invalid_fields: { token: t('fault.invitation') },
    invitation_invalid: { token: t('fault.invitation') },
    ca_not_shown: { token: t('fault.notThisCentral') },
    other_clinics: { token: t('fault.otherClinics') },
});
