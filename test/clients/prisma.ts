import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '@prisma/client';
import { ring, type Snapshot, type Transaction } from '../../publisher/outbox/outbox.ts';
import { type Client, changesOf, shelf } from './client.ts';

/** Asks in a transaction of Prisma. */
const queryOf = (tx: Prisma.TransactionClient): Transaction['query'] => {
  return (text, values) => tx.$queryRawUnsafe<unknown[]>(text, ...values);
};

const snapshotOf = (prisma: PrismaClient): Snapshot<Prisma.TransactionClient> => {
  return (work) => prisma.$transaction((tx) => work(tx, queryOf(tx)), { isolationLevel: 'RepeatableRead' });
};

/** Products by Prisma. */
export function openPrisma(url: string): Client {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  return {
    put: ({ sku, price, id, type }, last) =>
      prisma.$transaction(async (tx) => {
        await tx.product.upsert({ where: { sku }, create: { sku, name: sku, price }, update: { price } });
        const rows = await tx.$queryRaw`select doorbell.ring(${id}, ${type})`;
        last?.();
        return Number((rows as [{ ring: bigint }])[0].ring);
      }),
    ringAll: (ids) => prisma.$transaction((tx) => ring({ query: queryOf(tx) }, changesOf(ids))),
    serve: (between) =>
      shelf(
        snapshotOf(prisma),
        async (ids, tx) => {
          const rows = await tx.product.findMany({ where: { sku: { in: [...ids] } } });
          return rows.map(({ sku, name, price }) => ({ id: sku, name, price }));
        },
        between,
      ),
    close: () => prisma.$disconnect(),
  };
}
