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
  const { admin, url, adminUrl } = await log.database();
  const service = await openClient(url);
  const blocker = await openClient(adminUrl);
  onTestFinished(async () => {
    await blocker.end();
    await service.end();
  });
  // It conflicts with the lock of a writer, and with nothing else that ringing does.
  await blocker.query('begin; lock table doorbell.change in share mode');
  await service.query('begin');
  const waiting = service.query(statement);
  await until(async () => {
    const { rows } = await admin.query(
      `select 1 from pg_locks join pg_stat_activity using (pid)
       where not granted and relation = 'doorbell.change'::regclass and datname = current_database()`,
    );
    return rows.length > 0;
  });
  expect((await admin.query('select is_called from doorbell.change_position_seq')).rows).toEqual([
    { is_called: false },
  ]);
  await blocker.query('commit');
  await waiting;
  expect((await log.open(admin).writers()).size).toBe(1);
  await service.query('commit');
  expect((await log.open(admin).readAfter(0, 10)).map(({ position, version }) => [position, version])).toEqual([
    [1, 1],
  ]);
});
