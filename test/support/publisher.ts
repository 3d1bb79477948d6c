import type { Hono } from 'hono';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import { tokenDigest } from '../../publisher/http/token.ts';
import { systemIds } from '../../publisher/ids.ts';
import { type AppDeps, createApp } from '../../publisher/shops/api/app.ts';
import { freshDatabase } from './database.ts';

/** A token of each agreement, by its name. */
export const tokens: Record<string, string> = Object.fromEntries(
  agreements.map(({ name }) => [name, `token-of-${name}`]),
);

export const operatorToken = 'token-of-operator';

/** What an operator's requests bring along. */
export const asOperator = { authorization: `Bearer ${operatorToken}` };

/** A JSON answer with what a test asks of it. */
export type Answer = { status: number; headers: Headers; body: Body };
type Body = Record<string, unknown> & {
  id: string;
  version: number;
  code: string;
  detail: string;
  events: { type: string; version: number; eventId: string }[];
  shops: Record<string, unknown>[];
  resources: Record<string, unknown>[];
};

/** The publisher's real app on a database of its own, and with what else it is given. */
export async function publisher(more: Partial<Pick<AppDeps, 'replica' | 'limit' | 'sources'>> = {}) {
  const { pool, url, admin, adminUrl } = await freshDatabase();
  let commits = 0;
  const errors: Error[] = [];
  const app = createApp({
    pool,
    ids: systemIds,
    onCommitted: () => commits++,
    tokensFor: (agreement) => [tokenDigest(tokens[agreement] ?? `token-of-${agreement}`)],
    operatorTokens: [tokenDigest(operatorToken)],
    limit: () => true,
    metrics: async () => '# nothing is counted here\n',
    onError: (error) => errors.push(error),
    ...more,
  });
  return {
    app,
    pool,
    admin,
    url,
    adminUrl,
    errors,
    commits: () => commits,
    call: callOn(app),
    register: registerOn(app),
  };
}

/** Calls the app as an operator would, where no other token is named: JSON in, JSON out. */
export function callOn(app: Pick<Hono, 'request'>) {
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await app.request(path, {
      method,
      headers: { ...asOperator, ...type, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
  };
}

/** What a shop needs to be registered. */
export const aShop = {
  name: '바보네집',
  category: '한식',
  region: { province: '서울', city: '강남구' },
  address: '논현로120길 14',
  hours: '11:00~21:00',
  menu: [{ id: 'item_soup', name: '김치찌개', price: 6000 }],
};

function registerOn(app: Pick<Hono, 'request'>) {
  return async (id: string, more: Record<string, unknown> = {}) => {
    const answer = await callOn(app)('POST', '/shops', { ...aShop, id, ...more });
    if (answer.status !== 201) throw new Error(`registering ${id}: ${JSON.stringify(answer.body)}`);
    return answer;
  };
}
