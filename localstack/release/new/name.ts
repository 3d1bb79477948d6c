import { parts } from '../../../consumers/all.ts';
import { definePart } from '../../../consumers/part.ts';
import { defineConsumer } from '../../../consumers/runtime/define-consumer.ts';
import { publisherDocument } from '../../../contracts/documents/shops/openapi-publisher.ts';
import { knownVariables, portVariable } from '../../../contracts/environment/known.ts';
import { agreements, consumerNames } from '../../../contracts/shops/agreements/all.ts';
import type { Agreement } from '../../../contracts/wire/agreement.ts';
import { templateOf } from '../../infrastructure/template/template.ts';

/** 40: an agreement takes no longer name (contracts/wire/agreement.ts). */
const LONGEST = 40;

/** The words that may not name a constant in a module (ECMAScript, 12.7.2): a consumer is exported by its name. */
const LANGUAGE = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false
  finally for function if implements import in instanceof interface let new null package private protected public return
  static super switch this throw true try typeof var void while with yield`.split(/\s+/),
);

/** Says in words why a consumer can't have this name; `null` if it can. Pure. */
export function nameFault(name: string): string | null {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    return `"${name}" is not lower-case kebab: small letters, digits and single hyphens, as in night-press`;
  if (name.length > LONGEST) return `"${name}" has ${name.length} letters; ${LONGEST} is the most`;
  if (agreements.some((agreement) => agreement.name === name)) return `"${name}" is taken: there is an agreement of it`;
  if (LANGUAGE.has(name)) return `"${name}" is a reserved word of JavaScript`;
  return reservedFor(name);
}

function reservedFor(name: string): string | null {
  if (publisherPaths().includes(name)) return `"${name}" is reserved: the publisher itself answers at /${name}`;
  const variable = portVariable(name);
  if (knownVariables(consumerNames).includes(variable))
    return `"${name}" is reserved: ${variable} is the port of another side`;
  return clashInTemplate(name);
}

/** The first words of the paths that the publisher answers for all consumers. */
function publisherPaths(): string[] {
  const documented = Object.keys(publisherDocument().paths).map((path) => path.split('/')[1] ?? '');
  return [...documented, 'docs'];
}

/** Two consumers need different names for all that is deployed: the queue of `ad-dead` is a queue of `ad`. */
function clashInTemplate(name: string): string | null {
  const [first] = agreements;
  const agreement: Agreement = { ...first, name, version: 1, path: `/${name}/shops` };
  const part = definePart({ consumer: defineConsumer({ agreement, view: first.resource, project: (shop) => shop }) });
  try {
    templateOf({ consumers: [...parts, part], agreements: [...agreements, agreement] });
    return null;
  } catch (error) {
    return `"${name}" is reserved: ${(error as Error).message}`;
  }
}
