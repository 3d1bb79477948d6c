import { distance } from '../wire/nearest.ts';
import { knownVariables } from './known.ts';

/** Variables of an environment. An empty value counts as none. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a variable. `PORT=` counts as missing. A name behind a byte order mark is read as if the mark were not there.
 */
export function stated(environment: Environment, name: string): string | undefined {
  if (environment[name]) return environment[name];
  const marked = Object.keys(environment).find((each) => each.startsWith(MARK) && unmarked(each) === name);
  return marked === undefined ? undefined : environment[marked] || undefined;
}

/**
 * Byte order mark that some editors write at the start of a file: in a `.env` Node takes it for part of the first name.
 */
export const MARK = '\ufeff';

/**
 * Returns the name behind a mark. Node takes spaces, `export` and whole comments between mark and name for part of the
 * name, too, because they don't begin their line.
 */
export function unmarked(name: string): string {
  const lastLine = name.slice(MARK.length).split('\n').at(-1) ?? '';
  return lastLine.trim().replace(/^export\s+/, '');
}

/** A name that no side knows, and the nearest known one. */
type Unknown = { name: string; near: string | null };

/**
 * Lists variables that are Doorbell's by their name and that no side knows, each with the nearest known name. Pure.
 * `consumers` are the names of all consumers.
 */
export function unknownVariables(environment: Environment, consumers: readonly string[]): Unknown[] {
  return unknownAmong(environment, knownVariables(consumers));
}

function unknownAmong(environment: Environment, known: readonly string[]): Unknown[] {
  const names = Object.keys(environment).filter((name) => Boolean(environment[name]));
  const isFree = (name: string) => stated(environment, name) === undefined;
  return names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      if (name.startsWith(MARK)) return unknownBehindMark(unmarked(name), known);
      if (isOurs(name)) return [{ name, near: nearest(name, known) }];
      const near = misspeltDatabase(name, known, isFree);
      return near === null ? [] : [{ name, near }];
    });
}

/** Lists variables of the AWS SDK behind a mark: the SDK does not find them. */
function unknownBehindMark(name: string, known: readonly string[]): Unknown[] {
  if (name.startsWith('AWS_')) return [{ name: `${MARK}${name}`, near: name }];
  return unknownAmong({ [name]: 'stated' }, known);
}

/** True if a name can only be meant for Doorbell: even `DOORBEL_HOST` and `DOORBELLS_HOST` can. */
function isOurs(name: string): boolean {
  const [prefix = '', ...rest] = name.split('_');
  return rest.length > 0 && distance(prefix, PREFIX) <= 1;
}

const PREFIX = 'DOORBELL';

/**
 * Finds the nearest known name. At most a third of the letters after the prefix may differ: `PORT` is not close to
 * `HOST`.
 */
function nearest(name: string, known: readonly string[]): string | null {
  const [best] = known.map((each) => ({ each, apart: distance(name, each) })).toSorted((a, b) => a.apart - b.apart);
  const may = Math.max(1, Math.floor((name.length - PREFIX.length - 1) / 3));
  return best !== undefined && best.apart <= may ? best.each : null;
}

/**
 * Finds a misspelt `DATABASE_…` variable, which might belong to another program. It counts as misspelt only with one
 * letter different, the same ending, and if ours is not set. So `DATABASE_URI` and `DATABASE_TEST_URL` are left alone.
 */
function misspeltDatabase(name: string, known: readonly string[], isFree: (name: string) => boolean): string | null {
  if (!/^DATABASE_[A-Z_]+_(URL|ARN)$/.test(name)) return null;
  // isFree comes last: it reads all names of the environment, and each program asks at its start.
  return known.find((each) => each.startsWith('DATABASE_') && distance(name, each) === 1 && isFree(each)) ?? null;
}
