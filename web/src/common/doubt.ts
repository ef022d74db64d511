/// What is possible but so unusual that a person is asked before it is saved: the store keeps it all the same, as it
/// keeps what came from older data. Pure.
export interface Doubt {
    /// The form's values that the question is about: one that was so before is not asked about again.
    fields: string[];
    text: string;
}

export const doubtsAbout = (doubts: readonly Doubt[], now: Record<string, unknown>, before: Record<string, unknown> | null): Doubt[] =>
    before === null ? [...doubts] : doubts.filter((doubt) => doubt.fields.some((name) => now[name] !== before[name]));
