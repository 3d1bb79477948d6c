import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../consumers/runtime/system.ts';
import type { HoldStore } from '../../consumers/runtime/views/hold-store.ts';
import type { ProgressStore } from '../../consumers/runtime/views/progress-store.ts';
import type { Indexes, ViewStore } from '../../consumers/runtime/views/view-store.ts';
import { openDynamoViewStore } from '../../consumers/stores/dynamodb/store.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import type { ResourceVersion } from '../../contracts/wire/source-api.ts';
import { dynamoServer } from './dynamo-server.ts';
import { createTable, endpoint } from './dynamodb.ts';

/** A store of views, empty and open. */
export type OpenStore<View> = ViewStore<View> & {
  scanVersions: (after: string, limit: number) => Promise<ResourceVersion[]>;
  progress: ProgressStore;
  holds: HoldStore;
  close: () => void;
};

/** Opens stores of views that share one place, as several workers do. */
export type OpenShared = (revision?: string) => Promise<OpenStore<unknown>>;

/** A kind of store. */
export type StoreKind = {
  name: string;
  open: <View>(indexes: Indexes) => Promise<OpenStore<View>>;
  /** Makes an empty place, for several workers. */
  place: () => Promise<OpenShared>;
};

/** Views in memory, as SQLite has them. */
export const sqlite: StoreKind = {
  name: 'SQLite',
  open: async (indexes) => openSqliteViewStore(':memory:', indexes),
  async place() {
    const folder = mkdtempSync(join(tmpdir(), 'doorbell-views-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return async (revision) => openSqliteViewStore(join(folder, 'views.sqlite'), {}, { revision });
  },
};

/** Where `npm run test:real` says that there is a DynamoDB: its name, and its URL. */
const { DOORBELL_TEST_DYNAMODB: url, DOORBELL_TEST_DYNAMODB_NAME: name = 'DynamoDB' } = process.env;

const standIn: StoreKind = {
  name: "DynamoDB's stand-in",
  async open(indexes) {
    const { url } = await dynamoServer();
    return openDynamoViewStore({ table: 'views', indexes, client: endpoint(url), clock: systemClock });
  },
  async place() {
    const { url } = await dynamoServer();
    const options = { table: 'views', indexes: {}, client: endpoint(url), clock: systemClock };
    return async (revision) => openDynamoViewStore({ ...options, revision });
  },
};

/** Every store of views that there is here; what holds for one holds for all. */
export const stores: StoreKind[] = [sqlite, standIn, ...(url === undefined ? [] : [dynamo(name, url)])];

function dynamo(name: string, url: string): StoreKind {
  return {
    name,
    async open(indexes) {
      const table = await createTable(url, indexes);
      return openDynamoViewStore({ table, indexes, client: endpoint(url), clock: systemClock });
    },
    async place() {
      const table = await createTable(url, {});
      const options = { table, indexes: {}, client: endpoint(url), clock: systemClock };
      return async (revision) => openDynamoViewStore({ ...options, revision });
    },
  };
}
