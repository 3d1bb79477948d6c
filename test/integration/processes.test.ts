import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { printed, run } from '../support/dev-process.ts';
import { processes } from '../support/processes.ts';
import { aShop, asOperator } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

test('publisher and consumer run as processes, log what went wrong and nothing of a body, and stop cleanly', async () => {
  const { client, queueUrl, publisher, publisherUrl, display, displayUrl } = await processes();
  const registered = await fetch(`${publisherUrl}/shops`, {
    method: 'POST',
    headers: { ...asOperator, 'content-type': 'application/json' },
    body: JSON.stringify({ ...aShop, id: 'a' }),
  });
  expect(registered.status).toBe(201);
  const view = await until(async () => {
    const answer = await fetch(`${displayUrl}/shops/a`);
    return answer.status === 200 && ((await answer.json()) as Record<string, unknown>);
  });
  expect(view).toMatchObject({ id: 'a', version: 1, name: aShop.name });
  // The view comes first; that its ring is settled is counted when the message is deleted.
  // The consumer fills its views when it starts: the ring may find the view as new already.
  const settled = /doorbell_settled_total\{outcome="(applied|current|skipped)",consumer="display"\} [1-9]/;
  await until(async () => settled.test(await (await fetch(`${displayUrl}/metrics`)).text()));

  for (const path of ['/healthz', '/metrics', '/shops/a', '/nowhere'])
    expect((await fetch(`${displayUrl}${path}`)).headers.get('x-content-type-options'), path).toBe('nosniff');

  const sqs = new SQSClient(client);
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'Kim, 010-1234' }));
  sqs.destroy();
  expect(await printed(display, '"buried"')).toMatch(
    /\{"time":"[0-9TZ:.-]+","consumer":"display","kind":"buried",.*"reason":"malformed-notification"/,
  );

  for (const { child } of [display, publisher]) child.kill('SIGTERM');
  const [consumed, published] = await Promise.all([display.ended, publisher.ended]);
  expect([consumed.code, consumed.stderr, published.code, published.stderr]).toEqual([0, '', 0, '']);
  expect(consumed.stdout).not.toContain('Kim');
});

test.each(['publisher/main.ts', 'consumers/main.ts'])('%s says which variables it misses', async (program) => {
  const nothing = Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => /^(DOORBELL_|DATABASE_URL)/.test(name))
      .map((name) => [name, '']),
  );
  const { code, stdout, stderr } = await run(program, [], nothing).ended;
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^\w+: missing; .+\n\w+: missing; /);
});
