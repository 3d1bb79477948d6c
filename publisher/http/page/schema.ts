import { html } from 'hono/html';
import type { JsonSchema } from '../../../contracts/documents/json-schema.ts';
import { type Html, prose } from './prose.ts';

/** Describes a type in a few words: `integer, 0 to 1000000000, or null`. Named schemas are links. */
export function typeWords(schema: JsonSchema): Html {
  if (typeof schema.$ref === 'string') return link(schema.$ref);
  const branches = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  const objects = branches?.filter(({ type }) => type === 'object') ?? [];
  if (objects.length > 1) return html`one of ${objects.length} objects`;
  if (branches !== undefined) return joined(branches.map(typeWords), ' or ');
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (Array.isArray(schema.enum))
    return joined(
      schema.enum.map((each) => html`<code>${String(each)}</code>`),
      ' · ',
    );
  if (schema.type === 'array') return html`array of ${typeWords((schema.items ?? {}) as JsonSchema)}${limits(schema)}`;
  return html`${[schema.type ?? 'anything'].flat().join(' or ')}${limits(schema)}`;
}

/** Renders the fields of an object, of an array's objects or of each branch; nothing where there are none. */
export function fields(schema: JsonSchema): Html {
  const { properties, items, anyOf, oneOf, allOf, required = [] } = schema as Composite;
  const inner = [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? []), ...(items === undefined ? [] : [items])];
  return html`${
    properties &&
    html`<ul class="fields">${Object.entries(properties).map(([name, each]) => field(name, each, required.includes(name)))}</ul>`
  }${inner.map((each, n) => html`${n > 0 && each.properties !== undefined ? html`<p class="type">or</p>` : ''}${fields(each)}`)}`;
}

type Composite = {
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
};

/** Renders one named value: whether it is required, its type, its meaning, and its own fields. */
export function field(name: string, schema: JsonSchema, isNeeded: boolean, description?: string): Html {
  const words = description ?? (schema.description as string | undefined);
  const otherwise = schema.default === undefined ? '' : html`, else <code>${JSON.stringify(schema.default)}</code>`;
  return html`<li><code class="name">${name}</code> <span class="type">${typeWords(schema)}${otherwise}</span>
    ${isNeeded ? html`<span class="needed">required</span>` : ''}${words === undefined ? '' : prose(words)}${fields(schema)}</li>`;
}

function link(reference: string): Html {
  const name = reference.split('/').at(-1) ?? '';
  return html`<a href="#schema-${name}">${name}</a>`;
}

function limits({ minLength, maxLength, minimum, maximum, minItems, maxItems, pattern, format }: JsonSchema): Html {
  const range = (least: unknown, most: unknown, what: string) => {
    if (least === undefined && most === undefined) return [];
    const words =
      most === undefined ? `at least ${least}` : least === undefined ? `at most ${most}` : `${least} to ${most}`;
    return [`${words}${what}`];
  };
  const words = [
    ...range(minLength, maxLength, ' characters'),
    ...range(minimum, maximum, ''),
    ...range(minItems, maxItems, ' entries'),
    ...(format === undefined ? [] : [String(format)]),
  ];
  const said = words.map((each) => `, ${each}`).join('');
  return html`${said}${pattern === undefined ? '' : html`, <code>${pattern}</code>`}`;
}

function joined(parts: Html[], separator: string): Html {
  return html`${parts.map((part, n) => (n === 0 ? part : html`${separator}${part}`))}`;
}
