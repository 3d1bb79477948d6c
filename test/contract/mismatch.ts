import * as z from 'zod/mini';

/** What Pact's verifier says when it rejects: an object as text, of which this much is read. */
const Verdict = z.object({
  interactionResults: z.array(
    z.object({
      consumer: z.string(),
      description: z.string(),
      providerStates: z.array(z.string()),
      mismatch: z.optional(z.object({ mismatches: z.optional(z.array(z.unknown())) })),
    }),
  ),
});

const Difference = z.object({
  path: z.optional(z.string()),
  key: z.optional(z.string()),
  expected: z.optional(z.unknown()),
  actual: z.optional(z.unknown()),
  mismatch: z.optional(z.string()),
});

/** What no longer agrees, for people: where, what each side says, and what the publisher said of it by itself. */
export function textOfMismatch(rejection: string, publisherErrors: readonly Error[]): string {
  const verdict = Verdict.safeParse(parsed(rejection));
  if (!verdict.success) return rejection;
  const broken = verdict.data.interactionResults.filter(({ mismatch }) => mismatch !== undefined);
  const said = publisherErrors.map(({ message }) => `The publisher said of itself: ${message}`);
  return [...broken.flatMap(linesOf), ...said, WHAT_TO_DO].join('\n');
}

const WHAT_TO_DO =
  'Give the consumers what they were promised, or, if they need it no longer, record the pacts anew: npm run pacts';

type Broken = z.output<typeof Verdict>['interactionResults'][number];

function linesOf({ consumer, description, providerStates, mismatch }: Broken): string[] {
  const given = [...new Set(providerStates)].join(', ');
  return [
    `${consumer} and publisher no longer agree on "${description}" (given ${given}):`,
    ...(mismatch?.mismatches ?? [mismatch]).map((each) => `  ${textOfDifference(consumer, each)}`),
  ];
}

function textOfDifference(consumer: string, difference: unknown): string {
  const read = Difference.safeParse(difference);
  if (!read.success || read.data.expected === undefined) return JSON.stringify(difference);
  const { path, key, expected, actual, mismatch } = read.data;
  return `${path ?? key ?? 'status'}: ${consumer} expects ${short(expected)}, the publisher answers ${short(actual)} · ${mismatch ?? ''}`;
}

/** 200 characters: a whole shop is longer than what can be compared by eye. */
function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
