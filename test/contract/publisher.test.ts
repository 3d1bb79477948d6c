import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { parts } from '../../consumers/all.ts';
import { displayAgreement } from '../../contracts/shops/agreements/display.ts';
import { defineAgreement } from '../../contracts/wire/agreement.ts';
import type { Shop } from '../../publisher/shops/domain/shop.ts';
import { forDisplay } from '../../publisher/shops/sources/display.ts';
import { readShops } from '../../publisher/shops/store/read-shops.ts';
import { sourceRoutes } from '../../publisher/source-api/routes.ts';
import type { RowSource } from '../../publisher/source-api/source.ts';
import { providerWorld } from '../support/provider-states.ts';
import { PACTS, pactFile } from './pacts.ts';
import { verify } from './verify.ts';

type World = Awaited<ReturnType<typeof providerWorld>>;

const names = parts.map(({ consumer }) => consumer.agreement.name);
const pactOfDisplay = new URL(pactFile('display'), PACTS);

/** What display's source API needs, but for what it selects. */
function sourceOf({ pool, errors }: World): RowSource<Shop> & { tokens: null; onFault: (error: Error) => void } {
  return {
    read: async (ids) =>
      (await readShops(pool, ids)).map(({ closed, ...row }) => ({ ...row, state: closed ? null : row.state })),
    readPage: async () => [],
    tokens: null,
    onFault: (error) => void errors.push(error),
  };
}

const renamed = (shop: Shop) => {
  const { address, ...others } = forDisplay(shop);
  return { ...others, street: address };
};

describe('the publisher', () => {
  test.each(names)('gives %s what its committed pact says', async (name) => {
    await verify(new URL(pactFile(name), PACTS), await providerWorld());
  });
});

describe('a pact that no longer matches', () => {
  /** The publisher with another source API for display in front; what its verification says. */
  async function complaint(world: World, routes: Hono): Promise<string> {
    const app = new Hono().route('/', routes).mount('/', world.app.fetch);
    return verify(pactOfDisplay, world, app).then(
      () => 'nothing',
      (error: Error) => error.message,
    );
  }

  test('names the field and both sides when the publisher selects it under another name', async () => {
    const world = await providerWorld();
    const select = renamed as unknown as typeof forDisplay;
    const text = await complaint(world, sourceRoutes(displayAgreement, { ...sourceOf(world), select }));
    expect(text).toContain('display and publisher no longer agree on "one shop that states everything"');
    expect(text).toContain('display expects 200, the publisher answers 500');
    expect(text).toContain('The publisher said of itself: display@1, resource full: address: Invalid input');
  });

  test('names the field and both sides when the publisher agrees on another name by itself', async () => {
    const world = await providerWorld();
    const { address, ...others } = displayAgreement.resource.shape;
    const alone = defineAgreement({ ...displayAgreement, resource: z.object({ ...others, street: address }) });
    const text = await complaint(world, sourceRoutes(alone, { ...sourceOf(world), select: renamed }));
    expect(text).toMatch(/\$\.resource: display expects \[.*"address".*\], the publisher answers \[.*"street".*\]/);
    expect(text).toContain('missing the following keys: address');
    expect(text).toContain('npm run pacts');
  });

  test('names the field and both sides when a value is of another type', async () => {
    const world = await providerWorld();
    const item = z.looseObject({ price: z.string() });
    const alone = defineAgreement({ ...displayAgreement, resource: z.looseObject({ menu: z.array(item) }) });
    const select = (shop: Shop) => ({
      ...forDisplay(shop),
      menu: shop.menu.map((each) => ({ ...each, price: `${each.price}원` })),
    });
    const text = await complaint(world, sourceRoutes(alone, { ...sourceOf(world), select }));
    expect(text).toContain('$.resource.menu[0].price: display expects 6000, the publisher answers "6000원"');
  });

  test('names the type of a notification that the publisher calls otherwise', async () => {
    const world = await providerWorld();
    const notify = async () => {
      const message = await world.notify();
      return { ...message, body: message.body.replace('shop.paused', 'shop.resting') };
    };
    const text = await verify(pactOfDisplay, { ...world, notify }).catch((error: Error) => error.message);
    expect(text).toContain('display and publisher no longer agree on "shop.paused of a shop"');
    expect(text).toContain('$.type: display expects "shop.paused", the publisher answers "shop.resting"');
  });
});
