import fc from 'fast-check';

/** Ids at the edges of the grammar, and some that a route or a path could take for something else. */
const EDGES = [
  'order:2024:1',
  '7d1f3a52-4a60-4a0e-9a55-0f6c3e0b8f11',
  'batch',
  'digests',
  ':id',
  ':',
  '~',
  '-',
  '.a',
  '..a',
  'a.',
  '...',
  '__proto__',
  'A',
  'a',
  'x'.repeat(128),
  `:${'~'.repeat(127)}`,
];

/** Any id of the wire's grammar (contracts/wire/resource.ts), made without its pattern. */
export const anyId: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...EDGES),
  fc
    .string({ unit: fc.constantFrom(...'AZaz09._~:-'), minLength: 1, maxLength: 6 })
    .filter((id) => id !== '.' && id !== '..'),
  fc.string({ unit: fc.constantFrom(...'BCMXYbcmxy1258._~:-'), minLength: 3, maxLength: 128 }),
);

/** Texts that are no ids, by the reason. */
export const noIds: [reason: string, text: string][] = [
  ['nothing', ''],
  ['a step in a path', '.'],
  ['a step back', '..'],
  ['129 characters', 'x'.repeat(129)],
  ['a space', 'a b'],
  ['a slash', '../admin'],
  ['a percent sign', '%2e%2e'],
  ['a plus sign', 'a+b'],
  ['a line end', 'a\n'],
  ['a letter beyond ASCII', '가게'],
  ['a control character', 'a\u0000'],
];

/** What a refusal says of the form. */
export const FORM = '1 to 128 of A-Z a-z 0-9 - . _ ~ : and not . or ..';
