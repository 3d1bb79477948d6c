import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { openDynamoViewStore } from '../../../consumers/stores/dynamodb/store.ts';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { dynamoServer } from '../../support/dynamo-server.ts';
import { endpoint } from '../../support/dynamodb.ts';

const MINUTE = 60_000;

/** A clock that a test sets. */
function setClock() {
  const set = { now: systemClock.now() };
  return { set, clock: { ...systemClock, now: () => set.now } };
}

test.each(['SQLite', 'DynamoDB'])('in %s a clock that was set back keeps no lease for longer', async (name) => {
  const { set, clock } = setClock();
  const { url } = await dynamoServer();
  const store =
    name === 'SQLite'
      ? openSqliteViewStore(':memory:', {}, { clock })
      : openDynamoViewStore({ table: 'views', indexes: {}, client: endpoint(url), clock });
  onTestFinished(store.close);
  const { progress } = store;
  await progress.lease('killed', 2 * MINUTE);
  // Two machines differ by a minute: that is no clock set back.
  set.now -= MINUTE;
  expect(await progress.lease('next', 2 * MINUTE)).toBeNull();
  set.now -= 60 * MINUTE;
  expect(await progress.lease('next', 2 * MINUTE)).toEqual({ kept: null });
});
