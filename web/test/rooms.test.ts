import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/// Every module below src/ with the modules of ours that it names, at once or later, types too.
const modules = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
const named = /(?:\bfrom|\bimport|\bimport\()\s*['"](\.[^'"]+)['"]/g;
const found = (from: string, name: string): string => {
    const path = join(dirname(from), name);
    return (
        ['', '.ts', '.tsx'].map((end) => path + end).find((file) => /\.\w+$/.test(file) && existsSync('src/' + file)) ??
        `${from}: no ${name}`
    );
};
const imports = new Map(
    modules.map((name) => [name, [...readFileSync('src/' + name, 'utf8').matchAll(named)].map((hit) => found(name, hit[1]!))]),
);

/// What may be imported beside a room's own modules.
const BELOW: Record<string, string[]> = { common: [], clinic: ['common'] };
const room = (name: string): string => name.split('/')[0]!;

describe('the modules of the app', () => {
    it('import only their own room and those below it', () => {
        const wrong = modules.flatMap((name) =>
            imports
                .get(name)!
                .filter((other) => room(other) !== room(name) && !BELOW[room(name)]?.includes(room(other)))
                .map((other) => `${name} -> ${other}`),
        );
        expect(modules.length).toBeGreaterThan(50);
        expect(wrong).toEqual([]);
    });
    it('import each other in no circle', () => {
        const done = new Set<string>();
        const circles: string[] = [];
        const visit = (name: string, way: string[]): void => {
            if (way.includes(name)) circles.push([...way.slice(way.indexOf(name)), name].join(' -> '));
            if (way.includes(name) || done.has(name)) return;
            for (const other of imports.get(name) ?? []) visit(other, [...way, name]);
            done.add(name);
        };
        for (const name of modules) visit(name, []);
        expect(circles).toEqual([]);
    });
});
