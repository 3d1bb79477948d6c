import { describe, expect, test } from 'vitest';
import { httpServer, json, refuse, type Seen } from '../../support/http-server.ts';
import { smallClient as clientBy, transports } from '../../support/small-client.ts';

const never = new AbortController().signal;

const limitOf = ({ url }: Seen) => Number(new URL(url, 'http://x').searchParams.get('limit'));
const afterOf = ({ url }: Seen) => new URL(url, 'http://x').searchParams.get('after') ?? '';

/** A source written by others: it gives as many resources as it is asked for, however large they are. */
function pageOf(request: Seen, sizes: readonly number[]) {
  const ids = sizes.map((_, n) => `s${String(n).padStart(3, '0')}`);
  const from = ids.findIndex((id) => id > afterOf(request));
  const some = from < 0 ? [] : ids.slice(from, from + limitOf(request));
  const resources = some.map((id) => {
    return { status: 200, id, version: 1, resource: { name: 'x'.repeat(sizes[ids.indexOf(id)] ?? 0) } };
  });
  return { resources, next: some.length < limitOf(request) ? null : (some.at(-1) ?? null) };
}

describe.each(transports)('by %s', (_, http) => {
  const smallClient = (url: string) => clientBy(url, {}, http);

  async function readAll(url: string): Promise<string[]> {
    const client = smallClient(url);
    const ids: string[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const page: Awaited<ReturnType<typeof client.page>> = await client.page(after, never);
      ids.push(...page.resources.map(({ id, look }) => `${id} ${look.kind}`));
      after = page.next;
    }
    return ids;
  }

  describe('pages of all resources', () => {
    test.each([
      ['all are large', Array.from({ length: 120 }, () => 200_000)],
      ['one is large among many', Array.from({ length: 250 }, (_, n) => (n === 130 ? 8_000_000 : 10))],
      ['they grow', Array.from({ length: 40 }, (_, n) => n * 25_000)],
    ])('are asked for in smaller parts where a source gives too much at once: %s', async (_, sizes) => {
      const { url, seen } = await httpServer((request, response) => json(response, 200, pageOf(request, sizes)));
      expect(await readAll(url)).toEqual(sizes.map((_, n) => `s${String(n).padStart(3, '0')} found`));
      expect(limitOf(seen[0] as Seen)).toBe(100);
      expect(seen.length).toBeLessThan(sizes.length);
    });

    test.each(['malformed-request', 'too-large', 'invalid-request'] as const)(
      'are asked for in smaller parts where so many are refused as %s',
      async (code) => {
        const sizes = Array.from({ length: 30 }, () => 1);
        const { url } = await httpServer((request, response) =>
          limitOf(request) > 10
            ? refuse(response, code, { detail: 'at most 10' })
            : json(response, 200, pageOf(request, sizes)),
        );
        expect(await readAll(url)).toHaveLength(30);
      },
    );

    test('are refused where one resource alone is too much, and where the source refuses us', async () => {
      const large = await httpServer((request, response) => json(response, 200, pageOf(request, [9_000_000])));
      await expect(readAll(large.url)).rejects.toThrow('more than 8388608 bytes');
      const closed = await httpServer((_, response) => refuse(response, 'forbidden'));
      await expect(readAll(closed.url)).rejects.toThrow('403');
      expect(closed.seen).toHaveLength(1);
    });
  });

  test('digests are asked for by halves where all at once are too much', async () => {
    const prefixesOf = ({ body }: Seen) => (JSON.parse(body) as { prefixes: string[] }).prefixes;
    const resources = Array.from({ length: 10_000 }, (_, n) => ({ id: `${n}`.padEnd(64, 'x'), version: 1 }));
    const { url, seen } = await httpServer((request, response) =>
      json(response, 200, { digests: prefixesOf(request).map((prefix) => ({ prefix, resources })) }),
    );
    const prefixes = Array.from({ length: 16 }, (_, n) => `a${n.toString(16)}`);
    const answers = await smallClient(url).digests(prefixes, never);
    expect(answers.map(({ prefix }) => prefix)).toEqual(prefixes);
    expect(seen.map((each) => prefixesOf(each).length)).toEqual([16, 8, 8]);
  });
});
