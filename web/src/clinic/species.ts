import type { Language } from '../common/i18n';

/// Kinds of animals: stored under their English name, as older data has them, and shown in the person's language. Any
/// other kind may be typed and stays as it was typed.
const SPECIES: Record<string, Record<Exclude<Language, 'en'>, string>> = {
    Dog: { de: 'Hund', es: 'Perro' },
    Cat: { de: 'Katze', es: 'Gato' },
    Rabbit: { de: 'Kaninchen', es: 'Conejo' },
    Bird: { de: 'Vogel', es: 'Ave' },
    Horse: { de: 'Pferd', es: 'Caballo' },
    Hamster: { de: 'Hamster', es: 'Hámster' },
    'Guinea pig': { de: 'Meerschweinchen', es: 'Cobaya' },
    Reptile: { de: 'Reptil', es: 'Reptil' },
    Ferret: { de: 'Frettchen', es: 'Hurón' },
    Cow: { de: 'Rind', es: 'Vaca' },
    Goat: { de: 'Ziege', es: 'Cabra' },
    Sheep: { de: 'Schaf', es: 'Oveja' },
};

const nameIn = (canonical: string, wanted: Language): string => (wanted === 'en' ? canonical : (SPECIES[canonical]?.[wanted] ?? canonical));
const bare = (text: string): string => text.trim().normalize('NFC').toLowerCase();
const byName = new Map(
    Object.entries(SPECIES).flatMap(([canonical, { de, es }]) => [canonical, de, es].map((name) => [bare(name), canonical] as const)),
);

/// What is stored for a kind typed in any of the languages: its English name, or the text itself.
export const storedSpecies = (typed: string): string => byName.get(bare(typed)) ?? typed.trim();

/// How a stored kind is shown.
export function shownSpecies(stored: string, wanted: Language): string {
    const canonical = byName.get(bare(stored));
    return canonical === undefined ? stored : nameIn(canonical, wanted);
}

export const offeredSpecies = (wanted: Language): string[] => Object.keys(SPECIES).map((canonical) => nameIn(canonical, wanted));
