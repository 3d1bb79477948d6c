import type { handle, LambdaContext, LambdaEvent } from 'hono/aws-lambda';
import * as z from 'zod/mini';
import { postgresUrl } from '../contracts/environment/forms.ts';
import type { Environment } from '../contracts/environment/unknown.ts';
import { createSnsPublish } from './brokers/sns.ts';
import { type ApiFunction, assembleApi, type DatabaseUrls, type LambdaAnswer } from './lambda/api.ts';
import {
  type ApiConfig,
  type RelayConfig,
  readApiConfig,
  readMigrateConfig,
  readRelayConfig,
} from './lambda/config.ts';
import { kept } from './lambda/kept.ts';
import { relayShift, type Shift } from './lambda/relay-shift.ts';
import { logLine, type PublisherEvent } from './log.ts';
import { type DatabaseAddress, openOwner, openRelayClient } from './postgres/database.ts';
import { isDatabaseRefusing } from './postgres/faults.ts';
import type { SqlFile } from './postgres/migrations.ts';
import type { Publish } from './relay/ring.ts';
import { openSecrets, type ReadSecret } from './secrets.ts';
import { migrate } from './shops/store/migrate.ts';
import { shopLog } from './shops/store/shop-log.ts';
import { type Clock, systemClock } from './system.ts';

/** Parts from outside a function; the machine's own where none are given. */
export type Outside = {
  environment: Environment;
  clock: Clock;
  openSecrets: () => ReadSecret;
  /** Writes one line to the log. */
  print: (line: string) => void;
};

/** Further parts of the relay. Only the relay needs SNS, so the other functions' bundles leave it out. */
export type RelayOutside = Outside & {
  openTopic: (options: Pick<RelayConfig, 'topicArn' | 'messageGroups'>) => { publish: Publish };
};

function outsideOf(given: Partial<Outside>): Outside {
  return {
    environment: process.env,
    clock: systemClock,
    openSecrets,
    print: (line) => void process.stdout.write(`${line}\n`),
    ...given,
  };
}

/**
 * 10 s: connections that were idle for longer are closed and opened again. The server drops those of a frozen sandbox
 * after 25 s (publisher/postgres/database.ts).
 */
const MOST_IDLE = 10_000;

/**
 * Makes the publisher's API as a function behind API Gateway or a function URL. The address of its database is read
 * from a secret at the first request. It is read again when the database refuses that address; the request is then
 * repeated once.
 */
export function apiFunction(given: Partial<Outside> = {}): ReturnType<typeof handle> {
  const { environment, clock, print, openSecrets } = outsideOf(given);
  const parts = kept(async () => {
    const config = readApiConfig(environment);
    return { config, urls: await readUrls(config, openSecrets()) };
  }, clock.now);
  const serve = createServe(clock, print);
  const notRenewed = (error: Error) => {
    log(print, errorEvent(error));
    return false;
  };
  return async (event, context) => {
    const used = await parts.get();
    const { answered, wasRefused } = await serve(used, event, context);
    if (!wasRefused || !(await parts.renew(used).catch(notRenewed))) return answered;
    // A success or a refusal of the request is final. Only a failure is repeated: it committed nothing.
    return answered.statusCode < 500 ? answered : (await serve(await parts.get(), event, context)).answered;
  };
}

type ApiParts = { config: ApiConfig; urls: DatabaseUrls };

async function readUrls({ databaseArn, readArn, caArn }: ApiConfig, read: ReadSecret): Promise<DatabaseUrls> {
  const [primary, replica] = await Promise.all([
    readPlace(databaseArn, caArn, read),
    readArn === undefined ? undefined : readPlace(readArn, caArn, read),
  ]);
  return { primary, replica };
}

/** Keeps one API as long as its connections work. */
function createServe(clock: Clock, print: Outside['print']) {
  let current: { parts: ApiParts; api: ApiFunction } | null = null;
  let usedAt = 0;

  function open(parts: ApiParts): ApiFunction {
    const isIdle = Math.abs(clock.now() - usedAt) > MOST_IDLE;
    if (current !== null && current.parts === parts && !isIdle) return current.api;
    current?.api.close();
    current = { parts, api: assembleApi(parts.config, parts.urls, clock, (error) => log(print, errorEvent(error))) };
    return current.api;
  }

  return async (parts: ApiParts, event: LambdaEvent, context: LambdaContext | undefined) => {
    const api = open(parts);
    const answered: LambdaAnswer = await api.answer(event, context);
    usedAt = clock.now();
    return { answered, wasRefused: api.wasRefused() };
  };
}

/**
 * Makes the relay as a function that is started every minute. It leads for a minute. Before that it stands by for some
 * seconds, while the previous one ends (docs/decisions/0024-relay-in-shifts.md). Throws RelayRefusal.
 */
export function relayFunction(
  given: Partial<RelayOutside> = {},
): (event: unknown, context: { getRemainingTimeInMillis: () => number }) => Promise<Shift> {
  const { environment, clock, print, openSecrets } = outsideOf(given);
  const { openTopic = createSnsPublish } = given;
  const parts = kept(async () => {
    const config = readRelayConfig(environment);
    const readSecret = openSecrets();
    const place = kept(() => readPlace(config.databaseArn, config.caArn, readSecret), clock.now);
    await place.get();
    return { place, stage: config.stage, publish: openTopic(config).publish };
  }, clock.now);
  return async (_event, context) => {
    const { place, stage, publish } = await parts.get();
    const observe = (event: PublisherEvent) => log(print, event);
    const connect = () => connectBy(place);
    return relayShift(
      { stage, connect, openLog: shopLog, publish, clock, observe, print },
      context.getRemainingTimeInMillis(),
    );
  };
}

async function connectBy(place: ReturnType<typeof kept<DatabaseAddress>>) {
  const used = await place.get();
  try {
    return await openRelayClient(used.connectionString, used.ca);
  } catch (error) {
    if (!isDatabaseRefusing(error as Error) || !(await place.renew(used))) throw error;
    const { connectionString, ca } = await place.get();
    return openRelayClient(connectionString, ca);
  }
}

/**
 * Makes the migrations as a function, which a deployment invokes: `files` are in its bundle. Returns the names of
 * applied files.
 */
export function migrateFunction(
  files: readonly SqlFile[],
  given: Partial<Outside> = {},
): () => Promise<{ applied: string[] }> {
  const { environment, openSecrets } = outsideOf(given);
  return async () => {
    const { adminArn, caArn } = readMigrateConfig(environment);
    const { connectionString, ca } = await readPlace(adminArn, caArn, openSecrets());
    const owner = openOwner(connectionString, ca);
    try {
      return { applied: await migrate(owner, files) };
    } finally {
      await owner.end();
    }
  };
}

async function readPlace(urlArn: string, caArn: string | undefined, read: ReadSecret): Promise<DatabaseAddress> {
  const [connectionString, ca] = await Promise.all([
    readUrl(urlArn, read),
    caArn === undefined ? undefined : readCa(caArn, read),
  ]);
  return { connectionString, ca };
}

/** Reads a CA. OpenSSL would treat a text without a certificate as no CA at all, and blame the server. */
async function readCa(arn: string, read: ReadSecret): Promise<string> {
  const text = await read(arn);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new Error(`The secret ${arn} holds no certificate: put the CA of the database into it, as PEM.`);
}

/** Reads a URL. The error does not repeat a malformed one, because a URL has a password. */
async function readUrl(arn: string, read: ReadSecret): Promise<string> {
  const url = z.safeParse(postgresUrl, await read(arn));
  if (url.success) return url.data;
  throw new Error(`The secret ${arn} holds no URL of a database, such as postgres://user:password@host:5432/shops.`);
}

function errorEvent({ name, message }: Error): PublisherEvent {
  return { kind: 'error', name, message };
}

function log(print: Outside['print'], event: PublisherEvent): void {
  const line = logLine(event);
  if (line !== null) print(line);
}
