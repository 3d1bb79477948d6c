import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { displayPart } from '../../../consumers/display/part.ts';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { chunksOf } from '../../../localstack/operate/chunks.ts';
import { startPostgres } from '../../../localstack/start/postgres/postgres.ts';
import { openClient, openPool } from '../../../publisher/postgres/database.ts';
import { migrate } from '../../../publisher/shops/store/migrate.ts';
import { startChild } from '../children.ts';
import { benchShops, registerShops } from '../publisher/fill.ts';
import { differing, rightRows } from './views.ts';

/** A publisher as a process on PostgreSQL, and the views of display beside it, a hundred of them different. */
export type Stage = {
  /** Makes the source and the views of so many shops, once. */
  world: (shops: number) => Promise<World>;
  stop: () => Promise<void>;
};

/** Address of the source, and the file of views. `copy` is the path of a copy that may be changed. */
export type World = { url: string; views: string; copy: () => string };

/** Starts PostgreSQL. Nothing is left behind after `stop`. */
export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-bench-audit-'));
  chmodSync(folder, 0o711);
  const settings = { fsync: 'off' };
  const postgres = await startPostgres({
    ...{ folder: join(folder, 'pg'), password: randomBytes(16).toString('hex'), settings },
  });
  const worlds = new Map<number, Promise<World>>();
  const sources: { stop: () => Promise<void> }[] = [];

  async function makeWorld(shops: number): Promise<World> {
    const url = await fillDatabase(postgres.url, shops);
    const source = startChild<never, { kind: 'ready'; port: number }>(new URL('./source.ts', import.meta.url), [url]);
    sources.push(source);
    const { port } = await source.next('ready');
    const views = join(folder, `views-${shops}.db`);
    await fillViews(views, shops);
    const copy = join(folder, `copy-${shops}.db`);
    const copied = () => {
      copyFileSync(views, copy);
      return copy;
    };
    return { url: `http://127.0.0.1:${port}`, views, copy: copied };
  }

  return {
    world(shops) {
      const made = worlds.get(shops) ?? makeWorld(shops);
      worlds.set(shops, made);
      return made;
    },
    async stop() {
      for (const source of sources) await source.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function fillDatabase(server: string, shops: number): Promise<string> {
  const name = `audit_${shops}`;
  const admin = await openClient(server);
  await admin.query(`create database ${name}`);
  await admin.end();
  const url = server.replace(/\/postgres(?=\?|$)/, `/${name}`);
  const pool = openPool({ connectionString: url });
  await migrate(pool);
  await pool.end();
  // Without a time limit: a vacuum of a gigabyte takes long.
  const database = await openClient(url, undefined, 0);
  await registerShops(database);
  const { length } = benchShops();
  await database.query('update shop set version = 5');
  for (let copy = 2; length * (copy - 1) < shops; copy++)
    await database.query(MORE, [copy, Math.min(length, shops - length * (copy - 1))]);
  await database.query('vacuum analyze');
  await database.end();
  return url;
}

/** Copies $2 of the real shops, whose ids have no second `_`. */
const MORE = `
  insert into shop (id, version, closed, state)
  select id || '_' || $1::text, 5, false, state from shop where id not like 'shop\\_%\\_%' order by id collate "C" limit $2`;

async function fillViews(file: string, shops: number): Promise<void> {
  const store = openSqliteViewStore<unknown>(file, displayPart.indexes, { syncFile: async () => {} });
  const planted = differing(shops);
  for (const some of chunksOf([...rightRows(shops)], 5_000))
    await store.write(some.flatMap((row) => (planted.has(row.id) ? (planted.get(row.id) ?? []) : row)));
  await store.write(
    [...planted.values()].filter((row) => row?.id.startsWith('ghost') === true).flatMap((row) => row ?? []),
  );
  store.close();
}
