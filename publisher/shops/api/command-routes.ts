import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import {
  type CommandBody,
  type CommandContract,
  type CommandName,
  commands,
  IdempotencyKey,
} from '../../../contracts/shops/commands.ts';
import { shopServiceProblems } from '../../../contracts/shops/problems.ts';
import { MenuItemId, OwnerId, ShopId } from '../../../contracts/shops/shop.ts';
import { check } from '../../../contracts/wire/check.ts';
import { ProblemError, problemFrom } from '../../../contracts/wire/problem.ts';
import { readJson } from '../../http/input.ts';
import type { Ids } from '../../ids.ts';
import type { Pool } from '../../postgres/database.ts';
import { changeOwner } from '../commands/change-owner.ts';
import { createCommandQueue } from '../commands/command-queue.ts';
import type { CommandRequest, IfMatch } from '../commands/decide-request.ts';
import type { ShopCommand } from '../domain/decide.ts';
import type { Shop } from '../domain/shop.ts';

/** Dependencies of the command API. */
export type CommandRouteDeps = {
  pool: Pool;
  ids: Ids;
  /** Called after a commit that appended events: the relay may read them now. */
  onCommitted: () => void;
};

type Params = { shopId: string; itemId: string };
type Translate<Name extends CommandName> = (body: CommandBody<Name>, params: Params, ids: Ids) => ShopCommand;

/** Turns an HTTP request into a command of the domain. Ids are made here, owners are looked up later. */
const translate: { [Name in Exclude<CommandName, 'changeOwner'>]: Translate<Name> } = {
  registerShop: (body, { shopId }, ids) => ({ name: 'registerShop', shop: newShop(body, shopId, ids) }),
  changeDetails: (change) => ({ name: 'changeDetails', change }),
  changeHours: ({ hours }) => ({ name: 'changeHours', hours }),
  openShop: () => ({ name: 'openShop' }),
  pauseShop: () => ({ name: 'pauseShop' }),
  closeShop: () => ({ name: 'closeShop' }),
  addMenuItem: (item, _, ids) => ({ name: 'addMenuItem', item: { ...item, id: item.id ?? ids.menuItem() } }),
  changeMenuItem: (change, { itemId }) => ({ name: 'changeMenuItem', itemId, change }),
  removeMenuItem: (_, { itemId }) => ({ name: 'removeMenuItem', itemId }),
  rollBack: ({ toVersion }) => ({ name: 'rollBack', toVersion, past: null }),
  assignOwner: ({ ownerId }) => ({ name: 'assignOwner', owner: ownerId === null ? null : unknownOwner(ownerId) }),
};

/** Makes the command API, one route per contract. */
export function commandRoutes({ ids, ...deps }: CommandRouteDeps): Hono {
  const app = new Hono();
  const commandDeps = { ...deps, newEventId: ids.event };
  const execute = createCommandQueue(commandDeps);

  for (const name of Object.keys(translate) as (keyof typeof translate)[]) {
    const { method, path, body: schema }: CommandContract = commands[name];
    app.on(method.toUpperCase(), path, async (c) => {
      const body = schema === null ? undefined : check(schema, await readJson(c));
      const params = paramsOf(c, name, body, ids);
      const command = (translate[name] as (...each: unknown[]) => ShopCommand)(body, params, ids);
      const { status, answer } = await execute({ ...(await requestOf(c)), shopId: params.shopId, command });
      c.header('etag', `"${answer.version}"`);
      if (status === 201) c.header('location', `/shops/${answer.id}`);
      return c.json(answer, status as 200 | 201);
    });
  }

  app.put(commands.changeOwner.path, async (c) => {
    const id = check(OwnerId, c.req.param('ownerId'), 'ownerId');
    const names = check(commands.changeOwner.body, await readJson(c));
    const { status, answer } = await changeOwner(commandDeps, { ...(await requestOf(c)), owner: { id, ...names } });
    c.header('etag', `"${answer.version}"`);
    return c.json(answer, status as 200 | 201);
  });

  return app;
}

function paramsOf(c: Context, name: CommandName, body: unknown, ids: Ids): Params {
  if (name === 'registerShop') return { shopId: (body as CommandBody<'registerShop'>).id ?? ids.shop(), itemId: '' };
  const itemId = c.req.param('itemId');
  return {
    shopId: check(ShopId, c.req.param('shopId'), 'shopId'),
    itemId: itemId === undefined ? '' : check(MenuItemId, itemId, 'itemId'),
  };
}

async function requestOf(c: Context): Promise<Pick<CommandRequest, 'ifMatch' | 'idempotency' | 'actor'>> {
  const key = c.req.header('idempotency-key');
  return {
    ifMatch: ifMatchOf(c.req.header('if-match')),
    idempotency:
      key === undefined
        ? null
        : { key: check(IdempotencyKey, key, 'Idempotency-Key'), fingerprint: await fingerprint(c) },
    actor: 'operator',
  };
}

/** Reads If-Match (RFC 9110, 13.1.1): one strong entity tag, which is the version, or `*`. */
function ifMatchOf(header: string | undefined): IfMatch {
  if (header === undefined) return null;
  if (header.trim() === '*') return '*';
  const version = Number(/^"(\d{1,15})"$/.exec(header.trim())?.[1]);
  if (Number.isNaN(version))
    throw new ProblemError('malformed-request', 'If-Match takes the version in quotes, as in the ETag: "19", or *.');
  return version;
}

/** Computes the hash of a request with an Idempotency-Key: the same key with other content is another request. */
async function fingerprint(c: Context): Promise<string> {
  const { method, path } = c.req;
  const body = await c.req.text();
  return createHash('sha256')
    .update(`${method} ${path} ${c.req.header('if-match') ?? ''}\n${body}`)
    .digest('hex');
}

function newShop({ menu, ownerId, ...details }: CommandBody<'registerShop'>, id: string, ids: Ids): Shop {
  const items = menu.map((item) => ({ ...item, id: item.id ?? ids.menuItem() }));
  if (new Set(items.map((item) => item.id)).size < items.length)
    throw new ProblemError(
      problemFrom(shopServiceProblems, 'menu-item-exists', 'Two items of the menu have the same id.'),
    );
  return { ...details, id, menu: items, owner: ownerId === undefined ? null : unknownOwner(ownerId) };
}

/** Makes an owner with only its id. The names are looked up under a lock, in the command's transaction. */
function unknownOwner(id: string) {
  return { id, name: '', publicName: '' };
}
