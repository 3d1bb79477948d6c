import { describe, expect, test } from 'vitest';
import { planImport } from '../../../localstack/import/plan.ts';
import type { PresentShop } from '../../../localstack/import/planned.ts';
import { PublisherAway } from '../../../localstack/import/publisher-away.ts';
import type { CsvRow } from '../../../localstack/import/read-csv.ts';
import { runPlan } from '../../../localstack/import/run-plan.ts';

const address = '서울특별시 강남구 논현로120길 14';
const soup = { id: 'item_soup', name: '김치찌개', price: 6000, priceNote: null };
const present: PresentShop = {
  id: 'a',
  version: 3,
  openness: 'open',
  name: '바보네집',
  category: '한식',
  region: { province: '서울', city: '강남구' },
  address,
  place: null,
  delivery: true,
  parking: null,
  hours: '11:00~21:00',
  menu: [soup],
};

let line = 1;
const row = (values: Record<string, string> = {}): CsvRow => ({
  line: ++line,
  values: { id: 'a', name: '바보네집', category: '한식', address, item: '김치찌개', price: '6000', ...values },
});

const planOf = (rows: CsvRow[], ...shops: PresentShop[]) =>
  planImport(rows, new Map(shops.map((shop) => [shop.id, shop])));
const commandsOf = (rows: CsvRow[], ...shops: PresentShop[]) =>
  planOf(rows, ...shops).shops.flatMap(({ commands }) => commands);

describe('a plan', () => {
  test('does nothing where nothing differs, and keeps what the file says nothing of', () => {
    expect(planOf([row()], present)).toMatchObject({ shops: [], unchanged: 1, rows: 1 });
  });

  test('registers what is not there', () => {
    expect(planOf([row()]).shops).toMatchObject([
      {
        kind: 'register',
        version: 0,
        commands: [{ method: 'POST', path: '/shops', body: { id: 'a', menu: [{ price: 6000 }] } }],
      },
    ]);
  });

  test('closes what the file no longer names, once', () => {
    const gone: PresentShop = { ...present, id: 'gone', openness: 'closed' };
    expect(planOf([], present, gone).shops).toEqual([
      { id: 'a', kind: 'close', version: 3, commands: [{ method: 'POST', path: '/shops/a/close' }] },
    ]);
  });

  test('registers a closed shop anew when the file names it again', () => {
    expect(planOf([row()], { ...present, openness: 'closed' }).shops).toMatchObject([{ kind: 'register', version: 3 }]);
  });

  test('changes a price by one command', () => {
    expect(commandsOf([row({ price: '7000' })], present)).toEqual([
      { method: 'PATCH', path: '/shops/a/menu/item_soup', body: { price: 7000 } },
    ]);
  });

  test('a note that stood beside another price goes with it', () => {
    const noted = { ...present, menu: [{ ...soup, priceNote: '(200g)' }] };
    expect(commandsOf([row({ price: '7000' })], noted)).toMatchObject([{ body: { price: 7000, priceNote: null } }]);
    expect(commandsOf([row()], noted)).toEqual([]);
  });

  test('takes off an item that the file no longer names, and adds the one it does', () => {
    expect(commandsOf([row({ item: '된장찌개' })], present)).toMatchObject([
      { method: 'DELETE', path: '/shops/a/menu/item_soup' },
      { method: 'POST', path: '/shops/a/menu', body: { name: '된장찌개', price: 6000 } },
    ]);
  });

  test('changes only the details that differ', () => {
    expect(commandsOf([row({ category: '한식_일반' })], present)).toEqual([
      { method: 'PATCH', path: '/shops/a', body: { category: '한식_일반' } },
    ]);
  });

  test('an address without a province leaves the region as it is known', () => {
    expect(commandsOf([row({ address: '논현로 14' })], present)).toEqual([
      { method: 'PATCH', path: '/shops/a', body: { address: '논현로 14' } },
    ]);
  });

  test('a row that is left out neither changes nor closes its shop', () => {
    const { shops, leftOut } = planOf([row({ name: '' })], present);
    expect([shops, leftOut.length]).toEqual([[], 1]);
  });

  test('of two rows with one id the first counts; the other is listed with what differs', () => {
    const { leftOut, rows, shops } = planOf([row(), row({ price: '9000' }), row()]);
    expect(leftOut.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^the same id as line \d+, with other item$/),
      expect.stringMatching(/^the same row as line \d+$/),
    ]);
    expect([rows, shops.length]).toEqual([3, 1]);
  });
});

describe('running a plan', () => {
  test('asks for the version it was compared at, and counts what happened', async () => {
    const sent: [string, Record<string, string>][] = [];
    const result = await runPlan(planOf([row({ price: '7000', category: '중식' })], present), {
      async send({ path }, headers) {
        sent.push([path, headers]);
        return { status: 200, version: 3 + sent.length, events: [{ type: 'shop.details-changed' }], detail: '' };
      },
      name: 'test.csv',
      onProgress: () => {},
      signal: new AbortController().signal,
    });
    expect(sent.map(([, headers]) => headers['if-match'])).toEqual(['"3"', '"4"']);
    expect(new Set(sent.map(([, headers]) => headers['idempotency-key'])).size).toBe(2);
    expect(result).toMatchObject({ changed: 1, registered: 0, closed: 0, commands: 2, failed: [] });
  });

  const running = (send: Parameters<typeof runPlan>[1]['send']) =>
    runPlan(planOf([row(), row({ id: 'b' }), row({ id: 'c' })]), {
      send,
      name: 'test.csv',
      onProgress: () => {},
      signal: new AbortController().signal,
    });
  const reply = { status: 201, version: 1, events: [], detail: '' };

  test('a shop that is refused is listed with its reason, and the others go on', async () => {
    const result = await running(async ({ body }) =>
      (body as { id: string }).id === 'b' ? { ...reply, status: 412, detail: 'no' } : reply,
    );
    expect(result).toMatchObject({ registered: 2, stopped: null, failed: [{ id: 'b', reason: '412: no' }] });
  });

  test('a publisher that is away stops all of it', async () => {
    let sent = 0;
    const result = await running(async () => {
      if (sent++ > 0) throw new PublisherAway('no answer: connection refused');
      return reply;
    });
    expect(result).toMatchObject({ failed: [], stopped: { name: 'PublisherAway' } });
    expect(result.registered).toBeLessThan(3);
  });
});
