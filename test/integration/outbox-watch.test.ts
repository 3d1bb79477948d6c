import { expect, test } from 'vitest';
import { unwatchTable, watchTable } from '../../publisher/outbox/outbox.ts';
import { changesOf, teamDatabase } from '../support/outbox.ts';

test('a watched table rings by itself: rows that are there, inserted, changed, renamed, removed, emptied', async () => {
  const { admin, service } = await teamDatabase();
  await admin.query(`insert into product values ('p1', 'Tea', 5), ('p2', 'Pot', 9)`);
  const watch = {
    table: 'product',
    id: 'sku',
    created: 'product.created',
    changed: 'product.changed',
    removed: 'product.removed',
    prefix: 'product:',
  };
  expect(await watchTable(admin, watch)).toEqual({ table: 'public.product', rows: 2, rung: 2 });
  expect(await watchTable(admin, watch)).toEqual({ table: 'public.product', rows: 2, rung: 0 });
  await service.query(`insert into product values ('p3', 'Cup', 3, '{"a":1}')`);
  await service.query(`update product set price = price`);
  await service.query(`update product set tags = '{"a": 2}' where sku = 'p3'`);
  await service.query(`update product set price = 6 where sku = 'p1'`);
  await service.query(`update product set sku = 'p9' where sku = 'p1'`);
  await service.query(`delete from product where sku = 'p2'`);
  await admin.query(`truncate product`);
  expect((await changesOf(admin)).slice(2)).toEqual([
    'product:p3 product.created v1',
    'product:p3 product.changed v2',
    'product:p1 product.changed v2',
    'product:p1 product.removed v3',
    'product:p9 product.created v1',
    'product:p2 product.removed v2',
    'product:p3 product.removed v3',
    'product:p9 product.removed v2',
  ]);
  await unwatchTable(admin, watch);
  await service.query(`insert into product values ('p4', 'Jug', 3)`);
  expect(await changesOf(admin)).toHaveLength(10);
});

test('only the columns that were named ring', async () => {
  const { admin, service } = await teamDatabase();
  await admin.query(`insert into product values ('p1', 'Tea', 5)`);
  await watchTable(admin, { table: 'product', id: 'sku', changed: 'product.changed', columns: ['price'] });
  await service.query(`update product set name = 'Green tea'`);
  await service.query(`update product set price = 6`);
  expect(await changesOf(admin)).toEqual(['p1 product.changed v1']);
});

test('a table that cannot be watched is refused in words, and nothing has changed', async () => {
  const { admin, service } = await teamDatabase();
  await admin.query(`insert into product values ('tea pot', 'Tea', 5); create view shelf as select * from product`);
  const watch = { table: 'product', id: 'sku', created: 'product.created' };
  await expect(watchTable(admin, watch)).rejects.toThrow(/such as "tea pot".*Watch another column/);
  await expect(watchTable(admin, { ...watch, table: 'shelf' })).rejects.toThrow(/is no table/);
  await expect(watchTable(admin, { ...watch, table: 'shelves' })).rejects.toThrow(/There is no table shelves/);
  await expect(watchTable(admin, { ...watch, id: 'id' })).rejects.toThrow(
    /has no column id; its columns are sku, name/,
  );
  await expect(watchTable(admin, { ...watch, columns: ['cost'] })).rejects.toThrow(/has no column cost/);
  await expect(watchTable(admin, { ...watch, created: 'Created' })).rejects.toThrow(/created "Created"/);
  await expect(watchTable(admin, { table: 'product', id: 'sku' })).rejects.toThrow(/give a type/);
  await service.query(`insert into product values ('p4', 'Jug', 3)`);
  expect(await changesOf(admin)).toEqual([]);
});
