import type { Hono } from 'hono';
import { createOutbox, type Snapshot } from '../../publisher/outbox/outbox.ts';
import { sourceRoutes } from '../../publisher/source-api/routes.ts';
import type { ReadStates } from '../../publisher/source-api/source.ts';
import { products } from '../support/outbox.ts';

/** A product, and the id and the type that ring for it. */
export type Put = { sku: string; price: number; id: string; type: string };

/** A product as a source API reads it. */
export type Product = { id: string; name: string; price: number };

/** A client of PostgreSQL, as a team would use it. */
export type Client = {
  /** Writes a product and rings with the line of docs/outbox.md, in one transaction; then does `last`, which may fail. */
  put: (put: Put, last?: () => void) => Promise<number>;
  /** Rings several resources in one transaction, by `ring` of `doorbell/outbox`. */
  ringAll?: (ids: readonly string[]) => Promise<number[]>;
  /** Serves the source API from the client's own snapshots. `between` runs after versions are read, before states. */
  serve?: (between: () => Promise<unknown>) => Hono;
  close: () => Promise<unknown>;
};

/** An error of a client, and the places where clients keep the hint of PostgreSQL. */
export type Refusal = {
  message?: string;
  hint?: string;
  cause?: { hint?: string };
  meta?: { driverAdapterError: { cause: { hint?: string } } };
};

/** A client's name on the page, the file with its line, how it is opened, and where its errors have the hint. */
export type ClientFile = {
  client: string;
  file: string;
  open: (url: string) => Client;
  hintOf: (error: Refusal) => string | undefined;
};

/** Makes the source API of products on snapshots of a client. */
export function shelf<Tx>(
  snapshot: Snapshot<Tx>,
  read: ReadStates<Product, Tx>,
  between: () => Promise<unknown>,
): Hono {
  const readLater: ReadStates<Product, Tx> = async (ids, tx) => {
    await between();
    return read(ids, tx);
  };
  return sourceRoutes(products, { log: createOutbox({ snapshot }), read: readLater, tokens: null });
}

/** Changes of products, for `ring`. */
export const changesOf = (ids: readonly string[]) => ids.map((id) => ({ id, type: 'product.changed' }));
