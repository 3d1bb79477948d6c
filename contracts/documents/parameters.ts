import * as z from 'zod/mini';
import { Version } from '../wire/resource.ts';
import { MIN_VERSION } from '../wire/source-api.ts';
import { exampleEvent } from './example-event.ts';
import type { Parameter } from './operation.ts';

/** Makes a parameter of a path. */
export const inPath = (name: string, description: string, schema: z.core.$ZodType, example: unknown): Parameter => {
  return { name, in: 'path', description, schema, example };
};

/** Lists the parameters of a Hono path from those of its domain. Throws TypeError for one without a description. */
export function pathParameters(path: string, known: Readonly<Record<string, Parameter>>): Parameter[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const parameter = known[name];
    if (parameter === undefined) throw new TypeError(`describe the parameter ":${name}" among those of its domain`);
    return parameter;
  });
}

/** Makes the header with the version that a client has; `tag` is the example. */
export const ifNoneMatch = (tag: string): Parameter => ({
  name: 'If-None-Match',
  in: 'header',
  description:
    'The ETag of the version that the client has: 304 if that is the newest. A list of tags, weak ones (`W/`) and `*` are taken as RFC 9110, ' +
    '13.1.2 says; what is none of these counts as not sent.',
  schema: z.string(),
  example: tag,
});

/** Makes the header of queries by which a client reads what it has written. */
export const minVersionOfViews: Parameter = {
  name: 'Min-Version',
  in: 'header',
  description:
    'Wait up to two seconds until the view has this version, else 503 with Retry-After: the version that a command has answered. A number ' +
    'is about the shop at the end of the path; with ids, `shop_1=19, shop_2=3`, it may be about any.',
  schema: z.string(),
  example: `shop_1=${exampleEvent.version}`,
};

/** Makes the headers with the version that a consumer has, and the one that it needs. */
export const sourceHeaders = (tag: string): readonly Parameter[] => [
  ifNoneMatch(tag),
  {
    name: MIN_VERSION.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()),
    in: 'header',
    description: 'Answer only if the shop has at least this version, else 503 with Retry-After.',
    schema: Version,
    example: exampleEvent.version,
  },
];
