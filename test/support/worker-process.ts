import { createSqsQueue } from '../../consumers/brokers/sqs/queue.ts';
import { createSourceClient } from '../../consumers/runtime/source/client.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { startWorker } from '../../consumers/runtime/worker.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { type SmallView, smallAgreement, smallConsumer } from './small-consumer.ts';

/** A worker as a process of its own, told by one argument what it needs; prints a line per ring that it handled. */
type Told = {
  endpoint: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
  sourceUrl: string;
  views: string;
  visibility: number;
};

const told = JSON.parse(process.argv[2] ?? '{}') as Told;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const client = { endpoint: told.endpoint, region: 'us-east-1', credentials };
const { queueUrl, deadLetterQueueUrl, visibility } = told;
const store = openSqliteViewStore<SmallView>(told.views);
const queue = createSqsQueue({ queueUrl, deadLetterQueueUrl, client, clock: systemClock });
const source = createSourceClient(smallAgreement, { url: told.sourceUrl, clock: systemClock });
const worker = startWorker({
  consumer: smallConsumer,
  queue,
  source,
  store,
  clock: systemClock,
  observe(event) {
    if (event.kind === 'settled') process.stdout.write(`${event.ring.id} ${event.outcome}\n`);
  },
  // Few in hand, so that three workers share a burst.
  limits: { visibility, inHand: 20, pollers: 2 },
});
process.stdout.write('ready\n');

process.once('SIGTERM', async () => {
  const clean = await worker.stop();
  await Promise.all([queue.close(), source.close()]);
  store.close();
  process.exitCode = clean ? 0 : 1;
});
