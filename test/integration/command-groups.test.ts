import { expect, test } from 'vitest';
import { systemIds } from '../../publisher/ids.ts';
import { createCommandQueue } from '../../publisher/shops/commands/command-queue.ts';
import { publisher } from '../support/publisher.ts';

test.each([
  [8, [8]],
  [20, [10, 10]],
])('%i commands that come in one moment are committed in groups of %j', async (commands, groups) => {
  const { pool, register } = await publisher();
  const shops = Array.from({ length: commands }, (_, n) => `shop${n}`);
  for (const id of shops) await register(id);
  const execute = createCommandQueue({ pool, newEventId: systemIds.event, onCommitted: () => {} });
  const command = { name: 'pauseShop' as const };
  await Promise.all(
    shops.map((shopId) => execute({ shopId, command, ifMatch: null, idempotency: null, actor: 'test' })),
  );
  const { rows } = await pool.query<{ events: number }>(
    `select count(*) as events from shop_events where type = 'shop.paused' group by xmin::text`,
  );
  expect(rows.map(({ events }) => events)).toEqual(groups);
});
