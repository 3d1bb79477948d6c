import type { ServerResponse } from 'node:http';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { httpServer, json } from './http-server.ts';

type Item = Record<string, AttributeValue>;
type Key = { id: { S: string } };
type Keys = { Keys: Key[]; ConsistentRead?: boolean };

/** What a store sends, as far as the stand-in looks at it. */
type Input = {
  RequestItems: Record<string, Keys>;
  Item: Item;
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD';
  ConditionExpression?: string;
  KeyConditionExpression?: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues: Record<string, { S: string; N: string }>;
  ExclusiveStartKey?: Key;
  Limit: number;
};

/** A call that arrived; `n` counts from 1, `isFirst` says whether its connection was new. */
export type Call = { action: string; input: Input; n: number; isFirst: boolean };

/** Misbehaviour: answers in DynamoDB's place, before or after what was asked for is done. */
export type Misbehaviour = { before?: (response: ServerResponse) => void; after?: (response: ServerResponse) => void };

export type DynamoServer = { url: string; calls: Call[]; items: Map<string, Item> };

/**
 * A stand-in for DynamoDB with one table, for what no emulator can be brought to do. It knows the calls of the store and
 * no others; that it knows them rightly is shown by the suite which also runs on emulators.
 */
export async function dynamoServer(
  misbehave: (call: Call, items: Map<string, Item>) => Misbehaviour | undefined = () => undefined,
  page = Infinity,
): Promise<DynamoServer> {
  const items = new Map<string, Item>();
  const calls: Call[] = [];
  const known = new WeakSet<object>();
  const { url } = await httpServer(({ headers, body }, response) => {
    const action = String(headers['x-amz-target']).split('.')[1] ?? '';
    const connection = response.socket ?? {};
    const call = { action, input: JSON.parse(body), n: calls.length + 1, isFirst: !known.has(connection) };
    known.add(connection);
    calls.push(call);
    const { before, after } = misbehave(call, items) ?? {};
    if (before !== undefined) return before(response);
    const { status, answer } = answerTo(call, items, page);
    if (after !== undefined) return after(response);
    json(response, status, answer);
  });
  return { url, calls, items };
}

/** An error as DynamoDB writes it. */
export const refuse =
  (status: number, name: string, message = name) =>
  (response: ServerResponse): void =>
    json(response, status, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message });

/** The only expressions it knows: a store that sends others is held to be wrong. */
const EXISTS = 'attribute_exists(id)';
const IS_SAME = '#version = :version';
const NEWER = 'attribute_not_exists(id) or #version < :version';
const NEWER_OR_REVISED = `${NEWER} or (#version = :version and (attribute_not_exists(#revision) or #revision <> :revision))`;
const KNOWN = [undefined, EXISTS, IS_SAME, NEWER, NEWER_OR_REVISED, '#key = :key and id >= :from'];

function answerTo(
  { action, input }: Call,
  items: Map<string, Item>,
  page: number,
): { status: number; answer: unknown } {
  if (![input.ConditionExpression, input.KeyConditionExpression].every((each) => KNOWN.includes(each)))
    return { status: 400, answer: { __type: 'ValidationException', message: 'an expression that is not known' } };
  if (action === 'PutItem') return put(input, items);
  if (action === 'BatchGetItem') return { status: 200, answer: { Responses: get(input, items), UnprocessedKeys: {} } };
  return { status: 200, answer: action === 'Query' ? query(input, items, page) : scan(input, items, page) };
}

const nameOf = ({ id }: Item): string => id?.S ?? '';

function put({ Item, ExpressionAttributeValues, ...input }: Input, items: Map<string, Item>) {
  const stored = items.get(nameOf(Item));
  if (mayPut(input.ConditionExpression, stored, ExpressionAttributeValues)) {
    items.set(nameOf(Item), Item);
    return { status: 200, answer: {} };
  }
  const __type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
  const isAsked = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
  return {
    status: 400,
    answer: { __type, message: 'The conditional request failed', ...(isAsked && { Item: stored }) },
  };
}

function mayPut(
  condition: string | undefined,
  stored: Item | undefined,
  values: Record<string, { S: string; N: string }> | undefined,
): boolean {
  if (condition === EXISTS) return stored !== undefined;
  const above = Number(values?.[':version']?.N) - Number(stored?.version?.N);
  if (condition === IS_SAME) return above === 0;
  const isRevised = condition === NEWER_OR_REVISED && above === 0 && stored?.revision?.S !== values?.[':revision']?.S;
  return stored === undefined || above > 0 || isRevised;
}

function get({ RequestItems }: Input, items: Map<string, Item>): Record<string, Item[]> {
  const found = Object.entries(RequestItems).map(([table, { Keys }]) => {
    if (Keys.length > 100) throw new Error('a BatchGetItem takes 100 keys');
    // In no order that anybody may rely on.
    return [table, Keys.toReversed().flatMap(({ id }) => items.get(id.S) ?? ([] as Item[]))];
  });
  return Object.fromEntries(found);
}

function query({ Limit, ...input }: Input, items: Map<string, Item>, page: number) {
  const { ':key': key, ':from': from } = input.ExpressionAttributeValues;
  const attribute = input.ExpressionAttributeNames['#key'] ?? '';
  const fitting = [...items.values()].filter(
    (item) => item[attribute]?.S === key?.S && nameOf(item) >= (from?.S ?? ''),
  );
  return pageOf(fitting.toSorted(byId), Math.min(Limit, page));
}

function scan({ Limit, ExclusiveStartKey }: Input, items: Map<string, Item>, page: number) {
  const ids = [...items.keys()];
  const start = ExclusiveStartKey === undefined ? 0 : ids.indexOf(ExclusiveStartKey.id.S) + 1;
  return pageOf([...items.values()].slice(start), Math.min(Limit, page));
}

const byId = (a: Item, b: Item) => (nameOf(a) < nameOf(b) ? -1 : 1);

/** Like DynamoDB, a page that is full says so even where nothing follows. */
function pageOf(all: Item[], most: number) {
  const Items = all.slice(0, most);
  const last = Items.at(-1);
  return { Items, ...(last !== undefined && Items.length === most && { LastEvaluatedKey: { id: last.id } }) };
}
