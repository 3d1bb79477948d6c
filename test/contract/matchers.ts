/** An example with the rule that its place is compared by, as Pact writes it in bodies (Pact's integration format). */
export type Matcher = { 'pact:matcher:type': string; value: unknown; regex?: string; min?: number };

const matcher = (type: string, value: unknown, more: Partial<Matcher> = {}): Matcher => ({
  'pact:matcher:type': type,
  value,
  ...more,
});

/** What a consumer needs of a value: its type, and rarely more. Written here so that interactions can be read without Pact. */
export const like = {
  /** Any string or boolean, as the example is one. */
  example: (value: string | boolean) => matcher('type', value),
  integer: (value: number) => matcher('integer', value),
  number: (value: number) => matcher('number', value),
  regex: (regex: string, value: string) => matcher('regex', value, { regex }),
  /** At least one entry, each like the example. */
  each: (value: unknown) => matcher('type', [value], { min: 1 }),
};

/** The example alone. */
export function exampleOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('pact:matcher:type' in value) return exampleOf((value as Matcher).value);
  if (Array.isArray(value)) return value.map(exampleOf);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, exampleOf(each)]));
}
