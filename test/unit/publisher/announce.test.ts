import { expect, test } from 'vitest';
import { settled } from '../../../consumers/testing/clock.ts';
import { createAnnounce } from '../../../publisher/relay/announce.ts';

/** A database of which every statement waits to be answered by hand. */
function announcing() {
  const underWay: PromiseWithResolvers<void>[] = [];
  const errors: string[] = [];
  const query = () => {
    const statement = Promise.withResolvers<void>();
    underWay.push(statement);
    return statement.promise;
  };
  const announce = createAnnounce(
    { query: query as never },
    'doorbell_committed',
    ({ message }) => void errors.push(message),
  );
  async function answer(error?: Error): Promise<void> {
    const statement = underWay.at(-1);
    if (error === undefined) statement?.resolve();
    else statement?.reject(error);
    await settled();
  }
  return { announce, answer, errors, sent: () => underWay.length };
}

test('a commit during an announcement is announced after it, and a hundred of them are one', async () => {
  const { announce, answer, sent } = announcing();
  announce();
  for (let n = 0; n < 100; n++) announce();
  expect(sent()).toBe(1);
  await answer();
  expect(sent()).toBe(2);
  await answer();
  expect(sent()).toBe(2);
});

test('an announcement that fails is told, and holds up none that comes after it', async () => {
  const { announce, answer, errors, sent } = announcing();
  announce();
  announce();
  await answer(new Error('database away'));
  expect([errors, sent()]).toEqual([['database away'], 2]);
  await answer(new Error('still away'));
  announce();
  expect(sent()).toBe(3);
});
