import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import { removeData } from './postgres-home.ts';

/** Random secrets of a development system; made once, readable by their owner only. */
export type Secrets = {
  /** Of the user that owns the embedded database. */
  postgresPassword: string;
  /** Of the user that the publisher is there. */
  appPassword: string;
  operatorToken: string;
  sourceTokens: Record<string, string>;
};

/** Where a running system can be reached: what `npm run doorbell` reads. */
const RunInfoSchema = z.object({
  publisherUrl: z.string(),
  /** With the password: the file is readable by its owner only. */
  databaseUrl: z.string(),
  databaseAdminUrl: z.string(),
  topicArn: z.string(),
  /** What an SDK client is given to reach the broker (BrokerClient); no secrets of anybody. */
  broker: z.looseObject({
    endpoint: z.optional(z.string()),
    region: z.optional(z.string()),
    credentials: z.optional(z.object({ accessKeyId: z.string(), secretAccessKey: z.string() })),
  }),
  consumers: z.record(
    z.string(),
    z.object({ url: z.string(), views: z.string(), queueUrl: z.string(), deadLetterQueueUrl: z.string() }),
  ),
});
export type RunInfo = z.output<typeof RunInfoSchema>;

/** The folder that keeps a development system between runs, held by one process at a time. */
export type Home = {
  path: (name: string) => string;
  secrets: Secrets;
  /** A file that holds the operator's header line, for `curl -H @file`. */
  operatorFile: string;
  /** How far the first import came: never begun, begun, or done. */
  seeding: { state: () => Seeding; mark: (state: Seeding) => void };
  announce: (run: RunInfo) => void;
  release: () => void;
};

export type Seeding = 'never' | 'begun' | 'done';

/** Another process holds the folder. */
export class HomeTaken extends Error {
  override name = 'HomeTaken';
}

/** Opens the folder and holds it until `release`, or until the process ends, however it ends. Throws HomeTaken. */
export function openHome(folder: string, { fresh, consumers }: { fresh: boolean; consumers: string[] }): Home {
  const path = (name: string) => join(folder, name);
  // 0711: PostgreSQL's own user must get through to its data; the files besides are 0600.
  const isNew = mkdirSync(folder, { recursive: true, mode: 0o711 }) !== undefined;
  const lock = lockFolder(path('lock'), folder);
  // A folder that was removed by hand may have left its database elsewhere, whose password nobody knows any more.
  if (fresh || isNew) forget(path);
  const secrets = readSecrets(path('secrets.json'), consumers);
  writeFileSync(path('operator'), `authorization: Bearer ${secrets.operatorToken}\n`, { mode: 0o600 });
  return {
    path,
    secrets,
    operatorFile: path('operator'),
    seeding: {
      state: () => (existsSync(path('seeded')) ? (readFileSync(path('seeded'), 'utf8') as Seeding) : 'never'),
      mark: (state) => writeFileSync(path('seeded'), state),
    },
    announce: (run) => writeFileSync(path('run.json'), JSON.stringify(run, null, 2), { mode: 0o600 }),
    release() {
      rmSync(path('run.json'), { force: true });
      lock.close();
    },
  };
}

/** What a running system says of itself. Null if none runs in this folder. */
export function readRun(folder: string): { run: RunInfo; secrets: Secrets } | null {
  const run = join(folder, 'run.json');
  if (!existsSync(run) || !isHeld(join(folder, 'lock'))) return null;
  return {
    run: RunInfoSchema.parse(JSON.parse(readFileSync(run, 'utf8'))),
    secrets: readSecrets(join(folder, 'secrets.json'), []),
  };
}

/** SQLite's lock ends with the process, also after kill -9: no pid file to be mistaken about. */
function lockFolder(file: string, folder: string): DatabaseSync {
  const lock = new DatabaseSync(file);
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (cause) {
    lock.close();
    throw new HomeTaken(`${folder} is in use: npm start runs there already. Stop it first (Ctrl-C in its terminal).`, {
      cause,
    });
  }
}

function isHeld(file: string): boolean {
  const lock = new DatabaseSync(file);
  try {
    lock.exec('begin exclusive; rollback');
    return false;
  } catch {
    return true;
  } finally {
    lock.close();
  }
}

function forget(path: (name: string) => string): void {
  removeData(path('pg'));
  for (const name of ['broker', 'views', 'seeded', 'secrets.json', 'operator'])
    rmSync(path(name), { recursive: true, force: true });
}

function readSecrets(file: string, consumers: string[]): Secrets {
  const known = existsSync(file) ? parseSecrets(file) : null;
  const sourceTokens = Object.fromEntries(consumers.map((name) => [name, known?.sourceTokens[name] ?? secret()]));
  const secrets = {
    postgresPassword: known?.postgresPassword ?? secret(),
    appPassword: known?.appPassword ?? secret(),
    operatorToken: known?.operatorToken ?? secret(),
    sourceTokens: { ...known?.sourceTokens, ...sourceTokens },
  };
  if (consumers.length > 0) writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}

/** What an older release didn't know is made when it is missed. */
const SecretsSchema = z.object({
  postgresPassword: z.string(),
  appPassword: z.optional(z.string()),
  operatorToken: z.optional(z.string()),
  sourceTokens: z.record(z.string(), z.string()),
});

function parseSecrets(file: string): z.output<typeof SecretsSchema> {
  try {
    return SecretsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file} is damaged, and the database's password is in it. Begin anew: npm start -- --fresh`, {
      cause,
    });
  }
}

/** 32 random bytes. */
function secret(): string {
  return randomBytes(32).toString('base64url');
}
