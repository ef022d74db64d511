/// Who a row's veterinarian is. A row carries a printed name, and from nodes that know it the id of a staff member, which
/// then decides. Without one the printed name is compared: "Dr. Rosa Allen", "rosa allen" and "Allen, Rosa" are Rosa
/// Allen of the staff. A name is never guessed from a part of it. Pure.

/// A veterinarian of a clinic's staff, as the node lists them.
export interface StaffVet {
    clinicId: string;
    name: string;
    /// Missing from nodes that know veterinarians by name alone.
    id?: string;
}

/// A row's veterinarian as it is stored.
export interface Signature {
    clinicId: string;
    veterinarian: string;
    veterinarianId?: string | null;
}

/// Somebody with one column and one line in every list.
export interface Vet {
    /// The same on every page: stands in addresses.
    key: string;
    name: string;
    /// Their entry in each of their clinics; empty for somebody whose name was only ever printed.
    staff: readonly StaffVet[];
}

const TITLES = new Set(['dr', 'dra', 'doctor', 'doctora', 'prof', 'med', 'vet', 'dvm', 'vmd', 'mrcvs', 'bvsc', 'mvz', 'phd']);

/// What two spellings of one name have in common: no case, no accents, no titles, the first name first.
export function bareName(printed: string): string {
    const parts = printed.split(',').map(withoutTitles).filter(Boolean);
    return (parts.length === 2 ? parts.reverse() : parts).join(' ') || folded(printed).join(' ');
}

const folded = (text: string): string[] =>
    text
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .toLowerCase()
        .replace(/ß/g, 'ss')
        .split(/[^\p{L}\p{N}]+/u)
        .filter(Boolean);

function withoutTitles(text: string): string {
    const words = folded(text);
    while (words.length > 0 && TITLES.has(words[0]!)) words.shift();
    while (words.length > 0 && TITLES.has(words[words.length - 1]!)) words.pop();
    return words.join(' ');
}

const byName = (a: Vet, b: Vet): number => a.name.localeCompare(b.name) || a.key.localeCompare(b.key);

/// The people of a page: the staff's veterinarians, and whoever else its rows name.
export class Vets {
    /// Staff first, then the names that are only printed.
    readonly list: readonly Vet[];
    private readonly byId = new Map<string, Vet>();
    private readonly byBareName = new Map<string, Vet>();
    private readonly printed = new Map<string, Vet>();
    private readonly bareNames = new Map<string, string>();

    constructor(staff: readonly StaffVet[], rows: readonly Signature[]) {
        const members = this.addStaff(staff).sort(byName);
        for (const row of rows) this.of(row);
        this.list = [...members, ...[...this.printed.values()].sort(byName)];
    }

    /// Whose a row is; null: nobody's.
    of(row: Signature): Vet | null {
        const id = row.veterinarianId ?? null;
        const member = id === null ? undefined : this.byId.get(id);
        if (member !== undefined) return member;
        const bare = this.bareNameOf(row.veterinarian);
        const namesake = this.byBareName.get(bare);
        // Somebody who has left the staff is not the one of the same name who is there now.
        const left = id !== null && namesake?.staff.some((entry) => entry.clinicId === row.clinicId && entry.id !== undefined);
        if (namesake !== undefined && !left) return namesake;
        if (bare === '' && id === null) return null;
        return this.addPrinted(left || bare === '' ? id! : bare, row.veterinarian);
    }

    /// By the key, or by a name in any spelling.
    find(text: string): Vet | null {
        const bare = bareName(text);
        return this.list.find((vet) => vet.key === text) ?? this.byBareName.get(bare) ?? this.printed.get(bare) ?? null;
    }

    /// A day has hundreds of rows and few names.
    private bareNameOf(printed: string): string {
        const known = this.bareNames.get(printed);
        if (known !== undefined) return known;
        const bare = bareName(printed);
        this.bareNames.set(printed, bare);
        return bare;
    }

    /// One person may be on the staff of several clinics; two of one name in one clinic are two.
    private addStaff(staff: readonly StaffVet[]): Vet[] {
        const found: Vet[] = [];
        const names = new Map<string, StaffVet[]>();
        for (const entry of staff) {
            const known = names.get(bareName(entry.name)) ?? [];
            const again = known.some((other) => other.clinicId === entry.clinicId && other.id === entry.id);
            if (!again) names.set(bareName(entry.name), [...known, entry]);
        }
        for (const [bare, entries] of names) {
            const alone = new Set(entries.map((entry) => entry.clinicId)).size === entries.length;
            if (alone) {
                const vet = { key: entries[0]!.name, name: entries[0]!.name, staff: entries };
                this.byBareName.set(bare, vet);
                found.push(vet);
            } else {
                found.push(...entries.map((entry): Vet => ({ key: entry.id ?? entry.name, name: entry.name, staff: [entry] })));
            }
        }
        for (const vet of found) for (const entry of vet.staff) if (entry.id !== undefined) this.byId.set(entry.id, vet);
        return found;
    }

    private addPrinted(key: string, name: string): Vet {
        const known = this.printed.get(key);
        if (known !== undefined) return known;
        const vet: Vet = { key, name, staff: [] };
        this.printed.set(key, vet);
        return vet;
    }
}

/// What is sent beside a printed name: the id of the staff member of that clinic who was chosen by it, the id that stands
/// when the name was not touched. undefined: nothing is sent, and the node goes by the name. `before`: the row as the
/// node has it, null for a new one; a node that does not know the id has no such key in its rows.
export function idToSend(
    staff: readonly StaffVet[],
    name: string,
    clinicId: string | undefined,
    before: Partial<Signature> | null,
): string | null | undefined {
    if (before !== null && before.veterinarianId === undefined) return undefined;
    if (before !== null && before.veterinarian === name) return before.veterinarianId;
    const chosen = staff.filter((entry) => entry.clinicId === clinicId && entry.name === name.trim());
    return chosen.length === 1 ? chosen[0]!.id : undefined;
}

/// A row's veterinarian after it was handed to somebody: their name as the staff of its clinic has it, and where the node
/// knows it, the id. null: nobody.
export function handedTo(row: Signature, vet: Vet | null): Pick<Signature, 'veterinarian' | 'veterinarianId'> {
    const entry = vet?.staff.find((member) => member.clinicId === row.clinicId);
    const veterinarian = entry?.name ?? vet?.name ?? '';
    return row.veterinarianId === undefined || entry?.id === undefined ? { veterinarian } : { veterinarian, veterinarianId: entry.id };
}
