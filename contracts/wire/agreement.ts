import * as z from 'zod/mini';
import { firstIssue } from './issues.ts';
import { TypeName } from './notification.ts';

/** The schema of what a consumer gets. Both `zod` and `zod/mini` schemas fit. */
export type Schema<Resource = unknown> = z.core.$ZodType<Resource, unknown>;

/** The terms of an agreement, without the resource's fields. */
type Terms = {
  /** The consumer's name: also its queue's, its token's and its API's. Lower-case letters, digits and `-`. */
  readonly name: string;
  /** Raised when the agreement breaks; part of every ETag. Two versions can be served side by side, each at its own path. */
  readonly version: number;
  /** The event types that wake the consumer; it sleeps through the others. */
  readonly wakesOn: readonly string[];
  /** Where the source API is mounted: `GET {path}/{id}`, `POST {path}/batch`, `GET {path}?after=`, `POST {path}/digests`. */
  readonly path: string;
};

/**
 * What a publisher and one consumer agreed on. Everything else is derived from it: the subscription's filter
 * policy, the source API's routes, the client, the check of every answer, the API documents.
 */
export type Agreement<Resource = unknown> = Terms & {
  /** Exactly the fields that leave the publisher. */
  readonly resource: Schema<Resource>;
};

/** The resource as an agreement shows it. */
export type Agreed<A extends Agreement> = z.core.output<A['resource']>;

/** `display` at first, `display-v2` and so on: tells versions that are served side by side apart. */
export function labelOf({ name, version }: Pick<Agreement, 'name' | 'version'>): string {
  return version === 1 ? name : `${name}-v${version}`;
}

/**
 * Whom agreements wake, by name. The versions of an agreement share their name, and so its queue and its token: the
 * queue gets what wakes any of them.
 */
export function consumersOf(
  agreements: readonly Pick<Agreement, 'name' | 'wakesOn'>[],
): { name: string; wakesOn: string[] }[] {
  const versions = Map.groupBy(agreements, ({ name }) => name);
  return [...versions].map(([name, group]) => ({ name, wakesOn: [...new Set(group.flatMap((each) => each.wakesOn))] }));
}

/** 150: an SNS filter policy takes no more values (Amazon SNS, filter policy constraints). */
const FILTER_VALUES_LIMIT = 150;

const TermsSchema = z.object({
  name: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and -, at most 40')),
  version: z.int().check(z.minimum(1)),
  wakesOn: z.array(TypeName).check(z.minLength(1), z.maxLength(FILTER_VALUES_LIMIT)),
  path: z.string().check(z.regex(/^(\/[a-z0-9-]+)+$/, 'a path such as /display/shops')),
});

/** Says an agreement once. Throws TypeError naming the term that is wrong. */
export function defineAgreement<Fields extends Schema>(
  agreement: Terms & { readonly resource: Fields },
): Terms & { readonly resource: Fields } {
  const terms = TermsSchema.safeParse(agreement);
  if (!terms.success) throw new TypeError(`agreement "${agreement.name}": ${firstIssue(terms.error)}`);
  return Object.freeze({ ...agreement });
}
