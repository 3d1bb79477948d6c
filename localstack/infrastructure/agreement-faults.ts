import type { Agreement } from '../../contracts/wire/agreement.ts';
import { conflictsOf } from '../../contracts/wire/agreement-set.ts';

/** Mistakes in a set of agreements, a sentence each. A warning may be meant: the consumer may live elsewhere. */
export type AgreementFaults = { errors: string[]; warnings: string[] };

type Terms = Pick<Agreement, 'name' | 'version' | 'path'>;

/** Agreements, and the agreement of each source and of each consumer. */
export type AgreementUse = {
  agreements: readonly Terms[];
  sources: readonly Terms[];
  consumers: readonly Terms[];
};

/**
 * Finds agreements without a source or a consumer, agreements in conflict, and sources and consumers that appear twice
 * or whose agreement is not listed. A consumer stands for all versions of its agreement, since they share its queue.
 * Pure.
 */
export function agreementFaults({ agreements, sources, consumers }: AgreementUse): AgreementFaults {
  const labels = new Set(sources.map(labelOf));
  const names = new Set(consumers.map(({ name }) => name));
  const halves = agreements.map((each) => ({
    label: labelOf(each),
    hasSource: labels.has(labelOf(each)),
    hasConsumer: names.has(each.name),
  }));
  return {
    errors: [
      ...conflictsOf(agreements),
      ...halves.filter(({ hasSource }) => !hasSource).map(withoutSource),
      ...twice(sources.map(labelOf)).map((label) => `Two sources are for agreement ${label}: remove one of them.`),
      ...twice(consumers.map(({ name }) => name)).map(
        (name) => `Two consumers are called ${name}: give one of them another name.`,
      ),
      ...unlisted(sources, agreements, 'source'),
      ...unlisted(consumers, agreements, 'consumer'),
    ],
    warnings: halves
      .filter(({ hasSource, hasConsumer }) => hasSource && !hasConsumer)
      .map(({ label }) => `Agreement ${label} has no consumer here: its rings wait in its queue until one runs.`),
  };
}

const labelOf = ({ name, version }: Terms) => `${name}@${version}`;

function withoutSource({ label, hasConsumer }: { label: string; hasConsumer: boolean }): string {
  const lacks = hasConsumer ? 'no source' : 'no source and no consumer';
  return `Agreement ${label} has ${lacks}: the publisher would answer 404 at its path.`;
}

/** Lists the texts that appear more than once. */
function twice(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text, n) => texts.indexOf(text) < n))];
}

function unlisted(used: readonly Terms[], agreements: readonly Terms[], what: string): string[] {
  const listed = new Set(agreements.map(labelOf));
  const missing = [...new Set(used.map(labelOf))].filter((label) => !listed.has(label));
  return missing.map((label) => `The ${what} of agreement ${label} is used, but the agreement is not in the list.`);
}
