import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { run } from '../support/dev-process.ts';

async function world() {
  const { admin: pool, adminUrl } = await freshDatabase();
  const environment = { DATABASE_URL: adminUrl, DOORBELL_HOME: '/nowhere' };
  const doorbell = (...args: string[]) => run('localstack/operate/main.ts', args, environment).ended;
  const orphansLeft = async () => (await pool.query('select from shop_snapshot')).rowCount;
  return { pool, environment, doorbell, orphansLeft };
}

test('a rebuild removes snapshots without events, however many, and tells once of each row it leaves', async () => {
  const { pool, doorbell, orphansLeft } = await world();
  await pool.query("insert into shop values ('ghost', 1, false, null, '{}')");
  await pool.query(`insert into shop_snapshot (shop_id, version, state)
    select id, n, '{}' from unnest('{ghost,nobody,zero}'::text[]) as shop (id), generate_series(1, 700) as n`);
  const { code, stdout } = await doorbell('rebuild');
  expect(stdout).toContain('2,101 differences, 3 shops corrected, 1 not corrected\n');
  expect(stdout.match(/; not corrected: /g)).toHaveLength(1);
  expect([code, await orphansLeft()]).toEqual([1, 0]);
});

/** What a shell has whose reader takes one line and goes. */
async function headOf(args: string, environment: Record<string, string>) {
  const line = `set -o pipefail; "${process.execPath}" localstack/operate/main.ts ${args} 2>&1 | head -1`;
  const shell = spawn('bash', ['-c', line], { env: { ...process.env, ...environment }, stdio: 'ignore' });
  return (await once(shell, 'exit'))[0];
}

test('a command whose reader goes away does its work to the end, and exits as it would have', async () => {
  const { pool, environment, orphansLeft } = await world();
  await pool.query(`insert into shop_snapshot (shop_id, version, state)
    select 'shop' || n, 1, '{}' from generate_series(1, 1500) as n`);
  expect(await headOf('rebuild --check', environment)).toBe(1);
  expect(await headOf('rebuild', environment)).toBe(0);
  expect(await orphansLeft()).toBe(0);
});
