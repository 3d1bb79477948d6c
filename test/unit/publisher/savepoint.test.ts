import { expect, test } from 'vitest';
import { createSavepoint } from '../../../publisher/relay/log/savepoint.ts';

/** A database as a savepoint sees it. */
function world() {
  const database = { last: 0, writers: new Set<string>(), end: 0n };
  const savepoint = createSavepoint({
    lastPosition: async () => database.last,
    writers: async () => new Set(database.writers),
    endOfLog: async () => database.end,
  });
  return { database, look: savepoint.look };
}

test('what is visible, decided and confirmed is a savepoint', async () => {
  const { database, look } = world();
  Object.assign(database, { last: 7, end: 100n });
  expect(await look(99n)).toBe(null);
  expect(await look(100n)).toBe(7);
});

test('a transaction that was open may still fill a lower position: there is no savepoint before it is over', async () => {
  const { database, look } = world();
  Object.assign(database, { last: 7, end: 100n, writers: new Set(['3/1']) });
  expect(await look(100n)).toBe(null);
  expect(await look(100n)).toBe(null);
  // Its commit made the log longer, and must have been confirmed too.
  Object.assign(database, { writers: new Set(['4/1']), end: 150n });
  expect(await look(149n)).toBe(null);
  expect(await look(150n)).toBe(7);
});

test('who begins to write later draws higher positions, and delays no savepoint', async () => {
  const { database, look } = world();
  Object.assign(database, { last: 7, end: 100n });
  expect(await look(50n)).toBe(null);
  database.writers.add('5/1');
  expect(await look(100n)).toBe(7);
});

test('while nothing is new there is nothing to save', async () => {
  const { database, look } = world();
  expect(await look(0n)).toBe(null);
  Object.assign(database, { last: 7 });
  expect(await look(0n)).toBe(7);
  expect(await look(0n)).toBe(null);
  database.last = 8;
  expect(await look(0n)).toBe(8);
});
