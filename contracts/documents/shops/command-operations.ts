import { CommandAnswer, type CommandContract, type CommandName, commands, OwnerAnswer } from '../../shops/commands.ts';
import type { ShopServiceProblemCode } from '../../shops/problems.ts';
import type { Answer, Operation } from '../operation.ts';
import { pathParameters } from '../parameters.ts';
import { codesOfStatus } from '../problem-answers.ts';
import { examples } from './examples.ts';
import { commandHeaders, shopParameters } from './parameters.ts';

/** Texts and examples of a command for the documents, beside its contract. */
type Story = {
  /** A valid body. */
  body?: unknown;
  answers: readonly Answer[];
  /** Problems beside those that every command has. */
  problems: readonly ShopServiceProblemCode[];
  description?: string;
};

const { item, shop, owner, commandAnswer } = examples;

const done = (...types: string[]): Answer => ({
  status: 200,
  description: 'Done; no event, if it changed nothing.',
  schema: CommandAnswer,
  example: commandAnswer(20, ...types),
  headers: ['ETag'],
});

const ownerKnown = (status: number, description: string): Answer => {
  const example = { id: owner.id, version: status === 201 ? 1 : 2, shops: status === 201 ? 0 : 1 };
  return { status, description, schema: OwnerAnswer, example, headers: ['ETag'] };
};

/** Problems of every change of a shop that is open or paused. */
const living: ShopServiceProblemCode[] = ['resource-not-found', 'shop-closed'];

const stories: Record<CommandName, Story> = {
  registerShop: {
    description:
      'Without an id the publisher chooses one. A closed shop that is registered again continues its count of versions.',
    body: { id: examples.shopId, ...shop, hours: '11:00~21:00', menu: [item], ownerId: owner.id },
    answers: [
      {
        status: 201,
        description: 'Registered.',
        schema: CommandAnswer,
        example: commandAnswer(1, 'shop.registered'),
        headers: ['ETag', 'Location'],
      },
    ],
    problems: ['owner-not-found', 'shop-exists', 'menu-item-exists'],
  },
  changeDetails: {
    body: { category: '한식_일반', delivery: true },
    answers: [done('shop.details-changed')],
    problems: living,
  },
  changeHours: { body: { hours: '24시간' }, answers: [done('shop.hours-changed')], problems: living },
  openShop: { answers: [done('shop.opened')], problems: living },
  pauseShop: { answers: [done('shop.paused')], problems: living },
  closeShop: {
    description: 'Closing a shop that has closed already changes nothing.',
    answers: [done('shop.closed')],
    problems: ['resource-not-found'],
  },
  addMenuItem: {
    body: { name: '된장찌개', price: 8000 },
    answers: [done('shop.menu-item-added')],
    problems: [...living, 'menu-item-exists', 'menu-full'],
  },
  changeMenuItem: {
    body: { price: 8500 },
    answers: [done('shop.menu-item-price-changed')],
    problems: [...living, 'menu-item-not-found'],
  },
  removeMenuItem: { answers: [done('shop.menu-item-removed')], problems: [...living, 'menu-item-not-found'] },
  assignOwner: {
    body: { ownerId: owner.id },
    answers: [done('shop.owner-changed')],
    problems: [...living, 'owner-not-found'],
  },
  rollBack: {
    description: 'Events are never removed: new events append the difference to the old state.',
    body: { toVersion: 17 },
    answers: [done('shop.menu-item-price-changed')],
    problems: ['resource-not-found', 'version-not-found'],
  },
  changeOwner: {
    description: 'An owner has a version of its own, which If-Match refers to.',
    body: { name: owner.name, publicName: owner.publicName },
    answers: [ownerKnown(200, 'Changed, or the same as before.'), ownerKnown(201, 'Known now.')],
    problems: [],
  },
};

const ofEveryCommand: ShopServiceProblemCode[] = [
  'malformed-request',
  'unauthorized',
  'version-conflict',
  'too-large',
  'invalid-request',
  'idempotency-key-reused',
  ...codesOfStatus(429),
  'internal-error',
  'unavailable',
];
const ofEveryBody: ShopServiceProblemCode[] = ['unsupported-media-type'];

/** Operations of the command API, one per contract. */
export const commandOperations: readonly Operation<ShopServiceProblemCode>[] = (
  Object.keys(stories) as CommandName[]
).map((name): Operation<ShopServiceProblemCode> => {
  const { method, path, body: schema, summary }: CommandContract = commands[name];
  const { body: example, answers, problems, description } = stories[name];
  return {
    operationId: name,
    method,
    path,
    tag: 'commands',
    summary,
    ...(description !== undefined && { description }),
    token: 'operator',
    parameters: [...pathParameters(path, shopParameters), ...commandHeaders],
    ...(schema !== null && { body: { schema, example } }),
    answers,
    problems: [...ofEveryCommand, ...(schema === null ? [] : ofEveryBody), ...problems],
    tagged: ['version-conflict'],
  };
});
