import { describe, expect, test } from 'vitest';
import { SourceRefused, SourceUnavailable } from '../../../consumers/runtime/source/errors.ts';
import { httpServer, json, refuse, type Seen } from '../../support/http-server.ts';
import { smallClient as clientBy, transports } from '../../support/small-client.ts';

const never = new AbortController().signal;
const change = (id: string, version: number) => ({ id, type: 'thing.changed', version, gone: false });
const feed = (changes: unknown[], next = 'b', head = next) => ({ changes, next, head });
const bodyOf = ({ body }: Seen) => JSON.parse(body);

describe.each(transports)('the feed by %s', (_, http) => {
  const smallClient = (url: string) => clientBy(url, {}, http);

  test('is asked by POST, with the cursor, and answers with changes', async () => {
    const answer = feed([change('a', 1), { ...change('b', 2), gone: true }], 'b', 'z');
    const { url, seen } = await httpServer((_request, response) => json(response, 200, answer));
    expect(await smallClient(url).changes({ after: 'a', limit: 2, wait: 10 }, never)).toEqual({
      kind: 'changes',
      ...answer,
    });
    expect(seen[0]).toMatchObject({ method: 'POST', url: expect.stringMatching(/\/changes$/) });
    expect(bodyOf(seen[0] as Seen)).toEqual({ after: 'a', limit: 2, wait: 10 });
  });

  test('that wants a start over says why', async () => {
    let code: 'feed-expired' | 'feed-replaced' = 'feed-expired';
    const { url, seen } = await httpServer((_request, response) => refuse(response, code));
    expect(await smallClient(url).changes({ after: 'a' }, never)).toEqual({ kind: 'start-over', why: 'expired' });
    code = 'feed-replaced';
    expect(await smallClient(url).changes({ after: 'a' }, never)).toEqual({ kind: 'start-over', why: 'replaced' });
    expect(seen).toHaveLength(2);
  });

  test('that a source does not have is no outage', async () => {
    for (const status of [404, 405, 501]) {
      const { url, seen } = await httpServer((_request, response) => void response.writeHead(status).end('no'));
      expect(await smallClient(url).changes({}, never)).toEqual({ kind: 'no-feed' });
      expect(seen).toHaveLength(1);
    }
    const { url } = await httpServer((_request, response) => refuse(response, 'not-found'));
    expect(await smallClient(url).changes({}, never)).toEqual({ kind: 'no-feed' });
  });

  test.each([
    ['tells more than was asked for', { after: 'a', limit: 1 }, feed([change('a', 1), change('b', 1)]), /2 changes/],
    ['does not go on', { after: 'b' }, feed([change('a', 1)]), /does not go on/],
    ['goes back', { after: 'a' }, feed([change('a', 2), change('a', 1)]), /version 1 of a comes after version 2/],
    ['begins before its end', {}, feed([change('a', 1)]), /only its end was asked for/],
    ['has a cursor that is none', { after: 'a' }, feed([], ''), /next/],
    ['has no head', { after: 'a' }, { changes: [], next: 'b' }, /head/],
    ['shows data', { after: 'a' }, feed([{ ...change('a', 1), id: 7 }]), /changes\.0\.id/],
    ['has a version of 0', { after: 'a' }, feed([change('a', 0)]), /changes\.0\.version/],
  ])('that %s is not believed', async (_what, request, answer, reason) => {
    const { url } = await httpServer((_request, response) => json(response, 200, answer));
    const asked = smallClient(url).changes(request, never);
    await expect(asked).rejects.toThrow(SourceRefused);
    await expect(asked).rejects.toThrow(reason);
  });

  test('may tell the same change twice', async () => {
    const { url } = await httpServer((_request, response) =>
      json(response, 200, feed([change('a', 2), change('a', 2)])),
    );
    expect(await smallClient(url).changes({ after: 'a' }, never)).toMatchObject({ kind: 'changes' });
  });

  test.each([
    ['another server answers', (response: Parameters<typeof json>[0]) => json(response, 200, { hello: 'world' })],
    ['a proxy says gone', (response: Parameters<typeof json>[0]) => void response.writeHead(410).end('gone')],
    ['the source is away', (response: Parameters<typeof json>[0]) => refuse(response, 'unavailable')],
  ])('is an outage where %s', async (_what, answer) => {
    const { url } = await httpServer((_request, response) => answer(response));
    await expect(smallClient(url).changes({ after: 'a' }, never)).rejects.toThrow(SourceUnavailable);
  });
});
