import { expect, onTestFinished, test } from 'vitest';
import { openClient } from '../../publisher/postgres/database.ts';
import { changeLogs } from '../support/change-logs.ts';
import { until } from '../support/wait.ts';

const log = changeLogs.outbox;

test.each([
  ['ring', `select doorbell.ring('x', 'product.changed')`],
  ['gone', `select doorbell.gone('x', 'product.removed')`],
  ['the trigger of a watched table', `insert into product values ('x', 'Tea', 5)`],
])('%s takes the lock that the fence looks at before it draws its position', async (_, statement) => {
  const { admin, url } = await log.database();
  const session = async () => {
    const client = await openClient(url);
    onTestFinished(() => client.end());
    return client;
  };
  const [first, second] = [await session(), await session()];
  await first.query(`begin; ${log.insert('x')}`);
  // It waits for the row of x, inside the function.
  const waiting = second.query(statement);
  await until(async () => {
    const { rows } = await admin.query(
      `select 1 from pg_locks join pg_stat_activity using (pid)
       where not granted and datname = current_database()`,
    );
    return rows.length > 0;
  });
  expect((await log.open(admin).writers()).size).toBe(2);
  expect((await admin.query('select last_value as drawn from doorbell.change_position_seq')).rows).toEqual([
    { drawn: 1 },
  ]);
  await first.query('commit');
  await waiting;
  expect((await log.open(admin).readAfter(0, 10)).map(({ position, version }) => [position, version])).toEqual([
    [1, 1],
    [2, 2],
  ]);
});
