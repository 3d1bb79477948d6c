import { expect, test } from 'vitest';
import { createCommandQueue } from '../../publisher/commands/command-queue.ts';
import { systemIds } from '../../publisher/system.ts';
import { publisher } from '../support/publisher.ts';

test('commands that come in one moment share two commits, so that one is decided while the other is committed', async () => {
  const { pool, register } = await publisher();
  const shops = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  for (const id of shops) await register(id);
  const execute = createCommandQueue({ pool, newEventId: systemIds.event, onCommitted: () => {} });
  const command = { name: 'pauseShop' as const };
  await Promise.all(
    shops.map((shopId) => execute({ shopId, command, ifMatch: null, idempotency: null, actor: 'test' })),
  );
  const { rows } = await pool.query(
    `select array_agg(shop_id order by id) as shops from shop_events where type = 'shop.paused' group by xmin::text order by min(shop_id)`,
  );
  expect(rows).toEqual([{ shops: ['a', 'b', 'c', 'd'] }, { shops: ['e', 'f', 'g', 'h'] }]);
});
