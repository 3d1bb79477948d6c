import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Loss, lossesOf } from './losses.ts';
import type { PlannedCommand, PresentShop, ShopPlan } from './planned.ts';
import type { CsvRow } from './read-csv.ts';
import { type Remark, readRow, type WantedShop } from './read-row.ts';

/** The commands of an import, with its counts and remarks. */
export type ImportPlan = {
  shops: ShopPlan[];
  /** Counts of rows and shops; see `docs/data.md` for how they add up. */
  rows: number;
  unchanged: number;
  /** Shops of the publisher that have not closed. */
  living: number;
  /** Values that staying shops would lose, by field. */
  losses: Loss[];
  leftOut: Remark[];
  remarks: Remark[];
};

/** Compares a file with the present shops, and lists the commands that bring them to its state. Pure. */
export function planImport(rows: readonly CsvRow[], present: ReadonlyMap<string, PresentShop>): ImportPlan {
  const { wanted, leftOut, remarks } = readRows(rows);
  // A row that is left out still names its shop, so the shop is neither changed nor closed.
  const named = new Set([...wanted.keys(), ...leftOut.map(({ id }) => id)]);
  const shops = [...wanted.values()].map((shop) => planShop(shop, present.get(shop.id)));
  const living = [...present.values()].filter(({ openness }) => openness !== 'closed');
  const closing = living.filter(({ id }) => !named.has(id)).map(planClose);
  const changing = shops.filter(({ commands }) => commands.length > 0);
  return {
    shops: [...changing, ...closing],
    rows: rows.length,
    unchanged: shops.length - changing.length,
    living: living.length,
    losses: lossesOf(
      living.filter(({ id }) => wanted.has(id)),
      changing,
    ),
    leftOut,
    remarks,
  };
}

function readRows(rows: readonly CsvRow[]): { wanted: Map<string, WantedShop>; leftOut: Remark[]; remarks: Remark[] } {
  const wanted = new Map<string, WantedShop>();
  const leftOut: Remark[] = [];
  const remarks: Remark[] = [];
  for (const row of rows) {
    const read = readRow(row);
    if ('leftOut' in read) {
      leftOut.push(read.leftOut);
      continue;
    }
    const first = wanted.get(read.shop.id);
    if (first !== undefined) {
      leftOut.push({ line: row.line, id: first.id, text: repeated(first, read.shop) });
      continue;
    }
    wanted.set(read.shop.id, read.shop);
    remarks.push(...read.remarks);
  }
  return { wanted, leftOut, remarks };
}

/** Describes a repeated row. The first row of an id counts, because the file does not tell which is newer. */
function repeated(first: WantedShop, again: WantedShop): string {
  const keys = ['name', 'category', 'address', 'place'] as const;
  const other: string[] = keys.filter((key) => !isDeepStrictEqual(first.details[key], again.details[key]));
  if (!isDeepStrictEqual(first.item, again.item)) other.push('item');
  return other.length === 0
    ? `the same row as line ${first.line}`
    : `the same id as line ${first.line}, with other ${other.join(' and ')}`;
}

function planShop(wanted: WantedShop, present: PresentShop | undefined): ShopPlan {
  if (present === undefined || present.openness === 'closed') return planRegister(wanted, present?.version ?? 0);
  const path = `/shops/${present.id}`;
  const commands: PlannedCommand[] = [];
  const details = detailsToChange(wanted, present);
  if (Object.keys(details).length > 0) commands.push({ method: 'PATCH', path, body: details });
  if (wanted.hours !== undefined && wanted.hours !== present.hours)
    commands.push({ method: 'PUT', path: `${path}/hours`, body: { hours: wanted.hours } });
  const item = wanted.item && withId(present.id, wanted.item);
  commands.push(...menuCommands(path, item, present.menu));
  return { id: present.id, kind: 'change', version: present.version, commands };
}

function planRegister({ id, details, hours, item }: WantedShop, version: number): ShopPlan {
  const body = { id, ...details, ...(hours !== undefined && { hours }), menu: item === null ? [] : [withId(id, item)] };
  return { id, kind: 'register', version, commands: [{ method: 'POST', path: '/shops', body }] };
}

function planClose({ id, version }: PresentShop): ShopPlan {
  return { id, kind: 'close', version, commands: [{ method: 'POST', path: `/shops/${id}/close` }] };
}

function detailsToChange({ details }: WantedShop, present: PresentShop): Partial<WantedShop['details']> {
  const region = details.region && {
    ...details.region,
    // A province without a city keeps the known city, if it is in that province.
    city: details.region.city ?? (details.region.province === present.region.province ? present.region.city : null),
  };
  const stated = { ...details, ...(region && { region }) };
  return Object.fromEntries(
    Object.entries(stated).filter(([key, value]) => !isDeepStrictEqual(value, present[key as keyof PresentShop])),
  );
}

/** Adds an id that is the same on every machine, so that commands in documents work everywhere. */
function withId<Item extends { name: string }>(shopId: string, item: Item): Item & { id: string } {
  return { id: `item_${createHash('sha256').update(`${shopId} ${item.name}`).digest('hex').slice(0, 12)}`, ...item };
}

/**
 * Lists commands for the menu. The file names one item a shop: the same name changes its price, other items are
 * removed.
 */
function menuCommands(
  path: string,
  item: (WantedShop['item'] & { id: string }) | null,
  menu: PresentShop['menu'],
): PlannedCommand[] {
  const same = item && menu.find(({ name }) => name === item.name);
  const commands: PlannedCommand[] = menu
    .filter((each) => each !== same)
    .map(({ id }) => ({ method: 'DELETE', path: `${path}/menu/${id}` }));
  if (item !== null && !same) commands.push({ method: 'POST', path: `${path}/menu`, body: item });
  const change = item && same ? priceChange(item, same) : {};
  if (same && Object.keys(change).length > 0)
    commands.push({ method: 'PATCH', path: `${path}/menu/${same.id}`, body: change });
  return commands;
}

type Priced = Pick<PresentShop['menu'][number], 'price' | 'priceNote'>;

/** Finds the changes of a price. The note of an old price goes with it, unless the file has a note. */
function priceChange(wanted: NonNullable<WantedShop['item']>, { price, priceNote }: Priced): Partial<Priced> {
  const note = wanted.priceNote === undefined ? (wanted.price === price ? priceNote : null) : wanted.priceNote;
  return { ...(wanted.price !== price && { price: wanted.price }), ...(note !== priceNote && { priceNote: note }) };
}
