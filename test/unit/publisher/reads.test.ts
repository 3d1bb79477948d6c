import { expect, test } from 'vitest';
import type { Database } from '../../../publisher/postgres/database.ts';
import { createReads } from '../../../publisher/postgres/reads.ts';

/** Which of two databases a read goes to. The network between is staged: `fail` is what the replica answers. */
function world() {
  const replica = {} as Database;
  const primary = {} as Database;
  const errors: Error[] = [];
  const tried: string[] = [];
  let now = 1_000;
  let fail: Error | null = null;
  const reads = createReads({ replica, primary, now: () => now, onError: (error) => errors.push(error) });
  return {
    errors,
    tried,
    wait: (ms: number) => {
      now += ms;
    },
    fail: (code: string | null) => {
      fail = code === null ? null : Object.assign(new Error(code), { code });
    },
    read: () =>
      reads(async (database) => {
        tried.push(database === replica ? 'replica' : 'primary');
        if (database === replica && fail !== null) throw fail;
        return database === replica ? 'replica' : 'primary';
      }),
  };
}

test('the replica reads while it is there', async () => {
  const { read, tried } = world();
  expect([await read(), await read()]).toEqual(['replica', 'replica']);
  expect(tried).toEqual(['replica', 'replica']);
});

test.each(['ECONNREFUSED', 'ENOTFOUND', '57P03', '53300', '28P01', '3D000'])(
  'a replica that answers %s is spared for five seconds, and reads again when it is back',
  async (code) => {
    const { read, fail, wait, tried, errors } = world();
    fail(code);
    expect([await read(), await read()]).toEqual(['primary', 'primary']);
    fail(null);
    wait(4_999);
    expect(await read()).toBe('primary');
    wait(1);
    expect([await read(), await read()]).toEqual(['replica', 'replica']);
    expect(tried).toEqual(['replica', 'primary', 'primary', 'primary', 'replica', 'replica']);
    expect(errors).toHaveLength(1);
  },
);

test('a clock that is set back by an hour spares a replica no longer than five seconds', async () => {
  const { read, fail, wait, tried } = world();
  fail('ECONNREFUSED');
  await read();
  fail(null);
  wait(-3_600_000);
  tried.length = 0;
  expect([await read(), await read()]).toEqual(['replica', 'replica']);
  expect(tried).toEqual(['replica', 'replica']);
});

test('only one read at a time finds out whether a replica is back', async () => {
  const { read, fail, wait, tried } = world();
  fail('ECONNREFUSED');
  await read();
  wait(5_000);
  tried.length = 0;
  await Promise.all([read(), read(), read()]);
  expect(tried.filter((name) => name === 'replica')).toEqual(['replica']);
});

test('a read that a standby cancels for its recovery goes to the primary, and the next to the replica', async () => {
  const { read, fail, errors } = world();
  fail('40001');
  expect(await read()).toBe('primary');
  fail(null);
  expect(await read()).toBe('replica');
  expect(errors).toEqual([]);
});

test.each(['57014', '42P01'])('an answer of %s is an answer: the primary is not asked as well', async (code) => {
  const { read, fail, tried } = world();
  fail(code);
  await expect(read()).rejects.toMatchObject({ code });
  expect(tried).toEqual(['replica']);
});
