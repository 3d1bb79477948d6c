import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examples } from '../../contracts/documents/shops/examples.ts';
import { startBroker } from '../../localstack/start/broker/broker.ts';
import { prepareDatabase } from '../../localstack/start/postgres/app-user.ts';
import { startPostgres } from '../../localstack/start/postgres/postgres.ts';
import { type System, startSystem } from '../../localstack/start/system.ts';

/** A whole system for whoever sends it nonsense: real PostgreSQL, embedded broker, free ports, two shops. */
export type FuzzedSystem = {
  system: System;
  tokens: Readonly<Record<'operator' | 'display' | 'ad', string>>;
  /** What was answered by 500 and above, and why. */
  errors: Error[];
  stop: () => Promise<void>;
};

const secret = () => randomBytes(16).toString('hex');

/** Starts it, with the shop of the documents' examples and a closed one. */
export async function startFuzzedSystem(): Promise<FuzzedSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-fuzzed-'));
  chmodSync(folder, 0o711);
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const postgres = await startPostgres({ folder: join(folder, 'pg'), password: secret(), settings });
  const broker = await startBroker(null);
  const tokens = { operator: secret(), display: secret(), ad: secret() };
  const errors: Error[] = [];
  const system = await startSystem({
    databaseUrl: await prepareDatabase(postgres.url, { name: 'doorbell_api', password: secret() }),
    databaseAdminUrl: postgres.url,
    broker: broker.client,
    views: join(folder, 'views'),
    tokens: { display: tokens.display, ad: tokens.ad },
    operatorToken: tokens.operator,
    // schemathesis takes an answer that comes after 10 s for a fault.
    feedWait: 100,
    ports: { publisher: 0, consumers: {} },
    onError: (error) => errors.push(error),
  });
  await seed(system.publisherUrl, tokens.operator);
  const stop = async () => {
    await system.stop();
    await broker.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { system, tokens, errors, stop };
}

async function seed(url: string, token: string): Promise<void> {
  const { shop, item, owner, shopId } = examples;
  const send = async (method: string, path: string, body: unknown) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const { status } = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
    if (status >= 300) throw new Error(`${method} ${path} was answered by ${status}`);
  };
  await send('PUT', `/owners/${owner.id}`, { name: owner.name, publicName: owner.publicName });
  await send('POST', '/shops', { ...shop, id: shopId, menu: [item], ownerId: owner.id });
  await send('POST', '/shops', { ...shop, id: 'shop_1f0c2ab3d4e5f607' });
  await send('POST', '/shops/shop_1f0c2ab3d4e5f607/close', {});
}
