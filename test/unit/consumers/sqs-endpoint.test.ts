import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openSdk, openSqsClient, type SQSClientConfig } from '../../../consumers/brokers/sqs/sdk.ts';
import { temporaryFolder } from '../../support/hostile-shell.ts';

const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
const NOWHERE = 'http://sqs.us-east-1.queues.invalid:4566/000000000000/q';
const STATED = 'http://127.0.0.1:4566';

/** Where a call about a queue goes, in a shell that says this. */
async function calledOrigin(environment: Record<string, string>, queueUrl: string, config: SQSClientConfig = {}) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  try {
    const sdk = openSdk({ region: 'us-east-1', credentials, ...config });
    const { origin } = await sdk.target(queueUrl);
    sdk.close();
    return origin;
  } finally {
    vi.unstubAllEnvs();
  }
}

/** A profile that says this. */
function profile(text: string): Record<string, string> {
  const file = join(temporaryFolder(), 'config');
  writeFileSync(file, `[profile resources]\n${text}\n`);
  return { AWS_CONFIG_FILE: file, AWS_PROFILE: 'resources' };
}

describe('the endpoint that was stated is called, whatever host the queue has', () => {
  test.each([
    ['for all services', { AWS_ENDPOINT_URL: STATED }],
    ['for SQS', { AWS_ENDPOINT_URL_SQS: STATED }],
    ['for SQS before that of all', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ENDPOINT_URL_SQS: STATED }],
    ['in the profile', profile(`endpoint_url = ${STATED}`)],
    ['in the profile, for SQS', profile(`services = here\n[services here]\nsqs =\n  endpoint_url = ${STATED}`)],
  ])('%s', async (_, environment) => {
    expect(await calledOrigin(environment, NOWHERE)).toBe(STATED);
  });

  test('by the code', async () => {
    expect(await calledOrigin({ AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, NOWHERE, { endpoint: STATED })).toBe(STATED);
  });

  test('as FIPS, and as dual stack', async () => {
    const url = 'https://sqs.us-east-1.amazonaws.com/123456789012/q';
    const fips = await calledOrigin({ AWS_USE_FIPS_ENDPOINT: 'true' }, url);
    const dual = await calledOrigin({ AWS_USE_DUALSTACK_ENDPOINT: 'true' }, url);
    expect([fips, dual]).toEqual(['https://sqs-fips.us-east-1.amazonaws.com', 'https://sqs.us-east-1.api.aws']);
  });
});

describe('where none is stated', () => {
  test.each(['https://vpce-1-x.sqs.us-east-1.vpce.amazonaws.com', 'https://sqs.us-east-1.amazonaws.com'])(
    'the host of the queue is called: %s',
    async (origin) => {
      expect(await calledOrigin({}, `${origin}/123456789012/q`)).toBe(origin);
    },
  );

  test('or if the endpoints that are configured are to be ignored', async () => {
    const environment = { AWS_ENDPOINT_URL: STATED, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' };
    expect(await calledOrigin(environment, NOWHERE)).toBe(new URL(NOWHERE).origin);
  });
});

test('the client writes nothing to the console', async () => {
  const console_ = (['log', 'info', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name));
  await calledOrigin({ AWS_ENDPOINT_URL: STATED }, NOWHERE);
  await calledOrigin({}, NOWHERE);
  openSqsClient({ endpoint: STATED }).destroy();
  for (const each of console_) expect(each).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});
