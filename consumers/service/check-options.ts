import { defineAgreement } from '../../contracts/wire/agreement.ts';
import { nearestOf } from '../../contracts/wire/nearest.ts';
import type { StartOptions } from './options.ts';

type Name = keyof StartOptions<never, never>;
type Given = Readonly<Record<string, unknown>>;
/** Says what is wrong with a value, or null. */
type Rule = (value: unknown) => string | null;

/** Checks what `startConsumer` was given. Throws a TypeError: one sentence, which names the option. */
export function checkOptions(given: Given): void {
  for (const name of Object.keys(given)) if (!Object.hasOwn(rules, name)) throw wrong(unknownOption(name));
  for (const [name, rule] of Object.entries(rules)) {
    const fault = rule(given[name]);
    if (fault !== null) throw wrong(`${name}${fault}`);
  }
  defineAgreement((given.consumer as StartOptions<unknown, unknown>['consumer']).agreement);
}

const wrong = (sentence: string) => new TypeError(`startConsumer: ${sentence}`);

function unknownOption(name: string): string {
  const near = nearestOf(name, Object.keys(rules));
  return near === null
    ? `there is no option "${name}"; there are ${Object.keys(rules).join(', ')}`
    : `there is no option "${name}"; did you mean "${near}"?`;
}

const isObject = (value: unknown): value is Given => typeof value === 'object' && value !== null;
const has = (value: unknown, ...methods: string[]) =>
  isObject(value) && methods.every((method) => typeof value[method] === 'function');

/** A value that must be there. */
const needed =
  (isRight: (value: unknown) => boolean, expected: string): Rule =>
  (value) => {
    if (value === undefined || value === '') return ` is missing; it must be ${expected}`;
    return isRight(value) ? null : ` must be ${expected}`;
  };

/** A value that may be left out. */
const optional =
  (isRight: (value: unknown) => boolean, expected: string): Rule =>
  (value) =>
    value === undefined || isRight(value) ? null : ` must be ${expected}`;

const isFunction = (value: unknown) => typeof value === 'function';
const isText = (value: unknown) => typeof value === 'string';
const isUrl = (value: unknown) => URL.canParse(String(value)) && /^https?:/.test(String(value));
const isWhole = (least: number, most: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/** Rules for the fields of an object, each with its name in front. */
const fields =
  (own: Record<string, Rule>): Rule =>
  (value) => {
    for (const [name, rule] of Object.entries(own)) {
      const fault = rule((value as Given)[name]);
      if (fault !== null) return `.${name}${fault}`;
    }
    return null;
  };

const CONSUMER = needed(
  (value) => has(value, 'project') && isObject((value as Given).agreement) && isObject((value as Given).view),
  'what defineConsumer returned',
);

const SOURCE = 'the address of the source, { url, token }, or a client with a method look';
const sourceFields = fields({
  url: needed(isUrl, 'the URL of the source API, such as https://shops.example'),
  token: optional((value) => isText(value) || isFunction(value), 'a text, or a function that returns one'),
});

const BROKER = 'two queues of SQS, { queueUrl, deadLetterQueueUrl }, ports, { queue, deadLetters }, or "feed"';
const portFields = fields({
  queue: needed((value) => has(value, 'receive', 'remove', 'release', 'bury'), 'a Queue'),
  deadLetters: optional((value) => has(value, 'receive', 'remove', 'release'), 'a queue with receive, remove, release'),
});
const sqsFields = fields({
  queueUrl: needed(isUrl, 'the URL of a queue of SQS'),
  deadLetterQueueUrl: needed(isUrl, 'the URL of its dead-letter queue'),
  client: optional(isObject, 'settings of the SQS client, such as { endpoint, region }'),
  transport: optional((value) => value === 'lean' || value === 'sdk', 'lean or sdk'),
});

const httpFields = fields({
  port: needed(isWhole(0, 65_535), 'a port, 0 to 65535'),
  host: optional(isText, 'an address to listen at, such as 0.0.0.0'),
  keepAlive: optional(isWhole(1, 3_600), 'seconds, 1 to 3600'),
});

const BROKERS = (value: unknown) =>
  ofObject(BROKER, (given) => ('queue' in given ? portFields(given) : sqsFields(given)))(value);
const FOLLOW = optional((value) => typeof value === 'boolean', 'true, false, or { every, grace }');
const followFields = fields({
  every: optional(isWhole(10, 86_400_000), 'milliseconds, 10 to 86400000'),
  grace: optional(isWhole(0, 600_000), 'milliseconds, 0 to 600000'),
});

const BRAKE = optional((value) => typeof value === 'boolean', 'true, false, or { share, least, window }');
const brakeFields = fields({
  share: optional((value) => typeof value === 'number' && value > 0 && value <= 1, 'a share, above 0 and up to 1'),
  least: optional(isWhole(1, 1_000_000), 'a number of closings, 1 to 1000000'),
  window: optional(isWhole(1_000, 86_400_000), 'milliseconds, 1000 to 86400000'),
});

const ofObject =
  (expected: string, rule: (value: Given) => string | null): Rule =>
  (value) => {
    if (value === undefined) return ` is missing; it must be ${expected}`;
    return isObject(value) ? rule(value) : ` must be ${expected}`;
  };

const STORE_METHODS = ['versions', 'read', 'write', 'scan', 'query', 'probe'];

const rules: Record<Name, Rule> = {
  consumer: CONSUMER,
  source: ofObject(SOURCE, (value) => (has(value, 'look') ? null : sourceFields(value))),
  broker: (value) => (value === 'feed' ? null : BROKERS(value)),
  store: optional(
    (value) => (isText(value) && value !== '' && value !== 'dynamodb:') || has(value, ...STORE_METHODS),
    'the path of an SQLite file, dynamodb:TABLE, or a ViewStore',
  ),
  indexes: optional(isObject, 'an object of names and paths, such as { city: "region.city" }'),
  queryApi: optional(isFunction, 'a function of the store that returns an app'),
  http: (value) => (value === undefined || value === false ? null : ofObject('{ port, host }', httpFields)(value)),
  log: optional((value) => value === false || isFunction(value), 'false, or a function that takes an entry'),
  follow: (value) => (isObject(value) ? followFields(value) : FOLLOW(value)),
  brake: (value) => (isObject(value) ? brakeFields(value) : BRAKE(value)),
  signals: optional((value) => typeof value === 'boolean', 'true or false'),
  window: optional(isWhole(0, 2_000), 'milliseconds, 0 to 2000'),
  onWritten: optional(isFunction, 'a function that takes rows'),
  observe: optional(isFunction, 'a function that takes an event'),
  clock: optional((value) => has(value, 'now', 'sleep', 'after', 'random'), 'a Clock'),
};
