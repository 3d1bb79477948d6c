import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFunction } from '../../../localstack/infrastructure/functions/build.ts';
import { secretArn, sqsEvent } from '../../support/aws-events.ts';
import { type Child, startChild } from '../children.ts';
import { realShops } from '../shops.ts';
import type { SandboxReport, ServersOrder, ServersReport } from './protocol.ts';
import { deployed, handlers, type Variant } from './variants.ts';

/** The servers, the bundles, and the environment of a function. */
export type Stage = {
  servers: Child<ServersOrder, ServersReport>;
  bundles: Map<string, { file: string; bytes: number }>;
  environment: Record<string, string>;
  stop: () => Promise<void>;
};

/** One cold start: of which bundle, and with which event, if any. */
export type Run = { bundle: string; event: 'rings' | 'poison' | 'none'; isCached?: boolean };

/** What one cold start took. */
export type Result = {
  kb: number;
  evaluation_ms: number;
  first_call_ms?: number;
  together_ms?: number;
  second_call_ms?: number;
  cpu_ms: number;
  wrong: number;
};

/** Where the token of display is. */
export const TOKEN = secretArn('token');

/** Builds everything, and starts the servers that stand for AWS and the source. */
export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-bench-lambda-'));
  const servers = startChild<ServersOrder, ServersReport>(new URL('servers.ts', import.meta.url), [TOKEN]);
  const bundles = new Map(await Promise.all([...handlers, ...deployed].map((variant) => built(variant, folder))));
  const { url } = await servers.next('ready');
  const environment = {
    ...environmentOf(url),
    // For those runs that say so: filled by the first of them.
    DOORBELL_COMPILE_CACHE: join(folder, 'compile-cache'),
  };
  return {
    servers,
    bundles,
    environment,
    async stop() {
      await servers.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function built({ options = {}, ...source }: Variant, folder: string) {
  const { file, bytes } = await buildFunction(source, folder, options);
  return [source.name, { file, bytes }] as const;
}

/** What a function of display is told, where everything outside it is at one URL. */
export function environmentOf(url: string): Record<string, string> {
  return {
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'key-of-the-role',
    AWS_SESSION_TOKEN: 'session-of-the-role',
    DOORBELL_STAGE: 'bench',
    DOORBELL_QUEUE_URL: `${url}/123456789012/display`,
    DOORBELL_DEAD_LETTER_QUEUE_URL: `${url}/123456789012/display-dead-letters`,
    DOORBELL_SOURCE_URL: url,
    DOORBELL_SOURCE_TOKEN_SECRET_ARN: TOKEN,
    DOORBELL_TABLE: 'bench-display-views',
  };
}

const ids = [...realShops().keys()].slice(0, 20);
const rings = (from: number) => ids.slice(from, from + 10).map((id) => ({ id, version: 7 }));

/** Two events of ten rings each, the first with a message that is none or without. */
const events = {
  none: [],
  rings: [sqsEvent(...rings(0)), sqsEvent(...rings(10))],
  poison: [sqsEvent(...rings(0), '{"id":'), sqsEvent(...rings(10), '{"id":')],
};

/** Loads and invokes a bundle in a process of its own. */
export async function measure(
  { servers, bundles, environment }: Stage,
  { bundle, event, isCached }: Run,
): Promise<Result> {
  const { file, bytes } = bundles.get(bundle) as { file: string; bytes: number };
  const { DOORBELL_COMPILE_CACHE: cache = '', ...own } = environment;
  const order = JSON.stringify({ bundle: file, events: events[event] });
  const env = { ...own, ...(isCached && { NODE_COMPILE_CACHE: cache }) };
  const sandbox = startChild<never, SandboxReport>(new URL('sandbox.ts', import.meta.url), [order], {
    env,
    output: 'ignore',
  });
  const { evaluation, calls, cpu, failed } = await sandbox.next('measured');
  await sandbox.ended();
  const [first, second] = calls;
  const common = { kb: bytes / 1_000, evaluation_ms: evaluation, cpu_ms: cpu };
  if (first === undefined || second === undefined) return { ...common, wrong: 0 };
  servers.tell({ do: 'count' });
  const { views, buried } = await servers.next('count');
  const isRight = views === 20 && failed === 0 && buried === (event === 'poison' ? 2 : 0);
  return {
    ...common,
    first_call_ms: first,
    together_ms: evaluation + first,
    second_call_ms: second,
    wrong: isRight ? 0 : 1,
  };
}
