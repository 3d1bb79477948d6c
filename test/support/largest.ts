import { Buffer } from 'node:buffer';
import type { CommandName } from '../../contracts/shops/commands.ts';
import { MENU_LIMIT } from '../../contracts/shops/shop.ts';
import type { Pool } from '../../publisher/postgres/database.ts';
import type { Shop } from '../../publisher/shops/domain/shop.ts';

/** The character that has most before NFC puts it together: four units, which are one. */
export const DEEPEST = '\u1f82';

/** The largest bodies that commands take, of one character, which may have two units; `null` where there is none. */
export function largestBodies(character: string): { [Name in CommandName]: unknown } {
  const text = (length: number) => character.repeat(length / character.length);
  const id = (n: number) => `${n}`.padEnd(64, '_');
  const item = (n: number) => ({ id: id(n), name: text(100), price: 1_000_000_000, priceNote: text(100) });
  const details = {
    name: text(100),
    category: text(40),
    region: { province: text(40), city: text(40) },
    address: text(200),
    place: { latitude: -89.12345678901234, longitude: -179.1234567890123 },
    delivery: false,
    parking: false,
  };
  const menu = Array.from({ length: MENU_LIMIT }, (_, n) => item(n));
  const { id: _, ...change } = item(0);
  return {
    registerShop: {
      id: 'largest'.padEnd(64, '_'),
      ...details,
      hours: text(100),
      openness: 'paused',
      menu,
      ownerId: id(0),
    },
    changeDetails: details,
    changeHours: { hours: text(100) },
    openShop: null,
    pauseShop: null,
    closeShop: null,
    addMenuItem: item(MENU_LIMIT),
    changeMenuItem: change,
    removeMenuItem: null,
    assignOwner: { ownerId: id(0) },
    rollBack: { toVersion: Number.MAX_SAFE_INTEGER },
    changeOwner: { name: text(100), publicName: text(100) },
  };
}

const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const asciiOnly = (json: string) => json.replaceAll(/[^\x20-\x7e\n]/g, escaped);
/** As Python's json.dumps() writes: a blank after each comma and colon outside of texts. */
const spaced = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`)
    .join(', ')}}`;
};

/** The largest state of a shop there can be, with an owner. */
export function largestShop(id: string, character = '가'): Shop {
  const { ownerId, ...shop } = largestBodies(character).registerShop as Shop & { ownerId: string };
  const name = character.repeat(100 / character.length);
  return { ...shop, id, owner: { id: ownerId, name, publicName: name } };
}

/**
 * Puts so many copies of a shop into the publisher's table as they are, without events: `large000`, `large001` and so
 * on.
 */
export async function insertCopies(pool: Pool, shop: Shop, count: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into shop (id, version, closed, state)
     select id, 1, false, jsonb_set($1::jsonb, '{id}', to_jsonb(id))
     from generate_series(0, $2 - 1) as n, lateral (select 'large' || lpad(n::text, 3, '0') as id) as named
     returning id`,
    [JSON.stringify(shop), count],
  );
  return rows.map(({ id }) => id).toSorted();
}

/** How writers of JSON write the same. */
export const encodings: Record<string, (body: unknown) => string> = {
  'as JavaScript does': (body) => JSON.stringify(body),
  'as Python does': (body) => asciiOnly(spaced(body)),
  'as Python does, indented': (body) => asciiOnly(JSON.stringify(body, null, 4)),
  'decomposed, as a Mac has file names': (body) => JSON.stringify(body).normalize('NFD'),
  'decomposed, escaped and indented': (body) => asciiOnly(JSON.stringify(body, null, 4).normalize('NFD')),
  'with every character of keys and texts escaped': (body) =>
    JSON.stringify(body, null, 4)
      .normalize('NFD')
      .replaceAll(/"[^"]*"/g, (text) => `"${text.slice(1, -1).split('').map(escaped).join('')}"`),
};

/** Bytes of a text as it is sent. */
export const bytesOf = (text: string): number => Buffer.byteLength(text);
