import type * as z from 'zod/mini';
import type { KnownVariable } from './known.ts';

/**
 * What must not be shown. `password`: the one inside a URL. `token`: all of it. `digest`: no secret, but a token is
 * easily put in its place, so it is shown only where it is one, and shortened.
 */
export type Secret = 'password' | 'token' | 'digest';

/** A variable of the environment: a plain object from which reading, printing and the documents derive. */
export type Variable<Value = unknown> = {
  /** One sentence for whoever sets it. */
  readonly what: string;
  /** From the text of the environment to the value. Its messages say what it should be, and never repeat what it is. */
  readonly schema: z.core.$ZodType<Value>;
  /** The programs of the side that read it. */
  readonly readBy: readonly string[];
  /** A value as it would be written, no real one. */
  readonly example: string;
  /** Unit of a number. */
  readonly unit?: string;
  /** As it would be written. A variable with neither this nor `optional` must be stated. */
  readonly default?: string;
  readonly optional?: true;
  readonly secret?: Secret;
};

/** The variables of one side, by name. */
export type Variables = Readonly<Record<string, Variable>>;

/** The programs that read something of a table. */
export type ReaderOf<Table extends Variables> = Table[keyof Table]['readBy'][number];

/** What a program reads of a table, by name. A variable that may be left out and has no default may be undefined. */
export type ValuesOf<Table extends Variables, Reader extends ReaderOf<Table>> = {
  [Name in keyof Table as Reader extends Table[Name]['readBy'][number] ? Name : never]: ValueOf<Table[Name]>;
};

type ValueOf<Of extends Variable> =
  | z.core.output<Of['schema']>
  | (Of extends { readonly optional: true } ? undefined : never);

/** A variable that nobody knows would stop those who read another table. */
type Known<Table> = { [Name in Exclude<keyof Table, KnownVariable>]: never };

/** Says the variables of a side once. Their names must stand in `known.ts`, so that no other side takes one for a typing error. */
export function defineVariables<const Table extends Variables>(table: Table & Known<Table>): Table {
  return table;
}
