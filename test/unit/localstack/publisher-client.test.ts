import { describe, expect, test } from 'vitest';
import { type ShopServiceProblemCode, shopServiceProblems } from '../../../contracts/shops/problems.ts';
import { problem, problemFrom } from '../../../contracts/wire/problem.ts';
import { PublisherAway } from '../../../localstack/import/publisher-away.ts';
import { PublisherRefuses, readPresent, sendCommand } from '../../../localstack/import/publisher-client.ts';

/** The publisher is asked again without a pause. */
const AT_ONCE = { retries: 5, minTimeout: 0 };

describe('sending a command', () => {
  const command = { method: 'POST', path: '/shops/a/close' } as const;

  const refusing = (code: ShopServiceProblemCode) =>
    Response.json(problemFrom(shopServiceProblems, code, 'no'), {
      status: problemFrom(shopServiceProblems, code, 'no').status,
      headers: { 'content-type': 'application/problem+json' },
    });
  const page = (status: number) => new Response('<html>Sign in', { status, headers: { 'content-type': 'text/html' } });

  test('is tried again with the same key while the publisher is away, or something else answers', async () => {
    const keys: string[] = [];
    const answers = [
      () => refusing('unavailable'),
      () => refusing('too-many-requests'),
      () => page(403),
      () => page(200),
    ];
    const reply = await sendCommand(
      async (_, init) => {
        keys.push(init?.headers['idempotency-key'] ?? '');
        if (keys.length === 1) throw new TypeError('fetch failed');
        return answers[keys.length - 2]?.() ?? Response.json({ version: 2, events: [] });
      },
      command,
      { 'idempotency-key': 'k' },
      AT_ONCE,
    );
    expect(reply).toMatchObject({ status: 200, version: 2 });
    expect(keys).toEqual(['k', 'k', 'k', 'k', 'k', 'k']);
  });

  test.each(['shop-closed', 'version-conflict', 'invalid-request', 'internal-error'] as const)(
    'is not tried again when it is refused as %s',
    async (code) => {
      let sent = 0;
      const refuse = async () => {
        sent++;
        return refusing(code);
      };
      expect(await sendCommand(refuse, command, {})).toMatchObject({
        status: shopServiceProblems[code].status,
        detail: 'no',
      });
      expect(sent).toBe(1);
    },
  );

  test('ends when the publisher refuses us', async () => {
    await expect(sendCommand(async () => refusing('unauthorized'), command, {})).rejects.toThrow(PublisherRefuses);
  });
});

describe('an answer that only resembles a reply', () => {
  test.each(['{"status":"ok"}', '[]', '"ok"', 'null', '{"version":1,"events":null}', '{"version":"1","events":[]}'])(
    'is not taken for a command that was done: %s',
    async (body) => {
      const answer = async () => new Response(body, { status: 200, headers: { 'content-type': 'application/json' } });
      const command = { method: 'POST', path: '/shops/a/close' } as const;
      await expect(sendCommand(answer, command, {}, AT_ONCE)).rejects.toThrow(PublisherAway);
    },
  );

  test.each(['{"shops":[null],"next":null}', '{"shops":[{}],"next":null}', '{"shops":[],"next":""}', '{"shops":[]}'])(
    'is no page of shops, and ends the reading: %s',
    async (body) => {
      await expect(readPresent(async () => new Response(body), AT_ONCE)).rejects.toThrow(PublisherAway);
    },
  );
});

describe('reading the shops that are there', () => {
  test('is tried again while the publisher is away', async () => {
    let asked = 0;
    const present = await readPresent(async () => {
      asked++;
      if (asked === 1) throw new TypeError('fetch failed');
      if (asked === 2)
        return Response.json(problem('unavailable', 'no'), {
          status: 503,
          headers: { 'content-type': 'application/problem+json' },
        });
      return Response.json({ shops: [{ id: 'a', version: 1, closed: false }], next: null });
    }, AT_ONCE);
    expect([asked, [...present.keys()]]).toEqual([3, ['a']]);
  });

  test.each([
    ['a page of a proxy', new Response('<html>', { status: 200 })],
    ['JSON of somebody else', Response.json({ ok: true })],
  ])('%s empties nothing', async (_, answer) => {
    await expect(readPresent(async () => answer.clone(), AT_ONCE)).rejects.toThrow(PublisherAway);
  });
});
