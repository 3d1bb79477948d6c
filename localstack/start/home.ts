import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import { removeData } from './postgres/home.ts';

/** Random secrets of a development system. They are made once, and only their owner can read them. */
export type Secrets = {
  /** Password of the owner of the embedded database. */
  postgresPassword: string;
  /** Password of the publisher's database user. */
  appPassword: string;
  operatorToken: string;
  sourceTokens: Record<string, string>;
};

/** The addresses of a running system, which `npm run doorbell` reads. */
const RunInfoSchema = z.object({
  publisherUrl: z.string(),
  /** Includes the password; only the owner can read the file. */
  databaseUrl: z.string(),
  databaseAdminUrl: z.string(),
  topicArn: z.string(),
  /** Configuration of an SDK client for the broker (BrokerClient). It holds no real secrets. */
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
/** The addresses of a running system. */
export type RunInfo = z.output<typeof RunInfoSchema>;

/** The data folder of a development system. One process at a time holds it. */
export type Home = {
  path: (name: string) => string;
  secrets: Secrets;
  /** A file with the header line of the operator, for `curl -H @file`. */
  operatorFile: string;
  /** Progress of the first import. */
  seeding: { state: () => Seeding; mark: (state: Seeding) => void };
  announce: (run: RunInfo) => void;
  release: () => void;
};

/** Progress of the first import. */
export type Seeding = 'never' | 'begun' | 'done';

/** Thrown if another process holds the folder. */
export class HomeTaken extends Error {
  override name = 'HomeTaken';
}

/** Opens the folder and holds it until `release`, or until the process ends in any way. Throws HomeTaken. */
export function openHome(folder: string, { fresh, consumers }: { fresh: boolean; consumers: string[] }): Home {
  const path = (name: string) => join(folder, name);
  // 0711: PostgreSQL's user must be able to enter. The other files are 0600.
  const isNew = mkdirSync(folder, { recursive: true, mode: 0o711 }) !== undefined;
  const lock = lockFolder(path('lock'), folder);
  // If the folder was removed by hand, its database may still exist elsewhere, and its password is lost.
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

/** Reads the addresses and secrets of the system that runs in a folder; null if none runs. */
export function readRun(folder: string): { run: RunInfo; secrets: Secrets } | null {
  const run = join(folder, 'run.json');
  if (!existsSync(run) || !isHeld(join(folder, 'lock'))) return null;
  return {
    run: RunInfoSchema.parse(JSON.parse(readFileSync(run, 'utf8'))),
    secrets: readSecrets(join(folder, 'secrets.json'), []),
  };
}

/** Locks the folder by SQLite. The lock ends with the process, also after kill -9, unlike a pid file. */
function lockFolder(file: string, folder: string): DatabaseSync {
  const lock = new DatabaseSync(file);
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (cause) {
    lock.close();
    throw new HomeTaken(`${folder} is in use: npm start already runs there. Stop it first (Ctrl-C in its terminal).`, {
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

/** Secrets in the file. Those that an older release did not write are optional, and are made when they are missing. */
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
    throw new Error(
      `${file} is damaged, and it holds the password of the database. To begin with an empty system: npm start -- --fresh`,
      {
        cause,
      },
    );
  }
}

/** Makes a secret of 32 random bytes. */
function secret(): string {
  return randomBytes(32).toString('base64url');
}
