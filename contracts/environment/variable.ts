import type * as z from 'zod/mini';
import type { KnownVariable } from './known.ts';

/**
 * Kind of a value that must not be shown. `password`: the one inside a URL. `token`: the whole value. `digest`: no
 * secret, but a token is easily put in its place. So it is shown only if it is a digest, and shortened.
 */
export type SecretKind = 'password' | 'token' | 'digest';

/** A variable of the environment: a plain object from which parsing, printing and the documents are derived. */
export type Variable<Value = unknown> = {
  /** One sentence for the person who sets it. */
  readonly what: string;
  /** Schema from text to value. Its messages say what is expected, and never repeat the value. */
  readonly schema: z.core.$ZodType<Value>;
  /** The programs of the side that read it. */
  readonly readBy: readonly string[];
  /** A value in its written form, not a real one. */
  readonly example: string;
  /** Unit of a number. */
  readonly unit?: string;
  /** Default in its written form. A variable with neither this nor `optional` must be set. */
  readonly default?: string;
  readonly optional?: true;
  readonly secret?: SecretKind;
};

/** The variables of one side, by name. */
export type Variables = Readonly<Record<string, Variable>>;

/** Programs that read a variable of a table. */
export type ReaderOf<Table extends Variables> = Table[keyof Table]['readBy'][number];

/** Values that a program reads from a table, by name. An optional variable without a default may be undefined. */
export type ValuesOf<Table extends Variables, Reader extends ReaderOf<Table>> = {
  [Name in keyof Table as Reader extends Table[Name]['readBy'][number] ? Name : never]: ValueOf<Table[Name]>;
};

type ValueOf<Of extends Variable> =
  | z.core.output<Of['schema']>
  | (Of extends { readonly optional: true } ? undefined : never);

/** Refuses variables that are not in `known.ts`: they would stop the programs of other sides. */
type Known<Table> = { [Name in Exclude<keyof Table, KnownVariable>]: never };

/**
 * Defines the variables of a side. Their names must be in `known.ts`, so that no other side takes one for a misspelt
 * name.
 */
export function defineVariables<const Table extends Variables>(table: Table & Known<Table>): Table {
  return table;
}
