import { parseAst } from 'vitest/node';

/** A function with a body in braces, and how many lines it takes. */
export type FunctionLength = { name: string; lines: number };

type Node = { type: string; start: number; end: number; body?: Node | null; [key: string]: unknown };

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** The functions of a TypeScript file, those within others too. */
export function functionsOf(code: string): FunctionLength[] {
  const found: FunctionLength[] = [];
  const lines = ({ start, end }: Node) => code.slice(start, end).split('\n').length;
  const visit = (node: unknown, name: string): void => {
    const own = isNode(node) ? (nameOf(node) ?? name) : name;
    if (isNode(node) && isFunction(node)) found.push({ name: own, lines: lines(node) });
    for (const value of Object.values(node ?? {})) if (typeof value === 'object') visit(value, own);
  };
  visit(parseAst(code, { lang: 'ts' }), '');
  return found;
}

const isFunction = ({ type, body }: Node) => FUNCTIONS.has(type) && body?.type === 'BlockStatement';

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** The name that a declaration, a variable or a property gives to what stands in it. */
function nameOf({ id, key }: Node): string | undefined {
  for (const named of [id, key]) if (isNode(named) && typeof named.name === 'string') return named.name;
  return undefined;
}
