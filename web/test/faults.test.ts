import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiError, type Fault } from '../src/common/api';
import { errorText, fieldTexts } from '../src/common/faults';

beforeAll(() => void vi.stubGlobal('navigator', { language: 'en', languages: ['en'] }));

const refused = (fields: Record<string, string>, fieldCodes: Record<string, Fault>): ApiError =>
    new ApiError(422, 'invalid_fields', 'refused', fields, { fieldCodes });

describe('what the node refused', () => {
    it('is said by its code and limits', () => {
        const error = refused(
            { name: 'Name must have 1 to 100 characters.', age: 'Age must be a number from 0 to 999.', email: 'Another owner has this.' },
            { name: { code: 'length', min: 1, max: 100 }, age: { code: 'number', min: '0', max: '999' }, email: { code: 'email_taken' } },
        );
        expect(fieldTexts(error)).toEqual({
            name: 'From 1 to 100 characters.',
            age: 'A number from 0 to 999.',
            email: 'Somebody else here has this already.',
        });
    });
    it('names the item of a bill', () => {
        const error = refused({ items: 'Item 3: ...' }, { items: { code: 'required', item: 3, field: 'description' } });
        expect(fieldTexts(error).items).toBe('Item 3: Please fill this in.');
    });
    it("stays the node's sentence where the code is new, or there is none", () => {
        expect(fieldTexts(refused({ name: 'So it is.' }, { name: { code: 'of_tomorrow' } }))).toEqual({ name: 'So it is.' });
        expect(fieldTexts(new ApiError(422, 'x', 'm', { name: 'So it is.' }))).toEqual({ name: 'So it is.' });
        expect(errorText(new ApiError(422, 'of_tomorrow', 'So it is.'))).toBe('So it is.');
    });
    it('has words for every code of the node that docs/errors.md names', () => {
        const page = readFileSync('../docs/errors.md', 'utf8');
        const codesOf = (title: string): string[] =>
            page
                .split(`## ${title}\n`)[1]!
                .split('\n## ')[0]!
                .split('\n')
                .filter((line) => line.startsWith('| `'))
                .flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map((hit) => hit[1]!));
        const answers = codesOf("Codes of a node's API");
        const fields = codesOf('Codes of a field');
        expect(answers).toContain('into_required');
        expect(fields).toContain('not_finite');
        expect(answers.filter((code) => errorText(new ApiError(409, code, 'english')) === 'english')).toEqual([]);
        expect(fields.filter((code) => fieldTexts(refused({ x: 'english' }, { x: { code } })).x === 'english')).toEqual([]);
    });
});
