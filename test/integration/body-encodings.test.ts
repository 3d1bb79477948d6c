import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { aShop, asOperator, publisher, tokens } from '../support/publisher.ts';

const asDisplay = { authorization: `Bearer ${tokens.display}` };

const bodies = [
  ['/shops', asOperator, { ...aShop, id: 'b' }, 201],
  ['/shops/a/menu', asOperator, { id: 'i', name: '국수' }, 200],
  ['/display/shops/batch', asDisplay, { resources: [{ id: 'a' }] }, 200],
  ['/display/shops/digests', asDisplay, { prefixes: [''] }, 200],
] as const;

async function asking(path: string, authorization: Record<string, string>) {
  const { app, register, errors } = await publisher();
  await register('a');
  return async (body: Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) => {
    const headers = { ...authorization, 'content-type': 'application/json', ...more };
    const answer = await app.request(path, { method: 'POST', headers, body });
    expect(errors).toEqual([]);
    return { status: answer.status, detail: ((await answer.json()) as { detail?: string }).detail };
  };
}

test.each(bodies)(
  'the body of POST %s may have a byte order mark, and must be UTF-8',
  async (path, token, body, good) => {
    const ask = await asking(path, token);
    const text = JSON.stringify(body);
    expect(await ask(Buffer.from(text, 'utf16le'))).toEqual({
      status: 400,
      detail: expect.stringMatching(/it is UTF-16/),
    });
    expect(await ask(Buffer.from(`\ufeff${text}`, 'utf16le').swap16())).toMatchObject({ status: 400 });
    expect(await ask(gzipSync(text))).toEqual({
      status: 400,
      detail: expect.stringMatching(/it is compressed by gzip/),
    });
    expect((await ask(Buffer.from(`\ufeff${text}`))).status).toBe(good);
  },
);

test('a command is the same with a byte order mark and without: its key is not used up by another request', async () => {
  const ask = await asking('/shops', asOperator);
  const text = JSON.stringify({ ...aShop, id: 'b' });
  const key = { 'idempotency-key': 'k1' };
  expect((await ask(Buffer.from(text), key)).status).toBe(201);
  expect((await ask(Buffer.from(`\ufeff${text}`), key)).status).toBe(201);
});
