import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { tokenDigest } from '../../publisher/http/token.ts';
import { apiFunction, migrateFunction, relayFunction } from '../../publisher/lambda.ts';
import { openClient, openPool, openReplication } from '../../publisher/postgres/database.ts';
import { lambdaContext, request, secretArn } from '../support/aws-events.ts';
import { sourceTokensOf } from '../support/consumers.ts';
import { databaseName } from '../support/database-name.ts';
import { type OwnServer, startOwnServer } from '../support/postgres-server.ts';
import { aShop, asOperator, operatorToken, publisher, tokens } from '../support/publisher.ts';
import { publisherFunctions } from '../support/publisher-functions.ts';
import { AWAY, runningPublisher } from '../support/running-publisher.ts';
import { type Certificates, certificateFolder, makeCertificates } from '../support/tls.ts';
import { until } from '../support/wait.ts';

/** PostgreSQL that takes TLS only, by a CA that no machine knows: as RDS does. */
let server: OwnServer;
let certificates: Certificates;
let strange: Certificates;
const { folder, remove } = certificateFolder();

beforeAll(async () => {
  server = await startOwnServer();
  certificates = makeCertificates(folder, 'database');
  strange = makeCertificates(folder, 'strange');
  await speakTls(certificates);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  remove();
});

/** Gives the server a certificate, and from its next start on takes nobody without TLS. */
async function speakTls({ key, certificate }: Certificates): Promise<void> {
  const own = (name: string, write: (path: string) => void) => {
    const path = join(server.data(), name);
    write(path);
    execFileSync('chown', ['--reference', join(server.data(), 'PG_VERSION'), path]);
    execFileSync('chmod', ['600', path]);
  };
  own('server.key', (path) => copyFileSync(key, path));
  own('server.crt', (path) => copyFileSync(certificate, path));
  const rules = ['hostssl all all 127.0.0.1/32 scram-sha-256', 'hostssl replication all 127.0.0.1/32 scram-sha-256'];
  own('pg_hba.conf', (path) => writeFileSync(path, `${rules.join('\n')}\n`));
  await server.restart({ ssl: 'on' });
}

/** The server's URL by a name, with what is said of TLS. */
function urlOf(query: Record<string, string> = {}, host = 'localhost'): string {
  const url = new URL(server.url());
  url.hostname = host;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

const verified = () => urlOf({ sslmode: 'verify-full', sslrootcert: certificates.caFile });
const ended = async (connecting: Promise<{ end: () => Promise<void> }>) => (await connecting).end();

describe('PostgreSQL that takes TLS only', () => {
  test.each(['verify-full', 'verify-ca', 'require'])(
    'is reached by sslmode=%s and the file of its CA, and nobody warns',
    async (sslmode) => {
      const warnings: string[] = [];
      const note = ({ message }: Error) => void warnings.push(message);
      process.on('warning', note);
      onTestFinished(() => void process.off('warning', note));
      const url = urlOf({ sslmode, sslrootcert: certificates.caFile });
      await ended(openClient(url));
      await ended(openReplication(url));
      const pool = openPool({ connectionString: url });
      onTestFinished(() => pool.end());
      const { rows } = await pool.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      expect(rows).toEqual([{ ssl: true }]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(warnings.filter((message) => /SSL/.test(message))).toEqual([]);
    },
  );

  test.each([
    ['without TLS', () => urlOf(), 'The server takes TLS only: end the URL in ?sslmode=verify-full'],
    [
      'by a CA that is not known',
      () => urlOf({ sslmode: 'verify-full' }),
      'The CA of its certificate is not known here',
    ],
    [
      'by another CA',
      () => urlOf({ sslmode: 'verify-full', sslrootcert: strange.caFile }),
      'The CA of its certificate is not known here',
    ],
    [
      'by a name that is not in the certificate',
      () => urlOf({ sslmode: 'verify-full', sslrootcert: certificates.caFile }, '127.0.0.1'),
      'Put into the URL a name that stands in the certificate',
    ],
  ])('refuses whoever comes %s, and says what to do', async (_, url, told) => {
    const pool = openPool({ connectionString: url() });
    onTestFinished(() => pool.end());
    const ways = [openClient, openReplication, () => pool.query('select 1'), () => pool.connect()];
    for (const way of ways)
      await expect(way(url())).rejects.toMatchObject({ name: 'NoSession', message: expect.stringContaining(told) });
  });

  test('is not there where it speaks no TLS', async () => {
    const plain = `${inject('postgresUrl')}?sslmode=verify-full`;
    await expect(openClient(plain)).rejects.toThrow('It speaks no TLS: take sslmode out of the URL.');
  });

  test.each(['position', 'log'] as const)('serves a whole publisher with the relay by %s', async (relay) => {
    const { call, ids } = await runningPublisher(verified(), { relay });
    expect((await call('POST', '/shops', { ...aShop, id: `shop_${relay}` })).status).toBe(201);
    await until(() => ids().includes(`shop_${relay}`));
  });

  test('as a replica whose certificate is not believed leaves reading to the primary', async () => {
    const replica = openPool({ connectionString: urlOf({ sslmode: 'verify-full' }), isReplica: true });
    onTestFinished(() => replica.end());
    const { call, register, errors } = await publisher({ replica: { pool: replica, now: () => 0 } });
    await register('a');
    const headers = { authorization: `Bearer ${tokens['display']}` };
    expect((await call('GET', '/display/shops/a', undefined, headers)).status).toBe(200);
    expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/^the read replica is away, .* CA /)]);
  });
});

describe('functions', () => {
  const ca = { DATABASE_CA_SECRET_ARN: secretArn('ca') };
  const common = { DOORBELL_STAGE: 'test', DATABASE_SECRET_ARN: secretArn('database'), ...ca };
  const api = {
    ...common,
    DOORBELL_SOURCE_TOKENS: sourceTokensOf(),
    DOORBELL_OPERATOR_TOKENS: tokenDigest(operatorToken),
  };

  async function world() {
    const { outside, secrets, reads, rung } = await publisherFunctions();
    for (const name of ['database', 'owner']) secrets.set(secretArn(name), urlOf());
    secrets.set(secretArn('ca'), certificates.ca);
    return { outside, secrets, reads, rung };
  }

  test('have the CA in a secret: migrations, API and relay speak TLS by it', async () => {
    const { outside, rung } = await world();
    const owner = { DOORBELL_STAGE: 'test', DATABASE_ADMIN_SECRET_ARN: secretArn('owner'), ...ca };
    await expect(migrateFunction([], { ...outside, environment: owner })()).rejects.toThrow("release doesn't know");
    const body = { ...aShop, id: 'shop_function' };
    const invoke = apiFunction({ ...outside, environment: api });
    expect((await request(invoke, 'POST', '/shops', { body, headers: asOperator })).status).toBe(201);
    const relaying = { ...common, DOORBELL_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:test-shops' };
    expect(await relayFunction({ ...outside, environment: relaying })({}, lambdaContext(9_000))).toMatchObject({
      led: true,
    });
    expect(rung.map(({ id }) => id)).toContain('shop_function');
  });

  test('read the CA again when the certificate is of another, as after a rotation', async () => {
    const { outside, secrets, reads } = await world();
    secrets.set(secretArn('ca'), strange.ca);
    const invoke = apiFunction({ ...outside, environment: api });
    const first = request(invoke, 'GET', '/healthz');
    await until(() => reads.length === 2);
    secrets.set(secretArn('ca'), certificates.ca);
    expect((await first).status).toBe(200);
  });

  test('say so where the secret holds no certificate', async () => {
    const { outside, secrets } = await world();
    secrets.set(secretArn('ca'), 'global-bundle.pem');
    const invoke = apiFunction({ ...outside, environment: api });
    await expect(request(invoke, 'GET', '/healthz')).rejects.toThrow('secret:ca holds no certificate');
  });
});

test('a certificate that was replaced by one of another CA makes a publisher wait, and not fail', async () => {
  const name = await databaseName(server.url());
  const url = new URL(verified());
  url.port = new URL(name.url).port;
  const { call, said, stop } = await runningPublisher(url.href);
  expect((await call('GET', '/healthz')).status).toBe(200);
  await speakTls(strange);
  name.pointAt(server.url());
  await until(() => said(/The CA of its certificate is not known here/));
  for (const answer of [await call('GET', '/healthz'), await call('POST', '/shops', { ...aShop, id: 'shop_x' })])
    expect(answer).toMatchObject(AWAY);
  await speakTls(certificates);
  name.pointAt(server.url());
  await until(async () => (await call('GET', '/healthz')).status === 200);
  expect(await stop()).toBe(true);
});
