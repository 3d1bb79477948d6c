import * as z from 'zod/mini';
import { definePart, type Part } from '../../consumers/part.ts';
import { defineConsumer } from '../../consumers/runtime/define-consumer.ts';
import { defineAgreement } from '../../contracts/wire/agreement.ts';
import type { Template } from '../../localstack/infrastructure/template/template.ts';
import type { Resource } from '../../localstack/infrastructure/template/values.ts';

/** A rule of a policy, as the tests look at it. */
export type Rule = {
  Sid: string;
  Effect: string;
  Principal?: unknown;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
};

/** The template as it is where all its conditions hold, or none. */
export function where(holds: boolean, template: Template): Template {
  return settled(template, holds ? 1 : 2) as Template;
}

function settled(value: unknown, branch: 1 | 2): unknown {
  if (Array.isArray(value)) return value.map((each) => settled(each, branch)).filter((each) => !isNothing(each));
  if (typeof value !== 'object' || value === null) return value;
  const chosen = (value as { 'Fn::If'?: unknown[] })['Fn::If'];
  if (chosen !== undefined) return settled(chosen[branch], branch);
  const entries = Object.entries(value).map(([name, each]) => [name, settled(each, branch)] as const);
  return Object.fromEntries(entries.filter(([, each]) => !isNothing(each)));
}

const isNothing = (value: unknown) => (value as { Ref?: string } | null)?.Ref === 'AWS::NoValue';

/** The resources of a type, by their names in the template. */
export function resourcesOf({ Resources }: Template, type: string): [string, Resource][] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type);
}

/** The properties of a resource, for tests that know what it is. */
// biome-ignore lint/suspicious/noExplicitAny: templates have no types of their own
export function propertiesOf({ Resources }: Template, id: string): Record<string, any> {
  const resource = Resources[id];
  if (resource === undefined) throw new Error(`the template has no ${id}`);
  return resource.Properties;
}

/** What a role allows and denies. */
export function rulesOf(template: Template, role: string): Rule[] {
  const policies = propertiesOf(template, role).Policies as { PolicyDocument: { Statement: Rule[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** Everything of the template or of CloudFormation that a value refers to: resources, parameters, pseudo parameters. */
export function referredBy(value: unknown): string[] {
  const text = JSON.stringify(value);
  const refs = [...text.matchAll(/"Ref":"([^"]+)"|"Fn::GetAtt":\["([^"]+)"/g)].map(([, ref, got]) => ref ?? got ?? '');
  const inserted = [...text.matchAll(/\$\{([^}.]+)[^}]*\}/g)].map(([, name = '']) => name);
  return [...new Set([...refs, ...inserted])];
}

/** A consumer of this name, the smallest there can be, with an index. */
export function consumerCalled(name: string): Part {
  const agreement = defineAgreement({
    name,
    version: 1,
    wakesOn: ['shop.registered'],
    path: `/${name}/shops`,
    resource: z.object({ name: z.string() }),
  });
  const consumer = defineConsumer({
    agreement,
    view: z.object({ title: z.string() }),
    project: ({ name: title }) => ({ title }),
  });
  return definePart({ consumer, indexes: { title: 'title' } }) as Part;
}
