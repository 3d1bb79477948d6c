import { Document, isScalar, type Node, Pair, Scalar, visit, type YAMLMap, YAMLSeq } from 'yaml';
import type { Template } from './template.ts';

/** Where the template of all parts is kept. */
export const TEMPLATE_FILE = 'localstack/infrastructure/template.yaml';

const HEAD = ` Generated from contracts/shops/agreements, localstack/infrastructure/topology.ts and consumers/stores/dynamodb/table.ts by localstack/template:
 npm run contracts -- docs
 Change those; a test fails where this file differs from them (docs/decisions/0027-one-generated-template.md).`;

/** The template as a file, with the short forms of intrinsic functions. */
export function textOf(template: Template): string {
  const document = new Document(template, { version: '1.1', aliasDuplicateObjects: false });
  document.commentBefore = HEAD;
  visit(document, { Map: (_, map) => shortForm(map as YAMLMap) });
  return document.toString({ lineWidth: 120, directives: false });
}

/** `{ Ref: Topic }` is written `!Ref Topic`: by those who read templates, and every tool reads it. */
function shortForm(map: YAMLMap): Node | undefined {
  const [pair, ...more] = map.items;
  if (!(pair instanceof Pair) || more.length > 0 || !isScalar(pair.key)) return undefined;
  const name = String(pair.key.value);
  if (name !== 'Ref' && !name.startsWith('Fn::')) return undefined;
  const node = argument(name, pair.value as Node);
  node.tag = `!${name.replace('Fn::', '')}`;
  return node;
}

/** `!GetAtt` has one text for both of its names. */
function argument(name: string, value: Node): Node & { tag?: string } {
  if (name !== 'Fn::GetAtt' || !(value instanceof YAMLSeq)) return value;
  return new Scalar((value.toJSON() as string[]).join('.'));
}
