import type { EventEmitter } from 'node:events';
import type { Snapshot } from './resource-log.ts';
import type { Transaction } from './ring.ts';

/** The part of a pool of `pg` that snapshots need. */
export type ConnectionPool<Client extends PooledClient> = { connect: () => Promise<Client> };

/** A client that a pool has lent. */
export type PooledClient = Transaction & { release: (error?: Error) => void };

/** Makes snapshots on a pool of `pg`, each on a client of its own. A client whose session broke is not used again. */
export function pgSnapshot<Client extends PooledClient>(pool: ConnectionPool<Client>): Snapshot<Client> {
  return async (work) => {
    const client = await pool.connect();
    let broken: Error | undefined;
    const note = (error: Error) => {
      broken ??= error;
    };
    // A pool does not listen to a client that it has lent, and an unhandled error event ends the process.
    const session = client as Partial<Pick<EventEmitter, 'on' | 'off'>>;
    session.on?.('error', note);
    try {
      await client.query('begin isolation level repeatable read read only', []);
      const result = await work(client, (text, values) => client.query(text, values));
      await client.query('commit', []);
      return result;
    } catch (error) {
      await Promise.resolve(client.query('rollback', [])).catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
      session.off?.('error', note);
    }
  };
}
