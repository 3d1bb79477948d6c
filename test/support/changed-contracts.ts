import { compareContracts } from '../../contracts/compare/compare.ts';
import { type Contracts, termsOf } from '../../contracts/compare/contracts.ts';
import type { Difference } from '../../contracts/compare/difference.ts';
import type { JsonSchema } from '../../contracts/documents/json-schema.ts';
import type { OpenApiDocument, OperationObject } from '../../contracts/documents/openapi.ts';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import { eventTypes } from '../../contracts/shops/event-types.ts';
import { shopServiceProblems } from '../../contracts/shops/problems.ts';
import { contractsNow } from '../../localstack/release/gate/now.ts';

const real = contractsNow();
const current = { agreements, eventTypes, problems: shopServiceProblems };

type Agreements = Parameters<typeof termsOf>[1]['agreements'];

/** All agreements, with others in the place of those that have their names. */
export function agreementsWith(...others: Agreements): Agreements {
  const named = (name: string) => others.filter((other) => other.name === name);
  return agreements.flatMap((each) => (named(each.name).length > 0 ? named(each.name) : [each]));
}

/** The real contracts with other agreements, event types or another version of Doorbell. */
export function contractsWith(more: {
  agreements?: Agreements;
  eventTypes?: readonly string[];
  version?: string;
}): Contracts {
  return { ...real, terms: termsOf(more.version ?? real.terms.version, { ...current, ...more }) };
}

/** The real contracts after a change made in place. */
export function contractsAfter(change: (contracts: Contracts) => void): Contracts {
  const contracts = structuredClone(real);
  change(contracts);
  return contracts;
}

/** An operation of the publisher's document. */
export function operationOf({ apis }: Contracts, path: string, method: string, file = 'publisher'): OperationObject {
  const operation = (apis[`${file}.openapi.json`] as OpenApiDocument).paths[path]?.[method];
  if (operation === undefined) throw new Error(`no ${method} ${path}`);
  return operation;
}

/** A named schema of the publisher's document, to be changed. */
export function componentOf(
  { apis }: Contracts,
  name: string,
): JsonSchema & { properties: Record<string, JsonSchema>; required: string[] } {
  return apis['publisher.openapi.json']?.components.schemas?.[name] as ReturnType<typeof componentOf>;
}

/** What the gate says of these contracts, beside the real ones: `breaking display: display@1 hours is gone`. */
export function verdicts(now: Contracts, before = real): string[] {
  return compareContracts(before, now).map(lineOf);
}

function lineOf({ verdict, who, where, what, allowedBy }: Difference): string {
  return `${verdict} ${who}: ${where} ${what}${allowedBy === null ? '' : ` (${allowedBy})`}`;
}
