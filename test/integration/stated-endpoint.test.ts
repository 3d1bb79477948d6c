import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/hostile-shell.ts';
import { production } from '../support/production.ts';
import { aShop, asOperator } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

/** As a stand-in may name its queues: by a host that only its own network knows. */
const elsewhere = (url = '') => url.replace(/^http:\/\/[^/]+/, 'http://sqs.us-east-1.queues.invalid:4566');

test('the endpoint that was stated is called, though queues have a host that nobody finds; every line is JSON', async () => {
  const { places, startPublisher, startConsumer } = await production();
  // A profile beside the keys: the SDK warns of both, by the console.
  const file = join(temporaryFolder(), 'credentials');
  writeFileSync(file, '[shops]\naws_access_key_id = test\naws_secret_access_key = test\n');
  const twice = { AWS_PROFILE: 'shops', AWS_SHARED_CREDENTIALS_FILE: file };
  const publisher = await startPublisher(twice);
  const display = await startConsumer('display', publisher.url, {
    ...twice,
    DOORBELL_QUEUE_URL: elsewhere(places.display?.queueUrl),
    DOORBELL_DEAD_LETTER_QUEUE_URL: elsewhere(places.display?.deadLetterQueueUrl),
  });
  const headers = { ...asOperator, 'content-type': 'application/json' };
  const body = JSON.stringify({ ...aShop, id: 'a' });
  expect((await fetch(`${publisher.url}/shops`, { method: 'POST', headers, body })).status).toBe(201);
  await until(async () => (await fetch(`${display.url}/shops/a`)).ok);

  for (const { child } of [display, publisher]) child.kill('SIGTERM');
  const [consumed, published] = await Promise.all([display.ended, publisher.ended]);
  for (const { code, stdout, stderr } of [consumed, published]) {
    expect([code, stderr]).toEqual([0, '']);
    const kinds = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds).toContain('listening');
    expect(kinds).not.toContain('receive-failed');
  }
  expect(consumed.stdout).toMatch(/"kind":"console","reason":"[^"]*Multiple credential sources/);
});
