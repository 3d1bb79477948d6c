import { expect, test } from 'vitest';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { shopTopologyOf } from '../../localstack/infrastructure/shop-topology.ts';
import { testBroker } from '../support/broker.ts';
import { freshDatabase } from '../support/database.ts';

test('tests have a database and a broker of their own, whatever the shell says', async () => {
  const { pool } = await freshDatabase();
  const { rows } = await pool.query('select count(*) as shops, current_schema() as schema from shop');
  expect(rows).toEqual([{ shops: 0, schema: 'public' }]);
  const { client, stage } = await testBroker();
  const { consumers } = await provision(shopTopologyOf(stage), client);
  for (const { queueUrl } of Object.values(consumers)) expect(queueUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
  const theirs = Object.keys(process.env).filter((name) => /^(PG|FAUXQS_|DATABASE_|DOORBELL_HOME|AWS_USE)/.test(name));
  expect(theirs).toEqual([]);
});
