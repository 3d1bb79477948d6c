import * as z from 'zod/mini';
import { agreements } from '../contracts/agreements/all.ts';
import { postgresUrl, readEnvironment, variable } from '../contracts/environment.ts';

const port = z._default(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(65_535)), 3000);

/** The agreement and the digests of one entry. */
function readEntry(entry: string): [string, string[]] {
  const [agreement = '', digests = ''] = entry.split('=');
  return [agreement, digests.split('+')];
}

/** What is wrong with the agreements that tokens are for: each must stand there once, for nobody gets in without. Pure. */
function issuesOfNames(stated: readonly string[]): string[] {
  const known: string[] = agreements.map(({ name }) => name);
  return [
    ...unique(stated.filter((name) => !known.includes(name))).map(
      (name) => `${name} is no agreement (${known.join(', ')})`,
    ),
    ...unique(stated.filter((name, n) => stated.indexOf(name) < n)).map(
      (name) => `${name} stands twice: join its digests by +`,
    ),
    ...known.filter((name) => !stated.includes(name)).map((name) => `no token for ${name}`),
  ];
}

const unique = (names: readonly string[]) => [...new Set(names)];

/** `display=<sha-256>,ad=<sha-256>+<sha-256>`: digests, so that no token lies in an environment. Two live at a time for rotation. */
const tokenDigests = z.pipe(
  variable(
    /^([a-z][a-z0-9-]*=[0-9a-f]{64}(\+[0-9a-f]{64})*)(,[a-z][a-z0-9-]*=[0-9a-f]{64}(\+[0-9a-f]{64})*)*$/,
    'the SHA-256 digests of the tokens, as display=<64 hex digits>,ad=<64 hex digits>',
  ),
  z.transform((text: string, { issues }) => {
    const entries = text.split(',').map(readEntry);
    for (const message of issuesOfNames(entries.map(([name]) => name)))
      issues.push({ code: 'custom', message, input: text });
    return Object.fromEntries(entries);
  }),
);

/** `<sha-256>+<sha-256>`: who may send commands and read everything. */
const operatorDigests = z.pipe(
  variable(
    /^[0-9a-f]{64}(\+[0-9a-f]{64})*$/,
    'the SHA-256 digests of the operator tokens, 64 hex digits each, joined by +',
  ),
  z.transform((text: string) => text.split('+')),
);

const Environment = z.object({
  DATABASE_URL: postgresUrl,
  DATABASE_ADMIN_URL: z.optional(postgresUrl),
  DATABASE_READ_URL: z.optional(postgresUrl),
  DOORBELL_TOPIC_ARN: variable(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic'),
  DOORBELL_PUBLISHER_PORT: port,
  DOORBELL_HOST: z._default(z.string(), '127.0.0.1'),
  DOORBELL_SOURCE_TOKENS: tokenDigests,
  DOORBELL_RELAY: z._default(z.enum(['position', 'log'], { error: 'must be position or log' }), 'position'),
  DATABASE_RELAY_URL: z.optional(postgresUrl),
  DOORBELL_OPERATOR_TOKENS: operatorDigests,
  DOORBELL_RATE_LIMIT: z.optional(
    z.coerce.number().check(z.int(), z.minimum(1), z.maximum(1_000_000, 'requests a second and token, 1 to 1000000')),
  ),
  DOORBELL_MESSAGE_GROUPS: z._default(z.enum(['on', 'off'], { error: 'on or off' }), 'off'),
});

/** `position` follows the event table, `log` the write-ahead log (docs/decisions/0015-log-relay.md). */
export type RelayKind = 'position' | 'log';

/** 5,000 requests a second and token: an import sends 1,700 commands, a consumer some hundred requests. */
export const RATE_LIMIT = 5_000;

/** What the publisher must know of the place it runs in. */
export type PublisherConfig = {
  /** The user of API and relay, a member of doorbell_app. */
  databaseUrl: string;
  /** The user that owns the schema, for migrations only; that of `databaseUrl` where nothing is said. */
  databaseAdminUrl?: string | undefined;
  /** A read replica, from which the source APIs read. */
  databaseReadUrl?: string | undefined;
  topicArn: string;
  port: number;
  host: string;
  /** SHA-256 digests of the tokens that are good for each agreement. */
  tokens: Record<string, string[]>;
  /** How the relay learns what was committed: by position in the event table if nothing is said. */
  relay?: RelayKind;
  /** The relay's own connection, past any pooling proxy; its user needs REPLICATION for the log relay. As `databaseUrl` if not said. */
  relayUrl?: string;
  /** SHA-256 digests of the tokens that are good for commands, state and history. */
  operatorTokens: string[];
  /** Requests a second and token; RATE_LIMIT where nothing is said. */
  rateLimit?: number | undefined;
  /** A message group per shop, for fair queues; none where nothing is said. */
  messageGroups?: boolean;
};

/** Reads the environment. Throws an Error that names every variable that is missing or malformed. */
export function readConfig(environment: NodeJS.ProcessEnv): PublisherConfig {
  const read = readEnvironment(Environment, environment);
  return {
    databaseUrl: read.DATABASE_URL,
    databaseAdminUrl: read.DATABASE_ADMIN_URL,
    databaseReadUrl: read.DATABASE_READ_URL,
    topicArn: read.DOORBELL_TOPIC_ARN,
    port: read.DOORBELL_PUBLISHER_PORT,
    host: read.DOORBELL_HOST,
    tokens: read.DOORBELL_SOURCE_TOKENS,
    relay: read.DOORBELL_RELAY,
    ...(read.DATABASE_RELAY_URL !== undefined && { relayUrl: read.DATABASE_RELAY_URL }),
    operatorTokens: read.DOORBELL_OPERATOR_TOKENS,
    rateLimit: read.DOORBELL_RATE_LIMIT,
    messageGroups: read.DOORBELL_MESSAGE_GROUPS === 'on',
  };
}
