import * as z from 'zod/mini';
import { firstIssue } from './issues.ts';
import { nearestOf } from './nearest.ts';
import { TypeName } from './notification.ts';

/** Schema of the shop that a consumer gets. Both `zod` and `zod/mini` schemas fit. */
export type Schema<Resource = unknown> = z.core.$ZodType<Resource, unknown>;

/** The terms of an agreement, without the resource's fields. */
type Terms<Type extends string = string> = {
  /** Name of the consumer, and of its queue, its token and its API. Lower-case letters, digits and `-`. */
  readonly name: string;
  /**
   * Raised by a breaking change of the agreement; part of every ETag. Two versions can be served side by side, each at
   * its own path.
   */
  readonly version: number;
  /** Event types that wake the consumer; it gets no ring for other types. */
  readonly wakesOn: readonly Type[];
  /**
   * Path of the source API: `GET {path}/{id}`, `POST {path}/batch`, `GET {path}?after=`, `POST {path}/digests`,
   * `POST {path}/changes`.
   */
  readonly path: string;
};

/**
 * Agreement between a publisher and one consumer. All other definitions are derived from it: the subscription's filter
 * policy, the source API's routes, the client, the check of every answer, the API documents.
 */
export type Agreement<Resource = unknown> = Terms & {
  /** The only fields that leave the publisher. */
  readonly resource: Schema<Resource>;
};

/** A resource with the fields of an agreement. */
export type Agreed<A extends Agreement> = z.core.output<A['resource']>;

/**
 * Names a version of an agreement: `display` at first, then `display-v2` and so on. It tells versions apart that are
 * served side by side.
 */
export function labelOf({ name, version }: Pick<Agreement, 'name' | 'version'>): string {
  return version === 1 ? name : `${name}-v${version}`;
}

/**
 * Lists the consumers of agreements, by name. The versions of an agreement share their name, and so its queue and its
 * token. The queue gets the event types of all versions.
 */
export function consumersOf(
  agreements: readonly Pick<Agreement, 'name' | 'wakesOn'>[],
): { name: string; wakesOn: string[] }[] {
  const versions = Map.groupBy(agreements, ({ name }) => name);
  return [...versions].map(([name, group]) => ({ name, wakesOn: [...new Set(group.flatMap((each) => each.wakesOn))] }));
}

/** 150: an SNS filter policy takes at most 150 values (Amazon SNS, filter policy constraints). */
const FILTER_VALUES_LIMIT = 150;

const TermsSchema = z.object({
  name: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and -, at most 40')),
  version: z.int().check(z.minimum(1)),
  wakesOn: z.array(TypeName).check(
    z.minLength(1),
    z.maxLength(FILTER_VALUES_LIMIT),
    z.refine((types) => new Set(types).size === types.length, { error: 'must not name a type twice' }),
  ),
  path: z.string().check(z.regex(/^(\/[a-z0-9-]+)+$/, 'a path such as /display/shops')),
});

/** Defines an agreement. Throws TypeError, which names the term that is wrong. */
export function defineAgreement<Fields extends Schema>(
  agreement: Terms & { readonly resource: Fields },
): Terms & { readonly resource: Fields } {
  const terms = TermsSchema.safeParse(agreement);
  if (!terms.success) throw new TypeError(`agreement "${agreement.name}": ${firstIssue(terms.error)}`);
  return Object.freeze({ ...agreement });
}

/**
 * Makes the `defineAgreement` of a domain from its list of event types. A type that is not in the list is an error of
 * the compiler, and a TypeError that names the nearest type of the list.
 */
export function agreementsFor<const Type extends string>(types: readonly Type[]) {
  return function defineAgreementOfDomain<Fields extends Schema>(
    agreement: Terms<NoInfer<Type>> & { readonly resource: Fields },
  ): Terms & { readonly resource: Fields } {
    const defined = defineAgreement(agreement);
    for (const type of defined.wakesOn) if (!types.includes(type as Type)) throw unknownType(defined.name, type, types);
    return defined;
  };
}

function unknownType(agreement: string, type: string, types: readonly string[]): TypeError {
  const near = nearestOf(type, types);
  const hint = near === null ? `the types are ${types.join(', ')}` : `did you mean "${near}"?`;
  return new TypeError(`agreement "${agreement}": wakesOn: there is no event type "${type}"; ${hint}`);
}
