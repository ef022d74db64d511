import type { MedicalRecord, RecordType, ServiceItem } from '../types';

/// Which prices a medical record speaks of. A price is found when what it is about stands in the record's own words, in
/// whatever order and form ("vaccine" for "vaccination"); the kind of the record counts as a word of it. Pure.

const KINDS: Record<RecordType, string> = {
    vaccine: 'vaccine vaccination booster impfung vacuna vacunacion',
    surgery: 'surgery operation cirugia operacion',
    dental: 'dental tooth teeth zahn zahne diente dientes',
    treatment: 'treatment behandlung tratamiento',
};
/// So much of what a price says, weighed by how rare its words are in the price list, has to be in the record.
const ENOUGH = 0.6;
const WORD_MIN = 2;
const SHARED_MIN = 4;
const SHARED_PART = 0.6;

export const wordsOf = (text: string): string[] =>
    (
        text
            .normalize('NFKD')
            .replace(/\p{M}/gu, '')
            .toLowerCase()
            .match(/[\p{L}\p{N}]+/gu) ?? []
    ).filter((word) => word.length >= WORD_MIN);

/// Two forms of one word begin alike.
function isAlike(a: string, b: string): boolean {
    if (a === b) return true;
    let shared = 0;
    while (shared < a.length && a[shared] === b[shared]) shared += 1;
    return (
        shared >= SHARED_MIN &&
        shared >= SHARED_PART * Math.min(a.length, b.length) &&
        shared >= SHARED_PART * 0.8 * Math.max(a.length, b.length)
    );
}

export function pricesFor(
    record: Pick<MedicalRecord, 'recordType' | 'treatment' | 'diagnosis' | 'symptoms' | 'notes'>,
    prices: readonly ServiceItem[],
): ServiceItem[] {
    const priced = prices.map((price) => ({ price, words: [...new Set(wordsOf(price.description))] }));
    const rarity = (word: string): number =>
        Math.log(1 + prices.length / Math.max(1, priced.filter((price) => price.words.some((other) => isAlike(word, other))).length));
    const kind = wordsOf(KINDS[record.recordType]);
    const find = (text: string): ServiceItem[] => {
        const said = wordsOf(text);
        const judged = priced
            .map(({ price, words }) => {
                const own = words.filter((word) => said.some((other) => isAlike(word, other)));
                const byKind = words.filter((word) => !own.includes(word) && kind.some((other) => isAlike(word, other)));
                const weigh = (list: string[]): number => list.reduce((sum, word) => sum + rarity(word), 0);
                const all = weigh(words);
                return { price, own: own.length, score: all === 0 ? 0 : weigh([...own, ...byKind]) / all, weight: weigh(own) };
            })
            .filter((match) => match.own > 0 && match.score >= ENOUGH)
            .sort((a, b) => b.score - a.score || b.weight - a.weight);
        const whole = judged.filter((match) => match.score > 0.999);
        return (whole.length > 0 ? whole : judged.slice(0, 1)).map((match) => match.price);
    };
    // What was done says more than why.
    const done = find(record.treatment);
    return done.length > 0 ? done : find([record.diagnosis, record.symptoms, record.notes ?? ''].join(' '));
}
