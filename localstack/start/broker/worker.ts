import { parentPort, workerData } from 'node:worker_threads';

/**
 * The embedded broker in its own thread: SNS and SQS by fauxqs, on loopback, stored in SQLite. It uses files that
 * fauxqs (pinned to 2.4.1) does not export, because `startFauxqs` listens on every interface and syncs the disk three
 * times for each message; see docs/decisions/0006-embedded-broker.md.
 */
type Store = { host: string | undefined; persistence: unknown; queues: Map<string, StoredQueue> };
type StoredQueue = { url: string; persistence: unknown };
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

/** Options of the thread. Null as folder keeps nothing, and 0 as port takes any free one. */
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
  // Without a host, URLs of queues have the address that was called. The name sqs.us-east-1.localhost may not resolve.
  stores.sqsStore.host = undefined;
  const persistence = folder === null ? null : new PersistenceManager(folder);
  if (persistence !== null) {
    // normal: a killed process loses nothing. A power cut may, and then the next ring of the shop corrects its view.
    persistence.db.exec('pragma synchronous = normal');
    // Messages in flight become visible at once. After a kill no consumer holds them any more; after a fault of this
    // thread a consumer may handle one twice, which is harmless.
    persistence.db.exec('update sqs_messages set receipt_handle = null, visibility_deadline = null');
    // fauxqs 2.4.1 loses a message that is released with visibility 0: it writes null into columns that refuse it.
    const ready = persistence.db.prepare(
      'update sqs_messages set receipt_handle = null, visibility_deadline = null where message_id = ?',
    );
    persistence.updateMessageReady = (messageId) => void ready.run(messageId);
    persistence.loadSqsAndSns(stores.sqsStore, stores.snsStore);
    stores.sqsStore.persistence = persistence;
    stores.snsStore.persistence = persistence;
    for (const queue of stores.sqsStore.queues.values()) queue.persistence = persistence;
  }
  const options = { logger: false, defaultRegion: 'us-east-1', stores } as unknown as Parameters<typeof buildApp>[0];
  const app = buildApp(options) as unknown as App;
  const address = await app.listen({ port, host: '127.0.0.1' });
  readdress(stores.sqsStore, address);
  return {
    address,
    async stop() {
      await app.close();
      persistence?.close();
    },
  };
}

/** Gives stored queues URLs of this start: they were stored with the port, and perhaps the host, of an earlier one. */
function readdress({ queues }: Store, address: string): void {
  for (const queue of [...queues.values()]) {
    queues.delete(queue.url);
    queue.url = new URL(new URL(queue.url).pathname, address).href;
    queues.set(queue.url, queue);
  }
}

const broker = await start(workerData as WorkerOptions);
parentPort?.postMessage({ address: broker.address });
parentPort?.once('message', async () => {
  await broker.stop();
  parentPort?.close();
});
