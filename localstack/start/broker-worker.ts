import { parentPort, workerData } from 'node:worker_threads';

/**
 * The embedded broker, in a thread of its own: SNS and SQS by fauxqs, on loopback, kept in SQLite.
 * It reaches behind fauxqs's exports (pinned to 2.4.1) because `startFauxqs` listens on every interface and syncs
 * the disk three times a message; see docs/decisions/0006-embedded-broker.md.
 */
type Store = { host: string | undefined; persistence: unknown; allQueues: () => Iterable<{ persistence: unknown }> };
type Internals = {
  SqsStore: new () => Store;
  SnsStore: new () => Store;
  S3Store: new () => unknown;
  PersistenceManager: new (
    folder: string,
  ) => {
    db: { exec: (sql: string) => void; prepare: (sql: string) => { run: (id: string) => unknown } };
    updateMessageReady: (messageId: string) => void;
    loadSqsAndSns: (sqs: Store, sns: Store) => void;
    close: () => void;
  };
};

type App = { listen: (at: { port: number; host: string }) => Promise<string>; close: () => Promise<void> };

/** The folder that keeps everything, or null, and the port; 0 takes any that is free. */
type WorkerOptions = { folder: string | null; port: number };

async function internals(): Promise<Internals> {
  const files = ['./sqs/sqsStore.js', './sns/snsStore.js', './s3/s3Store.js', './persistence.js'];
  const main = import.meta.resolve('fauxqs');
  return Object.assign({}, ...(await Promise.all(files.map((file) => import(new URL(file, main).href)))));
}

async function start({ folder, port }: WorkerOptions): Promise<{ address: string; stop: () => Promise<void> }> {
  const { buildApp } = await import('fauxqs');
  const { SqsStore, SnsStore, S3Store, PersistenceManager } = await internals();
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  // Without a name of its own it names queues by the address that was called, which exists; sqs.us-east-1.localhost may not.
  stores.sqsStore.host = undefined;
  const persistence = folder === null ? null : new PersistenceManager(folder);
  if (persistence !== null) {
    // normal: a killed process loses nothing; only a power cut could, and then the next ring of a shop mends it.
    persistence.db.exec('pragma synchronous = normal');
    // What consumers have in hand comes again at once: after a kill there are none of before, and after a fault of this
    // thread what they do with it is as good as done twice.
    persistence.db.exec('update sqs_messages set receipt_handle = null, visibility_deadline = null');
    // fauxqs 2.4.1 writes null into columns that take none when a message is handed back with visibility 0, and loses it.
    const ready = persistence.db.prepare(
      'update sqs_messages set receipt_handle = null, visibility_deadline = null where message_id = ?',
    );
    persistence.updateMessageReady = (messageId) => void ready.run(messageId);
    persistence.loadSqsAndSns(stores.sqsStore, stores.snsStore);
    stores.sqsStore.persistence = persistence;
    stores.snsStore.persistence = persistence;
    for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence;
  }
  const options = { logger: false, defaultRegion: 'us-east-1', stores } as unknown as Parameters<typeof buildApp>[0];
  const app = buildApp(options) as unknown as App;
  const address = await app.listen({ port, host: '127.0.0.1' });
  return {
    address,
    async stop() {
      await app.close();
      persistence?.close();
    },
  };
}

const broker = await start(workerData as WorkerOptions);
parentPort?.postMessage({ address: broker.address });
parentPort?.once('message', async () => {
  await broker.stop();
  parentPort?.close();
});
