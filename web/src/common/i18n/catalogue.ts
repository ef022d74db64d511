/// What a language's words are. A message with a plural is an object by the categories of Intl.PluralRules and takes the
/// parameter `n`.
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Message = string | Plural;
export type Words = Record<string, Message>;

/// A language beside the English one: tsc refuses it when it lacks a key or has one too many.
export type Catalogue<English extends Words> = { [K in keyof English]: English[K] extends string ? string : Plural };
