import { expect, onTestFinished, test } from 'vitest';
import { ringResources } from '../../publisher/outbox/ring-resources.ts';
import { openClient, openPool } from '../../publisher/postgres/database.ts';
import { changeLogs } from '../support/change-logs.ts';
import { until } from '../support/wait.ts';

const log = changeLogs.outbox;

test('ringing all resources tells no older version after a newer one, whatever is rung meanwhile', async () => {
  const { admin, url, adminUrl } = await log.database();
  const pool = openPool({ connectionString: adminUrl });
  await admin.query(`select doorbell.ring('a', 'product.changed'), doorbell.gone('z', 'product.removed')`);
  const service = await openClient(url);
  onTestFinished(async () => {
    await service.end();
    await pool.end();
  });
  await service.query(`begin; select doorbell.ring('a', 'product.changed')`);
  const ringing = ringResources(pool, { type: 'product.changed' });
  await until(async () => {
    const { rows } = await admin.query(
      `select 1 from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()`,
    );
    return rows.length > 0;
  });
  // It comes back to life while ringing waits for the other resource.
  await service.query(`select doorbell.ring('z', 'product.changed'); commit`);
  await ringing;
  const { rows } = await admin.query(`select version, gone from doorbell.change where id = 'z' order by position`);
  const versions = rows.map(({ version }) => Number(version));
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  expect(rows.at(-1)).toMatchObject({ gone: false });
});
