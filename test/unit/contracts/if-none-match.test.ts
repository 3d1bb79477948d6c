import fc from 'fast-check';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { isHeld } from '../../../contracts/wire/if-none-match.ts';
import { taggedResponse } from '../../../contracts/wire/tagged-response.ts';

const tag = '"display.1.7"';

describe('If-None-Match', () => {
  test.each([
    tag,
    `W/${tag}`,
    '*',
    ' * ',
    `  ${tag}\t`,
    `"a", ${tag}`,
    `"a",${tag}`,
    `"a" \t,\t W/${tag} , "b"`,
    `, ,, ${tag}`,
    `${tag},`,
    `${tag} , , "b",,`,
    `"a,b", ${tag}`,
    `"\u00e9", ${tag}`,
    `"", ${tag}`,
    `"W/", ${tag}`,
    `${tag}, ${tag}`,
  ])('%j names what is held', (header) => {
    expect(isHeld(header, tag)).toBe(true);
  });

  test.each([
    undefined,
    '',
    ' ',
    ',',
    'display.1.7',
    "'display.1.7'",
    '"display.1.8"',
    '"display.1.70"',
    '"display.1.7 "',
    '"DISPLAY.1.7"',
    `w/${tag}`,
    `W /${tag}`,
    `W/ ${tag}`,
    '"W/display.1.7"',
    '"display.1.7',
    'display.1.7"',
    '"a,display.1.7"',
    `"a" ${tag}`,
    `"a"${tag}`,
    `"a";${tag}`,
    `"*"`,
    `*, ${tag}`,
    `${tag}, *`,
    '**',
    `"a\u0000", ${tag}`,
  ])('%j does not', (header) => {
    expect(isHeld(header, tag)).toBe(false);
  });

  const opaque = fc.stringMatching(/^"[\x21\x23-\x7e\x80-\xff]{0,8}"$/);
  const weakly = fc.boolean().map((isWeak) => (isWeak ? 'W/' : ''));
  const blanks = fc.stringMatching(/^[ \t]{0,2}$/);

  test('finds a tag in any list, wherever it stands and however it is spaced', () => {
    const entry = fc.tuple(blanks, weakly, opaque, blanks).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(entry), entry, fc.array(entry), fc.nat(2), weakly, (before, one, after, empty, weak) => {
        const [own = ''] = /"[^"]*"/.exec(one) ?? [];
        const list = [...before, ...Array.from({ length: empty }, () => ''), one, ...after].join(',');
        expect(isHeld(list, own)).toBe(true);
        expect(isHeld(list, `${weak}${own}`)).toBe(true);
        const isAmong = list.includes('"not-there"');
        expect(isHeld(list, '"not-there"')).toBe(isAmong);
      }),
    );
  });

  test('never throws, and megabytes of anything are read in a pass', () => {
    fc.assert(fc.property(fc.string(), (header) => typeof isHeld(header, tag) === 'boolean'));
    for (const long of [',', ' ', '"a",', '"', 'W/', '"a" ', ', \t', '"a",  '])
      for (const end of ['', 'x', '"'])
        expect(isHeld(`${long.repeat(Math.ceil(1_000_000 / long.length))}${end}`, tag)).toBe(false);
  });

  test('is one list however many lines it comes in, and 304 keeps the headers that 200 has', async () => {
    const app = new Hono().get('/', (c) => {
      c.header('cache-control', 'max-age=5');
      c.header('vary', 'accept');
      return taggedResponse(c, tag, () => c.json({}));
    });
    const lines = new Headers([
      ['if-none-match', '"a"'],
      ['if-none-match', `W/${tag}`],
    ]);
    const [full, short] = [await app.request('/'), await app.request('/', { headers: lines })];
    expect([full.status, short.status, await short.text()]).toEqual([200, 304, '']);
    for (const name of ['etag', 'cache-control', 'vary']) expect(short.headers.get(name)).toBe(full.headers.get(name));
    expect(short.headers.get('content-type')).toBeNull();
  });
});
